// ONNX files of many opsets against what PyTorch says of them: tests/golden/onnx, by scripts/golden/record_onnx.py.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "io/file.h"
#include "io/model_file.h"
#include "io/safetensors.h"
#include "nn/registry.h"
#include "nn/session.h"
#include "onnx/export.h"
#include "onnx/open_model.h"
#include "support/goldens.h"
#include "support/nets.h"

namespace weightroom::onnx {
namespace {

double largest(std::span<const float> values) {
  double most = 0.0;
  for (const float value : values) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

void expect_close(std::span<const float> got, const std::vector<float>& wanted, double tolerance, const char* what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_NEAR(got[i], wanted[i], tolerance) << what << " " << i;
}

class OnnxGolden : public ::testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static nn::Model opened() {
    const auto bytes = io::read_file((test::golden_folder() / (GetParam() + ".onnx")).string());
    EXPECT_TRUE(bytes);
    auto model = open_model(GetParam() + ".onnx", *bytes);
    EXPECT_TRUE(model) << model.error().message();
    return model ? std::move(*model) : nn::Model{};
  }
};

TEST_P(OnnxGolden, AgreesWithPyTorch) {
  const nn::Model model = opened();
  ASSERT_NE(model.graph, nullptr);
  const std::string net = GetParam().substr(0, GetParam().rfind('_'));
  const auto recorded = io::read_file((test::golden_folder() / (net + ".safetensors")).string());
  ASSERT_TRUE(recorded);
  const auto file = io::parse_safetensors(*recorded);
  ASSERT_TRUE(file);
  const auto values = [&](const char* name) { return values_of(*file->find(name)); };
  const std::vector<float> logits = values("logits");
  nn::Session session(model.graph);
  session.set_weights(model.weights);
  session.set_input(values("input"));
  session.forward();
  expect_close(session.logits().values(), logits, 1e-5 * largest(logits), "logit");

  const auto top = static_cast<int>(std::ranges::max_element(logits) - logits.begin());
  nn::BackwardRequest request;
  const auto seed = nn::one_hot(1, model.graph->class_count(), top);
  request.d_from = seed;
  request.weights = true;
  session.clear_d_weights();
  session.backward(request);
  const std::vector<float> grad = values("grad");
  expect_close(session.d_activation(0).values(), grad, 1e-4 * largest(grad), "gradient");

  // Weights too, by finite differences of the logit in float: enough to see a wrong sign or factor.
  const std::vector<float> d_weights(session.d_weights().begin(), session.d_weights().end());
  for (const nn::GraphWeight& weight : model.graph->weights()) {
    if (!weight.trainable) continue;
    const std::size_t at = weight.offset + weight.shape.size() / 2;
    const float kept = model.weights[at];
    const float step = 4e-3F * std::max(std::abs(kept), 0.05F);
    const auto logit = [&](float value) {
      session.set_weights({&value, 1}, at);
      session.forward();
      return static_cast<double>(session.logits().data[top]);
    };
    const double slope = (logit(kept + step) - logit(kept - step)) / (2.0 * static_cast<double>(step));
    EXPECT_NEAR(d_weights[at], slope, 0.03 * std::max(std::abs(slope), 0.1)) << weight.name;
    (void)logit(kept);
  }
}

TEST_P(OnnxGolden, KeepsItsFingerprintAsAModelFile) {
  const nn::Model model = opened();
  ASSERT_NE(model.graph, nullptr);
  const auto again = io::read_model(io::write_model(model), "again");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(nn::fingerprint(*again->graph, again->weights), nn::fingerprint(*model.graph, model.weights));
  EXPECT_EQ(again->labels, model.labels);
  EXPECT_EQ(again->preprocessing, model.preprocessing);
}

// Every op there is has its way into a file that reads back as the same function.
TEST_P(OnnxGolden, IsWrittenAsOnnxAndReadAgain) {
  const nn::Model model = opened();
  ASSERT_NE(model.graph, nullptr);
  const auto again = open_model("again.onnx", write_onnx(model));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->labels, model.labels);
  EXPECT_EQ(again->preprocessing, model.preprocessing);
  const auto logits_of = [&](const nn::Model& of) {
    nn::Session session(of.graph);
    session.set_weights(of.weights);
    session.set_input(test::random_values(of.graph->spec().input.size(), 5, "input"));
    session.forward();
    return std::vector<float>(session.logits().values().begin(), session.logits().values().end());
  };
  const auto logits = logits_of(model);
  expect_close(logits_of(*again), logits, 1e-5 * largest(logits), "logit");
}

INSTANTIATE_TEST_SUITE_P(Files, OnnxGolden, ::testing::ValuesIn(test::golden_nets()),
                         [](const auto& info) { return info.param; });

// So every op has values of PyTorch beside it.
TEST(OnnxGoldens, HaveEveryOp) {
  std::set<std::string_view> seen;
  for (const std::string& name : test::golden_nets()) {
    const auto bytes = io::read_file((test::golden_folder() / (name + ".onnx")).string());
    ASSERT_TRUE(bytes);
    const auto model = open_model(name + ".onnx", *bytes);
    ASSERT_TRUE(model) << model.error().message();
    for (const nn::Node& node : model->graph->nodes()) {
      if (node.op != nullptr) seen.insert(node.op->name);
    }
  }
  for (const nn::OpDef& op : nn::ops()) EXPECT_TRUE(seen.contains(op.name)) << op.name;
}

}  // namespace
}  // namespace weightroom::onnx
