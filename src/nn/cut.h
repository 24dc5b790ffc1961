#pragma once

#include <optional>

namespace weightroom::nn {

// A node's work may be done in several calls, one after another, so that none of them takes long: which of how many
// one is. They change no bit. All get the same arguments and one workspace, which keeps for each what those before it
// left there.
struct Cut {
  int at = 0;
  int count = 1;

  [[nodiscard]] bool first() const { return at == 0; }
  [[nodiscard]] bool last() const { return at + 1 == count; }

  // Where the work is made of `stages` that follow each other, each in about as many calls: which of those of stage
  // `which` this one is, if it is one of them.
  [[nodiscard]] std::optional<Cut> of_stage(int which, int stages) const {
    if (count < stages) return at == 0 ? std::optional(Cut{}) : std::nullopt;
    const auto bound = [&](int s) { return static_cast<int>(static_cast<long long>(count) * s / stages); };
    if (at < bound(which) || at >= bound(which + 1)) return std::nullopt;
    return Cut{at - bound(which), bound(which + 1) - bound(which)};
  }
};

}  // namespace weightroom::nn
