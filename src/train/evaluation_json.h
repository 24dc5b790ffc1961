#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "train/evaluate.h"

namespace weightroom::train {

// {"count","top1","top5","loss","calibration","unanswered","classes":[{"label","count","recall"}]}: shares from 0 to 1;
// the recall of a class without pictures is null.
[[nodiscard]] nlohmann::ordered_json evaluation_json(const Evaluation& evaluation,
                                                     const std::vector<std::string>& labels);

}  // namespace weightroom::train
