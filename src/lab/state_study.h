#pragma once

#include "document/document.h"
#include "io/json_writer.h"
#include "lab/engine.h"

// The parts of Lab::state_json about the pages beside the layers and about the lit weight.
namespace weightroom::lab {

[[nodiscard]] io::JsonWriter study_json(const document::Document& document, const document::StudyResults& results);
[[nodiscard]] io::JsonWriter effect_json(const document::Document& document, const studies::Effect& effect);

}  // namespace weightroom::lab
