#pragma once

#include <string>

#include "base/result.h"
#include "io/dataset.h"

namespace weightroom::cli {

// One split of a labelled set with what tells it from any other.
struct LabelledSet {
  nn::LabelledImages images;
  io::Unread unread;
  std::string name;     // of the file or folder: "everyday.tar"
  std::string split;    // "train"; empty where the set has none
  bool native = false;  // as io::LabelledSet has it
};

struct SetRequest {
  std::string path;   // a folder of class folders, a tar of one, or a folder of IDX files
  std::string split;  // empty: the only one there is
  int channels = 3;
  int height = 0;  // 0: as the set's first picture
  int width = 0;
  float crop = 1.0F;  // as nn::Preprocessing has it
  bool invert = false;
  int threads = 1;
};
// What was left out, and what was decided about the rest, is said on standard error.
[[nodiscard]] Result<LabelledSet> load_set(const SetRequest& request);

// SHA-256 of a file, or of a folder's files in the order of their paths, each path before its bytes.
[[nodiscard]] Result<std::string> digest_of(const std::string& path);

}  // namespace weightroom::cli
