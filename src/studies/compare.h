#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "explain/display.h"
#include "explain/method.h"
#include "studies/study.h"

namespace weightroom::studies {

// Maps side by side.
struct CompareChoice {
  static constexpr std::string_view kPart = "compare";
  bool targets = false;  // the bench's method for several classes; false: several methods for the bench's target
  std::vector<std::string> methods{"gradient", "integrated_gradients", "smoothgrad",
                                   "grad_cam", "guided_backprop",      "lrp"};
  std::vector<int> classes{};  // empty: the most probable ones
  bool one_scale = false;
  void for_another_model() { classes.clear(); }
  [[nodiscard]] bool operator==(const CompareChoice&) const = default;
};

struct Comparison {
  struct Tile {
    const explain::MethodDef* method = nullptr;
    int target = 0;
    double progress = 0.0;
    explain::DisplayMap map{};  // of the input's size; empty values: not begun
    explain::Explanation explanation{};
    std::uint64_t version = 0;  // another number for each content
    double ms = 0.0;
  };
  std::vector<Tile> tiles;
  // (n,n) Spearman's rank correlations of the tiles; NaN where one of the two is not done.
  std::vector<double> likeness;
};

}  // namespace weightroom::studies
