// Columns, then rows: the order of stb_image_resize, which its bits stand on. Every sum is taken in the order of its
// terms; what runs side by side are eight rows of the picture, then the values of a row.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "io/image.h"
#include "io/resize_weights.h"
#include "nn/kernels/simd.h"

namespace weightroom::io {
namespace {

namespace hn = nn::kernels::hn;
using Lanes = hn::CappedTag<float, 8>;
using Bytes16 = hn::FixedTag<std::uint8_t, 16>;

constexpr std::size_t kRows = 8;                         // side by side: value i of row r stands at [i * kRows + r]
constexpr std::size_t kGroup = hn::MaxLanes(Bytes16());  // values of a row that are turned at a time
constexpr std::size_t kPixel = 3 * kRows;
constexpr std::size_t kVectors = kPixel / hn::MaxLanes(Lanes());

// value / 255, rounded once, without a division: 1 / 255 = 1/256 + 1/256^2 + ..., of which the first two parts times a
// value are exact.
constexpr float share_of_255(std::uint8_t value) {
  const auto whole = static_cast<float>(value);
  return whole * 0x1.01p-8F + whole * 0x1.0101p-24F;
}
static_assert([] {
  for (int value = 0; value < 256; ++value) {
    if (share_of_255(static_cast<std::uint8_t>(value)) != static_cast<float>(value) / 255.0F) return false;
  }
  return true;
}());

// from 0 to 1 to the nearest of 0 to 255, halves up.
std::uint8_t to_byte(float value) {
  const float scaled = (value < 0.0F ? 0.0F : value > 1.0F ? 1.0F : value) * 255.0F;
  const int whole = static_cast<int>(scaled);
  return static_cast<std::uint8_t>(whole + (scaled - static_cast<float>(whole) >= 0.5F ? 1 : 0));
}

// kGroup values of kRows rows, turned so that the rows stand side by side.
void turn(const std::array<const std::uint8_t*, kRows>& rows, float* out) {
  static_assert(kRows == 8);  // 2^3: as often every value of the first half is put before its fellow of the second
  const Bytes16 d;
  hn::Vec<Bytes16> parts[kRows];
  for (std::size_t r = 0; r < kRows; ++r) parts[r] = hn::LoadU(d, rows[r]);
  for (int halving = 0; halving < 3; ++halving) {
    hn::Vec<Bytes16> next[kRows];
    for (std::size_t i = 0; i < kRows / 2; ++i) {
      next[2 * i] = hn::InterleaveLower(d, parts[i], parts[i + kRows / 2]);
      next[2 * i + 1] = hn::InterleaveUpper(d, parts[i], parts[i + kRows / 2]);
    }
    for (std::size_t i = 0; i < kRows; ++i) parts[i] = next[i];
  }
  std::uint8_t turned[kRows * kGroup];
  for (std::size_t r = 0; r < kRows; ++r) hn::StoreU(parts[r], d, turned + r * kGroup);
  for (std::size_t i = 0; i < kRows * kGroup; ++i) out[i] = share_of_255(turned[i]);
}

// Eight rows of the square, turned as far as they were asked for.
class EightRows {
 public:
  EightRows(const Image& image, const Square& square)
      : image_(image),
        square_(square),
        width_(static_cast<std::size_t>(square.side) * 3),
        values_((width_ + kGroup - 1) / kGroup * kGroup * kRows) {}

  // Begins with row y of the square; the last row stands in for those below it.
  void begin(int y) {
    for (std::size_t r = 0; r < kRows; ++r) {
      rows_[r] = image_.pixel(square_.x, square_.y + std::min(y + static_cast<int>(r), square_.side - 1));
    }
    ready_ = 0;
  }

  // Value c of row r of the pixel at x: [c * kRows + r].
  [[nodiscard]] const float* pixel(int x) const { return values_.data() + static_cast<std::size_t>(x) * kPixel; }

  void make_ready(int pixels) {
    for (; ready_ < static_cast<std::size_t>(pixels) * 3; ready_ += kGroup) {
      const std::size_t count = std::min(kGroup, width_ - ready_);
      std::array<const std::uint8_t*, kRows> from;
      std::uint8_t end[kRows][kGroup] = {};
      for (std::size_t r = 0; r < kRows; ++r) {
        from[r] = rows_[r] + ready_;
        if (count < kGroup) from[r] = static_cast<std::uint8_t*>(std::memcpy(end[r], from[r], count));
      }
      turn(from, values_.data() + ready_ * kRows);
    }
  }

 private:
  const Image& image_;
  const Square& square_;
  std::size_t width_;
  std::vector<float> values_;
  std::array<const std::uint8_t*, kRows> rows_{};
  std::size_t ready_ = 0;
};

// sums += weights[i] * the pixel that stands i steps from `pixel`, i < count ascending.
void add_pixels(const float* weights, int count, const float* pixel, std::size_t step, float* sums) {
  const Lanes d;
  constexpr std::size_t kLanes = hn::MaxLanes(d);
  hn::Vec<Lanes> sum[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) sum[v] = hn::LoadU(d, sums + v * kLanes);
  for (int i = 0; i < count; ++i, pixel += step) {
    const auto weight = hn::Set(d, weights[i]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum[v] = hn::Add(sum[v], hn::Mul(hn::LoadU(d, pixel + v * kLanes), weight));
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sum[v], d, sums + v * kLanes);
}

// Eight rows of the square scaled in width, one behind the other from `out` on.
void scale_columns(EightRows& eight, int side, const ResizeWeights& columns, float* out) {
  const std::size_t width = columns.spans.size() * 3;
  for (const ResizeWeights::Span& span : columns.spans) {
    const int end = span.first + span.count;
    const int inside = std::clamp(span.first, 0, side);
    const int behind = std::clamp(end, 0, side);
    eight.make_ready(behind);
    const float* weights = columns.weights.data() + span.at;
    float sums[kPixel] = {};
    if (span.first < 0) add_pixels(weights, -span.first, eight.pixel(0), 0, sums);
    add_pixels(weights + (inside - span.first), behind - inside, eight.pixel(inside), kPixel, sums);
    if (end > side) add_pixels(weights + (behind - span.first), end - behind, eight.pixel(side - 1), 0, sums);
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t c = 0; c < 3; ++c) out[r * width + c] = sums[c * kRows + r];
    }
    out += 3;
  }
}

}  // namespace

Image resize(const Image& image, const Square& square, int width, int height) {
  CHECK(width > 0 && height > 0 && square.side > 0 && square.x >= 0 && square.y >= 0);
  CHECK(square.x <= image.width - square.side && square.y <= image.height - square.side);
  const std::size_t row = static_cast<std::size_t>(width) * 3;
  Image out{width, height, std::vector<std::uint8_t>(row * static_cast<std::size_t>(height))};
  std::uint8_t* bytes = out.rgb.data();
  if (square.side == width && square.side == height) {
    for (int y = 0; y < height; ++y, bytes += row) {
      std::memcpy(bytes, image.pixel(square.x, square.y + y), row);
    }
    return out;
  }
  const ResizeWeights columns = resize_weights(square.side, width);
  const ResizeWeights rows = resize_weights(square.side, height);
  int most = 0;
  for (const ResizeWeights::Span& span : rows.spans) most = std::max(most, span.count);
  // Rows scaled in width: as many as one row of the result is made of, where they begin and end within eight.
  const std::size_t kept = (static_cast<std::size_t>(most) + 2 * kRows - 2) / kRows * kRows;
  std::vector<float> scaled(kept * row);
  std::vector<float> sums(row);
  EightRows eight(image, square);
  int ready = 0;
  for (const ResizeWeights::Span& span : rows.spans) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (int i = 0; i < span.count; ++i) {
      const int y = std::clamp(span.first + i, 0, square.side - 1);
      for (; ready <= y; ready += static_cast<int>(kRows)) {
        eight.begin(ready);
        scale_columns(eight, square.side, columns, scaled.data() + static_cast<std::size_t>(ready) % kept * row);
      }
      const float* from = scaled.data() + static_cast<std::size_t>(y) % kept * row;
      const float weight = rows.weights[span.at + static_cast<std::size_t>(i)];
      for (std::size_t x = 0; x < row; ++x) sums[x] += from[x] * weight;
    }
    for (std::size_t x = 0; x < row; ++x) bytes[x] = to_byte(sums[x]);
    bytes += row;
  }
  return out;
}

}  // namespace weightroom::io
