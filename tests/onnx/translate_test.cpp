// What ops of a file come to here: each beside its formula, worked out plainly.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/translate_testing.h"

namespace weightroom::onnx {
namespace {

using ::testing::HasSubstr;
using namespace testing;

TEST(OnnxValues, AreTheirFormulas) {
  const Floats x = ramp(48);
  const auto bare = [](const char* op, std::vector<std::pair<std::string, float>> reals = {}) {
    NodeRow node{op, {"x"}, {"z"}};
    node.reals = std::move(reals);
    return tried({node}, {}, 24);
  };
  expect_near(bare("Elu"), each(x, [](double v) { return v < 0 ? std::exp(v) - 1 : v; }));
  expect_near(bare("Elu", {{"alpha", 0.5F}}), each(x, [](double v) { return v < 0 ? 0.5 * (std::exp(v) - 1) : v; }));
  expect_near(bare("Selu"), each(x, [](double v) {
                return 1.0507009873554805 * (v < 0 ? 1.6732632423543772 * (std::exp(v) - 1) : v);
              }));
  expect_near(bare("Softplus"), each(x, [](double v) { return std::log(1 + std::exp(v)); }));
  expect_near(bare("Mish"), each(x, [](double v) { return v * std::tanh(std::log(1 + std::exp(v))); }));
  expect_near(bare("Swish"), each(x, [](double v) { return v / (1 + std::exp(-v)); }));
}

TEST(OnnxValues, AMishThatIsWrittenOutIsOne) {
  const std::vector<NodeRow> written{{"Softplus", {"x"}, {"s"}}, {"Tanh", {"s"}, {"t"}}, {"Mul", {"x", "t"}, {"z"}}};
  expect_near(tried(written), each(ramp(48), [](double v) { return v * std::tanh(std::log(1 + std::exp(v))); }));
  FileRow row{written, {}, {1, 3, 4, 4}};
  row.nodes.push_back({"Flatten", {"z"}, {"y"}});
  EXPECT_EQ(imported(row)->graph->nodes()[1].op->name, "mish");
  row.nodes[2].inputs = {"s", "t"};  // of another value
  EXPECT_EQ(imported(row)->graph->nodes().size(), 5U);
}

TEST(OnnxValues, PReluHasItsSlopesWhereTheyLie) {
  const Floats x = ramp(48);
  Floats wanted = x;
  const Floats slopes{0.1F, -0.5F, 2.0F};
  for (std::size_t i = 0; i < 48; ++i) wanted[i] = x[i] < 0 ? x[i] * slopes[i / 16] : x[i];
  expect_near(tried({{"PRelu", {"x", "s"}, {"z"}}}, {{"s", {3, 1, 1}, slopes}}), wanted);
  for (std::size_t i = 0; i < 48; ++i) wanted[i] = x[i] < 0 ? x[i] * 0.25F : x[i];
  expect_near(tried({{"PRelu", {"x", "s"}, {"z"}}}, {{"s", {1}, {0.25F}}}), wanted);
  const Floats columns{0.1F, 0.2F, 0.3F, 0.4F};
  for (std::size_t i = 0; i < 48; ++i) wanted[i] = x[i] < 0 ? x[i] * columns[i % 4] : x[i];
  expect_near(tried({{"PRelu", {"x", "s"}, {"z"}}}, {{"s", {4}, columns}}), wanted);
  EXPECT_THAT(tried({{"PRelu", {"x", "s"}, {"z"}}}, {{"s", {5}, Floats(5)}}).refusal, HasSubstr("PRelu"));
}

TEST(OnnxValues, CastToWholeNumbersCutsOff) {
  const auto trunc = each(ramp(48), [](double v) { return std::trunc(v); });
  expect_near(tried({{"Cast", {"x"}, {"i"}, {{"to", {6}}}}, {"Cast", {"i"}, {"z"}, {{"to", {1}}}}}), trunc);
  expect_near(tried({{"Cast", {"x"}, {"i"}, {{"to", {7}}}},
                     {"Cast", {"i"}, {"j"}, {{"to", {6}}}},
                     {"Cast", {"j"}, {"z"}, {{"to", {1}}}}}),
              trunc);
  expect_near(tried({{"Cast", {"x"}, {"z"}, {{"to", {10}}}}}), ramp(48));
  EXPECT_THAT(tried({{"Cast", {"x"}, {"z"}, {{"to", {9}}}}}).refusal, HasSubstr("the ONNX type 9"));
  EXPECT_THAT(
      tried({{"Cast", {"x"}, {"i"}, {{"to", {6}}}}, {"Div", {"i", "two"}, {"z"}}}, {number("two", 2.0F, 7)}).refusal,
      HasSubstr("whose fractions would be cut off"));
}

TEST(OnnxValues, LogSoftmaxWithinANet) {
  const auto got = tried({{"LogSoftmax", {"x"}, {"z"}, {{"axis", {1}}}}});
  Floats wanted(48);
  for (std::size_t at = 0; at < 16; ++at) {
    double sum = 0.0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::exp(static_cast<double>(got.input[c * 16 + at]));
    for (std::size_t c = 0; c < 3; ++c)
      wanted[c * 16 + at] = got.input[c * 16 + at] - static_cast<float>(std::log(sum));
  }
  expect_near(got, wanted);
}

TEST(OnnxBias, IsMergedOnlyWhereNobodyElseReadsTheLayer) {
  const TensorRow weight{"w", {2, 3, 1, 1}, {1, 2, 3, 4, 5, 6}};
  const TensorRow constant{"k", {2, 1, 1}, {10, -20}};
  const auto layer = [](const Floats& x, std::size_t c, std::size_t at) {
    const float base = static_cast<float>(3 * c);
    return (base + 1) * x[at] + (base + 2) * x[16 + at] + (base + 3) * x[32 + at];
  };
  for (const char* way : {"Identity", "Dropout", ""}) {  // by another name, or its own
    std::vector<NodeRow> nodes{{"Conv", {"x", "w"}, {"c"}}};
    if (*way != '\0') nodes.push_back({way, {"c"}, {"d"}});
    const std::string alias = *way != '\0' ? "d" : "c";
    nodes.push_back({"Add", {alias, "k"}, {"e"}});
    nodes.push_back({"Relu", {"c"}, {"r"}});
    nodes.push_back({"Mul", {"e", "r"}, {"z"}});
    const auto got = tried(nodes, {weight, constant});
    Floats wanted(32);
    for (std::size_t i = 0; i < 32; ++i) {
      const float v = layer(got.input, i / 16, i % 16);
      wanted[i] = (v + (i < 16 ? 10.0F : -20.0F)) * std::max(v, 0.0F);
    }
    expect_near(got, wanted, 1e-3F);
  }
  FileRow alone{{{"Conv", {"x", "w"}, {"c"}}, {"Add", {"k", "c"}, {"z"}}, {"Flatten", {"z"}, {"y"}}},
                {weight, constant}};
  const auto model = imported(alone);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->graph->nodes().size(), 3U) << "input, convolution with a bias, flatten";
  EXPECT_GE(model->graph->find_weight("z.bias") + model->graph->find_weight("c_node.bias") + 2, 1);
}

TEST(OnnxTraining, IsRefused) {
  const std::vector<TensorRow> norm{
      {"s", {3}, {1, 1, 1}}, {"b", {3}, {0, 0, 0}}, {"m", {3}, {0, 0, 0}}, {"v", {3}, {1, 1, 1}}};
  const auto norm_with = [&](std::vector<std::string> outputs, std::int64_t opset) {
    return tried({{"BatchNormalization", {"x", "s", "b", "m", "v"}, std::move(outputs)}}, norm, opset).refusal;
  };
  const auto training = HasSubstr("It is in training mode; export the model after model.eval().");
  for (const std::int64_t opset : {7, 9, 13}) {
    EXPECT_THAT(norm_with({"z", "a", "c", "d", "e"}, opset), training);
    EXPECT_EQ(norm_with({"z", "", "", "", ""}, opset), "");
  }
  EXPECT_EQ(norm_with({"z"}, 13), "");
  EXPECT_THAT(
      tried({{"BatchNormalization", {"x", "s", "b", "m", "v"}, {"z"}, {{"training_mode", {1}}}}}, norm, 15).refusal,
      training);
  const std::vector<TensorRow> drop{number("r", 0.5F), number("yes", 1.0F, 9), number("no", 0.0F, 9),
                                    number("zero", 0.0F)};
  EXPECT_THAT(tried({{"Dropout", {"x", "r", "yes"}, {"z"}}}, drop, 13).refusal, training);
  EXPECT_THAT(tried({{"Dropout", {"x", "", "yes"}, {"z"}}}, drop, 13).refusal, training);
  expect_near(tried({{"Dropout", {"x", "r", "no"}, {"z"}}}, drop, 13), ramp(48));
  expect_near(tried({{"Dropout", {"x", "zero", "yes"}, {"z"}}}, drop, 13), ramp(48));
}

TEST(OnnxLayout, ChannelsInAnyOrderAndBackwards) {
  const Floats x = ramp(48);
  Floats bgr(48);
  for (std::size_t i = 0; i < 48; ++i) bgr[i] = x[(2 - i / 16) * 16 + i % 16];
  expect_near(tried({{"Gather", {"x", "i"}, {"z"}, {{"axis", {1}}}}}, {whole("i", {2, 1, 0})}), bgr);
  expect_near(tried({{"Gather", {"x", "i"}, {"z"}, {{"axis", {1}}}}}, {whole("i", {-1, -2, 0})}), bgr);
  expect_near(tried({{"Slice", {"x", "b", "e", "a", "t"}, {"z"}}},
                    {whole("b", {-1}), whole("e", {-99}), whole("a", {1}), whole("t", {-1})}),
              bgr);
  Floats every(24);
  for (std::size_t i = 0; i < 24; ++i) every[i] = x[i / 2 * 4 + (i % 2 == 0 ? 3 : 1)];
  expect_near(tried({{"Slice", {"x", "b", "e", "a", "t"}, {"z"}}},
                    {whole("b", {3}), whole("e", {0}), whole("a", {3}), whole("t", {-2})}),
              every);
  EXPECT_THAT(tried({{"Gather", {"x", "i"}, {"z"}, {{"axis", {1}}}}}, {whole("i", {0, 3})}).refusal,
              HasSubstr("does not exist"));
}

TEST(OnnxLayout, ConstantsAreJoinedExpandedAndPadded) {
  const Floats x = ramp(48);
  Floats joined{7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
  const TensorRow token{"t", {1, 1, 4, 4}, joined};
  joined.insert(joined.end(), x.begin(), x.end());
  expect_near(tried({{"Concat", {"t", "x"}, {"z"}, {{"axis", {1}}}}}, {token}), joined);
  Floats padded(96, 0.0F);
  std::copy(x.begin(), x.end(), padded.begin() + 16);
  expect_near(tried({{"Pad", {"x", "p"}, {"z"}}}, {whole("p", {0, 1, 0, 0, 0, 2, 0, 0})}), padded);
  Floats spread(48);
  double sum[3] = {};
  for (std::size_t i = 0; i < 48; ++i) sum[i / 16] += static_cast<double>(x[i]) / 16;
  for (std::size_t i = 0; i < 48; ++i) spread[i] = static_cast<float>(sum[i / 16]);
  expect_near(tried({{"GlobalAveragePool", {"x"}, {"g"}}, {"Expand", {"g", "to"}, {"z"}}}, {whole("to", {1, 1, 4, 4})}),
              spread);
  EXPECT_THAT(tried({{"Pad", {"x", "p"}, {"z"}}}, {whole("p", {1, 0, 0, 0, 0, 0, 0, 0})}).refusal,
              HasSubstr("the batch"));
}

TEST(OnnxLayout, AShapeWrittenForABatchOfEight) {
  const std::vector<std::int64_t> eight{8, 3, 4, 4};
  expect_near(tried({{"Reshape", {"x", "s"}, {"z"}}}, {whole("s", {8, 48})}, 13, eight), ramp(48));
  expect_near(tried({{"Reshape", {"x", "s"}, {"z"}}}, {whole("s", {8, -1})}, 13, eight), ramp(48));
  Floats token(8 * 16);
  for (std::size_t i = 0; i < token.size(); ++i) token[i] = static_cast<float>(i % 16);
  Floats joined(token.begin(), token.begin() + 16);
  joined.insert(joined.end(), 48, 0.0F);
  std::copy_n(ramp(48).begin(), 48, joined.begin() + 16);
  expect_near(tried({{"Concat", {"t", "x"}, {"z"}, {{"axis", {1}}}}}, {{"t", {8, 1, 4, 4}, token}}, 13, eight), joined);
  token[20] = 1.5F;
  EXPECT_THAT(tried({{"Concat", {"t", "x"}, {"z"}, {{"axis", {1}}}}}, {{"t", {8, 1, 4, 4}, token}}, 13, eight).refusal,
              HasSubstr("differs from picture to picture"));
}

TEST(OnnxLayout, RefusesWhatIsNoPermutation) {
  for (const std::vector<std::int64_t>& order :
       std::vector<std::vector<std::int64_t>>{{0, 1, 1, 3}, {0, 2, 2, 1}, {0, 0, 0, 0}, {0, 1, 2, 2}})
    EXPECT_THAT(tried({{"Transpose", {"x"}, {"z"}, {{"perm", order}}}}).refusal,
                HasSubstr("It must name every axis once"));
}

TEST(OnnxQuantised, WeightsAreTheirNumbersAndValuesAreFloats) {
  const TensorRow weights{"wq", {2, 3, 1, 1}, {-128, 0, 127, 5, -6, 7}, 3};
  const std::vector<TensorRow> tensors{
      weights, {"ws", {2}, {0.5F, 0.25F}}, {"wz", {2}, {0, 1}, 3}, number("s", 0.1F), number("z8", 0.0F, 3)};
  const auto got = tried({{"QuantizeLinear", {"x", "s", "z8"}, {"q"}},
                          {"DequantizeLinear", {"q", "s", "z8"}, {"d"}},
                          {"DequantizeLinear", {"wq", "ws", "wz"}, {"w"}, {{"axis", {0}}}},
                          {"Conv", {"d", "w"}, {"z"}}},
                         tensors, 13);
  Floats wanted(32);
  const float w[2][3] = {{-64, 0, 63.5F}, {1, -1.75F, 1.5F}};
  for (std::size_t i = 0; i < 32; ++i)
    for (std::size_t c = 0; c < 3; ++c) wanted[i] += w[i / 16][c] * got.input[c * 16 + i % 16];
  expect_near(got, wanted, 1e-3F);
  ASSERT_EQ(got.notices.size(), 1U);
  EXPECT_THAT(got.notices[0], HasSubstr("quantised"));
  const std::vector<TensorRow> other{number("s", 0.1F), number("z8", 0.0F, 3), number("t", 0.2F),
                                     number("u8", 0.0F, 2)};
  EXPECT_THAT(
      tried({{"QuantizeLinear", {"x", "s", "z8"}, {"q"}}, {"DequantizeLinear", {"q", "t", "z8"}, {"z"}}}, other, 13)
          .refusal,
      HasSubstr("not those that the values were quantised with"));
  EXPECT_THAT(tried({{"QuantizeLinear", {"x", "s", "z8"}, {"q"}}, {"Relu", {"q"}, {"z"}}}, other, 13).refusal,
              HasSubstr("only between QuantizeLinear and DequantizeLinear"));
  // Whole numbers from 0 on keep nothing below 0: the ReLU that a tool has left out.
  expect_near(
      tried({{"QuantizeLinear", {"x", "s", "u8"}, {"q"}}, {"DequantizeLinear", {"q", "s", "u8"}, {"z"}}}, other, 13),
      each(ramp(48), [](double v) { return std::max(v, 0.0); }));
}

TEST(OnnxIf, TakesTheBranchThatIsKnown) {
  for (const float yes : {1.0F, 0.0F}) {
    NodeRow choice{"If", {"c"}, {"z"}};
    choice.graphs = {{"then_branch", graph_text({{"Relu", {"x"}, {"t"}}}, {"t"})},
                     {"else_branch",
                      graph_text({{"Neg", {"x"}, {"f"}}, {"Add", {"f", "one"}, {"g"}}}, {"g"}, {number("one", 1.0F)})}};
    expect_near(tried({choice}, {number("c", yes, 9)}),
                each(ramp(48), [&](double v) { return yes != 0.0F ? std::max(v, 0.0) : 1.0 - v; }));
  }
  NodeRow open{"If", {"x"}, {"z"}};
  open.graphs = {{"then_branch", graph_text({}, {"x"})}, {"else_branch", graph_text({}, {"x"})}};
  EXPECT_THAT(tried({open}).refusal, HasSubstr("Which branch it takes is computed from the picture"));
  // Nested without end: refused, and no stack is lost.
  std::string deep = graph_text({{"Relu", {"x"}, {"t"}}}, {"t"});
  for (int i = 0; i < 200; ++i) {
    NodeRow inner{"If", {"c"}, {"t"}};
    inner.graphs = {{"then_branch", deep}};
    deep = graph_text({inner}, {"t"});
  }
  NodeRow outer{"If", {"c"}, {"z"}};
  outer.graphs = {{"then_branch", deep}};
  EXPECT_THAT(tried({outer}, {number("c", 1.0F, 9)}).refusal, HasSubstr("too deeply"));
}

}  // namespace
}  // namespace weightroom::onnx
