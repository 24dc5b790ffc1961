#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nn/graph.h"
#include "onnx/fold.h"

// The graph while it is put together from an ONNX file.
namespace weightroom::onnx {

// The step between two values, and the whole number that stands for 0.
struct Quantised {
  float scale = 1.0F;
  long long zero = 0;
  [[nodiscard]] bool operator==(const Quantised&) const = default;
};

// What a name of the file stands for: numbers of the file, or what a node of our graph computes from the picture.
struct Known {
  std::optional<Tensor> constant;
  std::string node;  // "input", or a node of the graph; where `constant` is empty
  nn::Shape shape;   // of one sample, batch 1 first
  // Where the file has the batch among its axes: here it stays the first, attention moves it there. kHidden: the file
  // has put it into another axis (batch times heads), or left it out; for one picture that is as if it had none.
  static constexpr int kHidden = -1;
  int batch_axis = 0;
  bool whole = false;                    // of values that the file holds as whole numbers (Cast)
  std::optional<Quantised> quantised{};  // of values that the file holds as whole multiples of a step

  // In the file's order.
  [[nodiscard]] std::vector<long long> extents() const;
  [[nodiscard]] int rank() const { return batch_axis == kHidden ? shape.rank() - 1 : shape.rank(); }
  // The axis of `shape` that axis `i` of the file is.
  [[nodiscard]] int axis(int i) const {
    if (i == batch_axis) return 0;
    return batch_axis == kHidden || i < batch_axis ? i + 1 : i;
  }
};

class Builder {
 public:
  // `batch`: the pictures that the file's shapes are written for; 1 where it leaves them open.
  explicit Builder(const nn::Shape& input, long long batch = 1) : input_(input), batch_(batch) {}

  [[nodiscard]] long long batch() const { return batch_; }
  // The file computes with quantised values, here it is with floats: to be told.
  bool quantised = false;

  // Adds a node and says what it computes; `weights` in the order of the op's. `name` is made fit and unique. A
  // sentence where the op refuses, or the nodes grow too many.
  Result<Known> add(const std::string& name, const std::string& op, const std::vector<Known>& inputs,
                    nn::Attributes attributes = {}, std::vector<std::vector<float>> weights = {});

  // What a node computes; "input" too.
  [[nodiscard]] Known known_of(const std::string& node) const;

  // Whether nothing that is learned lies between the picture and what a node computes.
  [[nodiscard]] bool of_picture_alone(const std::string& node) const;

  // What a node of this builder is made of; nullptr for the input.
  [[nodiscard]] const nn::NodeSpec* spec_of(const std::string& node) const;

  // The graph with `answer` as its last node, and its weights, which are taken from here. A constant that is added to a
  // conv2d or linear without a bias, which nobody else reads, is its bias.
  [[nodiscard]] Result<nn::Folded> finish(Known answer);

 private:
  struct Row {
    nn::NodeSpec spec;
    nn::Shape output;
    std::vector<std::vector<float>> weights;
    bool of_picture_alone = false;
  };
  [[nodiscard]] std::string free_name(const std::string& wanted);
  [[nodiscard]] Row* row_of(const std::string& node);
  // Which rows lead to the answer.
  [[nodiscard]] std::vector<bool> wanted_rows(const Known& answer) const;
  void merge_biases(Known& answer);
  [[nodiscard]] bool is_bias_of(const Row& layer, const Row& bias) const;

  nn::Shape input_;  // (C,H,W)
  long long batch_;
  std::map<std::string, int> used_;  // how often a name was wanted
  std::vector<Row> rows_;
  std::map<std::string, std::size_t> places_;  // name of a node to its row
};

}  // namespace weightroom::onnx
