#include "document/find_class.h"

#include <algorithm>

namespace weightroom::document {

Result<int> find_class(const Document& document, const std::string& name) {
  const auto& labels = document.model->labels;
  if (const auto it = std::ranges::find(labels, name); it != labels.end()) return static_cast<int>(it - labels.begin());
  for (int i = 0; i < document.graph().class_count(); ++i) {
    if (std::to_string(i) == name) return i;
  }
  return fail("The model has no class '" + name.substr(0, 60) + "'; it has " + std::to_string(labels.size()) +
              ", from '" + labels.front() + "' to '" + labels.back() + "'.");
}

}  // namespace weightroom::document
