#include "lab/paged_weights.h"

#include <algorithm>

#include "base/check.h"

namespace weightroom::lab {

PagedWeights::PagedWeights(const nn::FlatWeights& values) : size_(values.size()) {
  for (std::size_t begin = 0; begin < size_; begin += kPage) pages_.push_back(values.from(begin));
}

void PagedWeights::set(std::size_t index, float value) {
  CHECK(index < size_);
  const std::span<const float> before = page(index / kPage);
  const auto changed = std::make_shared<std::vector<float>>(before.begin(), before.end());
  (*changed)[index % kPage] = value;
  pages_[index / kPage] = {changed, changed->data()};
}

std::span<const float> PagedWeights::page(std::size_t p) const {
  return {pages_[p].get(), std::min(kPage, size_ - p * kPage)};
}

std::vector<float> PagedWeights::flat() const {
  std::vector<float> values;
  values.reserve(size_);
  for (std::size_t p = 0; p < pages_.size(); ++p) {
    const auto part = page(p);
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

}  // namespace weightroom::lab
