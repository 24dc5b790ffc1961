#pragma once

#include <span>

#include "nn/shape.h"

namespace weightroom::nn {

// A view of row-major values that somebody else owns (a session's arena, a weight vector).
template <class T>
struct TensorOf {
  Shape shape;
  T* data = nullptr;

  [[nodiscard]] std::size_t size() const { return data == nullptr ? 0 : shape.size(); }
  [[nodiscard]] std::span<T> values() const { return std::span<T>(data, size()); }
  // Values of sample n: shape.sample_size() of them.
  [[nodiscard]] T* sample(int n) const { return data + static_cast<std::size_t>(n) * shape.sample_size(); }
  [[nodiscard]] explicit operator bool() const { return data != nullptr; }
  operator TensorOf<const T>() const { return {shape, data}; }  // NOLINT: a view to non-const is a view to const
};

using Tensor = TensorOf<float>;
using ConstTensor = TensorOf<const float>;

}  // namespace weightroom::nn
