#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

#include "base/check.h"

namespace weightroom::nn {

// Extents of a tensor, outermost first; row-major. Activations are (N,C,H,W) or, after flatten, (N,C).
class Shape {
 public:
  static constexpr int kMaxRank = 6;

  constexpr Shape() = default;
  constexpr Shape(std::initializer_list<int> extents) {
    CHECK(extents.size() <= kMaxRank);
    for (int extent : extents) extents_[static_cast<std::size_t>(rank_++)] = extent;
  }

  [[nodiscard]] constexpr int rank() const { return rank_; }
  // 1 past the rank, so that a (N,C) reads as (N,C,1,1).
  [[nodiscard]] constexpr int operator[](int axis) const {
    return axis < rank_ ? extents_[static_cast<std::size_t>(axis)] : 1;
  }
  constexpr void set(int axis, int extent) {
    CHECK(axis < rank_);
    extents_[static_cast<std::size_t>(axis)] = extent;
  }
  constexpr void push_back(int extent) {
    CHECK(rank_ < kMaxRank);
    extents_[static_cast<std::size_t>(rank_++)] = extent;
  }
  [[nodiscard]] constexpr int n() const { return (*this)[0]; }
  [[nodiscard]] constexpr int c() const { return (*this)[1]; }
  [[nodiscard]] constexpr int h() const { return (*this)[2]; }
  [[nodiscard]] constexpr int w() const { return (*this)[3]; }
  [[nodiscard]] constexpr std::span<const int> extents() const {
    return std::span<const int>(extents_.data(), static_cast<std::size_t>(rank_));
  }
  // Number of elements; 1 for rank 0.
  [[nodiscard]] constexpr std::size_t size() const {
    std::size_t product = 1;
    for (int extent : extents()) product *= static_cast<std::size_t>(extent);
    return product;
  }
  // Elements of one sample: all but the outermost extent.
  [[nodiscard]] constexpr std::size_t sample_size() const {
    std::size_t product = 1;
    for (int axis = 1; axis < rank_; ++axis) product *= static_cast<std::size_t>((*this)[axis]);
    return product;
  }
  [[nodiscard]] constexpr bool operator==(const Shape&) const = default;

  [[nodiscard]] std::string text() const;  // "(1,16,64,64)"

 private:
  std::array<int, kMaxRank> extents_{};
  int rank_ = 0;
};

}  // namespace weightroom::nn
