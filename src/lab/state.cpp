// Lab::state_json: the document and its results for scripts, tests and lessons. The README documents the schema.
#include <algorithm>

#include "base/parallel.h"
#include "document/params_json.h"
#include "io/json_writer.h"
#include "lab/lab.h"
#include "lab/state_effect.h"
#include "lab/state_measure.h"

namespace weightroom::lab {
namespace {

using io::JsonWriter;

JsonWriter reading_json(const nn::Model& model) {
  const nn::Preprocessing& reading = model.preprocessing;
  const auto channels = static_cast<std::ptrdiff_t>(model.graph->spec().input[0]);
  return {{"order", reading.bgr ? "bgr" : "rgb"},
          {"mean", std::vector<float>(reading.mean.begin(), reading.mean.begin() + channels)},
          {"std", std::vector<float>(reading.std.begin(), reading.std.begin() + channels)},
          {"invert", reading.invert}};
}

JsonWriter model_json(const document::Document& document, const Results& results) {
  const nn::Model& model = *document.model;
  JsonWriter layers = JsonWriter::array();
  for (const nn::Node& node : model.graph->nodes()) {
    const auto extents = node.output.extents();
    layers.push_back({{"name", node.name},
                      {"op", node.op == nullptr ? "input" : std::string(node.op->name)},
                      {"shape", std::vector<int>(extents.begin(), extents.end())}});
  }
  return {{"name", model.name},
          {"title", model.title},
          {"fingerprint", JsonWriter::text_or_null(results.fingerprint)},
          {"loaded_fingerprint", JsonWriter::text_or_null(results.loaded_fingerprint)},
          {"weights", model.graph->weight_count()},
          {"multiply_adds", static_cast<long long>(model.graph->multiply_adds())},
          {"labels", model.labels},
          {"reading", reading_json(model)},
          {"layers", std::move(layers)}};
}

JsonWriter predictions_json(const document::Document& document, const Results& results) {
  JsonWriter rows = JsonWriter::array();
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

JsonWriter edits_json(const document::Document& document, const Engine& engine) {
  JsonWriter rows = JsonWriter::array();
  const studies::Measure& measure = engine.measure();
  const studies::Sizes& sizes = engine.sizes();
  const auto known = [](auto value) { return value ? JsonWriter(*value) : JsonWriter(); };
  std::shared_ptr<const document::Step> before;
  for (const auto& step : document.edit.steps) {
    JsonWriter edits = JsonWriter::array();
    for (const document::Edit& edit : step->edits) {
      edits.push_back({{"weight", nn::format_weight_ref(document.graph(), edit.ref)},
                       {"before", edit.before},
                       {"after", edit.after}});
    }
    rows.push_back({{"words", step->words},
                    {"changed", step->changed},
                    {"accuracy_before", known(measure.accuracy_after(before))},
                    {"accuracy_after", known(measure.accuracy_after(step))},
                    {"bytes_before", known(sizes.file_after(before))},
                    {"bytes_after", known(sizes.file_after(step))},
                    {"weights", std::move(edits)}});
    before = step;
  }
  return rows;
}

JsonWriter off_json(const document::Document& document) {
  JsonWriter rows = JsonWriter::array();
  for (const document::Off& off : document.edit.off) {
    rows.push_back({{"layer", document.graph().nodes()[static_cast<std::size_t>(off.node)].name},
                    {"channel", JsonWriter::place_or_null(off.channel)}});
  }
  return rows;
}

JsonWriter map_json(const document::Document& document, const Results& results) {
  const document::MapChoice& choice = document.map;
  JsonWriter map{{"method", choice.method},
                 {"params", document::params_json(explain::find_method(choice.method), choice.params)}};
  const bool uses_layer = explain::find_method(choice.method)->uses_layer;
  const int layer = choice.layer >= 0 ? choice.layer : explain::default_layer(document.graph());
  map.put("layer", uses_layer && layer >= 0 ? JsonWriter(document.graph().nodes()[static_cast<std::size_t>(layer)].name)
                                            : JsonWriter());
  const auto extents = results.explanation.attribution.shape.extents();
  map.put("attribution_shape", std::vector<int>(extents.begin(), extents.end()));
  map.put("height", results.map.height);
  map.put("width", results.map.width);
  map.put("scale", results.map.scale);
  map.put("no_evidence", results.map.empty());
  map.put("completeness_error", results.explanation.completeness_error);
  map.put("note", results.explanation.note);
  map.put("revision", results.map_revision);
  map.put("ms", results.map_ms);
  map.put("progress", results.map_progress);
  map.put("stopped", results.map_stopped);
  return map;
}

JsonWriter selection_json(const document::Document& document) {
  const document::Selection& selection = document.selection;
  const auto name = [&](int node) { return document.graph().nodes()[static_cast<std::size_t>(node)].name; };
  JsonWriter json{{"layer", name(selection.layer)}};
  if (selection.weight) {
    json.put("weight", nn::format_weight_ref(document.graph(), *selection.weight));
    json.put("value", document.weight(*selection.weight));
    json.put("loaded_value", document.loaded_weight(*selection.weight));
    json.put("range", slider_range(document, selection.weight->tensor));
  } else {
    json.put("weight", nullptr);
  }
  json.put("channel", selection.channel < 0
                          ? JsonWriter()
                          : JsonWriter{{"layer", name(selection.channel_node)}, {"index", selection.channel}});
  return json;
}

JsonWriter view_json(const document::ViewChoice& view) {
  return {{"overlay", document::kOverlayNames[static_cast<int>(view.overlay)]},
          {"map", view.map},
          {"opacity", view.opacity},
          {"seen", view.seen},
          {"compare", view.compare}};
}

JsonWriter picture_json(const document::Picture& picture) {
  return {{"name", picture.name},
          {"width", picture.image->width},
          {"height", picture.image->height},
          {"crop", {{"x", picture.crop.x}, {"y", picture.crop.y}, {"size", picture.crop.side}}}};
}

}  // namespace

std::string Lab::state_json() const {
  const Results& results = engine_.results();
  JsonWriter state{{"revision", revision_}, {"ready", document_ && document_->picture && results.current}};
  JsonWriter jobs = JsonWriter::array();
  for (const std::string& file : loading_) jobs.push_back({{"name", "load " + file}, {"progress", nullptr}});
  if (document_) {
    const document::Document& document = *document_;
    state.put("model", model_json(document, results));
    state.put("picture", document.picture ? picture_json(*document.picture) : JsonWriter());
    const bool answered = !results.order.empty();
    state.put("second_picture", document.second ? JsonWriter(document.second->name) : JsonWriter());
    state.put("predictions", answered ? predictions_json(document, results) : JsonWriter::array());
    if (answered && results.target >= 0) {
      state.put("target", {{"index", results.target},
                           {"label", document.model->labels[static_cast<std::size_t>(results.target)]},
                           {"follows", document.target < 0}});
    } else {
      state.put("target", nullptr);
    }
    state.put("edits", edits_json(document, engine_));
    state.put("off", off_json(document));
    state.put("can_undo", history_.can_undo());
    state.put("can_redo", history_.can_redo());
    state.put("selection", selection_json(document));
    state.put("map", map_json(document, results));
    state.put("view", view_json(document.view));
    state.put("study", studies::study_json(document, engine_.study()));
    state.put("effect", effect_json(document, engine_.effect()));
    state.put("measure", measure_json(document, engine_.measure()));
    state.put("size", size_json(document, engine_.sizes()));
    state.put("forward_ms", results.forward_ms);
    state.put("threads", base::threads());
    state.put("pictures", document.pictures ? JsonWriter{{"name", document.pictures->name},
                                                         {"count", document.pictures->images.count()},
                                                         {"classes", document.pictures->images.class_names}}
                                            : JsonWriter());
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
      if (engine_.sizes().pending()) jobs.push_back({{"name", "size"}, {"progress", engine_.sizes().progress()}});
      if (engine_.study().state == studies::StudyState::running)
        jobs.push_back({{"name", "study"}, {"progress", engine_.study().progress}});
    }
  }
  state.put("jobs", std::move(jobs));
  state.put("error", error_);
  state.put("notice", notice_);
  return state.text();
}

}  // namespace weightroom::lab
