#pragma once

#include "nn/dataset.h"

namespace weightroom::train {

// Takes the pictures kept for measuring out of `images`: those whose file name (without its folders) has a SHA-256 that
// begins with a multiple of round(1 / share), so that a picture's side depends on nothing but its name.
[[nodiscard]] nn::LabelledImages take_held_out(nn::LabelledImages& images, double share);

}  // namespace weightroom::train
