#include "nn/op_uses.h"

#include "nn/registry.h"

namespace weightroom::nn {
namespace {

using List = std::vector<long long>;

// 50,176 values, 200 KB: a middle layer of a mobile net.
const Shape kMaps{1, 64, 28, 28};
const Shape kRows{1, 196, 256};

// More below 0 than above would be unlike what a layer hands on, and none at all would spare the branches their turn.
constexpr double kLeast = -4.0;

struct Row {
  const char* op;
  const char* how;
  Attributes attributes;
  std::vector<Shape> inputs;
  double least = kLeast;
};

// What needs other inputs than maps, or is used in more than one way.
std::vector<Row> rows() {
  const Shape of_channels{1, 64, 1, 1};
  return {
      {"add", "", {}, {kMaps, kMaps}},
      {"add", "a number a channel", {}, {kMaps, of_channels}},
      {"avg_pool", "2x2", {{"kernel", 2LL}}, {kMaps}},
      {"avg_pool", "3x3, stride 1", {{"kernel", 3LL}, {"stride", 1LL}, {"padding", 1LL}}, {kMaps}},
      {"binary", "", {}, {Shape{1, 1}}},
      {"clip", "ReLU6", {{"min", 0.0}, {"max", 6.0}}, {kMaps}},
      {"concat", "", {}, {Shape{1, 32, 28, 28}, Shape{1, 32, 28, 28}}},
      {"conv2d", "3x3", {{"out_channels", 64LL}, {"kernel", 3LL}, {"padding", 1LL}}, {kMaps}},
      {"conv2d", "1x1", {{"out_channels", 64LL}, {"kernel", 1LL}}, {kMaps}},
      {"conv2d",
       "depthwise 3x3",
       {{"out_channels", 64LL}, {"kernel", 3LL}, {"padding", 1LL}, {"groups", 64LL}},
       {kMaps}},
      {"div", "", {}, {kMaps, kMaps}},
      {"gelu", "", {}, {kMaps}},
      {"gelu", "tanh", {{"tanh", 1LL}}, {kMaps}},
      {"group_norm", "8 groups", {{"groups", 8LL}}, {kMaps}},
      {"layer_norm", "rows of 256", {}, {kRows}},
      {"linear", "256 to 256, 196 rows", {{"out_features", 256LL}}, {kRows}},
      {"linear", "1,024 to 256, one row", {{"out_features", 256LL}}, {Shape{1, 1024}}},
      {"log", "", {}, {kMaps}, 0.1},
      {"log_softmax", "rows of 196", {{"axis", -1LL}}, {Shape{1, 4, 64, 196}}},
      {"lrn", "of 5", {{"size", 5LL}, {"alpha", 1e-4}}, {kMaps}},
      {"matmul", "", {}, {Shape{4, 196, 64}, Shape{4, 64, 196}}},
      {"max", "", {}, {kMaps, kMaps}},
      {"max_pool", "2x2", {{"kernel", 2LL}}, {kMaps}},
      {"max_pool", "3x3, stride 2", {{"kernel", 3LL}, {"stride", 2LL}, {"padding", 1LL}}, {kMaps}},
      {"min", "", {}, {kMaps, kMaps}},
      {"mul", "", {}, {kMaps, kMaps}},
      {"mul", "a number a channel", {}, {kMaps, of_channels}},
      {"pad", "by 1", {{"padding", List{1, 1, 1, 1}}}, {kMaps}},
      {"power", "square", {{"exponent", 2.0}}, {kMaps}},
      {"power", "root", {{"exponent", 0.5}}, {kMaps}, 0.1},
      {"power", "1.7", {{"exponent", 1.7}}, {kMaps}, 0.1},
      {"reduce_mean", "of planes", {{"axes", List{2, 3}}}, {kMaps}},
      {"reduce_mean", "of channels", {{"axes", List{1}}}, {kMaps}},
      {"reshape", "", {{"shape", List{64, 784}}}, {kMaps}},
      {"resize", "twice", {{"size", List{56, 56}}}, {kMaps}},
      {"resize", "twice, linear", {{"size", List{56, 56}}, {"mode", std::string("linear")}}, {kMaps}},
      {"slice", "half the channels", {{"start", 0LL}, {"end", 32LL}}, {kMaps}},
      {"slice", "every second column", {{"axis", 3LL}, {"step", 2LL}}, {kMaps}},
      {"softmax", "rows of 196", {{"axis", -1LL}}, {Shape{1, 4, 64, 196}}},
      {"softmax", "of channels", {}, {kMaps}},
      {"sub", "", {}, {kMaps, kMaps}},
      {"transpose", "channels last", {{"order", List{0, 2, 3, 1}}}, {kMaps}},
  };
}

}  // namespace

std::vector<OpUse> op_uses() {
  std::vector<OpUse> uses;
  const std::vector<Row> listed = rows();
  for (const OpDef& op : ops()) {
    if (op.constant) continue;
    const auto before = uses.size();
    for (const Row& row : listed) {
      if (op.name == row.op) uses.push_back({&op, row.how, row.attributes, row.inputs, row.least, false});
    }
    if (uses.size() == before) uses.push_back({&op, "", {}, {kMaps}, kLeast, op.name == "relu"});
  }
  return uses;
}

}  // namespace weightroom::nn
