#pragma once

#include "explain/method.h"
#include "ui/widgets/choice.h"

namespace weightroom::ui {

// A method in a menu: what it does in plain words, its own name beside them, and above the first of a group what all of
// them do. `before`: the one above it, or null.
[[nodiscard]] Option method_option(const explain::MethodDef& method, const explain::MethodDef* before);

}  // namespace weightroom::ui
