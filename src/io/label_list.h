#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

// The classes' names as a model's metadata keeps them, a JSON list of words, read in slices: a hundred thousand take
// longer than a frame. `json` is UTF-8 and must outlive it.
class LabelList {
 public:
  explicit LabelList(std::string_view json);

  bool step();  // some thousand names; true once there is none left
  // Once, at the end. Refuses by a sentence what is no such list.
  [[nodiscard]] Result<std::vector<std::string>> take();

 private:
  [[nodiscard]] Result<std::vector<std::string>> parsed() const;

  std::string_view json_;
  std::string_view left_;  // of the list as it is mostly written, which needs no parser; empty: it does, or all is read
  std::vector<std::string> labels_;
  bool plain_ = false;
};

}  // namespace weightroom::io
