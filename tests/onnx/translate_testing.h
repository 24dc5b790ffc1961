#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nn/session.h"
#include "onnx/file_testing.h"
#include "onnx/import.h"

// Single ops of a file, tried on a small picture.
namespace weightroom::onnx::testing {

using Floats = std::vector<float>;

// Values of some variety, none of them 0 or equal.
inline Floats ramp(std::size_t count) {
  Floats values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i) + 0.4)) * 3.0F;
  return values;
}

inline TensorRow whole(const std::string& name, const std::vector<float>& values) {
  return {name, {static_cast<std::int64_t>(values.size())}, values, 7};
}
inline TensorRow number(const std::string& name, float value, int type = 1) { return {name, {}, {value}, type}; }

// What a node makes of a picture (3,4,4): all values of its output in a row, its logits.
struct Tried {
  Floats input = ramp(48);
  Floats output;
  std::string refusal;
  std::vector<std::string> notices;
  std::string title;
};
inline Tried tried(std::vector<NodeRow> nodes, const std::vector<TensorRow>& tensors = {}, std::int64_t opset = 18,
                   const std::vector<std::int64_t>& input = {1, 3, 4, 4}) {
  Tried result;
  FileRow row{std::move(nodes), tensors, input, opset};
  row.nodes.push_back({"Flatten", {"z"}, {"y"}});
  OpenReport report;
  const auto model = imported(row, {}, &report);
  if (!model) {
    result.refusal = model.error().message();
    return result;
  }
  result.notices = report.notices;
  nn::Session session(model->graph);
  session.set_weights(model->weights);
  result.input = ramp(model->graph->spec().input.size());
  session.set_input(result.input);
  session.forward();
  result.output.assign(session.logits().values().begin(), session.logits().values().end());
  return result;
}

inline void expect_near(const Tried& got, const Floats& wanted, float tolerance = 1e-5F) {
  ASSERT_EQ(got.refusal, "");
  ASSERT_EQ(got.output.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_NEAR(got.output[i], wanted[i], tolerance) << i;
}

template <class F>
Floats each(const Floats& values, const F& f) {
  Floats result;
  for (const float value : values) result.push_back(static_cast<float>(f(static_cast<double>(value))));
  return result;
}

}  // namespace weightroom::onnx::testing
