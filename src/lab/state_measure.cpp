#include "lab/state_measure.h"

namespace weightroom::lab {
namespace {

using io::JsonWriter;

JsonWriter label_of(const document::Document& document, int index) {
  return index < 0 ? JsonWriter() : JsonWriter(document.model->labels[static_cast<std::size_t>(index)]);
}

JsonWriter set_json(const document::Document& document) {
  const document::PictureSet& set = *document.labelled;
  const std::vector<int> counts = set.class_counts();
  JsonWriter classes = JsonWriter::array();
  for (std::size_t k = 0; k < counts.size(); ++k) {
    classes.push_back({{"name", set.images.class_names[k]},
                       {"pictures", counts[k]},
                       {"class", label_of(document, document.class_of[k])}});
  }
  JsonWriter kinds = JsonWriter::array();
  for (const io::Unread::Kind& kind : set.unread.kinds())
    kinds.push_back({{"kind", kind.kind}, {"count", kind.count}, {"pictures", kind.names}});
  return {{"name", set.name},
          {"pictures", set.images.count()},
          {"whole", set.whole},
          {"unread", JsonWriter{{"count", set.unread.count()}, {"kinds", std::move(kinds)}}},
          {"classes", std::move(classes)}};
}

// Cells that are not empty, as [truth, answer, pictures].
JsonWriter confusion_json(const train::Evaluation& evaluation) {
  JsonWriter cells = JsonWriter::array();
  const std::size_t classes = evaluation.class_count.size();
  for (std::size_t i = 0; i < evaluation.confusion.size(); ++i) {
    if (evaluation.confusion[i] > 0)
      cells.push_back(JsonWriter::array({i / classes, i % classes, evaluation.confusion[i]}));
  }
  return cells;
}

JsonWriter evaluation_json(const document::Document& document, const train::Evaluation& evaluation) {
  JsonWriter recall = JsonWriter::array();
  for (std::size_t k = 0; k < evaluation.class_count.size(); ++k) {
    if (evaluation.class_count[k] > 0) {
      recall.push_back({{"class", document.model->labels[k]},
                        {"pictures", evaluation.class_count[k]},
                        {"recall", evaluation.recall(k)}});
    }
  }
  return {{"pictures", evaluation.count},
          {"accuracy", evaluation.top1},
          {"top5", evaluation.top5},
          {"loss", evaluation.loss},
          {"calibration", evaluation.calibration},
          {"unanswered", evaluation.unanswered},
          {"classes", std::move(recall)},
          {"confusion", confusion_json(evaluation)}};
}

JsonWriter cell_json(const document::Document& document, const studies::Measure& measure) {
  if (!document.selection.cell) return nullptr;
  const auto [truth, answer] = *document.selection.cell;
  JsonWriter pictures = JsonWriter::array();
  for (const std::size_t i : measure.pictures_of(truth, answer)) {
    const std::size_t place = measure.evaluator().pictures()[i];
    pictures.push_back({{"picture", place},
                        {"name", document.labelled->images.names[place]},
                        {"confidence", measure.answers()[i].confidence}});
  }
  return {
      {"truth", label_of(document, truth)}, {"answer", label_of(document, answer)}, {"pictures", std::move(pictures)}};
}

}  // namespace

JsonWriter measure_json(const document::Document& document, const studies::Measure& measure) {
  if (!document.labelled) return nullptr;
  JsonWriter json{{"set", set_json(document)},
                  {"progress", !measure.open()   ? 0.0
                               : measure.whole() ? 1.0
                                                 : measure.progress()}};
  const auto known = [&](const train::Evaluation* evaluation) {
    return evaluation == nullptr ? JsonWriter() : evaluation_json(document, *evaluation);
  };
  json.put("unedited", known(measure.open() ? measure.unedited() : nullptr));
  json.put("now", known(measure.open() && measure.now().count > 0 ? &measure.now() : nullptr));
  if (!measure.open()) return json;
  json.put("cell", cell_json(document, measure));
  json.put("whole", measure.whole());
  json.put("ms", measure.ms());
  json.put("spared", measure.spared());
  return json;
}

JsonWriter size_json(const document::Document& document, const studies::Sizes& sizes) {
  const studies::ModelSizes* known = sizes.sizes();
  if (known == nullptr) return nullptr;
  const auto bytes_json = [](const studies::StoreBytes& bytes) {
    JsonWriter json = JsonWriter::object();
    for (std::size_t k = 0; k < bytes.size(); ++k) json.put(io::kStoreNames[k], bytes[k]);
    return json;
  };
  const auto unless_zero = [](std::size_t bytes) { return bytes == 0 ? JsonWriter() : JsonWriter(bytes); };
  JsonWriter file = bytes_json(known->file);
  file.put("onnx", known->onnx);
  file.put("gzip", unless_zero(known->gzip));
  JsonWriter layers = JsonWriter::array();
  for (const studies::LayerSize& layer : known->layers) {
    const nn::Node& node = document.graph().nodes()[static_cast<std::size_t>(layer.node)];
    JsonWriter bytes = bytes_json(layer.bytes);
    bytes.put("gzip", unless_zero(layer.gzip));
    layers.push_back({{"layer", node.name},
                      {"weights", layer.weights},
                      {"zeros", layer.zeros},
                      {"bytes", bytes},
                      {"multiply_adds", static_cast<long long>(node.multiply_adds)},
                      {"ms", known->ms.empty() ? JsonWriter() : known->ms[static_cast<std::size_t>(layer.node)]}});
  }
  return {{"file", file}, {"layers", layers}};
}

}  // namespace weightroom::lab
