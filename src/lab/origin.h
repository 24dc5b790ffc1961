#pragma once

#include <optional>
#include <string>

#include "nn/model.h"

namespace weightroom::lab {

// The shipped model that another one was made of, as its file says in the provenance:
// {"origin":{"name":"everyday","fingerprint":"<64 digits>"}}.
struct Origin {
  std::string name;
  std::string fingerprint;  // as it came with the program
};
[[nodiscard]] std::optional<Origin> origin_of(const nn::Model& model);
// The name of the shipped model that it is or was made of; else its own. Sets and samples are for models by this name.
[[nodiscard]] std::string shipped_name(const nn::Model& model);
// Of a shipped model: from here on every file that is made of it says so.
void name_origin(nn::Model& model);

}  // namespace weightroom::lab
