#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "explain/method.h"

// Names that other programs have for our methods.
namespace weightroom::explain {

struct Alias {
  std::string_view name;     // "IntegratedGradients"
  std::string_view library;  // "Captum", "pytorch-grad-cam"
  std::string_view method;   // ours; of one that we lack the nearest
  bool ours = true;          // false: we lack it
  bool of_layer = false;     // it explains a layer, which must be named
};
[[nodiscard]] std::span<const Alias> aliases();

// A method by its name or by one of these; nullptr: there is none. Capitals, hyphens, underscores and spaces do not
// count.
[[nodiscard]] const MethodDef* method_called(std::string_view name);
// The alias among them that is written so; nullptr where there is none, or the name is ours.
[[nodiscard]] const Alias* alias_called(std::string_view name);

}  // namespace weightroom::explain
