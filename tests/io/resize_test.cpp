#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "io/image.h"
#include "io/picture_testing.h"
#include "io/resize_weights.h"

// What it was: the bits must stay. Its asserts are about sums of weights, which are what they are.
#define STBIR_ASSERT(condition) ((void)0)
#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize.h>

namespace weightroom::io {
namespace {

Image stb_resize(const Image& image, const Square& square, int width, int height) {
  const auto bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
  Image out{width, height, std::vector<std::uint8_t>(bytes)};
  EXPECT_EQ(stbir_resize_uint8_generic(image.pixel(square.x, square.y), square.side, square.side, image.width * 3,
                                       out.rgb.data(), width, height, width * 3, 3, STBIR_ALPHA_CHANNEL_NONE, 0,
                                       STBIR_EDGE_CLAMP, STBIR_FILTER_MITCHELL, STBIR_COLORSPACE_LINEAR, nullptr),
            1);
  return out;
}

Image noise(int width, int height, base::Rng& rng) {
  Image image{width, height,
              std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3)};
  for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(rng.next() >> 24U);
  return image;
}

int below(base::Rng& rng, int n) { return static_cast<int>(rng.below(static_cast<std::uint32_t>(n))); }
// 1 to most, each size of it as likely as its double.
int some_size(base::Rng& rng, int most) { return static_cast<int>(std::exp(rng.uniform(0.0, std::log(most + 0.999)))); }

void expect_stb(const Image& image, const Square& square, int width, int height) {
  ASSERT_EQ(resize(image, square, width, height), stb_resize(image, square, width, height))
      << square.side << " at " << square.x << ", " << square.y << " of " << image.width << " x " << image.height
      << " to " << width << " x " << height;
}

TEST(ResizeBits, RandomSquares) {
  base::Rng rng(1, "resize");
  for (int i = 0; i < 500; ++i) {
    const bool wide = rng.below(2) == 0;
    const Image image = noise(some_size(rng, wide ? 5000 : 90), some_size(rng, wide ? 90 : 400), rng);
    const int side = 1 + below(rng, std::min(image.width, image.height));
    const Square square{below(rng, image.width - side + 1), below(rng, image.height - side + 1), side};
    const int width = some_size(rng, 300);
    const int height = rng.below(2) == 0 ? width : some_size(rng, 300);
    if (width == side && height == side) continue;  // a copy, which theirs is not
    expect_stb(image, square, width, height);
    if (HasFatalFailure()) return;
  }
}

// Up and down by every small size, one way each or both: in many of them a source value has three or five neighbours.
TEST(ResizeBits, SmallSizes) {
  base::Rng rng(2, "resize");
  for (int side = 1; side <= 36; ++side) {
    const Image image = noise(side + 3, side + 2, rng);
    for (int width = 1; width <= 36; ++width) {
      const int height = 1 + (width * 7 + side) % 37;
      if (width == side && height == side) continue;
      expect_stb(image, {2, 1, side}, width, height);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(ResizeBits, LargePictures) {
  base::Rng rng(3, "resize");
  const Image photo = noise(4000, 3000, rng);
  expect_stb(photo, centre_square(photo), 224, 224);
  expect_stb(photo, {1000, 0, 3000}, 1, 3);
  expect_stb(photo, {3999, 2999, 1}, 640, 5);
  expect_stb(photo, {17, 33, 1715}, 1714, 15);
  expect_stb(photo, {17, 33, 343}, 3, 700);  // the last neighbour of five has the weight of another
}

// Values that jump from the least to the most: the filter runs over both ends.
TEST(ResizeBits, OvershootIsCut) {
  Image image{40, 40, std::vector<std::uint8_t>(40U * 40U * 3U)};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = i / 3 % 40 / 5 % 2 == 0 ? 0 : 255;
  for (const int size : {13, 39, 41, 57, 160}) expect_stb(image, {0, 0, 40}, size, size);
}

// What lies around the square does not count; alone, the square ends where its memory does.
TEST(ResizeBits, ReadsTheSquareAlone) {
  base::Rng rng(4, "resize");
  for (const int side : {1, 2, 5, 6, 7, 16, 33}) {
    const Image image = noise(side + 9, side + 11, rng);
    const Square square{4, 3, side};
    Image alone{side, side, {}};
    for (int y = 0; y < side; ++y) {
      const std::uint8_t* row = image.pixel(square.x, square.y + y);
      alone.rgb.insert(alone.rgb.end(), row, row + static_cast<std::ptrdiff_t>(side) * 3);
    }
    alone.rgb.shrink_to_fit();
    for (const int size : {3, 12, 40}) {
      EXPECT_EQ(resize(image, square, size, size), resize(alone, {0, 0, side}, size, size)) << side << " to " << size;
    }
  }
}

// resize() keeps as many rows as this allows.
TEST(ResizeWeights, EndsNeverFallAndSumsAreOne) {
  for (int from = 1; from < 200; ++from) {
    for (int to = 1; to < 90; ++to) {
      const ResizeWeights weights = resize_weights(from, to);
      ASSERT_EQ(weights.spans.size(), static_cast<std::size_t>(to));
      int end = 0;
      for (const ResizeWeights::Span& span : weights.spans) {
        ASSERT_GT(span.count, 0);
        ASSERT_GE(span.first + span.count, end) << from << " to " << to;
        end = span.first + span.count;
        double sum = 0.0;
        for (int i = 0; i < span.count; ++i) sum += weights.weights[span.at + static_cast<std::size_t>(i)];
        ASSERT_NEAR(sum, 1.0, 0.01) << from << " to " << to;
      }
    }
  }
}

}  // namespace
}  // namespace weightroom::io
