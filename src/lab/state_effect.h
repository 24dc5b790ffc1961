#pragma once

#include "document/document.h"
#include "io/json_writer.h"
#include "studies/effect.h"

// The part of Lab::state_json about the selected weight.
namespace weightroom::lab {

[[nodiscard]] io::JsonWriter effect_json(const document::Document& document, const studies::Effect& effect);

}  // namespace weightroom::lab
