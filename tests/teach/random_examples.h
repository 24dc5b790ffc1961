#pragma once

#include <cmath>

#include "base/rng.h"
#include "teach/examples.h"

namespace weightroom::teach {

// So many pictures of each class about a centre of its own, as rows of D numbers; each a take of its own, or `frames`
// of them together.
inline Examples random_examples(const std::vector<int>& counts, std::size_t width, std::uint64_t seed, int frames = 1) {
  Examples made{.classes = static_cast<int>(counts.size()), .width = width, .z = {}, .labels = {}, .takes = {}};
  base::Rng rng(seed, "teach examples");
  for (int c = 0; c < made.classes; ++c) {
    std::vector<double> centre(width);
    for (double& value : centre) value = rng.normal() / std::sqrt(static_cast<double>(width));
    for (int i = 0; i < counts[static_cast<std::size_t>(c)]; ++i) {
      std::vector<double> z = centre;
      for (double& value : z) value += 0.7 * rng.normal() / std::sqrt(static_cast<double>(width));
      made.add(z, c, i / frames);
    }
  }
  return made;
}

}  // namespace weightroom::teach
