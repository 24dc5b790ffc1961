#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "train/recipe.h"

namespace weightroom::train {

// A recipe with what the finished model is called and what of the set it is trained on: all that one committed JSON
// file (assets/recipes/NAME.json) says. Fields the file leaves out keep their defaults; unknown ones are refused.
struct RecipeFile {
  std::string name = "model";
  std::string title;
  int channels = 3;      // 3 (RGB) or 1 (grey)
  int size = 0;          // side of the net's input; 0: as the set's first picture
  bool invert = false;   // Preprocessing::invert
  double holdout = 0.0;  // share of the train split kept for measuring, picked by a hash of the file name
  Recipe recipe;
};

template <class R, class Visit>
void visit_file_fields(R& file, Visit&& visit) {
  visit("name", file.name, "the finished model's name");
  visit("title", file.title, "one line on the model, for people");
  visit("channels", file.channels, "3 for colour, 1 for grey");
  visit("size", file.size, "side of the net's input in pixels; 0: as the set's first picture");
  visit("invert", file.invert, "the set shows light things on dark, true or false");
  visit("holdout", file.holdout, "share of the pictures kept for measuring (by a hash of their names)");
  visit_fields(file.recipe, visit);
}

// A sentence for values that make no sense, of the file's own fields and of the recipe's.
[[nodiscard]] Status check(const RecipeFile& file);

[[nodiscard]] Result<RecipeFile> parse_recipe(std::string_view text);
// One field from its text, as an option gives it ("0.05", "true", "adamw").
Status set_recipe_field(RecipeFile& file, std::string_view name, const std::string& text);
// All fields, in reading order; those added after the first models were trained only where they are used, so that an
// older recipe goes on giving the same file.
[[nodiscard]] nlohmann::ordered_json recipe_json(const RecipeFile& file);

}  // namespace weightroom::train
