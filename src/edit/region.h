#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/graph.h"

namespace weightroom::edit {

// Part of one weight tensor: from[k] <= index k < to[k] on each of its axes.
struct Box {
  int tensor = 0;
  std::array<int, nn::Shape::kMaxRank> from{};
  std::array<int, nn::Shape::kMaxRank> to{};
  [[nodiscard]] bool operator==(const Box&) const = default;
};

// Weights `first` .. `first + count` of the graph's flat weight vector, all of one tensor.
struct Run {
  int tensor = 0;
  std::size_t first = 0;
  std::size_t count = 0;
  [[nodiscard]] bool operator==(const Run&) const = default;
};

// Some of a model's weights: what an operation changes. Boxes may overlap; each weight counts once.
struct Region {
  std::vector<Box> boxes;
  [[nodiscard]] bool operator==(const Region&) const = default;
};

// Several parts may be joined by ';', each one of
//   all                    every weight and bias that training would change
//   conv2                  a layer: its weights and biases
//   conv2.weight           a tensor
//   conv2.weight[3]        what makes output channel 3 (axes that are left out are whole)
//   conv2.weight[:,1]      what reads input channel 1
//   conv2.weight[3,1]      a kernel
//   conv2.weight[0:4,1:3]  outputs 0 to 3, inputs 1 and 2 (the end is not in it, as in Python)
// Refuses by a sentence what the model does not have.
[[nodiscard]] Result<Region> parse_region(const nn::Graph& graph, std::string_view text);
// As it is written; whole layers and tensors by their names.
[[nodiscard]] std::string format_region(const nn::Graph& graph, const Region& region);

// In ascending order, apart from each other.
[[nodiscard]] std::vector<Run> runs_of(const nn::Graph& graph, const Region& region);
[[nodiscard]] std::size_t count_of(const std::vector<Run>& runs);

[[nodiscard]] Box whole_tensor(const nn::Graph& graph, int tensor);
// The weights of a box as elements of its tensor, in the box's row-major order.
[[nodiscard]] std::vector<std::size_t> elements_of(const nn::Graph& graph, const Box& box);
// Whether any weight lies in both.
[[nodiscard]] bool overlap(const nn::Graph& graph, const Region& a, const Region& b);

}  // namespace weightroom::edit
