#include <algorithm>
#include <span>

#include "nn/kernels/correlate.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/tile.h"

// A matrix product whose right side is never whole: a few tiles of columns (output pixels) at a
// time are packed from the zero-padded frame, then multiplied by all rows (output channels) while
// they lie in the cache.
namespace weightroom::nn::kernels {
namespace {

constexpr std::ptrdiff_t kPanelFloats = 1 << 16;  // of packed columns at a time: 256 KB, half of a small L2
constexpr int kMostTiles = 32;                    // at a time

std::ptrdiff_t panel_size(const Frame& frame) {
  return static_cast<std::ptrdiff_t>(chain_length(frame)) * kTileColumns;
}

std::ptrdiff_t pixels(const Frame& frame) { return static_cast<std::ptrdiff_t>(frame.y().outputs) * frame.x().outputs; }

// Samples whose pixels share tiles: one where its pixels fill whole tiles, else enough that the
// last, broken tile is lost among 16.
int samples_together(const Frame& frame, int samples) {
  const auto count = pixels(frame);
  if (count % kTileColumns == 0) return 1;
  return static_cast<int>(std::min<std::ptrdiff_t>(samples, (std::ptrdiff_t{16} * kTileColumns + count - 1) / count));
}

// Tiles packed at a time.
int tiles_together(const Frame& frame, int samples) {
  const auto tiles = (pixels(frame) * samples_together(frame, samples) + kTileColumns - 1) / kTileColumns;
  const auto most = std::min<std::ptrdiff_t>(tiles, kMostTiles);
  return static_cast<int>(std::clamp<std::ptrdiff_t>(kPanelFloats / panel_size(frame), 1, most));
}

// Neighbouring columns of a tile that come from one output row of one sample, so from neighbouring
// floats of the frame.
struct Run {
  std::ptrdiff_t from = 0;  // in the frames
  std::ptrdiff_t to = 0;    // in the destination, for row 0
  int at = 0;               // first column within the tile
  int length = 0;
};

struct Columns {
  std::array<Run, static_cast<std::size_t>(kTileColumns)> runs;
  int run_count = 0;
  int count = 0;       // columns in use: fewer than kTileColumns in the last tile alone
  int longest = 0;     // run
  bool dense = false;  // all neighbours in the destination too
};

// sample_step: from a sample's frame to the next.
Columns find_columns(const Frame& frame, std::ptrdiff_t sample_step, const Destination& to, std::ptrdiff_t first,
                     std::ptrdiff_t total) {
  Columns columns;
  columns.count = static_cast<int>(std::min<std::ptrdiff_t>(kTileColumns, total - first));
  const auto plane = pixels(frame);
  const std::ptrdiff_t width = frame.x().outputs;
  for (int at = 0; at < columns.count;) {
    const auto column = first + at;
    const auto n = column / plane;
    const auto t = column % plane / width;
    const auto u = column % width;
    Run& run = columns.runs[static_cast<std::size_t>(columns.run_count++)];
    run.from = n * sample_step + t * frame.output_row_step() + u;
    run.to = n * to.sample_step + t * to.row_step + u * to.column_step;
    run.at = at;
    run.length = static_cast<int>(std::min<std::ptrdiff_t>(columns.count - at, width - u));
    columns.longest = std::max(columns.longest, run.length);
    at += run.length;
  }
  const Run& last = columns.runs[static_cast<std::size_t>(columns.run_count - 1)];
  columns.dense = to.column_step == 1 && last.to - columns.runs[0].to == last.at;
  return columns;
}

// Copies kVectors whole vectors of D for every run: what is too much lands on columns that a later
// run, or the next k, overwrites.
template <class D, int kVectors>
void pack_runs(const Frame& frame, const Columns& columns, const float* source, float* panel) {
  const D d;
  constexpr auto kStep = static_cast<std::ptrdiff_t>(hn::MaxLanes(D()));
  const auto copy = [d](const float* from, float* to) {
    for (int v = 0; v < kVectors; ++v) hn::StoreU(hn::LoadU(d, from + v * kStep), d, to + v * kStep);
  };
  const int runs = columns.run_count;
  const int taps_x = frame.x().taps;
  // Copies, which no store through the panel can be suspected to change.
  const std::array<Run, static_cast<std::size_t>(kTileColumns)> all = columns.runs;
  for (int c = 0; c < frame.channels(); ++c) {
    for (int i = 0; i < frame.y().taps; ++i) {
      for (int j = 0; j < taps_x; ++j, panel += kTileColumns) {
        const float* from = source + frame.tap(c, i, j);
        copy(from + all[0].from, panel);
        for (int r = 1; r < runs; ++r) {
          const Run& run = all[static_cast<std::size_t>(r)];
          copy(from + run.from, panel + run.at);
        }
      }
    }
  }
}

// Not a float more than the columns in use.
void pack_exactly(const Frame& frame, const Columns& columns, const float* source, float* panel) {
  for (int c = 0; c < frame.channels(); ++c) {
    for (int i = 0; i < frame.y().taps; ++i) {
      for (int j = 0; j < frame.x().taps; ++j, panel += kTileColumns) {
        for (int r = 0; r < columns.run_count; ++r) {
          const Run& run = columns.runs[static_cast<std::size_t>(r)];
          std::copy_n(source + frame.tap(c, i, j) + run.from, run.length, panel + run.at);
        }
      }
    }
  }
}

void pack(const Frame& frame, const Columns& columns, const float* source, float* panel) {
  constexpr std::size_t kHalf = kLanes < 4 ? kLanes : 4;
  const auto longest = static_cast<std::size_t>(columns.longest);
  if (longest <= kHalf) {
    pack_runs<hn::CappedTag<float, kHalf>, 1>(frame, columns, source, panel);
  } else if (longest <= kLanes) {
    pack_runs<FloatTag, 1>(frame, columns, source, panel);
  } else {
    pack_runs<FloatTag, kTileVectors>(frame, columns, source, panel);
  }
}

// Columns of a finished tile to their places.
void scatter(const float* tile, int rows, const Columns& columns, const Destination& to, std::ptrdiff_t first_row) {
  for (int r = 0; r < rows; ++r, tile += kTileColumns) {
    float* row = to.data + (first_row + r) * to.channel_step;
    for (int i = 0; i < columns.run_count; ++i) {
      const Run& run = columns.runs[static_cast<std::size_t>(i)];
      float* c = row + run.to;
      const float* from = tile + run.at;
      for (int l = 0; l < run.length; ++l, c += to.column_step) *c = to.add ? *c + from[l] : from[l];
    }
  }
}

// Tiles of neighbouring columns of one tap: channel by channel, for those lie far apart.
void pack_rows(const Frame& frame, int tiles, const float* source, float* panels) {
  const FloatTag d;
  const std::ptrdiff_t panel = panel_size(frame);
  for (int c = 0; c < frame.channels(); ++c, source += frame.channel_size(), panels += kTileColumns) {
    const float* from = source;
    float* to = panels;
    for (int t = 0; t < tiles; ++t, from += kTileColumns, to += panel) {
      for (int v = 0; v < kTileVectors; ++v) {
        const auto at = static_cast<std::size_t>(v) * kLanes;
        hn::StoreU(hn::LoadU(d, from + at), d, to + at);
      }
    }
  }
}

// sources: frames are the samples themselves, which must not be read past their end.
void pack_tiles(const Frame& frame, std::span<const Columns> columns, const float* frames, bool sources,
                float* panels) {
  const auto whole = [](const Columns& some) { return some.count == kTileColumns && some.run_count == 1; };
  std::size_t t = 0;
  if (sources && chain_length(frame) == frame.channels() && whole(columns[0])) {
    const std::ptrdiff_t start = columns[0].runs[0].from;
    while (t < columns.size() && whole(columns[t]) &&
           columns[t].runs[0].from == start + static_cast<std::ptrdiff_t>(t) * kTileColumns) {
      ++t;
    }
    pack_rows(frame, static_cast<int>(t), frames + start, panels);
  }
  for (; t < columns.size(); ++t) {
    float* panel = panels + static_cast<std::ptrdiff_t>(t) * panel_size(frame);
    (sources && !whole(columns[t]) ? pack_exactly : pack)(frame, columns[t], frames, panel);
  }
}

// Whether the tile is whole and goes to neighbouring places, so that nothing stands between it and the destination.
bool is_plain(const Columns& columns) { return columns.dense && columns.count == kTileColumns; }

// How many plain tiles from the first on lie side by side in the destination.
int plain_tiles(const Columns* columns, int tiles) {
  int count = 0;
  const std::ptrdiff_t start = columns->runs[0].to;
  while (count < tiles && is_plain(columns[count]) && columns[count].runs[0].to == start + count * kTileColumns)
    ++count;
  return count;
}

// rows of the weights times so many tiles' columns; all plain, or one of any kind.
void multiply(const Correlation& job, const Columns& columns, int tiles, const float* panel, int first_row, int rows,
              const Destination& to) {
  Tile tile;
  tile.inner = chain_length(job.frame);
  for (int r = 0; r < rows; ++r) tile.a[static_cast<std::size_t>(r)] = job.a + (first_row + r) * tile.inner;
  tile.b = panel;
  tile.b_stride = kTileColumns;
  tile.bias = job.bias == nullptr ? nullptr : job.bias + first_row;
  if (is_plain(columns)) {
    tile.across = tiles;
    tile.b_across = panel_size(job.frame);
    tile.c = to.data + first_row * to.channel_step + columns.runs[0].to;
    tile.c_stride = to.channel_step;
    tile.add_to_c = to.add;
    run_tile(rows, kTileVectors, tile);
    return;
  }
  std::array<float, static_cast<std::size_t>(kTileRows * kTileColumns)> buffer;
  tile.c = buffer.data();
  tile.c_stride = kTileColumns;
  run_tile(rows, columns.count <= static_cast<int>(kLanes) ? 1 : kTileVectors, tile);
  scatter(buffer.data(), rows, columns, to, first_row);
}

// Units of as many samples as share tiles: what is packed at a time.
int units_together(const Correlation& job) {
  const auto total = pixels(job.frame) * samples_together(job.frame, job.samples);
  const auto tiles = (total + kTileColumns - 1) / kTileColumns;
  const int together = tiles_together(job.frame, job.samples);
  return static_cast<int>((tiles + together - 1) / together);
}

// frames: of so many samples, or the samples themselves, which must not be read past their end.
void correlate_tiles(const Correlation& job, Range units, int samples, const float* frames, bool sources, float* panels,
                     const Destination& to) {
  const Frame& frame = job.frame;
  const std::ptrdiff_t total = pixels(frame) * samples;
  const std::ptrdiff_t sample_step = sources ? job.source_step : frame.sample_size();
  const int together = tiles_together(frame, job.samples);
  const int blocks = (job.rows + kTileRows - 1) / kTileRows;
  std::array<Columns, kMostTiles> columns;
  const std::ptrdiff_t unit = static_cast<std::ptrdiff_t>(together) * kTileColumns;
  const std::ptrdiff_t end = std::min(total, units.end * unit);  // the last samples may be fewer
  for (std::ptrdiff_t first = units.first * unit; first < end;) {
    int tiles = 0;
    for (; tiles < together && first < total; ++tiles, first += kTileColumns) {
      columns[static_cast<std::size_t>(tiles)] = find_columns(frame, sample_step, to, first, total);
    }
    pack_tiles(frame, std::span(columns).first(static_cast<std::size_t>(tiles)), frames, sources, panels);
    for (int block = 0; block < blocks; ++block) {  // rows in blocks as equal as may be
      const auto [row, end] = part_of(job.rows, block, blocks);
      for (int t = 0; t < tiles;) {
        const Columns* some = &columns[static_cast<std::size_t>(t)];
        const int count = std::max(1, plain_tiles(some, tiles - t));
        multiply(job, *some, count, panels + t * panel_size(frame), row, end - row, to);
        t += count;
      }
    }
  }
}

}  // namespace

std::size_t correlate_packed_workspace(const Frame& frame, int samples) {
  const auto frames = frame.is_source() ? 0 : frame.sample_size() * samples_together(frame, samples) + kFrameSlack;
  const auto panels = panel_size(frame) * tiles_together(frame, samples) + kTileColumns;
  return static_cast<std::size_t>(frames + panels);
}

int correlate_packed_units(const Correlation& job) {
  const int together = samples_together(job.frame, job.samples);
  return (job.samples + together - 1) / together * units_together(job);
}

void correlate_packed(const Correlation& job, const Destination& destination, float* workspace) {
  const Frame& frame = job.frame;
  const int together = samples_together(frame, job.samples);
  const bool copy = !frame.is_source();
  float* panels = workspace + (copy ? frame.sample_size() * together + kFrameSlack : 0);
  Destination to = destination;
  for_pieces(overlap(job.units, 0, correlate_packed_units(job)), units_together(job), [&](int group, Range units) {
    const int n = group * together;
    const int count = std::min(together, job.samples - n);
    const float* source = job.source + n * job.source_step;
    if (copy && units.first == 0) {
      for (int i = 0; i < together && n == 0; ++i) frame.clear(workspace + i * frame.sample_size());
      for (int i = 0; i < count; ++i) frame.fill(source + i * job.source_step, workspace + i * frame.sample_size());
    }
    to.data = destination.data + n * destination.sample_step;
    correlate_tiles(job, units, count, copy ? workspace : source, !copy, panels, to);
  });
}

}  // namespace weightroom::nn::kernels
