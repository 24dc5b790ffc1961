#pragma once

#include <string>

#include "document/document.h"

namespace weightroom::document {

// The index of a class by its label, or by its index as text.
[[nodiscard]] Result<int> find_class(const Document& document, const std::string& name);

}  // namespace weightroom::document
