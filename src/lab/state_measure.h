#pragma once

#include "document/document.h"
#include "io/json_writer.h"
#include "studies/measure.h"
#include "studies/sizes.h"

namespace weightroom::lab {

// What Lab::state_json says of the labelled set and of what was measured on it; null where none is open.
[[nodiscard]] io::JsonWriter measure_json(const document::Document& document, const studies::Measure& measure);

// What it says of what the model takes to store; null until somebody has looked at it.
[[nodiscard]] io::JsonWriter size_json(const document::Document& document, const studies::Sizes& sizes);

}  // namespace weightroom::lab
