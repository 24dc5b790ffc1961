// Products, loops and exp against their formulas, and against the bits they had everywhere.
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/math.h"
#include "base/rng.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/exp.h"
#include "nn/kernels/gemm.h"
#include "nn/kernels/simd.h"
#include "nn/kernels/transpose.h"

namespace weightroom::nn::kernels {
namespace {

using Floats = std::vector<float>;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Floats random_floats(std::size_t size, base::Rng& rng) {
  Floats values(size);
  for (float& value : values) value = static_cast<float>(rng.uniform(-1.0, 1.0));
  return values;
}

TEST(Gemm, IsTheChainOfTheFormula) {
  base::Rng rng(17, "gemm");
  for (std::ptrdiff_t columns : {1, 3, 8, 13, 16, 17, 31, 40}) {
    for (std::ptrdiff_t rows : {1, 5, 6, 7, 13}) {
      const std::ptrdiff_t depth = 9;
      const Floats a = random_floats(static_cast<std::size_t>(rows * depth), rng);
      const Floats b = random_floats(static_cast<std::size_t>(depth * columns), rng);
      const Floats bias = random_floats(static_cast<std::size_t>(rows), rng);
      const Floats before = random_floats(static_cast<std::size_t>(rows * columns), rng);
      for (int kind = 0; kind < 4; ++kind) {
        Floats c = before;
        Floats expected = before;
        Product p{.rows = rows, .columns = columns, .depth = depth, .a = a.data(), .b = b.data(), .c = c.data()};
        p.bias = kind == 1 ? bias.data() : nullptr;
        p.start_from_c = kind == 2;
        p.add_to_c = kind == 3;
        product(p, Floats(product_workspace(depth), kNaN).data());
        for (std::ptrdiff_t i = 0; i < rows * columns; ++i) {
          float& value = expected[static_cast<std::size_t>(i)];
          float sum = kind == 1 ? bias[static_cast<std::size_t>(i / columns)] : kind == 2 ? value : 0.0F;
          for (std::ptrdiff_t k = 0; k < depth; ++k)
            sum += a[static_cast<std::size_t>(i / columns * depth + k)] *
                   b[static_cast<std::size_t>(k * columns + i % columns)];
          value = kind == 3 ? value + sum : sum;
        }
        ASSERT_EQ(c, expected) << rows << " x " << columns << ", kind " << kind;
      }
    }
  }
}

TEST(Transpose, MovesEveryValue) {
  base::Rng rng(19, "transpose");
  for (std::ptrdiff_t rows : {1, 3, 4, 16, 18, 37}) {
    for (std::ptrdiff_t columns : {1, 5, 16, 23, 33}) {
      const Floats from = random_floats(static_cast<std::size_t>(rows * (columns + 2)), rng);
      Floats to(static_cast<std::size_t>(columns * (rows + 3)), 9.0F);
      transpose(from.data(), columns + 2, rows, columns, to.data(), rows + 3);
      for (std::ptrdiff_t c = 0; c < columns; ++c) {
        for (std::ptrdiff_t r = 0; r < rows + 3; ++r) {
          const float expected = r < rows ? from[static_cast<std::size_t>(r * (columns + 2) + c)] : 9.0F;
          ASSERT_EQ(to[static_cast<std::size_t>(c * (rows + 3) + r)], expected) << rows << " x " << columns;
        }
      }
    }
  }
}

TEST(Elementwise, AgreesWithPlainLoopsAtEveryTail) {
  base::Rng rng(23, "elementwise");
  for (std::size_t n = 0; n < 40; ++n) {
    const Floats x = random_floats(n, rng);
    const Floats y = random_floats(n, rng);
    const Floats z = random_floats(n, rng);
    const auto check = [&](const char* what, auto run, auto formula) {
      Floats values = z;
      Floats expected = z;
      run(values);
      for (std::size_t i = 0; i < n; ++i) expected[i] = formula(x[i], y[i], z[i]);
      ASSERT_EQ(values, expected) << what << " of " << n;
    };
    check("relu", [&](Floats& v) { relu(x, v); }, [](float a, float, float) { return a < 0.0F ? 0.0F : a; });
    check(
        "relu_backward", [&](Floats& v) { relu_backward(x, y, v); },
        [](float a, float b, float c) { return c + (a > 0.0F ? b : 0.0F); });
    check("add", [&](Floats& v) { add(x, y, v); }, [](float a, float b, float) { return a + b; });
    check("accumulate", [&](Floats& v) { accumulate(x, v); }, [](float a, float, float c) { return c + a; });
    check("accumulate value", [&](Floats& v) { accumulate(0.7F, v); }, [](float, float, float c) { return c + 0.7F; });
    check("axpy", [&](Floats& v) { axpy(0.3F, x, v); }, [](float a, float, float c) { return c + 0.3F * a; });
    check("scale", [&](Floats& v) { scale(0.3F, x, v); }, [](float a, float, float) { return 0.3F * a; });
    check(
        "scale_shift", [&](Floats& v) { scale_shift(0.3F, 0.7F, x, v); },
        [](float a, float, float) { return 0.3F * a + 0.7F; });
    check(
        "combine", [&](Floats& v) { combine(0.3F, x, 0.6F, y, 0.9F, v); },
        [](float a, float b, float c) { return c + ((0.3F * a + 0.6F * b) + 0.9F); });
    check(
        "accumulate_product", [&](Floats& v) { accumulate_product(x, y, v); },
        [](float a, float b, float c) { return c + a * b; });
  }
}

TEST(Elementwise, SumsInEightVirtualLanes) {
  base::Rng rng(29, "sums");
  const auto reference = [](std::size_t n, auto term) {
    float lanes[8] = {};
    for (std::size_t i = 0; i < n; ++i) lanes[i % 8] += term(i);
    return tree_sum(lanes);
  };
  for (std::size_t n = 0; n < 50; ++n) {
    const Floats x = random_floats(n, rng);
    const Floats y = random_floats(n, rng);
    EXPECT_EQ(sum(x), reference(n, [&](std::size_t i) { return x[i]; }));
    EXPECT_EQ(sum_squares(x), reference(n, [&](std::size_t i) { return x[i] * x[i]; }));
    EXPECT_EQ(sum_squares_centered(x, 0.3F),
              reference(n, [&](std::size_t i) { return (x[i] - 0.3F) * (x[i] - 0.3F); }));
    EXPECT_EQ(dot(x, y), reference(n, [&](std::size_t i) { return x[i] * y[i]; }));
    EXPECT_EQ(dot_centered(x, 0.3F, y), reference(n, [&](std::size_t i) { return (x[i] - 0.3F) * y[i]; }));
    float largest = -kInfinity;
    for (float value : x) largest = std::max(largest, value);
    EXPECT_EQ(maximum(x), largest);
    float size = 0.0F;
    for (float value : x) size = std::max(size, std::abs(value));
    EXPECT_EQ(largest_magnitude(x), size);
  }
}

TEST(Exp, IsAccurateFromEndToEnd) {
  Floats x;
  for (float value = -86.9F; value < 88.7F; value += 0.0137F) x.push_back(value);
  Floats y(x.size());
  exp(x, 0.0F, y);
  double worst = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = base::exp(static_cast<double>(x[i]));
    worst = std::max(worst, std::abs(static_cast<double>(y[i]) - expected) / expected);
  }
  EXPECT_LT(worst, 2e-7);
}

TEST(Exp, HandlesTheEnds) {
  const Floats x = {0.0F, -200.0F, -kInfinity, 89.0F, kInfinity, kNaN, 88.7F, -86.9F, 1.0F};
  Floats y(x.size());
  exp(x, 0.0F, y);
  EXPECT_EQ(y[0], 1.0F);
  EXPECT_EQ(y[1], 0.0F);
  EXPECT_EQ(y[2], 0.0F);
  EXPECT_EQ(y[3], kInfinity);
  EXPECT_EQ(y[4], kInfinity);
  EXPECT_TRUE(std::isnan(y[5]));
  EXPECT_TRUE(std::isfinite(y[6]));
  EXPECT_GT(y[7], 0.0F);
  exp(Floats{3.5F}, 3.5F, std::span(y).first(1));
  EXPECT_EQ(y[0], 1.0F);
}

TEST(Exp, HasTheRecordedBits) {
  Floats x;
  for (float value = -90.0F; value < 90.0F; value += 0.37F) x.push_back(value);
  exp(x, 0.5F, x);
  base::Sha256 hash;
  hash.update(x);
  EXPECT_EQ(hash.finish_hex(), "0650ceb64d553db90e97ccd9d9043af147f76d07bec2416e5287cd7c385f27c1");
}

}  // namespace
}  // namespace weightroom::nn::kernels
