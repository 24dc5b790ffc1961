#pragma once

#include <cstdint>
#include <vector>

namespace weightroom::gfx {

struct Rgba {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  std::uint8_t a = 255;
  [[nodiscard]] bool operator==(const Rgba&) const = default;
};

// The one diverging scale: blue below zero, orange above, told apart by every kind of colour vision; zero is exactly
// the neutral of the ground it lies on. Lightness alone tells the magnitude.
enum class Ground {
  light,    // opaque, on the light theme: neutral is paper
  dark,     // opaque, on the dark theme: neutral is near black
  picture,  // over a photograph: neutral is transparent, strength is opacity
};

// t: -1 .. 1, clamped. NaN gives the colour of "not a number", a violet the scale never reaches.
[[nodiscard]] Rgba diverging(float t, Ground ground);

// Steps on each side of zero in a palette; entry kSteps is zero itself.
inline constexpr int kPaletteSteps = 255;
inline constexpr int kPaletteSize = 2 * kPaletteSteps + 1;

// kPaletteSize colours from t = -1 to t = 1: what the shaders and the legends read.
[[nodiscard]] std::vector<Rgba> palette(Ground ground);

// Colour midway in OKLab (Ottosson 2020), where equal steps look equal.
[[nodiscard]] Rgba mix(Rgba a, Rgba b, float share_of_b);

}  // namespace weightroom::gfx
