#pragma once

#include <cstdint>
#include <span>

#include "base/rng.h"
#include "nn/model.h"
#include "train/augment.h"

namespace weightroom::train {

// How a picture gets worse without showing anything else: what an old, a small or an unsharp photograph looks like. The
// net that is trained sees it; teachers are asked about the picture as it was, so that what they know is not lost with
// the colours. All off by default.
struct DegradeOptions {
  double grey = 0.0;              // share of the pictures that lose their colours (RGB only)
  double blur_probability = 0.0;  // share of the pictures that are blurred
  double blur = 0.0;              // largest standard deviation of the blur, pixels; each picture's is drawn from 0 on

  [[nodiscard]] bool any() const { return grey > 0.0 || (blur_probability > 0.0 && blur > 0.0); }
};

// picture: (C,H,W) as the net sees it, changed in place; draws come from `rng` alone. Grey is 0.299 R + 0.587 G +
// 0.114 B of the values before `preprocessing`; the blur is a Gaussian cut at three standard deviations, its weights'
// sum 1, edges mirrored.
void degrade(const DegradeOptions& options, const Extents& extents, const nn::Preprocessing& preprocessing,
             base::Rng& rng, std::span<float> picture);

}  // namespace weightroom::train
