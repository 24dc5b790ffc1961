#pragma once

#include <string>

#include "lab/study.h"

namespace weightroom::lab {

// A row a point under a row of names; what is not measured yet is left empty.
[[nodiscard]] std::string curve_csv(const Curves& curves);

}  // namespace weightroom::lab
