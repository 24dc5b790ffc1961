#include "lab/state_measure.h"

#include <cmath>

namespace weightroom::lab {
namespace {

using Json = nlohmann::ordered_json;

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json label_of(const Document& document, int index) {
  return index < 0 ? Json(nullptr) : Json(document.model->labels[static_cast<std::size_t>(index)]);
}

Json set_json(const Document& document) {
  const PictureSet& set = *document.labelled;
  const std::vector<int> counts = set.class_counts();
  Json classes = Json::array();
  for (std::size_t k = 0; k < counts.size(); ++k) {
    classes.push_back({{"name", set.images.class_names[k]},
                       {"pictures", counts[k]},
                       {"class", label_of(document, document.class_of[k])}});
  }
  return {{"name", set.name}, {"pictures", set.images.count()}, {"whole", set.whole}, {"classes", std::move(classes)}};
}

// Cells that are not empty, as [truth, answer, pictures].
Json confusion_json(const train::Evaluation& evaluation) {
  Json cells = Json::array();
  const std::size_t classes = evaluation.class_count.size();
  for (std::size_t i = 0; i < evaluation.confusion.size(); ++i) {
    if (evaluation.confusion[i] > 0) cells.push_back({i / classes, i % classes, evaluation.confusion[i]});
  }
  return cells;
}

Json evaluation_json(const Document& document, const train::Evaluation& evaluation) {
  Json recall = Json::array();
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
          {"loss", finite(evaluation.loss)},
          {"calibration", evaluation.calibration},
          {"unanswered", evaluation.unanswered},
          {"classes", std::move(recall)},
          {"confusion", confusion_json(evaluation)}};
}

Json cell_json(const Document& document, const Measure& measure) {
  if (!document.selection.cell) return nullptr;
  const auto [truth, answer] = *document.selection.cell;
  Json pictures = Json::array();
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

Json measure_json(const Document& document, const Measure& measure) {
  if (!document.labelled) return nullptr;
  Json json{{"set", set_json(document)}, {"progress", 0.0}, {"unedited", nullptr}, {"now", nullptr}};
  if (!measure.open()) return json;
  json["progress"] = measure.whole() ? 1.0 : measure.progress();
  if (measure.unedited() != nullptr) json["unedited"] = evaluation_json(document, *measure.unedited());
  if (measure.now().count > 0) json["now"] = evaluation_json(document, measure.now());
  json["cell"] = cell_json(document, measure);
  json["whole"] = measure.whole();
  json["ms"] = measure.ms();
  json["spared"] = measure.spared();
  return json;
}

}  // namespace weightroom::lab
