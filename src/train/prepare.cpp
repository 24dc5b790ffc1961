#include "train/prepare.h"

#include <strings/recipe.h>

#include "train/arch.h"
#include "train/evaluate.h"
#include "train/fine_labels.h"
#include "train/hold_out.h"
#include "train/others.h"

namespace weightroom::train {

Result<Prepared> prepare(const RecipeFile& file, nn::LabelledImages images, const nn::LabelledImages* others) {
  Prepared made;
  made.held_out = take_held_out(images, file.holdout);
  made.images = std::move(images);
  if (made.images.count() == 0) return fail(text::recipe_holdout_all);
  if (others != nullptr) {
    if (auto added = add_others(made.images, *others); !added) return std::unexpected(added.error());
    made.held_out.class_names = made.images.class_names;
    made.with_others = true;
  } else if (file.recipe.none_share > 0.0) {
    return fail(text::recipe_none_share);
  }
  const nn::Shape extents{made.images.channels, made.images.height, made.images.width};
  std::size_t answers = made.images.class_names.size();
  if (file.recipe.fine_weight > 0.0) answers += fine_labels(made.images).names.size();
  auto spec = parse_architecture(file.recipe.net, extents, static_cast<int>(answers));
  if (!spec) return std::unexpected(spec.error());
  auto graph = nn::Graph::build(*spec);
  if (!graph) return std::unexpected(graph.error());
  made.graph = std::move(*graph);
  made.preprocessing = measure(made.images);
  made.preprocessing.invert = file.invert;
  return made;
}

}  // namespace weightroom::train
