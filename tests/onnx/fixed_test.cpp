// Which constants of a file are learned, and which are how a picture is read.
#include <gtest/gtest.h>

#include "onnx/file_testing.h"

namespace weightroom::onnx {
namespace {

using namespace testing;

// (x - mean) / std, a 1x1 convolution, a scale for each channel, the mean of each.
Result<nn::Model> read_inside() {
  FileRow row{{{"Sub", {"x", "mean"}, {"a"}},
               {"Div", {"a", "std"}, {"b"}},
               {"Conv", {"b", "w"}, {"c"}},
               {"Mul", {"c", "gain"}, {"d"}},
               {"GlobalAveragePool", {"d"}, {"e"}},
               {"Flatten", {"e"}, {"y"}}},
              {{"mean", {1, 3, 1, 1}, {0.4F, 0.5F, 0.6F}},
               {"std", {1, 3, 1, 1}, {0.2F, 0.3F, 0.4F}},
               {"w", {4, 3, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
               {"gain", {1, 4, 1, 1}, {1, 2, 3, 4}}},
              {1, 3, 4, 4},
              18};
  return imported(row);
}

TEST(Fixed, HowThePictureIsReadIsNoWeightThatTrainingChanges) {
  const auto model = read_inside();
  ASSERT_TRUE(model) << model.error().message();
  const nn::Graph& graph = *model->graph;
  for (const auto& [name, trainable] : {std::pair{"mean.value", false}, {"std.value", false}, {"gain.value", true}}) {
    const int tensor = graph.find_weight(name);
    ASSERT_GE(tensor, 0) << name;
    EXPECT_EQ(graph.weights()[static_cast<std::size_t>(tensor)].trainable, trainable) << name;
  }
}

}  // namespace
}  // namespace weightroom::onnx
