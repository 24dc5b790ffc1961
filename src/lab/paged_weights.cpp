#include "lab/paged_weights.h"

#include <algorithm>

#include "base/check.h"

namespace weightroom::lab {

PagedWeights::PagedWeights(std::span<const float> values) : size_(values.size()) {
  for (std::size_t begin = 0; begin < values.size(); begin += kPage) {
    auto page = std::make_shared<Page>();
    const std::size_t count = std::min(kPage, values.size() - begin);
    std::ranges::copy(values.subspan(begin, count), page->begin());
    std::fill(page->begin() + static_cast<std::ptrdiff_t>(count), page->end(), 0.0F);
    pages_.push_back(std::move(page));
  }
}

void PagedWeights::set(std::size_t index, float value) {
  CHECK(index < size_);
  auto page = std::make_shared<Page>(*pages_[index / kPage]);
  (*page)[index % kPage] = value;
  pages_[index / kPage] = std::move(page);
}

std::span<const float> PagedWeights::page(std::size_t p) const {
  return std::span<const float>(*pages_[p]).first(std::min(kPage, size_ - p * kPage));
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
