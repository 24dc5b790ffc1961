#pragma once

#include "train/trainer.h"

namespace weightroom::train {

// A batch_norm node with its running statistics: their tensors, and the places of these in the flat weights.
struct Trainer::NormNode {
  int node;
  std::size_t channels;
  int mean;
  int variance;
  std::size_t mean_offset;
  std::size_t variance_offset;
  double unbias;  // m / (m - 1) for the m values of a channel in a chunk
};

}  // namespace weightroom::train
