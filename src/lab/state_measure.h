#pragma once

#include "io/json_writer.h"
#include "lab/document.h"
#include "lab/measure.h"
#include "lab/sizes.h"

namespace weightroom::lab {

// What Lab::state_json says of the labelled set and of what was measured on it; null where none is open.
[[nodiscard]] io::JsonWriter measure_json(const Document& document, const Measure& measure);

// What it says of what the model takes to store; null until somebody has looked at it.
[[nodiscard]] io::JsonWriter size_json(const Document& document, const Sizes& sizes);

}  // namespace weightroom::lab
