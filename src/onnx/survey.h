#pragma once

#include <string>
#include <vector>

#include "onnx/file.h"
#include "onnx/import.h"

// What can be said of a file's graph before any of it is translated.
namespace weightroom::onnx {

// The output that is the answer: the first of real numbers (beside it there may be the class that was found, or words).
[[nodiscard]] const Value& answer_of(const File& file);

// Which nodes of a graph lead to one of these values. What a branch of an If reads counts as read by the If.
[[nodiscard]] std::vector<bool> needed_nodes(const Graph& graph, const std::vector<std::string>& wanted);

// How often each value is read, in branches too.
[[nodiscard]] std::map<std::string, int> count_readers(const Graph& graph);

// Refuses a value that two nodes compute, or that is a constant or an input as well.
[[nodiscard]] Status check_names(const Graph& graph);

// What the one input that the needed nodes read wants.
struct Input {
  std::string name;
  nn::Shape shape;             // (C,H,W)
  bool channels_last = false;  // in the file
  bool open_size = false;      // the file leaves a side of the picture open
  long long batch = 1;         // pictures that the file's shapes are written for; 1 where it leaves them open
};
[[nodiscard]] Result<Input> find_input(const File& file, const std::vector<bool>& needed, const OnnxOptions& options);

}  // namespace weightroom::onnx
