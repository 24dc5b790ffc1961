#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/image.h"

namespace weightroom::lab {

// The pictures that a visitor brought, to go back to: the last few, one a name.
class OwnPictures {
 public:
  using Picture = std::shared_ptr<const io::Image>;
  static constexpr std::size_t kMost = 24;
  static constexpr std::size_t kMostBytes = 100'000'000;  // of pixels; the last one stays in any case

  // The one that had this name gives way to it.
  void keep(const std::string& name, Picture picture);
  [[nodiscard]] Picture find(std::string_view name) const;  // null: none is called so
  [[nodiscard]] std::vector<std::string> names() const;     // the one that came last is the first

 private:
  struct Kept {
    std::string name;
    Picture picture;
  };
  std::vector<Kept> kept_;  // in the order in which they came
};

}  // namespace weightroom::lab
