#pragma once

#include <memory>

#include "base/result.h"
#include "nn/dataset.h"
#include "nn/model.h"
#include "train/recipe_file.h"

namespace weightroom::train {

// What a recipe makes of a labelled set before the first step.
struct Prepared {
  std::shared_ptr<const nn::Graph> graph;  // with the head of the fine labels, where the recipe has one
  nn::Preprocessing preprocessing;         // as measured on the pictures to train on
  nn::LabelledImages images;               // to train on
  nn::LabelledImages held_out;             // to measure on; none without a hold-out
  bool with_others = false;                // the last class of `images` is that of others.h
};

// `others`: pictures that are none of the classes, or nullptr (others.h); of the hold-out they are no part. Refuses by
// a sentence a net that cannot be built, a hold-out that leaves nothing, and what add_others() refuses.
[[nodiscard]] Result<Prepared> prepare(const RecipeFile& file, nn::LabelledImages images,
                                       const nn::LabelledImages* others = nullptr);

}  // namespace weightroom::train
