#include "nn/kernels/tile.h"

#include "base/check.h"

namespace weightroom::nn::kernels {

void run_tile(int rows, int vectors, const Tile& t) {
  static_assert(kTileRows <= 6 && kTileVectors == 2);
  CHECK(vectors >= 1 && vectors <= kTileVectors);
  const bool wide = vectors == 2;
  switch (rows) {
    case 1:
      return wide ? run_tile<1, 2>(t) : run_tile<1, 1>(t);
    case 2:
      return wide ? run_tile<2, 2>(t) : run_tile<2, 1>(t);
    case 3:
      return wide ? run_tile<3, 2>(t) : run_tile<3, 1>(t);
    case 4:
      return wide ? run_tile<4, 2>(t) : run_tile<4, 1>(t);
    case 5:
      return wide ? run_tile<5, 2>(t) : run_tile<5, 1>(t);
    case 6:
      return wide ? run_tile<6, 2>(t) : run_tile<6, 1>(t);
    default:
      CHECK(false);
  }
}

void run_tiles(int rows, std::ptrdiff_t columns, const Tile& t) {
  Tile tile = t;
  tile.across = columns / kTileColumns;
  if (tile.across > 0) run_tile(rows, kTileVectors, tile);
  if (const std::ptrdiff_t left = columns - tile.across * kTileColumns; left > 0) {
    tile.b += columns - left;
    tile.c += columns - left;
    tile.across = 1;
    run_tile(rows, left > static_cast<std::ptrdiff_t>(kLanes) ? kTileVectors : 1, tile);
  }
}

}  // namespace weightroom::nn::kernels
