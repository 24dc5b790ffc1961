#include "lab/own_pictures.h"

#include <algorithm>
#include <utility>

namespace weightroom::lab {

void OwnPictures::keep(const std::string& name, Picture picture) {
  std::erase_if(kept_, [&](const Kept& other) { return other.name == name; });
  kept_.push_back({name, std::move(picture)});
  std::size_t bytes = 0;
  std::size_t fit = 0;
  while (fit < std::min(kept_.size(), kMost)) {
    bytes += kept_[kept_.size() - 1 - fit].picture->rgb.size();
    if (fit > 0 && bytes > kMostBytes) break;
    ++fit;
  }
  kept_.erase(kept_.begin(), kept_.end() - static_cast<std::ptrdiff_t>(fit));
}

OwnPictures::Picture OwnPictures::find(std::string_view name) const {
  const auto it = std::ranges::find(kept_, name, &Kept::name);
  return it == kept_.end() ? nullptr : it->picture;
}

std::vector<std::string> OwnPictures::names() const {
  std::vector<std::string> names;
  for (auto it = kept_.rbegin(); it != kept_.rend(); ++it) names.push_back(it->name);
  return names;
}

}  // namespace weightroom::lab
