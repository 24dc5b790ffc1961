#include "onnx/answer.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <strings/onnx.h>

#include "nn/answer.h"

namespace weightroom::onnx {
namespace {

template <std::size_t N>
bool is_one_of(const std::string& op, const std::string_view (&ops)[N]) {
  return std::ranges::find(ops, op) != std::end(ops);
}

nn::Shape shape_of(const Builder& builder, const std::string& node) { return builder.known_of(node).shape; }

// A node of the graph and the shape of its values; none of the input.
struct Step {
  const nn::NodeSpec* spec = nullptr;
  nn::Shape output;
  explicit operator bool() const { return spec != nullptr; }
};
Step step_of(const Builder& builder, const std::string& node) {
  return {builder.spec_of(node), shape_of(builder, node)};
}

// All values of a sample lie along one axis, in whatever shape they are written.
bool is_row(const nn::Shape& shape) {
  int longer = 0;
  for (int axis = 1; axis < shape.rank(); ++axis) longer += static_cast<int>(shape[axis] > 1);
  return longer <= 1;
}

// The values stay as they are, in their order.
bool only_shapes(const Step& step) {
  constexpr std::string_view kShapes[] = {"flatten", "reshape"};
  return is_one_of(step.spec->op, kShapes) || (step.spec->op == "transpose" && is_row(step.output));
}

// Over all values of a sample.
bool over_all(const Builder& builder, const Step& softmax) {
  const nn::Shape shape = shape_of(builder, softmax.spec->inputs[0]);
  long long axis = softmax.spec->attributes.integer("axis", 1).value_or(0);
  if (axis < 0) axis += shape.rank();
  return axis > 0 && axis < shape.rank() && is_row(shape) &&
         static_cast<std::size_t>(shape[static_cast<int>(axis)]) == shape.sample_size();
}

// How the answer ends: the node whose values are the logits, and what was made of them.
struct Ending {
  std::string logits;
  std::optional<nn::Answer> answer{};
};

Ending ending_of(const Builder& builder, const std::string& answer) {
  std::string at = answer;
  const auto skip_shapes = [&] {
    for (auto step = step_of(builder, at); step && only_shapes(step); step = step_of(builder, at))
      at = step.spec->inputs[0];
  };
  skip_shapes();
  auto step = step_of(builder, at);
  const bool logarithm = step && step.spec->op == "log";
  if (logarithm) {
    at = step.spec->inputs[0];
    skip_shapes();
    step = step_of(builder, at);
  }
  if (step && (step.spec->op == "softmax" || step.spec->op == "log_softmax") && over_all(builder, step))
    return {step.spec->inputs[0], nn::Answer::softmax};
  if (step && step.spec->op == "sigmoid" && !logarithm) return {step.spec->inputs[0], nn::Answer::sigmoid};
  return {answer};
}

// Whether a node's values are means over places of what an op of this name gave at each.
bool is_mean_of(const Builder& builder, std::string node, std::string_view of) {
  constexpr std::string_view kMeans[] = {"reduce_mean", "avg_pool", "global_avg_pool"};
  constexpr std::string_view kShapes[] = {"flatten", "reshape", "transpose"};
  bool mean = false;
  for (auto step = step_of(builder, node); step; step = step_of(builder, node)) {
    if (step.spec->op == of) return mean;
    mean = mean || is_one_of(step.spec->op, kMeans);
    if (!is_one_of(step.spec->op, kMeans) && !is_one_of(step.spec->op, kShapes)) return false;
    node = step.spec->inputs[0];
  }
  return false;
}

// A node's values as (N,K).
Result<Known> as_row(Builder& builder, const std::string& node) {
  std::string at = node;
  for (auto step = step_of(builder, at); step && only_shapes(step) && shape_of(builder, at).rank() != 2;
       step = step_of(builder, at))
    at = step.spec->inputs[0];
  Known row = builder.known_of(at);
  if (row.shape.rank() == 2) return row;
  return builder.add("logits", "flatten", {row});
}

// With its softmax or sigmoid: the file's own where it lies just so.
Result<Known> closed(Builder& builder, const Known& logits, nn::Answer answer, const std::string& file_answer) {
  const char* op = nn::name_of(answer);
  const auto last = step_of(builder, file_answer);
  if (last && last.spec->op == op && last.spec->inputs[0] == logits.node) return builder.known_of(file_answer);
  return builder.add("probabilities", op, {logits});
}

}  // namespace

Result<FoundAnswer> find_answer(Builder& builder, const Known& answer) {
  if (!is_row(answer.shape)) return fail(text::onnx_no_classifier, {{"shape", answer.shape.text()}});
  Ending ending = ending_of(builder, answer.node);
  FoundAnswer found;
  const bool mixed = !ending.answer && is_mean_of(builder, answer.node, "softmax");
  if (!ending.answer && !mixed && is_mean_of(builder, answer.node, "sigmoid")) return fail(text::onnx_of_sigmoids);
  auto logits = as_row(builder, ending.logits);
  if (!logits) return std::unexpected(logits.error());
  if (mixed) {
    found.notices.push_back(tr(text::onnx_of_shares));
    logits = builder.add("logits", "log", {*logits});
    if (!logits) return std::unexpected(logits.error());
  }
  if (logits->shape[1] == 1) {
    if (mixed || ending.answer == nn::Answer::softmax) return fail(text::onnx_softmax_of_one);
    found.notices.push_back(tr(text::onnx_answer_two));
    logits = builder.add("classes", "binary", {*logits});
    if (!logits) return std::unexpected(logits.error());
    found.one_number = true;
    ending.answer = nn::Answer::sigmoid;
  } else if (ending.answer == nn::Answer::sigmoid) {
    found.notices.push_back(tr(text::onnx_answer_each));
  }
  auto last = ending.answer ? closed(builder, *logits, *ending.answer, answer.node) : std::move(logits);
  if (!last) return std::unexpected(last.error());
  found.last = std::move(*last);
  return found;
}

}  // namespace weightroom::onnx
