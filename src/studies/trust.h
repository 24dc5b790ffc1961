#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "explain/display.h"
#include "explain/method.h"
#include "explain/sanity.h"
#include "explain/scores.h"
#include "studies/study.h"

namespace weightroom::studies {

// How far maps can be trusted.
struct TrustChoice {
  static constexpr std::string_view kPart = "trust";
  bool faithfulness = false;  // do they find what counts; false: do they depend on what was learned
  std::vector<std::string> methods{"gradient", "grad_cam", "guided_backprop"};
  explain::Shuffle shuffle = explain::Shuffle::cascading;
  explain::Removal removal = explain::Removal::deletion;  // whose curves are drawn; all are worked out
  int seed = 1;
  [[nodiscard]] bool operator==(const TrustChoice&) const = default;
};
[[nodiscard]] std::string_view name_of(explain::Removal removal);

struct Sanity {
  struct Row {
    const explain::MethodDef* method = nullptr;
    explain::DisplayMap trained{};            // the map before anything was shuffled
    std::vector<explain::SanityRow> steps{};  // the last layer first
    std::vector<explain::DisplayMap> maps{};  // of the steps
    std::uint64_t version = 0;
  };
  std::vector<int> layers;  // nodes, the last first
  std::vector<Row> rows;
};

struct Faithfulness {
  struct Row {
    std::string name;  // of the method, "random" or "edges"
    Text title{};
    const explain::MethodDef* method = nullptr;  // nullptr: a map that knows nothing of the network
    explain::Attribution attribution{};
    std::vector<float> map{};    // (H,W)
    explain::Curve curves[4]{};  // by explain::Removal
    double infidelity = std::numeric_limits<double>::quiet_NaN();
    double sensitivity = std::numeric_limits<double>::quiet_NaN();
    double sparseness = std::numeric_limits<double>::quiet_NaN();
  };
  std::vector<Row> rows;
};

}  // namespace weightroom::studies
