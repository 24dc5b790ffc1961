#pragma once

#include <string>
#include <vector>

#include "onnx/builder.h"

// What a file's answer is: exporters write a softmax in many ways, some files end in probabilities, some in logits,
// some in one number for two classes.
namespace weightroom::onnx {

struct FoundAnswer {
  Known last;                          // the graph's last node: logits (N,K), or their softmax or sigmoid
  std::vector<std::string> notices{};  // what was made of the file's
  bool one_number = false;             // that two classes were made of
};

// The logits behind `answer`, with their softmax or sigmoid where the file has one, as nn::Graph::answer() reads them:
//   - a softmax or sigmoid that the file lays out otherwise (on (1,K,1,1), followed by Squeeze, Reshape, Transpose) is
//     taken over (N,K), a log softmax as a softmax
//   - one number is the logit of the second of two classes (op binary), with a sigmoid before it or without
//   - the mean over places of a softmax at each has its logarithm for logits
// Refuses by a sentence what is no classifier's answer: values that still have places, a softmax of one number,
// sigmoids that are mixed.
[[nodiscard]] Result<FoundAnswer> find_answer(Builder& builder, const Known& answer);

}  // namespace weightroom::onnx
