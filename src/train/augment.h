#pragma once

#include <cstdint>
#include <span>

#include "base/rng.h"
#include "nn/model.h"

namespace weightroom::train {

// Random changes of a picture that do not change what it shows. All off by default.
struct AugmentOptions {
  bool flip = false;      // left and right, every second picture
  int crop = 0;           // shift by -crop .. crop pixels each way, edges mirrored
  double zoom_min = 1.0;  // side of the window that is read, as a share of the picture's: below 1 enlarges
  double zoom_max = 1.0;
  double aspect = 0.0;    // log of the window's width over its height, -aspect .. aspect
  double rotation = 0.0;  // degrees, either way
  // Share of the pictures that are zoomed, stretched or turned. Reading between pixels blurs, so where all are, the net
  // never meets a picture as sharp as those it is asked about.
  double bend_probability = 1.0;
  double brightness = 0.0;  // factors 1 - b .. 1 + b
  double contrast = 0.0;    // about the picture's mean
  double saturation = 0.0;  // about the pixel's grey (RGB only)
  double color = 0.0;       // one factor a channel
  double offset = 0.0;      // added, share of 255
  int cutout = 0;  // side of a square filled with the set's mean (DeVries and Taylor, 2017), cut at the borders
};

struct Extents {
  int channels = 0;
  int height = 0;
  int width = 0;
  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
};

// picture: (C,H,W) bytes; out: (C,H,W), (value / 255 - mean) / std. Draws come from `rng` alone. With all options off
// it is normalise() to the bit.
void augment(std::span<const std::uint8_t> picture, const Extents& extents, const AugmentOptions& options,
             const nn::Preprocessing& preprocessing, base::Rng& rng, std::span<float> out);

// Place within 0 .. n-1 of a line mirrored at its ends, the end itself not repeated.
[[nodiscard]] int mirrored_index(int i, int n);

// (value / 255 - mean) / std, channel by channel.
void normalise(std::span<const std::uint8_t> picture, const Extents& extents, const nn::Preprocessing& preprocessing,
               std::span<float> out);

}  // namespace weightroom::train
