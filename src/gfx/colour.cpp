#include "gfx/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace weightroom::gfx {
namespace {

struct Lab {
  float l, a, b;
};

float to_linear(std::uint8_t value) {
  const float c = static_cast<float>(value) / 255.0F;
  return c <= 0.04045F ? c / 12.92F : std::pow((c + 0.055F) / 1.055F, 2.4F);
}

std::uint8_t from_linear(float value) {
  const float c = std::clamp(value, 0.0F, 1.0F);
  const float encoded = c <= 0.0031308F ? c * 12.92F : 1.055F * std::pow(c, 1.0F / 2.4F) - 0.055F;
  return static_cast<std::uint8_t>(std::lround(encoded * 255.0F));
}

Lab to_oklab(Rgba c) {
  const float r = to_linear(c.r);
  const float g = to_linear(c.g);
  const float b = to_linear(c.b);
  const float l = std::cbrt(0.4122214708F * r + 0.5363325363F * g + 0.0514459929F * b);
  const float m = std::cbrt(0.2119034982F * r + 0.6806995451F * g + 0.1073969566F * b);
  const float s = std::cbrt(0.0883024619F * r + 0.2817188376F * g + 0.6299787005F * b);
  return {0.2104542553F * l + 0.7936177850F * m - 0.0040720468F * s,
          1.9779984951F * l - 2.4285922050F * m + 0.4505937099F * s,
          0.0259040371F * l + 0.7827717662F * m - 0.8086757660F * s};
}

Rgba from_oklab(Lab c) {
  const float l = std::pow(c.l + 0.3963377774F * c.a + 0.2158037573F * c.b, 3.0F);
  const float m = std::pow(c.l - 0.1055613458F * c.a - 0.0638541728F * c.b, 3.0F);
  const float s = std::pow(c.l - 0.0894841775F * c.a - 1.2914855480F * c.b, 3.0F);
  return {from_linear(4.0767416621F * l - 3.3077115913F * m + 0.2309699292F * s),
          from_linear(-1.2684380046F * l + 2.6097574011F * m - 0.3413193965F * s),
          from_linear(-0.0041960863F * l - 0.7034186147F * m + 1.7076147010F * s), 255};
}

// Stops from zero outwards, evenly spaced.
using Stops = std::array<Rgba, 4>;

constexpr Stops kLightNegative{{{242, 241, 237}, {158, 199, 232}, {57, 128, 199}, {13, 62, 128}}};
constexpr Stops kLightPositive{{{242, 241, 237}, {247, 190, 132}, {224, 116, 24}, {140, 56, 2}}};
constexpr Stops kDarkNegative{{{38, 41, 47}, {44, 88, 140}, {82, 153, 226}, {190, 224, 255}}};
constexpr Stops kDarkPositive{{{38, 41, 47}, {138, 77, 26}, {237, 140, 56}, {255, 216, 168}}};
// Over a photograph the hue must hold from the first trace on: opacity does the rest.
constexpr Stops kPictureNegative{{{64, 140, 240}, {48, 122, 235}, {32, 98, 222}, {18, 70, 190}}};
constexpr Stops kPicturePositive{{{255, 150, 40}, {255, 132, 20}, {246, 110, 4}, {222, 84, 0}}};

const Stops& stops(bool positive, Ground ground) {
  switch (ground) {
    case Ground::light:
      return positive ? kLightPositive : kLightNegative;
    case Ground::dark:
      return positive ? kDarkPositive : kDarkNegative;
    case Ground::picture:
      break;
  }
  return positive ? kPicturePositive : kPictureNegative;
}

constexpr Rgba kNotANumber{168, 60, 200, 255};

}  // namespace

Rgba mix(Rgba a, Rgba b, float share) {
  const Lab x = to_oklab(a);
  const Lab y = to_oklab(b);
  Rgba out = from_oklab({std::lerp(x.l, y.l, share), std::lerp(x.a, y.a, share), std::lerp(x.b, y.b, share)});
  out.a = static_cast<std::uint8_t>(std::lround(std::lerp(static_cast<float>(a.a), static_cast<float>(b.a), share)));
  return out;
}

Rgba diverging(float t, Ground ground) {
  if (std::isnan(t)) return kNotANumber;
  const Stops& side = stops(t > 0.0F, ground);
  const float magnitude = std::min(std::fabs(t), 1.0F);
  const float place = magnitude * static_cast<float>(side.size() - 1);
  const auto from = std::min(static_cast<std::size_t>(place), side.size() - 2);
  const float share = place - static_cast<float>(from);
  Rgba out = share <= 0.0F ? side[from] : mix(side[from], side[from + 1], share);
  if (ground == Ground::picture) {
    // Slightly faster than linear, so that a tenth of the scale can still be seen on a busy photograph.
    out.a = static_cast<std::uint8_t>(std::lround(255.0F * std::pow(magnitude, 0.8F)));
  }
  return out;
}

std::vector<Rgba> palette(Ground ground) {
  std::vector<Rgba> out(kPaletteSize);
  for (int i = 0; i < kPaletteSize; ++i) {
    out[static_cast<std::size_t>(i)] =
        diverging(static_cast<float>(i - kPaletteSteps) / static_cast<float>(kPaletteSteps), ground);
  }
  return out;
}

}  // namespace weightroom::gfx
