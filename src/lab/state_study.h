#pragma once

#include <nlohmann/json.hpp>

#include "lab/document.h"
#include "lab/engine.h"

// The parts of Lab::state_json about the pages beside the layers and about the lit weight.
namespace weightroom::lab {

[[nodiscard]] nlohmann::ordered_json study_json(const Document& document, const StudyResults& results);
[[nodiscard]] nlohmann::ordered_json effect_json(const Document& document, const Effect& effect);

}  // namespace weightroom::lab
