// What pools, norms and resizes of a file come to here: each beside its formula, worked out plainly.
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/translate_testing.h"

namespace weightroom::onnx {
namespace {

using ::testing::HasSubstr;
using namespace testing;

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

}  // namespace
}  // namespace weightroom::onnx
