// What ops of a file come to here: each beside its formula, worked out plainly.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/model_file.h"
#include "nn/session.h"
#include "onnx/file_testing.h"
#include "onnx/open_model.h"

namespace weightroom::onnx {
namespace {

using ::testing::HasSubstr;
using namespace testing;

using Floats = std::vector<float>;

// Values of some variety, none of them 0 or equal.
Floats ramp(std::size_t count) {
  Floats values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(std::sin(1.7 * static_cast<double>(i) + 0.4)) * 3.0F;
  return values;
}

TensorRow whole(const std::string& name, const std::vector<float>& values) {
  return {name, {static_cast<std::int64_t>(values.size())}, values, 7};
}
TensorRow number(const std::string& name, float value, int type = 1) { return {name, {}, {value}, type}; }

// What a node makes of a picture (3,4,4): all values of its output in a row, its logits.
struct Tried {
  Floats input = ramp(48);
  Floats output;
  std::string refusal;
  std::vector<std::string> notices;
  std::string title;
};
Tried tried(std::vector<NodeRow> nodes, const std::vector<TensorRow>& tensors = {}, std::int64_t opset = 18,
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

void expect_near(const Tried& got, const Floats& wanted, float tolerance = 1e-5F) {
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

// Of all pools with a padding that differs from side to side: the windows of ONNX's own text.
Floats pooled(const Floats& x, int k, int s, const std::vector<int>& pads, bool ceil, bool largest, bool count_pads) {
  Floats y;
  const auto extent = [&](int begin, int end) {
    const int room = 4 + begin + end - k;
    int out = (room + (ceil ? s - 1 : 0)) / s + 1;
    if (ceil && (out - 1) * s >= 4 + begin) --out;
    return out;
  };
  for (int c = 0; c < 3; ++c) {
    for (int oy = 0; oy < extent(pads[0], pads[2]); ++oy) {
      for (int ox = 0; ox < extent(pads[1], pads[3]); ++ox) {
        double sum = 0.0;
        double most = -1e30;
        int seen = 0;
        int counted = 0;
        for (int i = oy * s - pads[0]; i < oy * s - pads[0] + k; ++i) {
          for (int j = ox * s - pads[1]; j < ox * s - pads[1] + k; ++j) {
            counted += static_cast<int>(i < 4 + pads[2] && j < 4 + pads[3]);
            if (i < 0 || j < 0 || i >= 4 || j >= 4) continue;
            const double v = static_cast<double>(x[static_cast<std::size_t>(c * 16 + i * 4 + j)]);
            sum += v;
            most = std::max(most, v);
            ++seen;
          }
        }
        y.push_back(static_cast<float>(largest ? most : sum / (count_pads ? counted : seen)));
      }
    }
  }
  return y;
}

TEST(OnnxPools, MayBePaddedOnOneSide) {
  const Floats x = ramp(48);
  for (const std::int64_t ceil : {0, 1}) {
    for (const std::vector<std::int64_t>& pads :
         std::vector<std::vector<std::int64_t>>{{0, 0, 1, 1}, {1, 0, 0, 1}, {1, 1, 1, 1}, {0, 1, 1, 0}}) {
      const std::vector<int> sides(pads.begin(), pads.end());
      for (const std::int64_t k : {2, 3}) {
        NodeRow node{"MaxPool",
                     {"x"},
                     {"z"},
                     {{"kernel_shape", {k, k}}, {"strides", {2, 2}}, {"pads", pads}, {"ceil_mode", {ceil}}}};
        expect_near(tried({node}), pooled(x, static_cast<int>(k), 2, sides, ceil == 1, true, false));
        node.op = "AveragePool";
        expect_near(tried({node}), pooled(x, static_cast<int>(k), 2, sides, ceil == 1, false, false));
        node.attributes.push_back({"count_include_pad", {1}});
        expect_near(tried({node}), pooled(x, static_cast<int>(k), 2, sides, ceil == 1, false, true));
      }
    }
  }
  NodeRow same{"AveragePool", {"x"}, {"z"}, {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}}};
  same.words = {{"auto_pad", "SAME_UPPER"}};
  expect_near(tried({same}), pooled(x, 3, 2, {0, 0, 1, 1}, false, false, false));
}

TEST(OnnxPools, ABorderOfMinusInfinityIsAPadding) {
  const NodeRow border{"Pad", {"x", "p", "v"}, {"b"}};
  const NodeRow pool{"MaxPool", {"b"}, {"z"}, {{"kernel_shape", {3, 3}}, {"strides", {2, 2}}}};
  const std::vector<TensorRow> tensors{whole("p", {0, 0, 1, 1, 0, 0, 1, 1}),
                                       number("v", -std::numeric_limits<float>::infinity())};
  expect_near(tried({border, pool}, tensors), pooled(ramp(48), 3, 2, {1, 1, 1, 1}, false, true, false));
  FileRow row{{border, pool, {"Flatten", {"z"}, {"y"}}}, tensors, {1, 3, 4, 4}};
  EXPECT_EQ(imported(row)->graph->nodes().size(), 3U) << "no map of lowest floats is shown";
}

TEST(OnnxPools, OfTheWholeMap) {
  const Floats x = ramp(48);
  Floats most;
  Floats sums;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto first = x.begin() + static_cast<std::ptrdiff_t>(c * 16);
    most.push_back(*std::max_element(first, first + 16));
    sums.push_back(0.0F);
    for (std::size_t i = 0; i < 16; ++i) sums.back() += x[c * 16 + i];
  }
  expect_near(tried({{"GlobalMaxPool", {"x"}, {"z"}}}), most);
  expect_near(tried({{"ReduceMax", {"x", "a"}, {"z"}, {{"keepdims", {0}}}}}, {whole("a", {2, 3})}), most);
  expect_near(tried({{"ReduceSum", {"x", "a"}, {"z"}, {{"keepdims", {0}}}}}, {whole("a", {-1, 2})}), sums, 1e-4F);
  Floats channels(16);
  for (std::size_t i = 0; i < 16; ++i) channels[i] = std::max({x[i], x[16 + i], x[32 + i]});
  expect_near(tried({{"ReduceMax", {"x"}, {"z"}, {{"axes", {1}}}}}, {}, 13), channels);
  EXPECT_THAT(tried({{"ReduceMax", {"x"}, {"z"}, {{"axes", {1, 3}}}}}, {}, 13).refusal, HasSubstr("neighbours"));
  EXPECT_THAT(tried({{"ReduceSum", {"x"}, {"z"}}}).refusal, HasSubstr("whole batch"));
}

TEST(OnnxNorms, OfChannelsAndOfGroups) {
  const Floats x = ramp(64);
  const Floats scale{1, 2, 3, 4};
  const Floats shift{0.5F, 0, -1, 2};
  const auto normalised = [&](std::size_t groups, bool per_group) {
    Floats y(64);
    const std::size_t length = 64 / groups;
    for (std::size_t g = 0; g < groups; ++g) {
      double mean = 0.0;
      double square = 0.0;
      for (std::size_t i = 0; i < length; ++i)
        mean += static_cast<double>(x[g * length + i]) / static_cast<double>(length);
      for (std::size_t i = 0; i < length; ++i) {
        const double off = static_cast<double>(x[g * length + i]) - mean;
        square += off * off / static_cast<double>(length);
      }
      for (std::size_t i = 0; i < length; ++i) {
        const std::size_t at = per_group ? g : (g * length + i) / 16;
        const double z = (static_cast<double>(x[g * length + i]) - mean) / std::sqrt(square + 0.01);
        y[g * length + i] = static_cast<float>(z * static_cast<double>(scale[at]) + static_cast<double>(shift[at]));
      }
    }
    return y;
  };
  const auto node = [](const char* op, std::int64_t groups) {
    NodeRow row{op, {"c", "s", "b"}, {"z"}};
    if (groups > 0) row.attributes = {{"num_groups", {groups}}};
    row.reals = {{"epsilon", 0.01F}};
    return row;
  };
  // The picture as one channel of four times four rows, taken for four channels.
  const NodeRow four{"Reshape", {"x", "to"}, {"c"}};
  const std::vector<std::int64_t> input{1, 1, 16, 4};
  std::vector<TensorRow> tensors{{"s", {4}, scale}, {"b", {4}, shift}, whole("to", {0, 4, 4, 4})};
  expect_near(tried({four, node("InstanceNormalization", 0)}, tensors, 18, input), normalised(4, false), 1e-4F);
  expect_near(tried({four, node("GroupNormalization", 2)}, tensors, 21, input), normalised(2, false), 1e-4F);
  tensors[0] = {"s", {2}, {1, 2}};
  tensors[1] = {"b", {2}, {0.5F, 0}};
  expect_near(tried({four, node("GroupNormalization", 2)}, tensors, 18, input), normalised(2, true), 1e-4F);
}

TEST(OnnxResize, AsEachExporterWritesIt) {
  const Floats x = ramp(16);
  const std::vector<std::int64_t> input{1, 1, 4, 4};
  const auto along = [](double at, bool linear, const auto& value) {
    at = std::clamp(at, 0.0, 3.0);
    const int low = static_cast<int>(at);
    const double share = linear ? at - low : 0.0;
    return value(low) * (1 - share) + (share > 0 ? value(low + 1) * share : 0.0);
  };
  const auto resized = [&](int out, bool linear, const auto& place) {
    Floats y;
    for (int r = 0; r < out; ++r) {
      for (int c = 0; c < out; ++c) {
        y.push_back(static_cast<float>(along(place(r), linear, [&](int i) {
          return along(place(c), linear,
                       [&](int j) { return static_cast<double>(x[static_cast<std::size_t>(i * 4 + j)]); });
        })));
      }
    }
    return y;
  };
  const auto node = [](const char* mode, const char* place, const char* nearest) {
    NodeRow row{"Resize", {"x", "", "s"}, {"z"}};
    row.words = {{"mode", mode}};
    if (*place != '\0') row.words.push_back({"coordinate_transformation_mode", place});
    if (*nearest != '\0') row.words.push_back({"nearest_mode", nearest});
    return row;
  };
  const std::vector<TensorRow> twice{{"s", {4}, {1, 1, 2, 2}}};
  // torch.nn.Upsample(scale_factor=2), and bilinear, with corners and without; and TensorFlow's.
  expect_near(tried({node("nearest", "asymmetric", "floor")}, twice, 13, input),
              resized(8, false, [](int o) { return o / 2; }));
  expect_near(tried({node("linear", "half_pixel", "")}, twice, 13, input),
              resized(8, true, [](int o) { return (o + 0.5) / 2 - 0.5; }));
  expect_near(tried({node("linear", "pytorch_half_pixel", "")}, twice, 13, input),
              resized(8, true, [](int o) { return (o + 0.5) / 2 - 0.5; }));
  expect_near(tried({node("linear", "align_corners", "")}, twice, 13, input),
              resized(8, true, [](int o) { return o * 3.0 / 7.0; }));
  expect_near(tried({node("linear", "asymmetric", "")}, twice, 13, input),
              resized(8, true, [](int o) { return o / 2.0; }));
  expect_near(tried({node("nearest", "tf_half_pixel_for_nn", "floor")}, twice, 11, input),
              resized(8, false, [](int o) { return std::floor((o + 0.5) / 2); }));
  NodeRow sizes = node("nearest", "half_pixel", "");
  sizes.inputs = {"x", "", "", "s"};
  expect_near(tried({sizes}, {whole("s", {1, 1, 6, 6})}, 18, input),
              resized(6, false, [](int o) { return std::ceil((o + 0.5) * 4 / 6 - 0.5 - 0.5); }));
  // A scale that is not the ratio of the extents is what the places are divided by: floor(4 * 1.6) = 6.
  expect_near(tried({node("linear", "half_pixel", "")}, {{"s", {4}, {1, 1, 1.6F, 1.6F}}}, 18, input),
              resized(6, true, [](int o) { return (o + 0.5) / static_cast<double>(1.6F) - 0.5; }));
  const NodeRow old{"Upsample", {"x", "s"}, {"z"}};
  expect_near(tried({old}, twice, 9, input), resized(8, false, [](int o) { return o / 2; }));
  EXPECT_THAT(tried({node("cubic", "", "")}, twice, 13, input).refusal, HasSubstr("It asks for 'cubic'"));
  EXPECT_THAT(tried({node("nearest", "tf_crop_and_resize", "")}, twice, 13, input).refusal,
              HasSubstr("'tf_crop_and_resize'"));
  EXPECT_THAT(tried({node("nearest", "", "")}, {{"s", {4}, {1, 2, 2, 2}}}, 13, input).refusal,
              HasSubstr("height and width"));
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
