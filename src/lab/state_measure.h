#pragma once

#include <nlohmann/json.hpp>

#include "lab/document.h"
#include "lab/measure.h"

namespace weightroom::lab {

// What Lab::state_json says of the labelled set and of what was measured on it; null where none is open.
[[nodiscard]] nlohmann::ordered_json measure_json(const Document& document, const Measure& measure);

}  // namespace weightroom::lab
