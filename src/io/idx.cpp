#include "io/idx.h"

#include "io/text.h"

namespace weightroom::io {

Result<IdxArray> parse_idx(std::span<const std::byte> bytes) {
  if (bytes.size() < 4 || be16(bytes, 0) != 0) return fail("This is not an IDX file (the format of MNIST).");
  if (u8(bytes, 2) != 8) return fail("The IDX file holds something else than unsigned bytes.");
  const std::size_t rank = u8(bytes, 3);
  if (rank < 1 || rank > 4) return fail("The IDX file has " + std::to_string(rank) + " dimensions; 1 to 4 are read.");
  const std::size_t header = 4 + 4 * rank;
  if (bytes.size() < header) return fail("The IDX file was cut short.");
  IdxArray array;
  array.values = bytes.subspan(header);
  std::uint64_t size = 1;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::uint32_t extent = be32(bytes, 4 + 4 * axis);
    array.extents.push_back(extent);
    // Both factors are below 2^32 here, so the product holds in 64 bits.
    size *= extent;
    if (size > 0xFFFFFFFFU) return fail("The IDX file claims more than 4 GB of values.");
  }
  if (size > array.values.size()) return fail("The IDX file was cut short.");
  if (size < array.values.size()) return fail("The IDX file goes on after its last value.");
  return array;
}

}  // namespace weightroom::io
