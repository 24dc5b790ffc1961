#include "train/finish.h"

#include <algorithm>
#include <sstream>

#include <nlohmann/json.hpp>
#include <strings/recipe.h>
#include <strings/training.h>

#include "base/float16.h"
#include "base/language.h"
#include "train/evaluation_json.h"
#include "train/features.h"
#include "train/others.h"
#include "train/rounding.h"

namespace weightroom::train {
namespace {

using Json = nlohmann::ordered_json;

// Bytes of a file's name that are not UTF-8 become U+FFFD.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace); }

Json teachers_json(const Origin& origin) {
  Json list = Json::array();
  for (const TeacherFile& teacher : origin.teachers)
    list.push_back({{"file", teacher.file}, {"fingerprint", teacher.fingerprint}});
  return list;
}

Status round_to_half(std::span<float> weights) {
  for (float& weight : weights) {
    const float rounded = base::half_to_float(base::float_to_half(weight));
    if (!(rounded >= -65504.0F && rounded <= 65504.0F)) {
      return fail(text::training_diverged, {{"value", base::short_number(static_cast<double>(weight))}});
    }
    weight = rounded;
  }
  return {};
}

// Over the pictures trained on that are one of the classes.
float scale_of(const Finished& finished, const Prepared& prepared, int threads) {
  const std::size_t width = nn::feature_count(*finished.net.graph);
  if (width == 0) return 0.0F;
  FeaturesJob job(finished.net.graph, finished.net.weights, prepared.preprocessing, prepared.images, threads);
  while (!job.step(base::Budget::unlimited())) continue;
  const std::vector<float> all = job.take();
  std::vector<float> own;
  for (std::size_t i = 0; i < prepared.images.count(); ++i) {
    const auto row = std::span(all).subspan(i * width, width);
    if (!is_other(prepared.images, i)) own.insert(own.end(), row.begin(), row.end());
  }
  return static_cast<float>(feature_scale(own, width));
}

}  // namespace

Result<std::vector<std::string>> teacher_names(const Recipe& recipe) {
  std::vector<std::string> names;
  std::stringstream text(recipe.teachers);
  for (std::string name; std::getline(text, name, ';');) {
    name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
    name.erase(name.find_last_not_of(' ') + 1);
    if (!name.empty()) names.push_back(name);
  }
  if (names.empty() && !recipe.teachers.empty()) return fail(text::recipe_teacher_names);
  return names;
}

std::string run_identity(const RecipeFile& file, const Origin& origin) {
  Json json;
  json["recipe"] = recipe_json(file);
  json["data"] = origin.data_digest;
  json["split"] = origin.split;
  if (!origin.others_digest.empty()) json["others"] = origin.others_digest;
  if (!origin.teachers.empty()) json["teachers"] = teachers_json(origin);
  return text_of(json);
}

Result<Finished> finish(const Trainer& trainer, const Prepared& prepared, int threads) {
  auto net = trainer.shipped();
  if (!net) return std::unexpected(net.error());
  const Recipe& recipe = trainer.recipe();
  for (const nn::GraphWeight& tensor : net->graph->weights()) {
    const auto values = std::span(net->weights).subspan(tensor.offset, tensor.shape.size());
    if (recipe.rounding_epochs > 0 && joins_layers(tensor)) {
      round_channels(tensor, values, values);
    } else if (auto rounded = round_to_half(values); !rounded) {
      return std::unexpected(rounded.error());
    }
  }
  Finished finished{.net = std::move(*net), .labels = prepared.images.class_names};
  finished.feature_scale = scale_of(finished, prepared, threads);
  if (!prepared.with_others || recipe.none_share == 0.0) return finished;
  WithoutOthers without = take_others(*finished.net.graph, finished.net.weights);
  finished.net = std::move(without.net);
  finished.labels.pop_back();
  without.gauge.threshold =
      threshold_for(finished.net, without.gauge, prepared.preprocessing, prepared.images, recipe.none_share, threads);
  finished.gauge = std::move(without.gauge);
  return finished;
}

std::string provenance(const RecipeFile& file, const Origin& origin, const Prepared& prepared, int epochs,
                       const std::vector<Measured>& measured) {
  Json json;
  json["program"] = origin.program;
  json["command"] = origin.command;
  json["data"] = {{"name", origin.data_name},
                  {"sha256", origin.data_digest},
                  {"split", origin.split},
                  {"pictures", prepared.images.count()},
                  {"held_out", prepared.held_out.count()}};
  if (!origin.others_name.empty())
    json["others"] = {{"name", origin.others_name}, {"sha256", origin.others_digest}, {"split", origin.split}};
  json["seed"] = file.recipe.seed;
  json["epochs"] = epochs;
  json["recipe"] = recipe_json(file);
  if (!origin.teachers.empty()) json["teachers"] = teachers_json(origin);
  json["accuracy"] = Json::object();
  for (const Measured& at : measured)
    json["accuracy"][at.name] = evaluation_json(at.evaluation, prepared.images.class_names);
  return text_of(json);
}

nn::Model finished_model(const RecipeFile& file, const Prepared& prepared, Finished finished, std::string provenance) {
  nn::Model model;
  model.name = file.name;
  model.title = file.title;
  model.graph = std::move(finished.net.graph);
  model.weights = std::move(finished.net.weights);
  model.labels = std::move(finished.labels);
  model.gauge = std::move(finished.gauge);
  model.feature_scale = finished.feature_scale;
  model.preprocessing = prepared.preprocessing;
  model.provenance = std::move(provenance);
  return model;
}

}  // namespace weightroom::train
