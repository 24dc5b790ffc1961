#include <algorithm>

#include "nn/kernels/correlate.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/strip.h"

namespace weightroom::nn::kernels {
namespace {

constexpr int kFewRows = 3;            // up to so many, a packed panel is not worth its copy
constexpr int kTableSize = 1024;       // offsets of taps: 4 KB of stack
constexpr int kManyWeights = 1 << 17;  // 512 KB: as much as should go through a second cache at every strip

constexpr int kWidth = static_cast<int>(kLanes);

// Else the last vector would read past the source's end.
bool reads_source(const Frame& frame) { return frame.is_source() && frame.x().outputs % kWidth == 0; }

int vectors_across(const Frame& frame) { return (frame.x().outputs + kWidth - 1) / kWidth; }

// Walks over one sample's plane of outputs in strips of vectors; a strip is used for several blocks
// of rows.
class Plane {
 public:
  Plane(const Correlation& job, const Destination& to) : job_(job), to_(to) {
    const Frame& frame = job.frame;
    const int channels = std::clamp(kTableSize / (frame.y().taps * frame.x().taps), 1, frame.channels());
    for (int c = 0; c < channels; ++c) {
      for (int i = 0; i < frame.y().taps; ++i) {
        for (int j = 0; j < frame.x().taps; ++j) {
          taps_[static_cast<std::size_t>(strip_.period++)] = static_cast<int>(frame.tap(c, i, j));
        }
      }
    }
    strip_.taps = taps_.data();
    strip_.period_step = channels * frame.channel_size();
    strip_.depth = chain_length(frame);
  }

  // At the first of some vectors of the plane, which are counted row by row.
  void start(const float* frame, float* data, Range vectors) {
    const int across = vectors_across(job_.frame);
    frame_ = frame;
    data_ = data;
    t_ = vectors.first / across;
    u_ = vectors.first % across * kWidth;
    left_ = vectors.size();
    first_column_ = 0;
  }

  // For one block of rows: all whole vectors of some rows of the plane at once. The walk then goes over what they leave
  // of each, unless the last vector may go over some outputs again.
  void run_whole_vectors() {
    const int columns = job_.frame.x().outputs;
    const int across = columns / kWidth;
    if (across == 0 || to_.column_step != 1) return;
    const int vectors = across % kTileVectors == 0 ? kTileVectors : 1;
    const int first = t_;
    const int rows = left_ / vectors_across(job_.frame);
    strip_.down = rows;
    strip_.b_down = job_.frame.output_row_step();
    strip_.c_down = to_.row_step;
    next(vectors);
    strip_.across = across / vectors;
    run(0, job_.rows);
    strip_.across = 1;
    t_ = first;
    u_ = first_column_ = across * kWidth;
    left_ = u_ == columns ? 0 : rows;
    if (left_ > 0 && !to_.add) {
      strip_.b[0] = frame_ + t_ * job_.frame.output_row_step() + columns - kWidth;
      places_[0] = data_ + t_ * to_.row_step + columns - kWidth;
      count_ = 1;
      whole_ = true;
      run(0, job_.rows);
      left_ = 0;
    }
    strip_.down = 1;
  }

  // Moves on to the next vectors, at most so many; 0 when none is left.
  int next(int most) {
    const int columns = job_.frame.x().outputs;
    whole_ = to_.column_step == 1;
    for (count_ = 0; count_ < most && left_ > 0; ++count_, --left_) {
      const auto v = static_cast<std::size_t>(count_);
      strip_.b[v] = frame_ + t_ * job_.frame.output_row_step() + u_;
      places_[v] = data_ + t_ * to_.row_step + u_ * to_.column_step;
      used_[v] = std::min(kWidth, columns - u_);
      whole_ = whole_ && used_[v] == kWidth;
      u_ += kWidth;
      if (u_ >= columns) {
        u_ = first_column_;
        ++t_;
      }
    }
    return count_;
  }

  // Rows [row, row + rows) of the vectors where the walk stands.
  void run(int row, int rows) {
    const float* a = job_.a + static_cast<std::ptrdiff_t>(row) * strip_.depth;
    for (int r = 0; r < rows; ++r, a += strip_.depth) strip_.a[static_cast<std::size_t>(r)] = a;
    strip_.bias = job_.bias == nullptr ? nullptr : job_.bias + row;
    if (!whole_) return run_buffered(row, rows);
    for (std::size_t v = 0; v < static_cast<std::size_t>(count_); ++v)
      strip_.c[v] = places_[v] + row * to_.channel_step;
    strip_.c_stride = to_.channel_step;
    strip_.add_to_c = to_.add;
    run_strip(rows, count_, strip_);
  }

 private:
  void run_buffered(int row, int rows) {
    float buffer[kTileRows * kTileColumns];
    for (int v = 0; v < count_; ++v) strip_.c[static_cast<std::size_t>(v)] = buffer + v * kWidth;
    strip_.c_stride = count_ * kWidth;
    strip_.add_to_c = false;
    run_strip(rows, count_, strip_);
    for (int r = 0; r < rows; ++r) {
      for (int v = 0; v < count_; ++v) {
        float* c = places_[static_cast<std::size_t>(v)] + (row + r) * to_.channel_step;
        const float* from = buffer + (r * count_ + v) * kWidth;
        const int used = used_[static_cast<std::size_t>(v)];
        for (int l = 0; l < used; ++l, c += to_.column_step) *c = to_.add ? *c + from[l] : from[l];
      }
    }
  }

  const Correlation& job_;
  const Destination& to_;
  std::array<int, kTableSize> taps_;
  Strip strip_;
  const float* frame_ = nullptr;
  float* data_ = nullptr;
  int t_ = 0, u_ = 0;  // first output of the next vector
  int left_ = 0;       // vectors
  int first_column_ = 0;
  int count_ = 0;       // vectors where the walk stands
  bool whole_ = false;  // whether all their lanes go to neighbouring places
  std::array<float*, kTileVectors> places_{};
  std::array<int, kTileVectors> used_{};
};

int row_blocks(const Correlation& job) { return (job.rows + kTileRows - 1) / kTileRows; }

// What is small stays in the cache while the other streams past.
bool has_many_weights(const Correlation& job) { return job.rows > kManyWeights / chain_length(job.frame); }

// Over the plane: one for all blocks of weights, or one for each of them.
int passes(const Correlation& job) { return has_many_weights(job) ? row_blocks(job) : 1; }

// Units: some vectors of the plane each, of one pass after another. A block that is alone takes whole rows.
int unit_vectors(const Correlation& job) {
  constexpr int kUnitVectors = 16;
  return row_blocks(job) == 1 ? vectors_across(job.frame) : kUnitVectors;
}

int pass_vectors(const Correlation& job) { return job.frame.y().outputs * vectors_across(job.frame); }

int pass_units(const Correlation& job) {
  const int each = unit_vectors(job);
  return (pass_vectors(job) + each - 1) / each;
}

int plane_units(const Correlation& job) { return passes(job) * pass_units(job); }

void run_plane(const Correlation& job, Plane& plane, Range units, const float* frame, float* data) {
  const int blocks = row_blocks(job);
  const auto run_block = [&](int block) {  // rows in blocks as equal as may be
    const Range rows = part_of(job.rows, block, blocks);
    plane.run(rows.first, rows.size());
  };
  const bool many_weights = has_many_weights(job);
  const int each = unit_vectors(job);
  for_pieces(units, pass_units(job), [&](int pass, Range some) {
    plane.start(frame, data, {some.first * each, std::min(some.end * each, pass_vectors(job))});
    if (blocks == 1) plane.run_whole_vectors();
    while (plane.next(kTileVectors) > 0) {
      for (int block = many_weights ? pass : 0; block < (many_weights ? pass + 1 : blocks); ++block) run_block(block);
    }
  });
}

}  // namespace

bool suits_direct(const Frame& frame, int rows) {
  if (frame.y().taps * frame.x().taps > kTableSize) return false;
  return rows <= kFewRows || frame.x().outputs % kWidth == 0;
}

std::size_t correlate_direct_workspace(const Frame& frame) {
  return static_cast<std::size_t>(frame.sample_size() + kFrameSlack);
}

int correlate_direct_units(const Correlation& job) { return job.samples * plane_units(job); }

void correlate_direct(const Correlation& job, const Destination& to, float* workspace) {
  Plane plane(job, to);
  const bool copy = !reads_source(job.frame);
  for_pieces(overlap(job.units, 0, correlate_direct_units(job)), plane_units(job), [&](int n, Range units) {
    const float* source = job.source + n * job.source_step;
    if (copy && units.first == 0) {
      if (n == 0) job.frame.clear(workspace);
      job.frame.fill(source, workspace);
    }
    run_plane(job, plane, units, copy ? workspace : source, to.data + n * to.sample_step);
  });
}

}  // namespace weightroom::nn::kernels
