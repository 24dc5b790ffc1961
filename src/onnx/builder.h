#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nn/graph.h"
#include "onnx/fold.h"

// The graph while it is put together from an ONNX file.
namespace weightroom::onnx {

// What a name of the file stands for: numbers of the file, or what a node of our graph computes from the picture.
struct Known {
  std::optional<Tensor> constant;
  std::string node;  // "input", or a node of the graph; where `constant` is empty
  nn::Shape shape;   // of one sample, batch 1 first
  // Where the file has the batch among its axes: here it stays the first, attention moves it there.
  int batch_axis = 0;

  // In the file's order.
  [[nodiscard]] std::vector<long long> extents() const;
  // The axis of `shape` that axis `i` of the file is.
  [[nodiscard]] int axis(int i) const { return i == batch_axis ? 0 : (i < batch_axis ? i + 1 : i); }
};

class Builder {
 public:
  explicit Builder(const nn::Shape& input) : input_(input) {}

  // Adds a node and says what it computes; `weights` in the order of the op's. `name` is made fit and unique. A
  // sentence where the op refuses.
  Result<Known> add(const std::string& name, const std::string& op, const std::vector<Known>& inputs,
                    nn::Attributes attributes = {}, std::vector<std::vector<float>> weights = {});

  // A node that was added, with the shape of its values; null for the input.
  struct Row {
    nn::NodeSpec spec;
    nn::Shape output;
    std::vector<std::vector<float>> weights;
  };
  [[nodiscard]] const Row* step(const std::string& node) const;
  [[nodiscard]] nn::Shape shape_of(const std::string& node) const;  // of the input too; batch 1 first
  // The op of a node; empty for the input.
  [[nodiscard]] std::string op_of(const std::string& node) const;

  // A bias for a node of this builder that has none yet (conv2d, linear); false where that cannot be.
  bool give_bias(const std::string& node, const std::vector<float>& bias);

  // The graph with `answer` as its last node, and its weights, which are taken from here.
  [[nodiscard]] Result<nn::Folded> finish(const Known& answer);

 private:
  [[nodiscard]] std::string free_name(const std::string& wanted);

  nn::Shape input_;  // (C,H,W)
  std::vector<Row> rows_;
  std::map<std::string, std::size_t> places_;  // name of a node to its row
};

}  // namespace weightroom::onnx
