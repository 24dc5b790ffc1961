// Single ops on numbers that can be checked by hand: conventions that no gradient check sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/op_harness.h"
#include "nn/registry.h"

namespace weightroom::nn {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using testing::Gradients;
using ::testing::HasSubstr;
using testing::OpRun;
using testing::Problem;
using testing::Values;

struct Answer {
  std::vector<float> output;
  Gradients gradients;
  std::vector<float> saved;
};

// The op's fast kernels on the given values, with all ones for d_output.
Answer answer(std::string_view name, const OpCase& row, const Values<float>& inputs, const Values<float>& weights = {},
              bool training = false) {
  const Problem p(*find_op(name), row, training);
  OpRun<float> run(p, inputs, weights);
  run.forward(p.op->forward);
  const auto* saved = reinterpret_cast<const float*>(run.saved.data());
  Answer result{run.output, Gradients(p), {saved, saved + p.inference.saved_bytes / sizeof(float)}};
  testing::run_backward(run, std::vector<float>(run.output.size(), 1.0F), result.gradients);
  return result;
}

Result<Inference> infer(std::string_view name, const Attributes& attributes, std::initializer_list<Shape> inputs) {
  return find_op(name)->infer(attributes, std::vector<Shape>(inputs));
}

TEST(Relu, HasDerivativeZeroAtZero) {
  const auto a = answer("relu", {{}, {Shape{1, 4}}}, {{-1.0F, 0.0F, 2.0F, -0.0F}});
  EXPECT_THAT(a.output, ElementsAre(0.0F, 0.0F, 2.0F, 0.0F));
  EXPECT_THAT(a.gradients.inputs[0], ElementsAre(0.0F, 0.0F, 1.0F, 0.0F));
}

TEST(Relu, KeepsNan) {
  const std::vector<float> x(9, std::nanf(""));
  for (float y : answer("relu", {{}, {Shape{1, 9}}}, {x}).output) EXPECT_TRUE(std::isnan(y));
}

TEST(MaxPool, OfEqualValuesTheFirstWins) {
  for (int width : {4, 5, 16, 18}) {  // single lanes and whole vectors
    const OpCase row{{{"kernel", 2LL}}, {Shape{1, 1, 2, width}}};
    const std::vector<float> ones(static_cast<std::size_t>(2 * width), 1.0F);
    const auto a = answer("max_pool", row, {ones});
    for (int x = 0; x < 2 * width; ++x) {
      const bool first = x < width && x % 2 == 0 && x / 2 < width / 2;
      EXPECT_EQ(a.gradients.inputs[0][static_cast<std::size_t>(x)], first ? 1.0F : 0.0F)
          << "width " << width << ", place " << x;
    }
  }
}

TEST(MaxPool, OfEqualValuesTheFirstWinsInAnyWindow) {
  const OpCase row{{{"kernel", 3LL}, {"stride", 2LL}}, {Shape{1, 1, 3, 41}}};
  const auto a = answer("max_pool", row, {std::vector<float>(123, 1.0F)});
  for (int x = 0; x < 123; ++x)
    EXPECT_EQ(a.gradients.inputs[0][static_cast<std::size_t>(x)], x < 40 && x % 2 == 0 ? 1.0F : 0.0F) << x;
}

// Rows of whole vectors: nothing is zeroed first, every place is written.
TEST(MaxPool, WritesAFreshGradientWhereNothingWas) {
  const OpCase row{{{"kernel", 2LL}}, {Shape{1, 2, 4, 64}}};
  const Problem p(*find_op("max_pool"), row, false);
  const auto inputs = testing::cast_all<float>(p.inputs);
  const auto d_output = testing::cast_all<float>(p.functional());
  OpRun<float> run(p, inputs, {});
  run.forward(p.op->forward);
  Gradients added(p);
  run_backward(run, d_output, added);
  Gradients written(p);
  std::ranges::fill(written.inputs[0], std::nanf(""));
  run_backward(run, d_output, written, true);
  EXPECT_EQ(written.inputs[0], added.inputs[0]);
}

TEST(MaxPool, PaddingNeverWins) {
  const auto a =
      answer("max_pool", {{{"kernel", 2LL}, {"padding", 1LL}}, {Shape{1, 1, 2, 2}}}, {{-1.0F, -2.0F, -3.0F, -4.0F}});
  EXPECT_THAT(a.output, ElementsAre(-1.0F, -2.0F, -3.0F, -4.0F));
}

TEST(MaxPool, OverlappingWindowsAddTheirGradients) {
  const auto a = answer("max_pool", {{{"kernel", 2LL}, {"stride", 1LL}}, {Shape{1, 1, 2, 3}}},
                        {{0.0F, 5.0F, 1.0F, 2.0F, 3.0F, 4.0F}});
  EXPECT_THAT(a.output, ElementsAre(5.0F, 5.0F));
  EXPECT_THAT(a.gradients.inputs[0], ElementsAre(0.0F, 2.0F, 0.0F, 0.0F, 0.0F, 0.0F));
}

// Extents of torch.nn.MaxPool2d, PyTorch 1.13.
TEST(MaxPool, CeilModeDropsAWindowThatStartsInThePaddingBehind) {
  const auto extent = [](long long kernel, long long stride, long long padding, long long ceil_mode, int in) {
    const auto inference =
        infer("max_pool", {{"kernel", kernel}, {"stride", stride}, {"padding", padding}, {"ceil_mode", ceil_mode}},
              {Shape{1, 1, in, in}});
    return inference ? inference->output.h() : -1;
  };
  EXPECT_EQ(extent(2, 2, 0, 0, 5), 2);
  EXPECT_EQ(extent(2, 2, 0, 1, 5), 3);
  EXPECT_EQ(extent(3, 2, 1, 0, 8), 4);
  EXPECT_EQ(extent(3, 2, 1, 1, 8), 5);
  EXPECT_EQ(extent(2, 3, 1, 1, 5), 2);  // a third would start at 5, behind the input
  EXPECT_EQ(extent(2, 2, 1, 1, 3), 2);
}

TEST(AvgPool, CountsPaddingUnlessToldNotTo) {
  const std::vector<float> x = {1.0F, 2.0F, 3.0F, 4.0F};
  const OpCase counted{{{"kernel", 2LL}, {"padding", 1LL}}, {Shape{1, 1, 2, 2}}};
  EXPECT_THAT(answer("avg_pool", counted, {x}).output, ElementsAre(0.25F, 0.5F, 0.75F, 1.0F));
  const OpCase left_out{{{"kernel", 2LL}, {"padding", 1LL}, {"count_include_pad", 0LL}}, {Shape{1, 1, 2, 2}}};
  EXPECT_THAT(answer("avg_pool", left_out, {x}).output, ElementsAre(1.0F, 2.0F, 3.0F, 4.0F));
}

TEST(AvgPool, CountsNothingBeyondThePadding) {
  const OpCase row{{{"kernel", 2LL}, {"ceil_mode", 1LL}}, {Shape{1, 1, 2, 3}}};
  EXPECT_THAT(answer("avg_pool", row, {{1.0F, 1.0F, 3.0F, 1.0F, 1.0F, 5.0F}}).output, ElementsAre(1.0F, 4.0F));
}

TEST(BatchNorm, RunsOnRunningStatisticsAndRecordsThem) {
  const Values<float> weights = {{2.0F}, {1.0F}, {3.0F}, {4.0F}};
  const auto a = answer("batch_norm", {{}, {Shape{1, 1, 1, 2}}}, {{3.0F, 5.0F}}, weights);
  EXPECT_FLOAT_EQ(a.output[0], 1.0F);
  EXPECT_NEAR(a.output[1], 3.0F, 1e-5);
  EXPECT_THAT(a.saved, ElementsAre(3.0F, 4.0F));
}

TEST(BatchNorm, TrainsOnBatchStatisticsAndRecordsThem) {
  const Values<float> weights = {{1.0F, 1.0F}, {0.0F, 10.0F}, {50.0F, 50.0F}, {9.0F, 9.0F}};
  // Two samples of two channels: channel 0 has 1 and 5, channel 1 has 2 and 2.
  const auto a = answer("batch_norm", {{}, {Shape{2, 2, 1, 1}}}, {{1.0F, 2.0F, 5.0F, 2.0F}}, weights, true);
  EXPECT_THAT(a.saved, ElementsAre(3.0F, 2.0F, 4.0F, 0.0F));
  EXPECT_NEAR(a.output[0], -1.0F, 1e-5);
  EXPECT_NEAR(a.output[2], 1.0F, 1e-5);
  EXPECT_THAT(a.output[1], FloatEq(10.0F));
}

TEST(BatchNorm, KeepsTheDigitsOfASmallVarianceAboutALargeMean) {
  std::vector<float> x(1000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 10000.0F + (i % 2 == 0 ? 0.25F : -0.25F);
  const auto a = answer("batch_norm", {{}, {Shape{1, 1, 25, 40}}}, {x}, {{1.0F}, {0.0F}, {0.0F}, {1.0F}}, true);
  EXPECT_THAT(a.saved, ElementsAre(10000.0F, 0.0625F));
}

// So many rows that their number times the blocks they are shared out in does not fit 32 bits, which addresses have in
// wasm.
TEST(Linear, OfAHundredThousandOutputs) {
  constexpr int kOutputs = 100'000;
  std::vector<float> weight(4UL * kOutputs);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i % 1000);
  const OpCase row{{{"out_features", static_cast<long long>(kOutputs)}, {"bias", 0LL}}, {Shape{1, 4}}};
  const auto a = answer("linear", row, {{1.0F, 2.0F, 3.0F, 4.0F}}, {weight});
  for (std::size_t o = 0; o < kOutputs; ++o) {
    const float* w = weight.data() + 4 * o;
    ASSERT_EQ(a.output[o], w[0] + 2.0F * w[1] + 3.0F * w[2] + 4.0F * w[3]) << o;
  }
}

TEST(Softmax, SurvivesLargeLogits) {
  const auto a = answer("softmax", {{}, {Shape{1, 3}}}, {{1000.0F, 1000.0F, -1000.0F}});
  EXPECT_THAT(a.output, ElementsAre(0.5F, 0.5F, 0.0F));
}

TEST(Pool, RefusalsNameTheCause) {
  const Shape x{1, 3, 8, 8};
  const auto sentence = [&](const Attributes& attributes) {
    return infer("max_pool", attributes, {x}).error().message();
  };
  EXPECT_EQ(sentence({{"kernel", 9LL}}), "The window (9 x 9) is larger than the padded input (8 x 8).");
  EXPECT_THAT(sentence({{"kernel", 3LL}, {"padding", 2LL}}), HasSubstr("at most half the kernel (3 x 3)"));
  EXPECT_THAT(sentence({{"kernal", 3LL}}), HasSubstr("no attribute 'kernal'"));
}

}  // namespace
}  // namespace weightroom::nn
