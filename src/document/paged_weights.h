#pragma once

#include <memory>
#include <span>
#include <vector>

#include "nn/flat_weights.h"
#include "nn/session.h"

namespace weightroom::document {

// All weights of a model as an immutable value: copies share pages of 4,096 floats, and setting one weight copies its
// page alone. A hundred versions in the history so cost a hundred pages, not a hundred models. Pages that nobody has
// changed lie in the model's own weights.
class PagedWeights {
 public:
  static constexpr std::size_t kPage = 4096;

  PagedWeights() = default;
  explicit PagedWeights(const nn::FlatWeights& values);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] float operator[](std::size_t index) const { return pages()[index / kPage].get()[index % kPage]; }
  void set(std::size_t index, float value);
  // Values from `offset` on; pages whose bits stay are kept, and go on being shared.
  void set_range(std::size_t offset, std::span<const float> values);

  [[nodiscard]] std::size_t page_count() const { return pages_ ? pages_->size() : 0; }
  // The used floats of a page: all but the last one are full.
  [[nodiscard]] std::span<const float> page(std::size_t p) const;
  [[nodiscard]] bool shares_page(const PagedWeights& other, std::size_t p) const {
    return pages()[p] == other.pages()[p];
  }
  // Whether two versions hold the same bytes, judged by the pages they share; and the same but for one weight.
  [[nodiscard]] bool same(const PagedWeights& other) const;
  [[nodiscard]] bool same_but(const PagedWeights& other, std::size_t index) const;
  // Shares the pages whose bytes are the other's.
  void share_equal(const PagedWeights& other);
  // Memory that the other does not hold too.
  [[nodiscard]] std::size_t bytes_besides(const PagedWeights& other) const;
  [[nodiscard]] std::vector<float> flat() const;
  // `count` floats from `offset` on: where they lie as long as nobody has changed one of their pages, else copied into
  // `scratch`.
  [[nodiscard]] std::span<const float> values(std::size_t offset, std::size_t count, std::vector<float>& scratch) const;

 private:
  using Pages = std::vector<std::shared_ptr<const float>>;  // to the first of page(p).size() floats
  [[nodiscard]] const Pages& pages() const { return *pages_; }

  std::shared_ptr<const Pages> pages_;  // shared by copies; a change makes another
  std::size_t size_ = 0;
};

// Gives a session that runs with `known` the weights `wanted`: only the pages that the two do not share.
void sync_weights(nn::Session& session, const PagedWeights& known, const PagedWeights& wanted);

}  // namespace weightroom::document
