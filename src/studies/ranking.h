#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "explain/influence.h"
#include "studies/study.h"

namespace weightroom::studies {

// Which weights count.
enum class RankBy { contribution, ablation, loss, exact };
struct RankingChoice {
  static constexpr std::string_view kPart = "ranking";
  bool flips = false;  // the single weights that change the answer
  RankBy by = RankBy::contribution;
  explain::Grain grain = explain::Grain::weight;
  bool layer = false;   // the selected layer alone
  bool biases = false;  // they too
  std::string over{};   // empty: the picture on the bench; "*": all of Document::pictures; else those of a class
  bool wall = false;    // for the weight wall: as many weights of the layer as can be run
  void for_another_model() { over.clear(); }
  [[nodiscard]] bool operator==(const RankingChoice&) const = default;
};

struct Ranking {
  explain::Influence influence;
  std::vector<explain::Ranked> rows;
  bool checked = false;  // every row's `exact` is there
  bool of_wall = false;  // the rows are weights of the selected layer, in the order they are run in
  std::vector<explain::Flip> flips;
  bool flips_done = false;
  double ms = 0.0;           // that ranking took, without the checks
  std::size_t among = 0;     // weights
  std::size_t pictures = 1;  // that it is the mean of
};

}  // namespace weightroom::studies
