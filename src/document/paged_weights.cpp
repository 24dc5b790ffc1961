#include "document/paged_weights.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"

namespace weightroom::document {

PagedWeights::PagedWeights(const nn::FlatWeights& values) : size_(values.size()) {
  Pages pages;
  for (std::size_t begin = 0; begin < size_; begin += kPage) pages.push_back(values.from(begin));
  pages_ = std::make_shared<const Pages>(std::move(pages));
}

void PagedWeights::set(std::size_t index, float value) {
  CHECK(index < size_);
  const std::span<const float> before = page(index / kPage);
  const auto changed = std::make_shared<std::vector<float>>(before.begin(), before.end());
  (*changed)[index % kPage] = value;
  Pages next = pages();
  next[index / kPage] = {changed, changed->data()};
  pages_ = std::make_shared<const Pages>(std::move(next));
}

void PagedWeights::set_range(std::size_t offset, std::span<const float> values) {
  CHECK(offset + values.size() <= size_);
  std::optional<Pages> next;
  while (!values.empty()) {
    const std::size_t p = offset / kPage;
    const std::span<const float> before = page(p);
    const std::size_t at = offset % kPage;
    const auto part = values.first(std::min(values.size(), before.size() - at));
    if (std::memcmp(before.data() + at, part.data(), part.size_bytes()) != 0) {
      const auto changed = std::make_shared<std::vector<float>>(before.begin(), before.end());
      std::ranges::copy(part, changed->begin() + static_cast<std::ptrdiff_t>(at));
      if (!next) next = pages();
      (*next)[p] = {changed, changed->data()};
    }
    offset += part.size();
    values = values.subspan(part.size());
  }
  if (next) pages_ = std::make_shared<const Pages>(std::move(*next));
}

std::span<const float> PagedWeights::page(std::size_t p) const {
  return {pages()[p].get(), std::min(kPage, size_ - p * kPage)};
}

std::span<const float> PagedWeights::values(std::size_t offset, std::size_t count, std::vector<float>& scratch) const {
  CHECK(offset + count <= size_);
  if (count == 0) return {};
  const float* first = pages()[offset / kPage].get() + offset % kPage;
  const std::size_t last = (offset + count - 1) / kPage;
  std::size_t p = offset / kPage;
  while (p < last && pages()[p + 1].get() == pages()[p].get() + kPage) ++p;
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

void PagedWeights::share_equal(const PagedWeights& other) {
  std::optional<Pages> next;
  for (std::size_t p = 0; p < page_count(); ++p) {
    if (shares_page(other, p)) continue;
    const auto mine = page(p);
    if (std::memcmp(mine.data(), other.page(p).data(), mine.size_bytes()) != 0) continue;
    if (!next) next = pages();
    (*next)[p] = other.pages()[p];
  }
  if (next) pages_ = std::make_shared<const Pages>(std::move(*next));
}

bool PagedWeights::same(const PagedWeights& other) const {
  return pages_ == other.pages_ || (page_count() == other.page_count() && (!pages_ || pages() == other.pages()));
}

std::size_t PagedWeights::bytes_besides(const PagedWeights& other) const {
  if (pages_ == other.pages_) return 0;
  std::size_t bytes = page_count() * sizeof(Pages::value_type);
  for (std::size_t p = 0; p < page_count(); ++p) {
    if (p >= other.page_count() || !shares_page(other, p)) bytes += page(p).size_bytes();
  }
  return bytes;
}

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
  for (std::size_t p = 0; p < page_count(); ++p) {
    const auto part = page(p);
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

void sync_weights(nn::Session& session, const PagedWeights& known, const PagedWeights& wanted) {
  for (std::size_t p = 0; p < wanted.page_count(); ++p) {
    if (!wanted.shares_page(known, p)) session.set_weights(wanted.page(p), p * PagedWeights::kPage);
  }
}

}  // namespace weightroom::document
