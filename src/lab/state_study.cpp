#include "lab/state_study.h"

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

JsonWriter compare_json(const document::Document& document, const document::Comparison& found) {
  const document::CompareChoice& choice = document.study.compare;
  JsonWriter classes = JsonWriter::array();
  for (const int c : choice.classes) classes.push_back(class_label(document, c));
  JsonWriter tiles = JsonWriter::array();
  for (const document::Comparison::Tile& tile : found.tiles) {
    tiles.push_back({{"method", std::string(tile.method->name)},
                     {"class", class_label(document, tile.target)},
                     {"progress", tile.progress},
                     {"scale", tile.map.scale},
                     {"no_evidence", tile.map.empty()},
                     {"completeness_error", tile.explanation.completeness_error},
                     {"ms", tile.ms}});
  }
  return {{"across", choice.targets ? "classes" : "methods"},
          {"methods", choice.methods},
          {"classes", choice.classes.empty() ? JsonWriter() : classes},
          {"one_scale", choice.one_scale},
          {"tiles", std::move(tiles)},
          {"rank_correlation", found.likeness}};
}

JsonWriter sanity_json(const document::Document& document, const document::Sanity& found) {
  JsonWriter rows = JsonWriter::array();
  for (const document::Sanity::Row& row : found.rows) {
    JsonWriter steps = JsonWriter::array();
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

JsonWriter faithfulness_json(const document::Faithfulness& found) {
  JsonWriter rows = JsonWriter::array();
  for (const document::Faithfulness::Row& row : found.rows) {
    JsonWriter curves = JsonWriter::object();
    for (int k = 0; k < 4; ++k) {
      const explain::Curve& curve = row.curves[k];
      if (curve.share.empty()) continue;
      curves.put(document::kRemovalNames[k], {{"probability", curve.probability},
                                              {"logit", curve.logit},
                                              {"area", explain::Curve::area(curve.probability)}});
    }
    rows.push_back({{"map", row.name},
                    {"curves", std::move(curves)},
                    {"infidelity", row.infidelity},
                    {"sensitivity", row.sensitivity},
                    {"sparseness", row.sparseness}});
  }
  return rows;
}

JsonWriter trust_json(const document::Document& document, const document::StudyResults& results) {
  const document::TrustChoice& choice = document.study.trust;
  return {{"question", choice.faithfulness ? "faithfulness" : "sanity"},
          {"methods", choice.methods},
          {"shuffle", choice.shuffle == explain::Shuffle::cascading ? "cascading" : "independent"},
          {"removal", document::kRemovalNames[static_cast<int>(choice.removal)]},
          {"seed", choice.seed},
          {"sanity", sanity_json(document, results.sanity)},
          {"faithfulness", faithfulness_json(results.faithfulness)}};
}

JsonWriter ranking_json(const document::Document& document, const document::Ranking& found) {
  const document::RankingChoice& choice = document.study.ranking;
  const auto name = [&](std::size_t flat) {
    return nn::format_weight_ref(document.graph(), nn::ref_of(document.graph(), flat));
  };
  JsonWriter rows = JsonWriter::array();
  for (const explain::Ranked& row : found.rows) {
    rows.push_back({{"first_weight", name(row.first)},
                    {"weights", row.count},
                    {"score", row.score},
                    {"predicted", row.predicted},
                    {"exact", row.exact}});
  }
  JsonWriter flips = JsonWriter::array();
  for (const explain::Flip& flip : found.flips) {
    flips.push_back({{"weight", name(flip.weight)},
                     {"from", flip.from},
                     {"to", flip.to},
                     {"answer", class_label(document, flip.answer)},
                     {"deviations", flip.size}});
  }
  return {{"show", choice.flips ? "flips" : "ranking"},
          {"by", document::kRankNames[static_cast<int>(choice.by)]},
          {"grain", document::kGrainNames[static_cast<int>(choice.grain)]},
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

JsonWriter curves_json(const document::Document& document, const document::Curves& found) {
  const document::CurveChoice& choice = document.study.curve;
  return {{"kind", document::kCurveNames[static_cast<int>(choice.kind)]},
          {"on", choice.on},
          {"second_weight",
           choice.second ? JsonWriter(nn::format_weight_ref(document.graph(), *choice.second)) : JsonWriter()},
          {"what", JsonWriter::text_or_null(found.what)},
          {"x", found.x},
          {"y", found.y},
          {"accuracy", found.accuracy},
          {"loss", found.loss},
          {"bytes", found.bytes},
          {"pictures", found.pictures},
          {"lacks_set", found.lacks_set},
          {"lacks_weight", found.lacks_weight}};
}

JsonWriter difference_json(const document::Document& document, const document::Beside& found) {
  JsonWriter rows = JsonWriter::array();
  for (const document::Beside::Row& row : found.rows) {
    rows.push_back({{"layer", node_name(document, row.node)},
                    {"relative", row.relative},
                    {"largest", row.largest},
                    {"silent_before", row.silent_before},
                    {"silent_now", row.silent_now}});
  }
  JsonWriter channels = JsonWriter::array();
  for (const document::Beside::Channel& channel : found.channels)
    channels.push_back({{"channel", channel.channel}, {"largest", channel.largest}});
  return {{"first", found.first < 0 ? JsonWriter() : JsonWriter(node_name(document, found.first))},
          {"pictures", found.pictures},
          {"layers", rows},
          {"channels", channels}};
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

JsonWriter study_json(const document::Document& document, const document::StudyResults& results) {
  constexpr const char* kStates[] = {"none", "waiting", "running", "stopped", "done"};
  const document::Units& units = results.units;
  const document::UnitsChoice& asked = document.study.units;
  JsonWriter exciting = JsonWriter::array();
  for (const document::Units::Exciting& e : units.exciting) exciting.push_back({{"name", e.name}, {"value", e.value}});
  JsonWriter of_units{{"show", asked.nudge ? "nudge" : "visualise"},
                      {"layer", asked.node < 0 ? JsonWriter() : JsonWriter(node_name(document, asked.node))},
                      {"channel", asked.channel},
                      {"y", JsonWriter::place_or_null(asked.y)},
                      {"x", JsonWriter::place_or_null(asked.x)},
                      {"images", asked.images},
                      {"steps", asked.steps},
                      {"seed", asked.seed},
                      {"norm", asked.norm == explain::NudgeNorm::largest ? "largest" : "length"},
                      {"search", asked.search == explain::NudgeSearch::fgsm ? "fgsm" : "pgd"},
                      {"toward", asked.toward < 0 ? JsonWriter() : JsonWriter(class_label(document, asked.toward))},
                      {"values", units.made.values},
                      {"history", units.made.history},
                      {"exciting", std::move(exciting)},
                      {"set", units.set}};
  if (units.nudge_done) {
    of_units.put("nudge", JsonWriter{{"found", units.nudge.found},
                                     {"before", class_label(document, units.nudge.before)},
                                     {"after", class_label(document, units.nudge.after)},
                                     {"budget", units.nudge.budget},
                                     {"largest", units.nudge.largest},
                                     {"root_mean_square", units.nudge.root_mean_square}});
  } else {
    of_units.put("nudge", nullptr);
  }
  return {{"page", document::kPageNames[static_cast<int>(document.study.page)]},
          {"state", kStates[static_cast<int>(results.state)]},
          {"progress", results.progress},
          {"passes", results.passes},
          {"curve", curves_json(document, results.curves)},
          {"difference", difference_json(document, results.beside)},
          {"compare", compare_json(document, results.comparison)},
          {"trust", trust_json(document, results)},
          {"ranking", ranking_json(document, results.ranking)},
          {"units", std::move(of_units)}};
}

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
