#pragma once

#include "io/json_writer.h"
#include "lab/lab.h"

// The part of Lab::state_json about classes of the visitor's own.
namespace weightroom::lab {

[[nodiscard]] io::JsonWriter teach_json(const Lab& lab);

}  // namespace weightroom::lab
