// The diverging scale: what "zero is exactly neutral" and "safe for colour-blind eyes" mean in numbers.
#include "gfx/colour.h"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace weightroom::gfx {
namespace {

constexpr std::array kOpaque{Ground::light, Ground::dark};

double linear(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }

struct Rgb {
  double r, g, b;
};
Rgb to_linear(Rgba c) { return {linear(c.r / 255.0), linear(c.g / 255.0), linear(c.b / 255.0)}; }
double luminance(Rgb c) { return 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b; }
double distance(Rgb a, Rgb b) {
  const auto encode = [](double v) { return std::cbrt(std::max(v, 0.0)); };  // roughly as bright as it looks
  return std::hypot(encode(a.r) - encode(b.r), encode(a.g) - encode(b.g), encode(a.b) - encode(b.b));
}

// Viénot, Brettel and Mollon 1999: what a dichromat sees of linear RGB.
Rgb protan(Rgb c) {
  return {0.11238 * c.r + 0.88762 * c.g, 0.11238 * c.r + 0.88762 * c.g, 0.00401 * c.r - 0.00401 * c.g + c.b};
}
Rgb deutan(Rgb c) {
  return {0.29275 * c.r + 0.70725 * c.g, 0.29275 * c.r + 0.70725 * c.g, -0.02234 * c.r + 0.02234 * c.g + c.b};
}

TEST(Diverging, ZeroIsTheSameFromBothSidesAndInThePalette) {
  for (Ground ground : kOpaque) {
    EXPECT_EQ(diverging(0.0F, ground), diverging(-0.0F, ground));
    EXPECT_EQ(palette(ground)[kPaletteSteps], diverging(0.0F, ground));
    const Rgba zero = diverging(0.0F, ground);
    EXPECT_LE(std::max({zero.r, zero.g, zero.b}) - std::min({zero.r, zero.g, zero.b}), 10) << "neutral is grey";
  }
  EXPECT_EQ(diverging(0.0F, Ground::picture).a, 0) << "over a photograph nothing is drawn for nothing";
}

TEST(Diverging, EachSideMovesAwayFromZeroInLightnessStepByStep) {
  for (Ground ground : kOpaque) {
    const double sign = ground == Ground::light ? -1.0 : 1.0;
    for (float side : {-1.0F, 1.0F}) {
      double last = luminance(to_linear(diverging(0.0F, ground)));
      for (int i = 1; i <= 20; ++i) {
        const double now = luminance(to_linear(diverging(side * static_cast<float>(i) / 20.0F, ground)));
        EXPECT_GT(sign * (now - last), 0.0) << i;
        last = now;
      }
    }
  }
  for (int i = 1; i <= 20; ++i) {
    EXPECT_GT(diverging(static_cast<float>(i) / 20.0F, Ground::picture).a,
              diverging(static_cast<float>(i - 1) / 20.0F, Ground::picture).a);
  }
}

TEST(Diverging, TheSidesAreToldApartByEveryKindOfColourVision) {
  for (Ground ground : {Ground::light, Ground::dark, Ground::picture}) {
    for (float t : {0.25F, 0.5F, 0.75F, 1.0F}) {
      const Rgb cool = to_linear(diverging(-t, ground));
      const Rgb warm = to_linear(diverging(t, ground));
      EXPECT_GT(distance(cool, warm), 0.1) << t;
      EXPECT_GT(distance(protan(cool), protan(warm)), 0.1) << t;
      EXPECT_GT(distance(deutan(cool), deutan(warm)), 0.1) << t;
    }
  }
}

TEST(Diverging, ClampsAndMarksWhatIsNoNumber) {
  EXPECT_EQ(diverging(7.0F, Ground::light), diverging(1.0F, Ground::light));
  EXPECT_EQ(diverging(-std::numeric_limits<float>::infinity(), Ground::dark), diverging(-1.0F, Ground::dark));
  const Rgba nothing = diverging(std::numeric_limits<float>::quiet_NaN(), Ground::light);
  for (const Rgba& colour : palette(Ground::light)) EXPECT_NE(colour, nothing);
}

}  // namespace
}  // namespace weightroom::gfx
