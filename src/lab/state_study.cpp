#include "lab/state_study.h"

#include <cmath>

#include "nn/weight_ref.h"

namespace weightroom::lab {
namespace {

using Json = nlohmann::ordered_json;

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

const std::string& label(const Document& document, int index) {
  return document.model->labels[static_cast<std::size_t>(index)];
}

const std::string& node_name(const Document& document, int node) {
  return document.graph().nodes()[static_cast<std::size_t>(node)].name;
}

Json compare_json(const Document& document, const Comparison& found) {
  const CompareChoice& choice = document.study.compare;
  Json classes = Json::array();
  for (const int c : choice.classes) classes.push_back(label(document, c));
  Json tiles = Json::array();
  for (const Comparison::Tile& tile : found.tiles) {
    tiles.push_back({{"method", std::string(tile.method->name)},
                     {"class", label(document, tile.target)},
                     {"progress", tile.progress},
                     {"scale", tile.map.scale},
                     {"no_evidence", tile.map.empty()},
                     {"completeness_error", finite(tile.explanation.completeness_error)},
                     {"ms", tile.ms}});
  }
  Json likeness = Json::array();
  for (const double value : found.likeness) likeness.push_back(finite(value));
  return {{"across", choice.targets ? "classes" : "methods"},
          {"methods", choice.methods},
          {"classes", choice.classes.empty() ? Json(nullptr) : std::move(classes)},
          {"one_scale", choice.one_scale},
          {"tiles", std::move(tiles)},
          {"rank_correlation", std::move(likeness)}};
}

Json sanity_json(const Document& document, const Sanity& found) {
  Json rows = Json::array();
  for (const Sanity::Row& row : found.rows) {
    Json steps = Json::array();
    for (const explain::SanityRow& step : row.steps) {
      steps.push_back({{"layer", node_name(document, step.node)},
                       {"rank_correlation", step.rank},
                       {"rank_correlation_of_sizes", step.rank_of_sizes},
                       {"structural_similarity", step.structure}});
    }
    rows.push_back({{"method", std::string(row.method->name)}, {"layers", std::move(steps)}});
  }
  return rows;
}

Json faithfulness_json(const Faithfulness& found) {
  Json rows = Json::array();
  for (const Faithfulness::Row& row : found.rows) {
    Json curves = Json::object();
    for (int k = 0; k < 4; ++k) {
      const explain::Curve& curve = row.curves[k];
      if (curve.share.empty()) continue;
      curves[kRemovalNames[k]] = {{"probability", curve.probability},
                                  {"logit", curve.logit},
                                  {"area", explain::Curve::area(curve.probability)}};
    }
    rows.push_back({{"map", row.name},
                    {"curves", std::move(curves)},
                    {"infidelity", finite(row.infidelity)},
                    {"sensitivity", finite(row.sensitivity)},
                    {"sparseness", finite(row.sparseness)}});
  }
  return rows;
}

Json trust_json(const Document& document, const StudyResults& results) {
  const TrustChoice& choice = document.study.trust;
  return {{"question", choice.faithfulness ? "faithfulness" : "sanity"},
          {"methods", choice.methods},
          {"shuffle", choice.shuffle == explain::Shuffle::cascading ? "cascading" : "independent"},
          {"removal", kRemovalNames[static_cast<int>(choice.removal)]},
          {"seed", choice.seed},
          {"sanity", sanity_json(document, results.sanity)},
          {"faithfulness", faithfulness_json(results.faithfulness)}};
}

Json ranking_json(const Document& document, const Ranking& found) {
  const RankingChoice& choice = document.study.ranking;
  const auto name = [&](std::size_t flat) {
    return nn::format_weight_ref(document.graph(), nn::ref_of(document.graph(), flat));
  };
  Json rows = Json::array();
  for (const explain::Ranked& row : found.rows) {
    rows.push_back({{"first_weight", name(row.first)},
                    {"weights", row.count},
                    {"score", row.score},
                    {"predicted", row.predicted},
                    {"exact", finite(row.exact)}});
  }
  Json flips = Json::array();
  for (const explain::Flip& flip : found.flips) {
    flips.push_back({{"weight", name(flip.weight)},
                     {"from", flip.from},
                     {"to", flip.to},
                     {"answer", label(document, flip.answer)},
                     {"deviations", flip.size}});
  }
  return {{"show", choice.flips ? "flips" : "ranking"},
          {"by", kRankNames[static_cast<int>(choice.by)]},
          {"grain", kGrainNames[static_cast<int>(choice.grain)]},
          {"of", choice.layer ? "layer" : "model"},
          {"biases", choice.biases},
          {"over", choice.over.empty()  ? "picture"
                   : choice.over == "*" ? "pictures"
                                        : choice.over},
          {"pictures", found.pictures},
          {"rows", std::move(rows)},
          {"checked", found.checked},
          {"flips", std::move(flips)},
          {"flips_done", found.flips_done},
          {"ms", found.ms}};
}

Json trial_json(const Document& document, const explain::WeightTrial& trial, std::size_t target) {
  return {{"value", trial.value},
          {"logit", finite(static_cast<double>(trial.logits[target]))},
          {"answer", label(document, trial.answer)},
          {"switched", trial.changes.total},
          {"first_switched", trial.changes.node < 0 ? Json(nullptr) : Json(node_name(document, trial.changes.node))}};
}

}  // namespace

Json study_json(const Document& document, const StudyResults& results) {
  constexpr const char* kStates[] = {"none", "waiting", "running", "stopped", "done"};
  const Units& units = results.units;
  const UnitsChoice& asked = document.study.units;
  Json exciting = Json::array();
  for (const Units::Exciting& e : units.exciting) exciting.push_back({{"name", e.name}, {"value", e.value}});
  Json of_units{{"show", asked.nudge ? "nudge" : "visualise"},
                {"layer", asked.node < 0 ? Json(nullptr) : Json(node_name(document, asked.node))},
                {"channel", asked.channel},
                {"y", asked.y < 0 ? Json(nullptr) : Json(asked.y)},
                {"x", asked.x < 0 ? Json(nullptr) : Json(asked.x)},
                {"images", asked.images},
                {"steps", asked.steps},
                {"seed", asked.seed},
                {"norm", asked.norm == explain::NudgeNorm::largest ? "largest" : "length"},
                {"search", asked.search == explain::NudgeSearch::fgsm ? "fgsm" : "pgd"},
                {"toward", asked.toward < 0 ? Json(nullptr) : Json(label(document, asked.toward))},
                {"values", units.made.values},
                {"history", units.made.history},
                {"exciting", std::move(exciting)},
                {"set", units.set},
                {"nudge", nullptr}};
  if (units.nudge_done) {
    of_units["nudge"] = {{"found", units.nudge.found},
                         {"before", label(document, units.nudge.before)},
                         {"after", label(document, units.nudge.after)},
                         {"budget", units.nudge.budget},
                         {"largest", units.nudge.largest},
                         {"root_mean_square", units.nudge.root_mean_square}};
  }
  return {{"page", kPageNames[static_cast<int>(document.study.page)]},
          {"state", kStates[static_cast<int>(results.state)]},
          {"progress", results.progress},
          {"passes", results.passes},
          {"compare", compare_json(document, results.comparison)},
          {"trust", trust_json(document, results)},
          {"ranking", ranking_json(document, results.ranking)},
          {"units", std::move(of_units)}};
}

Json effect_json(const Document& document, const Effect& effect) {
  if (effect.share() == nullptr && effect.curve() == nullptr) return nullptr;
  Json json = Json::object();
  if (const explain::WeightShare* share = effect.share()) {
    Json classes = Json::array();
    for (std::size_t k = 0; k < share->classes.size(); ++k) {
      classes.push_back({{"class", label(document, share->classes[k])},
                         {"gradient", finite(share->slopes[k])},
                         {"contribution", finite(static_cast<double>(share->value) * share->slopes[k])}});
    }
    json["value"] = share->value;
    json["contributions"] = std::move(classes);
  }
  if (const explain::WeightCurve* curve = effect.curve()) {
    const std::size_t target = effect.target_in_curve();
    Json trials = Json::array();
    for (const explain::WeightTrial& trial : curve->trials) trials.push_back(trial_json(document, trial, target));
    json["curve"] = {{"class", label(document, curve->classes[target])},
                     {"reference", trial_json(document, curve->at_reference, target)},
                     {"gradient", finite(curve->slopes[target])},
                     {"zero", trial_json(document, curve->at_zero, target)},
                     {"zero_predicted", finite(curve->foretold(target, 0.0F))},
                     {"trials", std::move(trials)}};
  }
  return json;
}

}  // namespace weightroom::lab
