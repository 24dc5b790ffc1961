#pragma once

#include <strings/onnx.h>

#include "onnx/fold.h"

// What the two halves of fold() share: arithmetic (onnx_fold.cpp) and everything that only moves values
// (onnx_fold_layout.cpp).
namespace weightroom::onnx {

inline constexpr std::size_t kMostValues =
    kMaxFile / 4;  // no constant may grow beyond what a file could hold, in floats

using Inputs = std::span<const Tensor* const>;
using Outputs = Result<std::vector<Tensor>>;

inline std::unexpected<Error> misfit(const NodeView& node) {
  return fail(text::onnx_constants_misfit, {{"node", node.words()}});
}

inline std::unexpected<Error> too_large(const NodeView& node) {
  return fail(text::onnx_constants_large, {{"node", node.words()}});
}

inline Outputs one(Tensor tensor) {
  std::vector<Tensor> outputs;
  outputs.push_back(std::move(tensor));
  return outputs;
}

inline Tensor whole_tensor(std::vector<long long> extents, std::vector<long long> values) {
  return {.name = {}, .extents = std::move(extents), .whole = true, .integers = std::move(values), .reals = {}};
}

// A tensor of other extents, each of its values the one at the index that pick(place) gives.
template <class Pick>
Tensor picked(const Tensor& tensor, std::vector<long long> extents, const Pick& pick) {
  Tensor result{.name = {}, .extents = std::move(extents), .whole = tensor.whole, .integers = {}, .reals = {}};
  const std::size_t count = count_of(result.extents);
  std::vector<long long> place(result.extents.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = pick(std::as_const(place));
    if (tensor.whole) {
      result.integers.push_back(tensor.integers[from]);
    } else {
      result.reals.push_back(tensor.reals[from]);
    }
    for (std::size_t axis = place.size(); axis-- > 0;) {
      if (++place[axis] < result.extents[axis]) break;
      place[axis] = 0;
    }
  }
  return result;
}

inline std::vector<std::size_t> strides_of(std::span<const long long> extents) {
  std::vector<std::size_t> strides(extents.size(), 1);
  for (std::size_t i = extents.size(); i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(extents[i]);
  return strides;
}

// Each of its op; `node` for its attributes and for words.
[[nodiscard]] Outputs fold_concat(const NodeView& node, Inputs inputs);
[[nodiscard]] Outputs fold_gather(const NodeView& node, const Tensor& data, const Tensor& indices);
[[nodiscard]] Outputs fold_slice(const NodeView& node, Inputs inputs);
[[nodiscard]] Outputs fold_filled(const NodeView& node, const Tensor& shape);  // ConstantOfShape
[[nodiscard]] Outputs fold_range(const NodeView& node, const Tensor& first, const Tensor& last, const Tensor& step);
[[nodiscard]] Outputs fold_to_shape(const NodeView& node, Inputs inputs);  // Reshape, Expand, Squeeze, Unsqueeze
// ReduceSum and the like (fold_numbers.cpp).
[[nodiscard]] Outputs fold_reduce(const NodeView& node, Inputs inputs);
// QuantizeLinear and DequantizeLinear.
[[nodiscard]] Outputs fold_quantise(const NodeView& node, Inputs inputs);
[[nodiscard]] Outputs fold_transpose(const NodeView& node, const Tensor& x);

// The tensor repeated along axes of extent 1 until it has `extents`.
[[nodiscard]] Result<Tensor> expanded(const Tensor& tensor, const std::vector<long long>& extents,
                                      const NodeView& node);
// The extents that two tensors have in common once repeated.
[[nodiscard]] Result<std::vector<long long>> common_extents(const std::vector<long long>& a,
                                                            const std::vector<long long>& b, const NodeView& node);

}  // namespace weightroom::onnx
