#pragma once

#include <span>

#include "base/rng.h"
#include "nn/shape.h"

namespace weightroom::explain {

// A small shift, scale and turn of a picture (C,H,W), read between its pixels; beyond its edge lies grey. Of strength
// 1: shifted by up to a sixteenth of the shorter side, up to a tenth larger or smaller, turned by up to ten degrees. So
// moved, a picture that is climbed towards a unit is not worth more for a single pixel (Olah et al. 2017).
class Jiggle {
 public:
  Jiggle(const nn::Shape& shape, double strength, base::Rng& rng);
  // `grey`: a value a channel.
  void apply(std::span<const float> picture, std::span<const float> grey, std::span<float> out) const;
  // d loss / d picture of d loss / d out.
  void apply_back(std::span<const float> d_out, std::span<float> d_picture) const;

 private:
  struct Corners;  // the pixels around a place
  template <class Visit>
  void each(const Visit& visit) const;

  nn::Shape shape_;
  double dy_;
  double dx_;
  double cos_;  // of the turn, over the scale
  double sin_;
};

}  // namespace weightroom::explain
