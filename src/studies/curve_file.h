#pragma once

#include <string>

#include "document/study.h"

namespace weightroom::studies {

// A row a point under a row of names; what is not measured yet is left empty.
[[nodiscard]] std::string curve_csv(const document::Curves& curves);

}  // namespace weightroom::studies
