#include "explain/jiggle.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "support/nets.h"

namespace weightroom::explain {
namespace {

const nn::Shape kShape{2, 12, 9};
const std::vector<float> kBlackBaseline(2, 0.0F);

TEST(Jiggle, OfNoStrengthMovesNothing) {
  base::Rng rng(1, "test");
  const Jiggle still(kShape, 0.0, rng);
  const auto picture = test::random_values(kShape.size(), 1, "picture");
  std::vector<float> out(picture.size());
  still.apply(picture, kBlackBaseline, out);
  EXPECT_EQ(out, picture);
}

// <moved x, y> = <x, moved back y>.
TEST(Jiggle, BackIsItsTranspose) {
  base::Rng rng(2, "test");
  for (int i = 0; i < 20; ++i) {
    const Jiggle jiggle(kShape, 1.5, rng);
    const auto x = test::random_values(kShape.size(), 1, "x");
    const auto y = test::random_values(kShape.size(), 2, "y");
    std::vector<float> moved(x.size());
    std::vector<float> back(x.size());
    jiggle.apply(x, kBlackBaseline, moved);
    jiggle.apply_back(y, back);
    double there = 0.0;
    double here = 0.0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      there += static_cast<double>(moved[k]) * static_cast<double>(y[k]);
      here += static_cast<double>(x[k]) * static_cast<double>(back[k]);
    }
    EXPECT_NEAR(there, here, 1e-4);
  }
}

// Channels that hold a pixel's own row and column show where each pixel is read from.
TEST(Jiggle, ShiftsScalesAndTurns) {
  const nn::Shape shape{2, 32, 32};
  std::vector<float> places(shape.size());
  for (std::size_t i = 0; i < 1024; ++i) {
    places[i] = static_cast<float>(i / 32);
    places[1024 + i] = static_cast<float>(i % 32);
  }
  double widest = 0.0;
  double largest = 0.0;
  double smallest = 2.0;
  double furthest = 0.0;
  base::Rng rng(3, "test");
  for (int k = 0; k < 300; ++k) {
    std::vector<float> from(places.size());
    Jiggle(shape, 1.0, rng).apply(places, kBlackBaseline, from);
    const auto at = [&](int c, int y, int x) {
      return static_cast<double>(from[static_cast<std::size_t>(c * 1024 + y * 32 + x)]);
    };
    const double down = at(0, 20, 12) - at(0, 12, 12);
    const double across = at(1, 20, 12) - at(1, 12, 12);
    EXPECT_NEAR(down, at(1, 12, 20) - at(1, 12, 12), 1e-4) << "a turn keeps angles and proportions";
    EXPECT_NEAR(across, at(0, 12, 12) - at(0, 12, 20), 1e-4);
    const double scale = 8.0 / std::hypot(down, across);
    const double degrees = std::atan2(across, down) * 180.0 / std::numbers::pi;
    const double shift = 0.25 * (at(0, 15, 15) + at(0, 16, 16) + at(0, 15, 16) + at(0, 16, 15)) - 15.5;
    EXPECT_LE(std::fabs(degrees), 10.001);
    EXPECT_LE(std::fabs(shift), 2.001);
    EXPECT_NEAR(scale, 1.0, 0.1001);
    widest = std::max(widest, std::fabs(degrees));
    largest = std::max(largest, scale);
    smallest = std::min(smallest, scale);
    furthest = std::max(furthest, std::fabs(shift));
  }
  EXPECT_GT(widest, 9.5);
  EXPECT_GT(largest, 1.09);
  EXPECT_LT(smallest, 0.91);
  EXPECT_GT(furthest, 1.9);
}

TEST(Jiggle, BeyondTheEdgeLiesGrey) {
  const nn::Shape shape{1, 16, 16};
  const std::vector<float> picture(shape.size(), 3.0F);
  const std::vector<float> grey{-1.0F};
  base::Rng rng(4, "test");
  bool some = false;
  for (int k = 0; k < 20; ++k) {
    std::vector<float> out(picture.size());
    Jiggle(shape, 1.0, rng).apply(picture, grey, out);
    EXPECT_NEAR(out[8 * 16 + 8], 3.0F, 1e-5F);
    for (const float v : out) {
      EXPECT_GE(v, -1.0001F);
      EXPECT_LE(v, 3.0001F);
      some |= v < -0.9F;
    }
  }
  EXPECT_TRUE(some);
}

}  // namespace
}  // namespace weightroom::explain
