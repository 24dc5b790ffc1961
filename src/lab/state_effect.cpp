#include "lab/state_effect.h"

#include "nn/weight_ref.h"

namespace weightroom::lab {
namespace {

using io::JsonWriter;

const std::string& class_label(const document::Document& document, int index) {
  return document.model->labels[static_cast<std::size_t>(index)];
}

const std::string& node_name(const document::Document& document, int node) {
  return document.graph().nodes()[static_cast<std::size_t>(node)].name;
}

JsonWriter trial_json(const document::Document& document, const explain::WeightTrial& trial, std::size_t target) {
  return {
      {"value", trial.value},
      {"logit", static_cast<double>(trial.logits[target])},
      {"answer", class_label(document, trial.answer)},
      {"switched", trial.changes.total},
      {"first_switched", trial.changes.node < 0 ? JsonWriter() : JsonWriter(node_name(document, trial.changes.node))}};
}

}  // namespace

JsonWriter effect_json(const document::Document& document, const studies::Effect& effect) {
  if (effect.share() == nullptr && effect.curve() == nullptr) return nullptr;
  JsonWriter json = JsonWriter::object();
  if (const explain::WeightShare* share = effect.share()) {
    JsonWriter classes = JsonWriter::array();
    for (std::size_t k = 0; k < share->classes.size(); ++k) {
      classes.push_back({{"class", class_label(document, share->classes[k])},
                         {"gradient", share->slopes[k]},
                         {"contribution", static_cast<double>(share->value) * share->slopes[k]}});
    }
    json.put("value", share->value);
    json.put("contributions", std::move(classes));
  }
  if (const explain::WeightCurve* curve = effect.curve()) {
    const std::size_t target = effect.target_in_curve();
    JsonWriter trials = JsonWriter::array();
    for (const explain::WeightTrial& trial : curve->trials) trials.push_back(trial_json(document, trial, target));
    json.put("curve", {{"class", class_label(document, curve->classes[target])},
                       {"reference", trial_json(document, curve->at_reference, target)},
                       {"gradient", curve->slopes[target]},
                       {"zero", trial_json(document, curve->at_zero, target)},
                       {"zero_predicted", curve->foretold(target, 0.0F)},
                       {"trials", std::move(trials)}});
  }
  return json;
}

}  // namespace weightroom::lab
