#pragma once

#include "nn/dataset.h"
#include "nn/model.h"

// Pictures that are none of a set's classes: a class of their own in training, and what becomes of it.
namespace weightroom::train {

inline constexpr const char* kOthers = "others";

// Adds all pictures of `others`, whatever their classes, as one class after those of `images`. Refuses by a sentence
// other extents and a set that has a class of that name.
[[nodiscard]] Status add_others(nn::LabelledImages& images, const nn::LabelledImages& others);

// Whether a picture of the set is one of those: of the last class, where that bears their name.
[[nodiscard]] bool is_other(const nn::LabelledImages& images, std::size_t picture);

// The net without the last of its classes, a row of a linear layer, and that row: a gauge without a threshold.
struct WithoutOthers {
  nn::Folded net;
  nn::NoneOfThese gauge;
};
[[nodiscard]] WithoutOthers take_others(const nn::Graph& graph, std::span<const float> weights);

// The least threshold by which no more than `share` of the pictures in `images` are called none of these, `others`
// (its last class) left out.
[[nodiscard]] float threshold_for(const nn::Folded& net, const nn::NoneOfThese& gauge,
                                  const nn::Preprocessing& preprocessing, const nn::LabelledImages& images,
                                  double share, int threads);

}  // namespace weightroom::train
