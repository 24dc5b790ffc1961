// Every op on every case that the registry's tests run it on, as an ONNX file and read again.
#include "onnx/export.h"

#include <cmath>

#include <gtest/gtest.h>

#include "nn/op_cases.h"
#include "nn/registry.h"
#include "onnx/open_model.h"
#include "support/nets.h"

namespace weightroom::onnx {
namespace {

nn::Model model_of(const test::Net& net) {
  nn::Model model;
  model.name = "one";
  model.graph = net.graph;
  model.weights = net.weights;
  for (int k = 0; k < net.graph->class_count(); ++k) model.labels.push_back("class " + std::to_string(k));
  return model;
}

std::vector<float> answer(const nn::Model& model, const std::vector<float>& input) {
  nn::Session session(model.graph, model.weights, {});
  session.set_input(input);
  session.forward();
  return {session.logits().values().begin(), session.logits().values().end()};
}

class OnnxExport : public ::testing::TestWithParam<std::string> {};

TEST_P(OnnxExport, KeepsWhatTheOpComputes) {
  int tried = 0;
  for (const nn::OpCase& one : nn::op_cases(GetParam()).good) {
    if (one.inputs.size() != 1 || one.inputs[0].rank() != 4) continue;
    const nn::Shape& shape = one.inputs[0];
    test::SpecBuilder spec({3, shape[2], shape[3]});  // pictures have three channels
    spec.conv("stem", shape[1], 1, 0).add("one", GetParam(), one.attributes).add("flat", "flatten").linear("last", 3);
    const auto net = test::random_net(spec.spec(), 3);
    if (net.graph->class_count() < 2) continue;
    const nn::Model model = model_of(net);
    const auto again = open_model("one.onnx", write_onnx(model));
    ASSERT_TRUE(again) << again.error().message();
    const auto before = answer(model, net.input);
    const auto after = answer(*again, net.input);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i)
      ASSERT_NEAR(before[i], after[i], 1e-5F * std::max(1.0F, std::abs(before[i]))) << tried << ": " << i;
    ++tried;
  }
  if (GetParam() == "max_pool") EXPECT_GT(tried, 8);
}

// Two classes told by one number: the file has the one number, as others write it.
TEST(OnnxExport, OneNumberStaysOne) {
  test::SpecBuilder spec({3, 4, 4});
  spec.add("mean", "global_avg_pool").add("flat", "flatten").linear("fc", 1);
  spec.add("classes", "binary").add("p", "sigmoid");
  const nn::Model model = model_of(test::random_net(spec.spec(), 3));
  const auto bytes = write_onnx(model);
  const auto again = open_model("one.onnx", bytes);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->graph->answer(), nn::Answer::sigmoid);
  const auto input = test::random_values(48, 1, "picture");
  EXPECT_EQ(answer(model, input), answer(*again, input));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_EQ(text.find("Concat"), std::string_view::npos);
}

// Anywhere else it is written out.
TEST(OnnxExport, BothSignsInsideANetAreWrittenOut) {
  test::SpecBuilder spec({3, 4, 4});
  spec.add("mean", "global_avg_pool").add("flat", "flatten").linear("fc", 1);
  spec.add("both", "binary").linear("last", 3);
  const auto net = test::random_net(spec.spec(), 3);
  const nn::Model model = model_of(net);
  const auto again = open_model("one.onnx", write_onnx(model));
  ASSERT_TRUE(again) << again.error().message();
  const auto before = answer(model, net.input);
  const auto after = answer(*again, net.input);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-6F) << i;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const nn::OpDef& op : nn::ops()) {
    if (op.input_count == 1 && op.name != "matmul") all.emplace_back(op.name);
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Ops, OnnxExport, ::testing::ValuesIn(names()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace weightroom::onnx
