#include "train/evaluation_json.h"

namespace weightroom::train {

nlohmann::ordered_json evaluation_json(const Evaluation& evaluation, const std::vector<std::string>& labels) {
  nlohmann::ordered_json json;
  json["count"] = evaluation.count;
  json["top1"] = evaluation.top1;
  json["top5"] = evaluation.top5;
  json["loss"] = evaluation.loss;
  json["calibration"] = evaluation.calibration;
  json["unanswered"] = evaluation.unanswered;
  json["none_of_these"] = nullptr;
  if (evaluation.none_of_these) json["none_of_these"] = *evaluation.none_of_these;
  json["classes"] = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < evaluation.class_count.size(); ++k) {
    nlohmann::ordered_json row;
    row["label"] = k < labels.size() ? labels[k] : std::to_string(k);
    row["count"] = evaluation.class_count[k];
    if (evaluation.class_count[k] > 0) {
      row["recall"] = static_cast<double>(evaluation.class_right[k]) / evaluation.class_count[k];
    } else {
      row["recall"] = nullptr;
    }
    json["classes"].push_back(std::move(row));
  }
  return json;
}

}  // namespace weightroom::train
