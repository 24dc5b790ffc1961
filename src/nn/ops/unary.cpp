#include "nn/ops/unary.h"

namespace weightroom::nn {

OpCases unary_cases(const std::vector<Attributes>& right, const std::vector<Attributes>& wrong) {
  OpCases cases;
  for (const Attributes& attributes : right) {
    for (const Shape& shape : {Shape{1, 3, 5, 7}, Shape{3, 13}, Shape{2, 3, 9}})
      cases.good.push_back({attributes, {shape}});
  }
  for (const Attributes& attributes : wrong) cases.bad.push_back({attributes, {Shape{1, 3, 4, 4}}});
  cases.bad.push_back({right[0], {}});
  cases.bad.push_back({right[0], {Shape{1, 3}, Shape{1, 3}}});
  cases.bad.push_back({right[0], {Shape{1, 0, 4, 4}}});
  cases.bad.push_back({{{"slant", 0.5}}, {Shape{1, 3, 4, 4}}});
  return cases;
}

}  // namespace weightroom::nn
