#pragma once

#include <span>

#include "base/rng.h"
#include "train/augment.h"
#include "train/loss.h"

namespace weightroom::train {

// Two pictures in one, answered with both labels in proportion.
struct MixOptions {
  double mixup =
      0.0;  // alpha of Beta(alpha, alpha), the share of the first picture (Zhang et al., "mixup", 2018); 0: off
  double cutmix =
      0.0;  // the same for a rectangle pasted in (Yun et al., "CutMix", 2019); with both, one of them by a coin
  double probability = 1.0;  // of a chunk to be mixed at all
};

// Mixes each picture of a chunk with another of the same chunk, in place; within a chunk, so that chunks stay
// independent. pictures: (N,C,H,W) as the net sees them, targets: N, scratch: as many floats as pictures.
void mix(const MixOptions& options, const Extents& extents, base::Rng& rng, std::span<float> pictures,
         std::span<Target> targets, std::span<float> scratch);

// A draw of Beta(alpha, alpha) by Johnk's method: sound for the alphas up to a few that mixing uses.
[[nodiscard]] double draw_beta(double alpha, base::Rng& rng);

}  // namespace weightroom::train
