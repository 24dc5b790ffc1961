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
// Of a shipped model: from here on every file that is made of it says so.
void name_origin(nn::Model& model);

}  // namespace weightroom::lab
