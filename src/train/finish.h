#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/model.h"
#include "train/evaluate.h"
#include "train/prepare.h"
#include "train/recipe_file.h"
#include "train/trainer.h"

// From a finished run to the model that ships, and what is written down of where it came from.
namespace weightroom::train {

// A model that a run learned from.
struct TeacherFile {
  std::string file;
  std::string fingerprint;
};

// Where a run comes from besides its recipe.
struct Origin {
  std::string program;        // with its version
  std::string command;        // how to get the same file again
  std::string data_name;      // of the labelled set
  std::string data_digest;    // SHA-256 of it
  std::string others_name{};  // of the pictures that are none of the classes; empty: there are none
  std::string others_digest{};
  std::string split;  // of it, to train on
  std::vector<TeacherFile> teachers{};
};

// Names of the files in a recipe's `teachers`, without the blanks around them. Refuses a text of nothing but
// separators.
[[nodiscard]] Result<std::vector<std::string>> teacher_names(const Recipe& recipe);

// What a checkpoint must agree with before its run may go on: recipe, data and teachers as a text.
[[nodiscard]] std::string run_identity(const RecipeFile& file, const Origin& origin);

// How the model that ships answers for a set: its "held_out" pictures, or a split of the data.
struct Measured {
  std::string name;
  Evaluation evaluation;
};

// The net as it ships (Trainer::shipped), every weight rounded as it is stored, to fp16 or (Recipe::rounding_epochs)
// what joins layers to 8 bits: what is measured is what is written.
struct Finished {
  nn::Folded net;
  std::optional<nn::NoneOfThese> gauge{};
  std::vector<std::string> labels{};
  float feature_scale = 0.0F;  // as nn::Model has it
};
// Refuses by a sentence a weight that fp16 does not hold.
[[nodiscard]] Result<Finished> finish(const Trainer& trainer, const Prepared& prepared, int threads);

// JSON: {"program","command","data","seed","epochs","recipe","teachers","accuracy"}, the teachers where there are any.
[[nodiscard]] std::string provenance(const RecipeFile& file, const Origin& origin, const Prepared& prepared, int epochs,
                                     const std::vector<Measured>& measured);

[[nodiscard]] nn::Model finished_model(const RecipeFile& file, const Prepared& prepared, Finished finished,
                                       std::string provenance);

}  // namespace weightroom::train
