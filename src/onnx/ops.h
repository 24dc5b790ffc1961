#pragma once

#include <span>
#include <string>
#include <vector>

#include "onnx/builder.h"

// How each op of ONNX becomes nodes of our graph.
namespace weightroom::onnx {

// The lowest float: how a file of floats says that there is no border, and no lower bound.
inline constexpr double kLowest = -3.4028234663852886e38;

// A node under translation, with at least one input that comes from the picture.
struct Translation {
  const NodeView& node;
  std::span<Known* const> inputs;  // nullptr: left out
  Builder& builder;
  std::span<const int> readers;  // of each input: how many nodes of the file read it

  [[nodiscard]] bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  // Input i is a constant: the tensor, or nullptr.
  [[nodiscard]] const Tensor* constant(std::size_t i) const;
  // The values of constant i, taken away where nobody else reads them: a large net is held once.
  [[nodiscard]] std::vector<float> take(std::size_t i) const;
  // Input i comes from the picture.
  [[nodiscard]] bool flows(std::size_t i) const { return has(i) && !inputs[i]->constant; }
  [[nodiscard]] const nn::Shape& shape(std::size_t i) const { return inputs[i]->shape; }
  [[nodiscard]] std::vector<long long> extents(std::size_t i) const { return inputs[i]->extents(); }

  // A node over input 0 (or `inputs`), named after `weight` ("features.0.weight") where it is a name of the file's,
  // else after the file's node.
  Result<Known> add(const std::string& op, nn::Attributes attributes = {}, std::vector<std::vector<float>> weights = {},
                    const std::string& weight = {}) const;
  Result<Known> add_over(const std::vector<Known>& from, const std::string& op, nn::Attributes attributes = {},
                         std::vector<std::vector<float>> weights = {}, const std::string& weight = {}) const;
  // Input i as a tensor of the graph with the axes of `like`; a constant becomes a parameter. `known`: what aligned()
  // says of it.
  Result<Known> flowing(std::size_t i, const Known& known, const Known& like) const;
  // The values of `from` under other extents, the batch's 1 first.
  Result<Known> reshape(const Known& from, std::span<const long long> extents) const;
  // With no batch among the file's axes: the extent of 1 that was taken for it is one like others. Where an op works
  // along that axis, or two inputs have the batch in different places, it was not the batch.
  Result<Known> hidden(const Known& from) const;
  // The inputs that come from the picture with the batch in one place; their own where it is so already.
  Result<std::vector<Known>> aligned() const;
  // The same under the file's extents, wherever the batch is among them.
  Result<Known> reshape_to(const Known& from, std::span<const long long> extents) const;
  // "Conv 'features.0' (opset 13) does not fit: ..."
  [[nodiscard]] std::unexpected<Error> refuse(const Error& why) const;
};

using Translated = Result<std::vector<Known>>;  // one for each output
// Of an op with one output.
[[nodiscard]] inline Translated only(Result<Known> known) {
  if (!known) return std::unexpected(known.error());
  return std::vector<Known>{std::move(*known)};
}
using Translate = Translated (*)(const Translation&);

// Where an op may have the batch.
enum class Batch {
  first,  // as the first axis alone
  kept,   // anywhere: it leaves every value in its place
  any     // anywhere: the translation sees to it
};

struct OpRow {
  const char* op;
  Translate translate;
  Batch batch = Batch::first;
};
// nullptr for an op that is not supported.
[[nodiscard]] const OpRow* find_translation(const std::string& op);
// Translates, unless the batch lies where the op cannot have it.
[[nodiscard]] Translated translate(const OpRow& row, const Translation& translation);

// The tables, one a file.
[[nodiscard]] std::span<const OpRow> layer_rows();   // onnx_layers.cpp: convolutions, pools, norms
[[nodiscard]] std::span<const OpRow> value_rows();   // onnx_values.cpp: value by value
[[nodiscard]] std::span<const OpRow> layout_rows();  // onnx_layout.cpp: extents and axes
[[nodiscard]] std::span<const OpRow> more_rows();    // more.cpp: quantised values, sums over axes, norms of groups
[[nodiscard]] std::span<const OpRow> size_rows();    // sizes.cpp: borders and other sizes

}  // namespace weightroom::onnx
