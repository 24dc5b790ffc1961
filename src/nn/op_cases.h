#pragma once

#include <string_view>
#include <vector>

#include "nn/op.h"

// What the registry-wide tests run every op on. Apart from OpDef, so that a program that runs no tests does not carry
// them: they would be a tenth of the page's code.
namespace weightroom::nn {

// Input shapes with attributes that make sense together.
struct OpCase {
  Attributes attributes;
  std::vector<Shape> inputs;
};

struct OpCases {
  std::vector<OpCase> good;  // accepted
  std::vector<OpCase> bad;   // each refused by infer with a sentence
};

// Of an op of the registry; empty for another name.
[[nodiscard]] OpCases op_cases(std::string_view name);

}  // namespace weightroom::nn
