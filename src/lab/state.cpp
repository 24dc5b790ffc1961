// Lab::state_json: the document and its results for scripts, tests and lessons. The README documents the schema.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/parallel.h"
#include "io/json.h"
#include "lab/lab.h"
#include "lab/params_json.h"
#include "lab/state_measure.h"
#include "lab/state_study.h"

namespace weightroom::lab {
namespace {

using Json = nlohmann::ordered_json;

Json reading_json(const nn::Model& model) {
  const nn::Preprocessing& reading = model.preprocessing;
  const auto channels = static_cast<std::ptrdiff_t>(model.graph->spec().input[0]);
  return {{"order", reading.bgr ? "bgr" : "rgb"},
          {"mean", std::vector<float>(reading.mean.begin(), reading.mean.begin() + channels)},
          {"std", std::vector<float>(reading.std.begin(), reading.std.begin() + channels)},
          {"invert", reading.invert}};
}

Json known(const std::string& fingerprint) { return fingerprint.empty() ? Json(nullptr) : Json(fingerprint); }

Json model_json(const Document& document, const Results& results) {
  const nn::Model& model = *document.model;
  Json layers = Json::array();
  for (const nn::Node& node : model.graph->nodes()) {
    const auto extents = node.output.extents();
    layers.push_back({{"name", node.name},
                      {"op", node.op == nullptr ? "input" : std::string(node.op->name)},
                      {"shape", std::vector<int>(extents.begin(), extents.end())}});
  }
  return {{"name", model.name},
          {"title", model.title},
          {"fingerprint", known(results.fingerprint)},
          {"loaded_fingerprint", known(results.loaded_fingerprint)},
          {"weights", model.graph->weight_count()},
          {"multiply_adds", static_cast<long long>(model.graph->multiply_adds())},
          {"labels", model.labels},
          {"reading", reading_json(model)},
          {"layers", std::move(layers)}};
}

Json predictions_json(const Document& document, const Results& results) {
  Json rows = Json::array();
  for (int index : results.order) {
    const auto i = static_cast<std::size_t>(index);
    rows.push_back({{"label", document.model->labels[i]},
                    {"index", index},
                    {"probability", results.probabilities[i]},
                    {"logit", results.logits[i]},
                    {"unedited_probability", results.unedited_probabilities[i]},
                    {"unedited_logit", results.unedited_logits[i]}});
  }
  return rows;
}

Json edits_json(const Document& document, const Measure& measure) {
  Json rows = Json::array();
  const auto known = [](std::optional<double> value) { return value ? Json(*value) : Json(nullptr); };
  std::shared_ptr<const Step> before;
  for (const auto& step : document.edit.steps) {
    Json edits = Json::array();
    for (const Edit& edit : step->edits) {
      edits.push_back({{"weight", nn::format_weight_ref(document.graph(), edit.ref)},
                       {"before", edit.before},
                       {"after", edit.after}});
    }
    rows.push_back({{"words", step->words},
                    {"changed", step->changed},
                    {"accuracy_before", known(measure.accuracy_after(before))},
                    {"accuracy_after", known(measure.accuracy_after(step))},
                    {"weights", std::move(edits)}});
    before = step;
  }
  return rows;
}

Json off_json(const Document& document) {
  Json rows = Json::array();
  for (const Off& off : document.edit.off) {
    rows.push_back({{"layer", document.graph().nodes()[static_cast<std::size_t>(off.node)].name},
                    {"channel", off.channel < 0 ? Json(nullptr) : Json(off.channel)}});
  }
  return rows;
}

Json map_json(const Document& document, const Results& results) {
  const MapChoice& choice = document.map;
  Json map{{"method", choice.method}, {"params", params_json(explain::find_method(choice.method), choice.params)}};
  const bool uses_layer = explain::find_method(choice.method)->uses_layer;
  const int layer = choice.layer >= 0 ? choice.layer : explain::default_layer(document.graph());
  map["layer"] =
      uses_layer && layer >= 0 ? Json(document.graph().nodes()[static_cast<std::size_t>(layer)].name) : Json(nullptr);
  const auto extents = results.explanation.attribution.shape.extents();
  map["attribution_shape"] = std::vector<int>(extents.begin(), extents.end());
  map["height"] = results.map.height;
  map["width"] = results.map.width;
  map["scale"] = results.map.scale;
  map["no_evidence"] = results.map.empty();
  const double error = results.explanation.completeness_error;
  map["completeness_error"] = error == error ? Json(error) : Json(nullptr);
  map["note"] = results.explanation.note;
  map["revision"] = results.map_revision;
  map["ms"] = results.map_ms;
  map["progress"] = results.map_progress;
  map["stopped"] = results.map_stopped;
  return map;
}

Json selection_json(const Document& document) {
  const Selection& selection = document.selection;
  const auto name = [&](int node) { return document.graph().nodes()[static_cast<std::size_t>(node)].name; };
  Json json{{"layer", name(selection.layer)}, {"weight", nullptr}, {"channel", nullptr}};
  if (selection.weight) {
    json["weight"] = nn::format_weight_ref(document.graph(), *selection.weight);
    json["value"] = document.weight(*selection.weight);
    json["loaded_value"] = document.loaded_weight(*selection.weight);
    json["range"] = slider_range(document, selection.weight->tensor);
  }
  if (selection.channel >= 0) json["channel"] = {{"layer", name(selection.channel_node)}, {"index", selection.channel}};
  return json;
}

Json view_json(const ViewChoice& view) {
  return {{"overlay", kOverlayNames[static_cast<int>(view.overlay)]},
          {"map", view.map},
          {"opacity", view.opacity},
          {"seen", view.seen},
          {"compare", view.compare}};
}

Json picture_json(const Picture& picture) {
  return {{"name", picture.name},
          {"width", picture.image->width},
          {"height", picture.image->height},
          {"crop", {{"x", picture.crop.x}, {"y", picture.crop.y}, {"size", picture.crop.side}}}};
}

}  // namespace

std::string Lab::state_json() const {
  const Results& results = engine_.results();
  Json state{{"revision", revision_}, {"ready", document_ && document_->picture && results.current}};
  Json jobs = Json::array();
  for (const std::string& file : loading_) jobs.push_back({{"name", "load " + file}, {"progress", nullptr}});
  if (document_) {
    const Document& document = *document_;
    state["model"] = model_json(document, results);
    state["picture"] = document.picture ? picture_json(*document.picture) : Json(nullptr);
    const bool answered = !results.order.empty();
    state["second_picture"] = document.second ? Json(document.second->name) : Json(nullptr);
    state["predictions"] = answered ? predictions_json(document, results) : Json::array();
    state["target"] = nullptr;
    if (answered && results.target >= 0) {
      state["target"] = {{"index", results.target},
                         {"label", document.model->labels[static_cast<std::size_t>(results.target)]},
                         {"follows", document.target < 0}};
    }
    state["edits"] = edits_json(document, engine_.measure());
    state["off"] = off_json(document);
    state["can_undo"] = history_.can_undo();
    state["can_redo"] = history_.can_redo();
    state["selection"] = selection_json(document);
    state["map"] = map_json(document, results);
    state["view"] = view_json(document.view);
    state["study"] = study_json(document, engine_.study());
    state["effect"] = effect_json(document, engine_.effect());
    state["measure"] = measure_json(document, engine_.measure());
    state["forward_ms"] = results.forward_ms;
    state["threads"] = base::threads();
    state["pictures"] = document.pictures ? Json{{"name", document.pictures->name},
                                                 {"count", document.pictures->images.count()},
                                                 {"classes", document.pictures->images.class_names}}
                                          : Json(nullptr);
    if (replay_) {
      const double all = static_cast<double>(std::max<std::size_t>(1, replay_->file.steps.size()));
      jobs.push_back({{"name", "history"}, {"progress", static_cast<double>(replay_->next) / all}});
    }
    if (waiting_) jobs.push_back({{"name", "change"}, {"progress", importance_.progress()}});
    if (set_loader_) jobs.push_back({{"name", "pictures"}, {"progress", set_loader_->progress()}});
    if (document.picture && !results.current) {
      jobs.push_back({{"name", "results"}, {"progress", results.map_progress}});
    } else {
      if (engine_.effect().pending()) jobs.push_back({{"name", "effect"}, {"progress", engine_.effect().progress()}});
      if (engine_.measure().pending())
        jobs.push_back({{"name", "measure"}, {"progress", engine_.measure().progress()}});
      if (engine_.study().state == StudyState::running)
        jobs.push_back({{"name", "study"}, {"progress", engine_.study().progress}});
    }
  }
  state["jobs"] = std::move(jobs);
  state["error"] = error_;
  state["notice"] = notice_;
  io::round_to_nine_digits(state);
  return state.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weightroom::lab
