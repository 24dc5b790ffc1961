#pragma once

#include <string>
#include <vector>

#include "nn/dataset.h"
#include "nn/graph.h"

namespace weightroom::train {

// What a class is made of: the kinds of dog in "dog". A net that learns to tell these apart as well finds features that
// serve the classes better (compare the coarse and fine labels of CIFAR-100; Caruana, "Multitask learning", 1997).
struct FineLabels {
  std::vector<std::string> names;  // sorted: the class's number and the kind, "8/n02085620"
  std::vector<int> labels;         // N, indices into names
};

// By the class and the file's name up to its first '_'; the files without one are a kind of their own.
[[nodiscard]] FineLabels fine_labels(const nn::LabelledImages& images);

// The net with only the first `classes` outputs of its last layer, a linear one: how the head of the fine labels, which
// comes after them, is dropped.
[[nodiscard]] nn::Folded first_outputs(const nn::Graph& graph, std::span<const float> weights, int classes);

}  // namespace weightroom::train
