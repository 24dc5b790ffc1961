#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "explain/nudge.h"
#include "explain/visualise.h"
#include "studies/study.h"

namespace weightroom::studies {

// What a unit wants to see, and what the smallest change of the picture is that changes the answer.
struct UnitsChoice {
  static constexpr std::string_view kPart = "units";
  bool nudge = false;
  int node = -1;  // -1: the target's logit
  int channel = 0;
  int y = -1;  // one unit of the channel's map; -1: all of it
  int x = -1;
  int images = 1;
  int steps = 256;
  int seed = 1;
  explain::NudgeNorm norm = explain::NudgeNorm::largest;
  explain::NudgeSearch search = explain::NudgeSearch::pgd;
  int toward = -1;
  void for_another_model() {
    node = toward = -1;
    channel = 0;
  }
  [[nodiscard]] bool operator==(const UnitsChoice&) const = default;
};

// A picture as it is drawn.
struct Shown {
  int width = 0;
  int height = 0;
  std::shared_ptr<const std::vector<std::uint8_t>> rgba{};
  std::uint64_t version = 0;  // another number for each content
};
struct Units {
  explain::Unit unit;
  explain::Visualised made;
  std::vector<Shown> pictures;  // those made
  // The pictures that excite the unit most, the first most of all.
  struct Exciting {
    std::string name;
    double value = 0.0;
    Shown shown;
  };
  std::vector<Exciting> exciting;
  std::size_t looked_through = 0;
  bool of_samples = false;  // crops of the samples, for want of an open set
  std::string set;
  explain::Nudge nudge;
  bool nudge_done = false;
  Shown difference;  // ten times, grey where nothing was changed
  Shown changed;
};

}  // namespace weightroom::studies
