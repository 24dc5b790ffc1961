#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "onnx/file.h"

// Arithmetic on what a file holds as constants: exporters write the shape of a reshape as a small program over Shape,
// Gather, Concat and the like.
namespace weightroom::onnx {

// What the file says of a node, with the defaults of its opset.
class NodeView {
 public:
  NodeView(const Node& node, long long opset) : node_(&node), opset_(opset) {}

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] const std::string& op() const { return node_->op; }
  [[nodiscard]] long long opset() const { return opset_; }
  [[nodiscard]] bool has(const char* attribute) const { return node_->attributes.contains(attribute); }
  // The input is there: neither left off nor given the empty name of one that is left out.
  [[nodiscard]] bool has_input(std::size_t i) const { return i < node_->inputs.size() && !node_->inputs[i].empty(); }

  [[nodiscard]] long long integer(const char* attribute, long long fallback) const;
  [[nodiscard]] float real(const char* attribute, float fallback) const;
  [[nodiscard]] std::string text(const char* attribute, const char* fallback) const;
  [[nodiscard]] std::vector<long long> integers(const char* attribute) const;  // empty where absent
  // "Conv 'features.0' (opset 13)"
  [[nodiscard]] std::string words() const;

 private:
  const Node* node_;
  long long opset_;
};

// The outputs of a node whose inputs are all constants (nullptr: left out); nullopt for an op that is not known here.
// A sentence where they do not go together.
[[nodiscard]] std::optional<Result<std::vector<Tensor>>> fold(const NodeView& node,
                                                              std::span<const Tensor* const> inputs);

// Axes below 0 counted from the end; nothing where one lies outside the rank.
[[nodiscard]] std::optional<long long> normal_axis(long long axis, std::size_t rank);

// Product of the extents; 2^31 at most, 0 where one is not positive.
[[nodiscard]] std::size_t count_of(std::span<const long long> extents);

// Whole numbers of a tensor of one or no extent (a shape, a list of axes).
[[nodiscard]] Result<std::vector<long long>> whole_list(const Tensor& tensor);

// The one number of a tensor, as real.
[[nodiscard]] std::optional<float> one_number(const Tensor& tensor);

// The smallest and largest number of a TensorProto.DataType of whole numbers of 8 or 16 bits, else of 32.
[[nodiscard]] std::pair<long long, long long> range_of(long long type);

// The axes in another order.
[[nodiscard]] Tensor transposed(const Tensor& tensor, std::span<const long long> order);

// `shape` as Reshape reads it: 0 keeps the extent in its place (unless `allow_zero`), -1 is what is left over.
[[nodiscard]] Result<std::vector<long long>> resolve_shape(std::span<const long long> from,
                                                           std::span<const long long> shape, bool allow_zero);

// The extents after Squeeze (no axes: all that are 1) and Unsqueeze.
[[nodiscard]] Result<std::vector<long long>> squeezed(std::span<const long long> extents,
                                                      std::span<const long long> axes);
[[nodiscard]] Result<std::vector<long long>> unsqueezed(std::span<const long long> extents,
                                                        std::span<const long long> axes);

// One axis of a Slice.
struct Cut {
  long long axis = 0;
  long long start = 0;  // within the axis
  long long step = 1;   // not 0
  long long count = 0;
};
// The cuts of a Slice node over `extents`; attributes before opset 10, constant inputs from then on.
[[nodiscard]] Result<std::vector<Cut>> cuts_of(const NodeView& node, std::span<const Tensor* const> inputs,
                                               std::span<const long long> extents);

// Axes of a node: the attribute, or input 1 where there is one.
[[nodiscard]] Result<std::vector<long long>> axes_of(const NodeView& node, std::span<const Tensor* const> inputs);

}  // namespace weightroom::onnx
