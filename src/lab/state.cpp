// Lab::state_json: the document and its results for scripts, tests and lessons. docs/api.md has the schema.
#include <algorithm>

#include <strings/lab.h>

#include "base/parallel.h"
#include "base/version.h"
#include "document/params_json.h"
#include "io/json_writer.h"
#include "io/text.h"
#include "lab/lab.h"
#include "lab/state_effect.h"
#include "lab/state_measure.h"
#include "lab/state_teach.h"
#include "nn/answer.h"

namespace weightroom::lab {
namespace {

using io::JsonWriter;

JsonWriter reading_json(const nn::Model& model) {
  const nn::Preprocessing& reading = model.preprocessing;
  const auto channels = static_cast<std::ptrdiff_t>(model.graph->spec().input[0]);
  return {{"order", reading.bgr ? "bgr" : "rgb"},
          {"mean", std::vector<float>(reading.mean.begin(), reading.mean.begin() + channels)},
          {"std", std::vector<float>(reading.std.begin(), reading.std.begin() + channels)},
          {"crop", reading.crop},
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
          {"answer", nn::name_of(model.graph->answer())},
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

JsonWriter changed_json(const document::Document& document, const Results& results) {
  if (!results.changed) return nullptr;
  const WhatChanged& changed = *results.changed;
  const auto label = [&](int index) { return document.model->labels[static_cast<std::size_t>(index)]; };
  const auto name = [&](int node) { return document.graph().nodes()[static_cast<std::size_t>(node)].name; };
  JsonWriter json{{"from", label(changed.from)}, {"to", label(changed.to)},  {"layer", name(changed.node)},
                  {"channel", changed.channel},  {"before", changed.before}, {"now", changed.now}};
  const bool read = changed.reader >= 0;
  json.put("reader", read ? JsonWriter(name(changed.reader)) : JsonWriter());
  json.put("reader_channel", read ? JsonWriter(changed.reader_channel) : JsonWriter());
  return json;
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
    JsonWriter row = document::step_json(step->command, document.graph());
    row.put("words", step->words.said());
    row.put("changed", step->changed);
    row.put("accuracy_before", known(measure.accuracy_after(before)));
    row.put("accuracy_after", known(measure.accuracy_after(step)));
    row.put("bytes_before", known(sizes.file_after(before)));
    row.put("bytes_after", known(sizes.file_after(step)));
    row.put("weights", std::move(edits));
    rows.push_back(std::move(row));
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
  map.put("adds_up", results.explanation.adds_up);
  map.put("note", results.explanation.note ? results.explanation.note->said() : "");
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
          {"truth", JsonWriter::text_or_null(picture.truth)},
          {"width", picture.image->width},
          {"height", picture.image->height},
          {"crop", {{"x", picture.crop.x}, {"y", picture.crop.y}, {"size", picture.crop.side}}}};
}

JsonWriter target_json(const document::Document& document, const Results& results) {
  if (results.order.empty() || results.target < 0) return nullptr;
  return {{"index", results.target},
          {"label", document.model->labels[static_cast<std::size_t>(results.target)]},
          {"follows", document.target < 0}};
}

JsonWriter pictures_json(const document::PictureSet& pictures) {
  return {{"name", pictures.name}, {"count", pictures.images.count()}, {"classes", pictures.images.class_names}};
}

JsonWriter jobs_json(const Lab& lab) {
  JsonWriter rows = JsonWriter::array();
  for (const JobShare& job : lab.jobs())
    rows.push_back({{"name", job.name}, {"progress", job.progress < 0.0 ? JsonWriter() : JsonWriter(job.progress)}});
  return rows;
}

// A field of the state: of the whole program, or of the document, and then there is none before one is open.
struct Part {
  const char* name;
  JsonWriter (*of_lab)(const Lab& lab);
  JsonWriter (*of_document)(const document::Document& document, const Lab& lab) = nullptr;
};
using D = document::Document;
constexpr Part kParts[] = {
    {"revision", [](const Lab& lab) -> JsonWriter { return lab.revision(); }},
    {"ready",
     [](const Lab& lab) -> JsonWriter {
       return lab.has_document() && lab.document().picture && lab.engine().results().current;
     }},
    {"model", nullptr, [](const D& d, const Lab& lab) { return model_json(d, lab.engine().results()); }},
    {"picture", nullptr, [](const D& d, const Lab&) { return d.picture ? picture_json(*d.picture) : JsonWriter(); }},
    {"second_picture", nullptr,
     [](const D& d, const Lab&) { return d.second ? JsonWriter(d.second->name) : JsonWriter(); }},
    {"predictions", nullptr, [](const D& d, const Lab& lab) { return predictions_json(d, lab.engine().results()); }},
    {"none_of_these", nullptr,
     [](const D&, const Lab& lab) {
       const auto none = lab.engine().results().none_of_these;
       return none ? JsonWriter(*none) : JsonWriter();
     }},
    {"changed", nullptr, [](const D& d, const Lab& lab) { return changed_json(d, lab.engine().results()); }},
    {"target", nullptr, [](const D& d, const Lab& lab) { return target_json(d, lab.engine().results()); }},
    {"edits", nullptr, [](const D& d, const Lab& lab) { return edits_json(d, lab.engine()); }},
    {"off", nullptr, [](const D& d, const Lab&) { return off_json(d); }},
    {"can_undo", nullptr, [](const D&, const Lab& lab) -> JsonWriter { return lab.can_undo(); }},
    {"can_redo", nullptr, [](const D&, const Lab& lab) -> JsonWriter { return lab.can_redo(); }},
    {"selection", nullptr, [](const D& d, const Lab&) { return selection_json(d); }},
    {"map", nullptr, [](const D& d, const Lab& lab) { return map_json(d, lab.engine().results()); }},
    {"view", nullptr, [](const D& d, const Lab&) { return view_json(d.view); }},
    {"study", nullptr, [](const D& d, const Lab& lab) { return studies::study_json(d, lab.engine().study()); }},
    {"effect", nullptr, [](const D& d, const Lab& lab) { return effect_json(d, lab.engine().effect()); }},
    {"measure", nullptr, [](const D& d, const Lab& lab) { return measure_json(d, lab.engine().measure()); }},
    {"size", nullptr, [](const D& d, const Lab& lab) { return size_json(d, lab.engine().sizes()); }},
    {"teach", nullptr, [](const D&, const Lab& lab) { return teach_json(lab); }},
    {"forward_ms", nullptr, [](const D&, const Lab& lab) -> JsonWriter { return lab.engine().results().forward_ms; }},
    {"threads", nullptr, [](const D&, const Lab&) -> JsonWriter { return base::threads(); }},
    {"pictures", nullptr,
     [](const D& d, const Lab&) { return d.pictures ? pictures_json(*d.pictures) : JsonWriter(); }},
    {"own_pictures", nullptr, [](const D&, const Lab& lab) -> JsonWriter { return lab.own_pictures(); }},
    {"version", [](const Lab&) -> JsonWriter { return base::version(); }},
    {"jobs", jobs_json},
    {"error", [](const Lab& lab) -> JsonWriter { return lab.error(); }},
    {"notice", [](const Lab& lab) -> JsonWriter { return lab.notice(); }},
};

JsonWriter value_of(const Part& part, const Lab& lab) {
  if (part.of_lab != nullptr) return part.of_lab(lab);
  return lab.has_document() ? part.of_document(lab.document(), lab) : JsonWriter();
}

}  // namespace

std::vector<JobShare> Lab::jobs() const {
  constexpr double kUnknown = -1.0;
  std::vector<JobShare> jobs;
  for (const std::string& file : loading_) jobs.push_back({"load " + file, kUnknown});
  if (!document_) return jobs;
  if (gathering_) jobs.push_back({"load samples", kUnknown});
  if (replay_) {
    const auto all = static_cast<double>(std::max<std::size_t>(1, replay_->file.steps.size()));
    jobs.push_back({"history", static_cast<double>(replay_->next) / all});
  }
  if (first_weight_) jobs.push_back({"scene", first_weight_->progress()});
  if (waiting_) jobs.push_back({"change", importance_.progress()});
  if (set_loader_) jobs.push_back({"pictures", set_loader_->progress()});
  if (arriving_classes_)
    jobs.push_back({"classes", static_cast<double>(arriving_classes_->next) /
                                   static_cast<double>(arriving_classes_->items.size())});
  if (teaching_.progress() < 1.0) jobs.push_back({"teach", teaching_.progress()});
  if (!engine_.results().current) {
    jobs.push_back({"results", engine_.results().map_progress});
    return jobs;
  }
  if (engine_.effect().pending()) jobs.push_back({"effect", engine_.effect().progress()});
  if (engine_.measure().pending()) jobs.push_back({"measure", engine_.measure().progress()});
  if (engine_.sizes().pending()) jobs.push_back({"size", engine_.sizes().progress()});
  if (engine_.study().state == studies::StudyState::running) jobs.push_back({"study", engine_.study().progress});
  return jobs;
}

std::string Lab::state_json() const {
  JsonWriter state = JsonWriter::object();
  for (const Part& part : kParts) {
    if (part.of_lab != nullptr || document_) state.put(part.name, value_of(part, *this));
  }
  return state.text();
}

Result<std::string> Lab::state_json(std::span<const std::string> parts) const {
  JsonWriter state = JsonWriter::object();
  for (auto name = parts.begin(); name != parts.end(); ++name) {
    const auto* part = std::ranges::find_if(kParts, [&](const Part& one) { return one.name == *name; });
    if (part == std::end(kParts)) {
      std::string all;
      for (const Part& one : kParts) all += (all.empty() ? "" : ", ") + std::string(one.name);
      return fail(text::lab_no_part, {{"name", io::in_quotes(*name)}, {"parts", all}});
    }
    if (std::find(parts.begin(), name, *name) == name) state.put(part->name, value_of(*part, *this));
  }
  return state.text();
}

}  // namespace weightroom::lab
