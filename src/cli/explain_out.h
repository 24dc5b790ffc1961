#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "explain/display.h"
#include "explain/method.h"
#include "io/image.h"

// The files that `explain` writes.
namespace weightroom::cli {

// What is explained: the input tensor, and the picture to lay the map over.
struct Subject {
  std::vector<float> input;
  io::Image picture;
};

struct Explained {
  explain::Explanation explanation;
  explain::DisplayMap map;
  double ms = 0.0;
};

struct MapOutputs {
  std::vector<std::string> paths;
  std::vector<std::string> kinds;  // of files in the folders that `paths` then are: "npy", "png", ...
};

// Before anything is computed or written: a sentence where the outputs do not suit one picture, or several.
[[nodiscard]] Status check_outs(const MapOutputs& outs, bool several);

// place: of a picture's files within the folders, but for their ending; empty of a single picture.
[[nodiscard]] Status write_outs(const MapOutputs& outs, const std::string& place, const Explained& result,
                                explain::MapSize size, const Subject& subject);

}  // namespace weightroom::cli
