// Convolution against its formula, its ways against each other, and against the bits it had
// everywhere.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/rng.h"
#include "nn/kernels/conv.h"
#include "nn/kernels/conv_weight.h"
#include "nn/kernels/correlate.h"

namespace weightroom::nn::kernels {
namespace {

using Floats = std::vector<float>;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Floats random_floats(std::size_t size, base::Rng& rng) {
  Floats values(size);
  for (float& value : values) value = static_cast<float>(rng.uniform(-1.0, 1.0));
  return values;
}

std::size_t product_of(std::initializer_list<int> extents) {
  std::size_t product = 1;
  for (int extent : extents) product *= static_cast<std::size_t>(extent);
  return product;
}

// Scratch that starts as NaN: what leaks from it shows.
struct Room {
  Room(const Conv& conv, int threads) : floats(conv_workspace(conv) * static_cast<std::size_t>(threads), kNaN) {
    scratch = {floats.data(), conv_workspace(conv), threads};
  }
  Floats floats;
  Scratch scratch;
};

// A convolution with values for everything it reads.
struct Problem {
  Conv conv;
  Floats x, weight, bias, d_y;

  Problem(const Conv& shape, std::uint64_t seed) : conv(shape) {
    const auto extent = [](int in, int kernel, int stride, int padding, int dilation) {
      return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
    };
    conv.out_height = extent(conv.in_height, conv.kernel_y, conv.stride_y, conv.padding_y, conv.dilation_y);
    conv.out_width = extent(conv.in_width, conv.kernel_x, conv.stride_x, conv.padding_x, conv.dilation_x);
    base::Rng rng(seed, "kernels_test");
    x = random_floats(product_of({conv.batch, conv.in_channels, conv.in_height, conv.in_width}), rng);
    weight = random_floats(
        product_of({conv.out_channels, conv.in_channels / conv.groups, conv.kernel_y, conv.kernel_x}), rng);
    bias = random_floats(product_of({conv.out_channels}), rng);
    d_y = random_floats(product_of({conv.batch, conv.out_channels, conv.out_height, conv.out_width}), rng);
  }

  [[nodiscard]] Floats forward(int threads = 1) const {
    Floats y(d_y.size(), kNaN);
    conv_forward(conv, x.data(), weight.data(), bias.data(), y.data(), Room(conv, threads).scratch);
    return y;
  }
  [[nodiscard]] Floats backward_input(int threads = 1) const {
    Floats d_x(x.size(), 0.0F);
    conv_backward_input(conv, weight.data(), d_y.data(), true, d_x.data(), Room(conv, threads).scratch);
    return d_x;
  }
  [[nodiscard]] Floats backward_input_afresh(int threads) const {
    Floats d_x(x.size(), kNaN);
    conv_backward_input(conv, weight.data(), d_y.data(), false, d_x.data(), Room(conv, threads).scratch);
    return d_x;
  }
  [[nodiscard]] Floats backward_weight(int threads = 1) const {
    Floats d_weight(weight.size(), 0.0F);
    conv_backward_weight(conv, x.data(), d_y.data(), d_weight.data(), Room(conv, threads).scratch);
    return d_weight;
  }
  [[nodiscard]] Floats backward_bias(int threads = 1) const {
    Floats d_bias(bias.size(), 0.0F);
    conv_backward_bias(conv, d_y.data(), d_bias.data(), Room(conv, threads).scratch);
    return d_bias;
  }
};

// visit(y index, weight index, x index) for every product of the formula, in the order of each y's
// chain.
template <class Visit>
void for_products(const Conv& v, const Visit& visit) {
  const int channels = v.in_channels / v.groups;
  std::size_t y = 0;
  for (int n = 0; n < v.batch; ++n) {
    for (int o = 0; o < v.out_channels; ++o) {
      const int group = o / (v.out_channels / v.groups);
      for (int p = 0; p < v.out_height; ++p) {
        for (int q = 0; q < v.out_width; ++q, ++y) {
          for (int k = 0; k < channels * v.kernel_y * v.kernel_x; ++k) {
            const int c = k / (v.kernel_y * v.kernel_x);
            const int row = p * v.stride_y + k / v.kernel_x % v.kernel_y * v.dilation_y - v.padding_y;
            const int column = q * v.stride_x + k % v.kernel_x * v.dilation_x - v.padding_x;
            if (row < 0 || row >= v.in_height || column < 0 || column >= v.in_width) continue;
            const int x = ((n * v.in_channels + group * channels + c) * v.in_height + row) * v.in_width + column;
            visit(y, static_cast<std::size_t>(o * channels * v.kernel_y * v.kernel_x + k), static_cast<std::size_t>(x));
          }
        }
      }
    }
  }
}

// Whether the convolution takes the fast way that has other chains than the formula.
bool by_winograd(const Conv& v) {
  return suits_winograd(forward_frame(v, v.in_channels / v.groups), v.out_channels / v.groups);
}

struct Gradients {
  std::vector<double> x, weight, bias;
};

Gradients gradients_in_double(const Problem& p) {
  Gradients g{std::vector<double>(p.x.size()), std::vector<double>(p.weight.size()),
              std::vector<double>(p.bias.size())};
  for_products(p.conv, [&](std::size_t y, std::size_t w, std::size_t x) {
    g.x[x] += static_cast<double>(p.d_y[y]) * static_cast<double>(p.weight[w]);
    g.weight[w] += static_cast<double>(p.d_y[y]) * static_cast<double>(p.x[x]);
  });
  const std::size_t plane = product_of({p.conv.out_height, p.conv.out_width});
  for (std::size_t y = 0; y < p.d_y.size(); ++y) g.bias[y / plane % p.bias.size()] += static_cast<double>(p.d_y[y]);
  return g;
}

// Of the largest value.
constexpr double kChain = 2e-6;
constexpr double kWinograd = 6e-6;

void expect_near(const Floats& values, const std::vector<double>& expected, double tolerance, const std::string& what) {
  double largest = 1.0;
  for (double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(static_cast<double>(values[i]), expected[i], tolerance * largest) << what << ", element " << i;
  }
}

std::string name(const Conv& v) {
  std::string text;
  for (int value : {v.batch, v.in_channels, v.in_height, v.in_width, v.out_channels, v.kernel_y, v.kernel_x, v.stride_y,
                    v.stride_x, v.padding_y, v.padding_x, v.dilation_y, v.dilation_x, v.groups}) {
    text += std::to_string(value) + " ";
  }
  return text;
}

Conv square(int batch, int in, int out, int side, int kernel, int stride = 1, int groups = 1) {
  Conv conv{.batch = batch, .in_channels = in, .in_height = side, .in_width = side, .out_channels = out};
  conv.kernel_y = conv.kernel_x = kernel;
  conv.stride_y = conv.stride_x = stride;
  conv.padding_y = conv.padding_x = kernel / 2;
  conv.groups = groups;
  return conv;
}

// Shapes at random, small and odd.
Conv random_conv(base::Rng& rng) {
  const auto draw = [&](int low, int high) {
    return low + static_cast<int>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
  };
  Conv v;
  v.groups = draw(0, 2) == 0 ? draw(2, 4) : 1;
  v.batch = draw(1, 4);
  v.in_channels = v.groups * draw(1, 5);
  v.out_channels = v.groups * draw(1, 20);
  v.kernel_y = draw(1, 4);
  v.kernel_x = draw(1, 4);
  v.stride_y = draw(1, 3);
  v.stride_x = draw(1, 3);
  v.padding_y = draw(0, 3);
  v.padding_x = draw(0, 3);
  v.dilation_y = draw(1, 3);
  v.dilation_x = draw(1, 3);
  v.in_height = std::max(1, v.dilation_y * (v.kernel_y - 1) + 1 - 2 * v.padding_y) + draw(0, 9);
  v.in_width = std::max(1, v.dilation_x * (v.kernel_x - 1) + 1 - 2 * v.padding_x) + draw(0, 19);
  return v;
}

// Shapes that take every way through the kernels: 1,024 products and more, more than 2^17 weights,
// whole and broken vectors, several samples a tile; Winograd's weights in panels, its tiles in bands of rows and of
// samples; gradients that are scattered.
std::vector<Conv> telling_convs() {
  return {square(2, 3, 16, 24, 3),        square(3, 16, 20, 16, 3),      square(2, 130, 9, 8, 3),
          square(2, 96, 200, 8, 3),       square(5, 96, 190, 5, 3),      square(3, 140, 7, 3, 3),
          square(2, 8, 24, 21, 5),        square(2, 12, 18, 16, 3, 2),   square(2, 6, 8, 17, 3, 2),
          square(1, 24, 24, 9, 3, 1, 24), square(2, 8, 16, 16, 3, 2, 8), square(20, 24, 13, 1, 1),
          square(2, 20, 16, 12, 1),       square(2, 2, 3, 40, 33),       square(2, 180, 190, 9, 3),
          square(1, 40, 9, 70, 3),        square(9, 24, 13, 12, 3),      square(2, 3, 16, 23, 7, 2),
          square(2, 6, 16, 25, 3, 3, 2),  square(2, 9, 10, 40, 9, 3)};
}

template <class T>
std::vector<T> chains(const Problem& p) {
  std::vector<T> y(p.d_y.size());
  const std::size_t plane = product_of({p.conv.out_height, p.conv.out_width});
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(p.bias[i / plane % p.bias.size()]);
  for_products(p.conv, [&](std::size_t i, std::size_t w, std::size_t x) {
    y[i] += static_cast<T>(p.weight[w]) * static_cast<T>(p.x[x]);
  });
  return y;
}

void expect_formula(const Conv& shape, std::uint64_t seed) {
  const Problem p(shape, seed);
  SCOPED_TRACE(name(p.conv));
  if (by_winograd(p.conv)) {
    expect_near(p.forward(), chains<double>(p), kWinograd, "y");
  } else {  // the very chain of the formula, so equal to the bit (0 and -0 aside)
    ASSERT_EQ(p.forward(), chains<float>(p));
  }
  const Gradients expected = gradients_in_double(p);
  const double tolerance = p.conv.kernel_y == 3 && p.conv.kernel_x == 3 ? kWinograd : kChain;
  expect_near(p.backward_input(), expected.x, tolerance, "d_x");
  expect_near(p.backward_weight(), expected.weight, tolerance, "d_weight");
  expect_near(p.backward_bias(), expected.bias, kChain, "d_bias");
}

TEST(ConvKernels, AgreeWithTheFormulaInEveryWayTheyTake) {
  for (const Conv& conv : telling_convs()) expect_formula(conv, 3);
}

TEST(ConvKernels, AgreeWithTheFormulaAtRandomShapes) {
  base::Rng rng(11, "random_conv");
  for (std::uint64_t i = 0; i < 200; ++i) expect_formula(random_conv(rng), i);
}

TEST(ConvKernels, AgreeWithTheFormulaWhereverWinogradFits) {
  base::Rng rng(12, "winograd");
  const auto draw = [&](int low, int high) {
    return low + static_cast<int>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
  };
  int taken = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    Conv v{.batch = draw(1, 5), .in_height = draw(3, 30), .in_width = draw(3, 30), .kernel_y = 3, .kernel_x = 3};
    v.groups = draw(1, 2);
    v.in_channels = v.groups * draw(8, 21);
    v.out_channels = v.groups * draw(8, 21);
    v.padding_y = draw(0, 3);
    v.padding_x = draw(0, 3);
    expect_formula(v, i);
    taken += by_winograd(Problem(v, i).conv) ? 1 : 0;
  }
  EXPECT_GT(taken, 40);
}

TEST(ConvKernels, TakeStridesAndDilationsBeyondTheInput) {
  constexpr int kLargest = std::numeric_limits<int>::max();
  Conv strided = square(3, 2, 4, 5, 3);
  strided.stride_y = strided.stride_x = kLargest;
  expect_formula(strided, 1);
  Conv dilated = square(3, 2, 4, 9, 1);
  dilated.dilation_y = dilated.dilation_x = kLargest;
  dilated.stride_x = 2;
  expect_formula(dilated, 2);
}

TEST(ConvKernels, GiveASampleTheSameBitsInAnyBatch) {
  for (const Conv& shape : telling_convs()) {
    const Problem p(shape, 5);
    SCOPED_TRACE(name(p.conv));
    Conv one = p.conv;
    one.batch = 1;
    Floats y(p.d_y.size());
    Floats d_x(p.x.size());
    Floats d_weight(p.weight.size());
    Floats d_bias(p.bias.size());
    const Room room(one, 1);
    const std::size_t in = p.x.size() / static_cast<std::size_t>(p.conv.batch);
    const std::size_t out = y.size() / static_cast<std::size_t>(p.conv.batch);
    for (std::size_t n = 0; n < static_cast<std::size_t>(p.conv.batch); ++n) {
      conv_forward(one, &p.x[n * in], p.weight.data(), p.bias.data(), &y[n * out], room.scratch);
      conv_backward_input(one, p.weight.data(), &p.d_y[n * out], true, &d_x[n * in], room.scratch);
      conv_backward_weight(one, &p.x[n * in], &p.d_y[n * out], d_weight.data(), room.scratch);
      conv_backward_bias(one, &p.d_y[n * out], d_bias.data(), room.scratch);
    }
    EXPECT_EQ(p.forward(), y);
    EXPECT_EQ(p.backward_input(), d_x);
    if (by_winograd(p.conv)) {  // sums over the batch before it goes back to weights
      expect_near(p.backward_weight(), {d_weight.begin(), d_weight.end()}, kWinograd, "d_weight");
    } else {
      EXPECT_EQ(p.backward_weight(), d_weight);
    }
    EXPECT_EQ(p.backward_bias(), d_bias);
  }
}

TEST(ConvKernels, GiveTheSameBitsOnAnyNumberOfThreads) {
  for (const Conv& shape : telling_convs()) {
    const Problem p(shape, 17);
    SCOPED_TRACE(name(p.conv));
    for (int threads : {2, 3, 7, 16}) {
      EXPECT_EQ(p.forward(threads), p.forward()) << threads;
      EXPECT_EQ(p.backward_input(threads), p.backward_input()) << threads;
      EXPECT_EQ(p.backward_input_afresh(threads), p.backward_input_afresh(1)) << threads;
      EXPECT_EQ(p.backward_weight(threads), p.backward_weight()) << threads;
      EXPECT_EQ(p.backward_bias(threads), p.backward_bias()) << threads;
    }
  }
}

TEST(ConvKernels, GiveTheSameBitsInAnyNumberOfCuts) {
  const auto expect = [](const Problem& p, int cuts, int threads) {
    SCOPED_TRACE(name(p.conv) + "in " + std::to_string(cuts) + " cuts on " + std::to_string(threads) + " threads");
    const auto in_cuts = [&](const auto& run) {
      Room room(p.conv, threads);
      for (int at = 0; at < cuts; ++at) {
        room.scratch.cut = {at, cuts};
        run(room.scratch);
      }
    };
    Floats y(p.d_y.size(), kNaN);
    in_cuts([&](const Scratch& s) { conv_forward(p.conv, p.x.data(), p.weight.data(), p.bias.data(), y.data(), s); });
    EXPECT_EQ(y, p.forward());
    Floats d_x(p.x.size(), 0.0F);
    in_cuts([&](const Scratch& s) { conv_backward_input(p.conv, p.weight.data(), p.d_y.data(), true, d_x.data(), s); });
    EXPECT_EQ(d_x, p.backward_input());
    Floats afresh(p.x.size(), kNaN);
    in_cuts(
        [&](const Scratch& s) { conv_backward_input(p.conv, p.weight.data(), p.d_y.data(), false, afresh.data(), s); });
    EXPECT_EQ(afresh, p.backward_input_afresh(1));
    Floats d_weight(p.weight.size(), 0.0F);
    in_cuts([&](const Scratch& s) { conv_backward_weight(p.conv, p.x.data(), p.d_y.data(), d_weight.data(), s); });
    EXPECT_EQ(d_weight, p.backward_weight());
  };
  for (const Conv& shape : telling_convs()) {
    for (const int cuts : {2, 7, 60}) expect(Problem(shape, 19), cuts, cuts == 7 ? 2 : 1);
  }
  base::Rng rng(21, "cuts");
  for (std::uint64_t i = 0; i < 100; ++i)
    expect(Problem(random_conv(rng), i), 2 + static_cast<int>(rng.below(20)), 1 + static_cast<int>(rng.below(3)));
}

// Each of the calls has something to do, in every way through the kernels.
TEST(ConvKernels, CutsShareOutTheWork) {
  for (const Conv& shape : {square(1, 16, 20, 100, 3), square(2, 3, 2, 40, 5), square(1, 8, 24, 102, 5),
                            square(1, 12, 18, 100, 3, 2), square(1, 24, 24, 40, 3, 1, 24), square(1, 20, 16, 40, 1),
                            square(1, 24, 12, 75, 1), square(1, 96, 200, 16, 3)}) {
    const Problem p(shape, 23);
    SCOPED_TRACE(name(p.conv));
    Room room(p.conv, 1);
    Floats y(p.d_y.size(), kNaN);
    const auto done = [&] { return std::ranges::count_if(y, [](float v) { return !std::isnan(v); }); };
    const auto all = static_cast<std::ptrdiff_t>(y.size());
    room.scratch.cut = {0, 2};
    conv_forward(p.conv, p.x.data(), p.weight.data(), p.bias.data(), y.data(), room.scratch);
    EXPECT_GT(done(), all / 5);
    EXPECT_LT(done(), all * 4 / 5);
    room.scratch.cut = {1, 2};
    conv_forward(p.conv, p.x.data(), p.weight.data(), p.bias.data(), y.data(), room.scratch);
    EXPECT_EQ(done(), all);
  }
}

TEST(ConvKernels, GiveTheSameBitsDirectlyAndPacked) {
  base::Rng rng(13, "correlate");
  for (int width : {1, 3, 4, 7, 8, 12, 16, 29}) {
    const Axis y{.size = 6, .taps = 3, .first = -1, .spacing = 1, .step = 1, .outputs = 6};
    const Axis x{.size = width, .taps = 3, .first = 1, .spacing = -1, .step = 1, .outputs = width};
    Correlation job{.frame = Frame(y, x, 5), .samples = 3, .rows = 11, .layer_rows = 11};
    const std::size_t plane = 6 * static_cast<std::size_t>(width);
    const Floats a = random_floats(11 * 45, rng);
    const Floats source = random_floats(3 * 5 * plane, rng);
    job.a = a.data();
    job.source = source.data();
    job.source_step = static_cast<std::ptrdiff_t>(5 * plane);
    Floats direct(3 * 11 * plane);
    Floats packed(direct.size());
    Destination to{.data = direct.data(),
                   .sample_step = static_cast<std::ptrdiff_t>(11 * plane),
                   .channel_step = static_cast<std::ptrdiff_t>(plane),
                   .row_step = width};
    Floats workspace(correlate_direct_workspace(job.frame), kNaN);
    correlate_direct(job, to, workspace.data());
    to.data = packed.data();
    workspace.assign(correlate_packed_workspace(job.frame, 3), kNaN);
    correlate_packed(job, to, workspace.data());
    EXPECT_EQ(direct, packed) << width;
  }
}

// Recorded once; AVX2, wasm SIMD128 and one lane at a time all give it.
TEST(ConvKernels, HaveTheRecordedBits) {
  base::Sha256 hash;
  for (const Conv& conv : telling_convs()) {
    const Problem p(conv, 7);
    for (const Floats& values : {p.forward(), p.backward_input(), p.backward_weight(), p.backward_bias()})
      hash.update(values);
  }
  EXPECT_EQ(hash.finish_hex(), "20b8d6c925615c644b7d5512f069a5a41c8124fa4d983b7174bc290f6246aa42");
}

}  // namespace
}  // namespace weightroom::nn::kernels
