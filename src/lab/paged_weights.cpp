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

std::span<const float> PagedWeights::values(std::size_t offset, std::size_t count, std::vector<float>& scratch) const {
  CHECK(offset + count <= size_);
  if (count == 0) return {};
  const float* first = pages_[offset / kPage].get() + offset % kPage;
  const std::size_t last = (offset + count - 1) / kPage;
  std::size_t p = offset / kPage;
  while (p < last && pages_[p + 1].get() == pages_[p].get() + kPage) ++p;
  if (p == last) return {first, count};
  scratch.clear();
  scratch.reserve(count);
  while (scratch.size() < count) {
    const std::size_t at = offset + scratch.size();
    const auto part = page(at / kPage).subspan(at % kPage);
    const auto wanted = part.first(std::min(part.size(), count - scratch.size()));
    scratch.insert(scratch.end(), wanted.begin(), wanted.end());
  }
  return scratch;
}

bool PagedWeights::same(const PagedWeights& other) const { return pages_ == other.pages_; }

bool PagedWeights::same_but(const PagedWeights& other, std::size_t index) const {
  if (page_count() != other.page_count()) return false;
  for (std::size_t p = 0; p < page_count(); ++p) {
    if (shares_page(other, p)) continue;
    if (p != index / kPage) return false;
    const auto a = page(p);
    const auto b = other.page(p);
    const std::size_t at = index % kPage;
    if (!std::ranges::equal(a.first(at), b.first(at)) || !std::ranges::equal(a.subspan(at + 1), b.subspan(at + 1)))
      return false;
  }
  return true;
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
