#pragma once

#include "document/value.h"
#include "io/json_writer.h"

namespace weightroom::document {

[[nodiscard]] io::JsonWriter write_value(const Value& value);

}  // namespace weightroom::document
