#pragma once

#include "io/json_writer.h"
#include "lab/document.h"
#include "lab/engine.h"

// The parts of Lab::state_json about the pages beside the layers and about the lit weight.
namespace weightroom::lab {

[[nodiscard]] io::JsonWriter study_json(const Document& document, const StudyResults& results);
[[nodiscard]] io::JsonWriter effect_json(const Document& document, const Effect& effect);

}  // namespace weightroom::lab
