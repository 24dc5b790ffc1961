#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/dataset.h"

namespace weightroom::io {

struct LabelledSet;
struct SetItem;

// What a file's ending says of it: a picture that decode_image may read (""), one of a format that it does not
// ("WebP"), or no picture (null).
[[nodiscard]] const char* picture_ending(std::string_view file);

// The pictures of a set that could not be read, counted by what is in the way.
class Unread {
 public:
  struct Kind {
    std::string kind;  // a format ("WebP"); or "damaged", "link", "locked", "sparse"
    std::size_t count = 0;
    std::vector<std::string> names;  // the first three
  };

  void add(const LabelledSet& set, const SetItem& item);
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] const std::vector<Kind>& kinds() const { return kinds_; }  // in the order of the set
  // What is to be said beside the pictures that could be read: how many could not and why, and which classes have none
  // left. Empty where all could.
  [[nodiscard]] std::string words(const nn::LabelledImages& read) const;
  // The same where none could.
  [[nodiscard]] Error none_read() const;

 private:
  [[nodiscard]] std::string what() const;

  std::vector<Kind> kinds_;
  std::vector<bool> classes_;  // that have one of them
  std::size_t count_ = 0;
};

}  // namespace weightroom::io
