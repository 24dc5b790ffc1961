// What an op says it means (nn/traits.h), of every op: a new line in ops.inc is tested here at once.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "base/language.h"
#include "nn/op_cases.h"
#include "nn/op_harness.h"
#include "nn/registry.h"

namespace weightroom::nn {
namespace {

using testing::cast_all;
using testing::Gradients;
using testing::OpRun;
using testing::Problem;
using testing::Values;

class EveryOpMeans : public ::testing::TestWithParam<const OpDef*> {};

TEST_P(EveryOpMeans, SomethingInEveryRespect) {
  const OpDef& op = *GetParam();
  const Traits& traits = op.traits;
  EXPECT_NE(traits.form, Form::unset);
  EXPECT_NE(traits.relevance, Relevance::unset);
  EXPECT_NE(traits.multiplier, Multiplier::unset);
  EXPECT_NE(traits.sees, nullptr);
  EXPECT_EQ(base::name_of(traits.words), "op." + std::string(op.name) + "_words");
  EXPECT_LE(tr(traits.words).size(), 20U) << "stands over a map";
}

TEST_P(EveryOpMeans, WhatGoesTogether) {
  const OpDef& op = *GetParam();
  const Traits& traits = op.traits;
  EXPECT_EQ(traits.multiplier == Multiplier::own, op.multipliers != nullptr);
  if (traits.form == Form::linear) EXPECT_EQ(traits.multiplier, Multiplier::slope) << "it is the same everywhere";
  if (traits.multiplier == Multiplier::slope)
    EXPECT_EQ(traits.form, Form::linear) << "elsewhere the gradient adds up to nothing";
  if (traits.pieces != nullptr || traits.homogeneous) EXPECT_EQ(traits.form, Form::kinked);
  if (traits.form == Form::kinked) EXPECT_TRUE(op.piecewise);
  EXPECT_EQ(traits.weighted_sum, traits.relevance == Relevance::layer);
  EXPECT_EQ(traits.multiplier == Multiplier::maximum, traits.pool == Pool::largest);
  for (const std::string& text : {tr(traits.words), tr(op.summary)}) {
    if (text.find("{window}") != std::string::npos) EXPECT_NE(traits.window, nullptr) << text;
    if (text.find("{from}") != std::string::npos) EXPECT_NE(op.input_count, 0) << text;
  }
  EXPECT_TRUE(traits.formula.empty() || traits.formula.find("{x}") != std::string_view::npos) << traits.formula;
  if (traits.relevance == Relevance::keep || traits.relevance == Relevance::keep_norm) {
    for (const OpCase& row : op_cases(op.name).good)
      EXPECT_EQ(op.infer(row.attributes, row.inputs)->output, row.inputs[0]) << "value by value";
  }
  if (!traits.weighted_sum && !traits.channel_norm) return;
  for (const OpCase& row : op_cases(op.name).good) {
    const auto weights = op.infer(row.attributes, row.inputs).value().weights;
    ASSERT_FALSE(weights.empty());
    EXPECT_EQ(weights[0].role, "weight");
    if (traits.channel_norm) EXPECT_EQ(weights.size(), 4U);
    if (weights.size() > 1) EXPECT_EQ(weights[1].shape, (Shape{weights[0].shape[0]}));
  }
}

// Outputs at three points: x, y and (x + y) / 2, in double.
std::vector<double> output_at(const Problem& problem, const Values<double>& inputs) {
  OpRun<double> run(problem, inputs, problem.weights);
  run.forward(problem.op->plain_double);
  return run.output;
}

// What is linear is so between any two points; what is not, is not.
TEST_P(EveryOpMeans, TheFormItSays) {
  const OpDef& op = *GetParam();
  if (op.input_count == 0) return;  // it reads nothing
  double worst = 0.0;
  for (const OpCase& row : op_cases(op.name).good) {
    const Problem problem(op, row, false);
    Values<double> other = problem.inputs;
    for (std::vector<double>& values : other) {
      std::ranges::reverse(values);
      for (double& v : values) v = 0.75 * v + 0.3;
    }
    Values<double> middle = problem.inputs;
    for (std::size_t k = 0; k < middle.size(); ++k)
      for (std::size_t i = 0; i < middle[k].size(); ++i) middle[k][i] = 0.5 * (middle[k][i] + other[k][i]);
    const auto a = output_at(problem, problem.inputs);
    const auto b = output_at(problem, other);
    const auto m = output_at(problem, middle);
    for (std::size_t i = 0; i < m.size(); ++i) {
      const double off = std::fabs(m[i] - 0.5 * (a[i] + b[i])) / std::max(1.0, std::fabs(a[i]) + std::fabs(b[i]));
      if (std::isfinite(off)) worst = std::max(worst, off);
    }
  }
  if (op.traits.form == Form::linear) EXPECT_LE(worst, 1e-9);
  if (op.traits.form != Form::linear) EXPECT_GE(worst, 1e-3);
}

// Relevance follows values where every value of the output is one of the inputs', or of the border.
TEST_P(EveryOpMeans, RelevanceFollowsValuesThatAreCopies) {
  const OpDef& op = *GetParam();
  if (op.input_count == 0) return;
  bool copies = true;
  for (const OpCase& row : op_cases(op.name).good) {
    const Problem problem(op, row, false);
    std::vector<double> known;
    for (const std::vector<double>& values : problem.inputs) known.insert(known.end(), values.begin(), values.end());
    if (op.traits.border != nullptr) known.push_back(op.traits.border(row.attributes));
    std::ranges::sort(known);
    for (const double value : output_at(problem, problem.inputs))
      copies = copies && std::ranges::binary_search(known, value);
  }
  EXPECT_EQ(op.traits.relevance == Relevance::follow, copies);
}

// f(c x) = c f(x), and no kink is crossed on the way.
TEST_P(EveryOpMeans, HomogeneousWhereItSaysSo) {
  const OpDef& op = *GetParam();
  if (op.traits.form != Form::kinked) return;
  double worst = 0.0;
  for (const OpCase& row : op_cases(op.name).good) {
    const Problem problem(op, row, false);
    Values<double> larger = problem.inputs;
    for (std::vector<double>& values : larger)
      for (double& v : values) v *= 3.0;
    const auto once = output_at(problem, problem.inputs);
    const auto thrice = output_at(problem, larger);
    for (std::size_t i = 0; i < once.size(); ++i) worst = std::max(worst, std::fabs(thrice[i] - 3.0 * once[i]));
  }
  if (op.traits.homogeneous) EXPECT_LE(worst, 1e-9);
  if (!op.traits.homogeneous) EXPECT_GE(worst, 1e-3);
}

// On one piece the slope is one number: that of the op's own backward, whatever the value.
TEST_P(EveryOpMeans, PiecesOnWhichItsSlopeIsOneNumber) {
  const OpDef& op = *GetParam();
  if (op.traits.pieces == nullptr) return;
  for (const OpCase& row : op_cases(op.name).good) {
    const Problem problem(op, row, false);
    const auto inputs = cast_all<float>(problem.inputs);
    // One slope for all, where it is a weight.
    if (!problem.weights.empty() && problem.weights[0].size() > 1) continue;
    const auto weights = cast_all<float>(problem.weights);
    const std::vector<Tensor> no_gradients(weights.size());
    OpRun<float> run(problem, inputs, weights);
    run.forward(op.plain);
    const ConstTensor output{problem.inference.output, run.output.data()};
    std::vector<std::uint8_t> pieces(output.size());
    op.traits.pieces(run.inputs[0], output, pieces);
    Gradients gradients(problem);
    std::vector<float> ones(output.size(), 1.0F);
    const std::array<Tensor, 1> d_inputs{{{problem.shapes[0], gradients.inputs[0].data()}}};
    op.backward({.attributes = problem.attributes,
                 .inputs = run.inputs,
                 .weights = run.weights,
                 .output = output,
                 .d_output = {output.shape, ones.data()},
                 .d_inputs = d_inputs,
                 .d_weights = no_gradients,
                 .saved = {},
                 .workspace = {}});
    std::map<int, float> slopes;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto [known, added] = slopes.emplace(pieces[i], gradients.inputs[0][i]);
      EXPECT_EQ(known->second, gradients.inputs[0][i]) << "piece " << int{pieces[i]};
    }
    if (pieces.size() > 8 && op.traits.homogeneous) EXPECT_GT(slopes.size(), 1U);
  }
}

// A value of the input that the op does not see changes nothing; and it sees no more than there is to see.
TEST_P(EveryOpMeans, WhatItSeesIsAllThatCounts) {
  const OpDef& op = *GetParam();
  for (const OpCase& row : op_cases(op.name).good) {
    if (op.input_count == 0 || row.inputs[0].size() > 1500) continue;
    const Problem problem(op, row, false);
    const Shape& out = problem.inference.output;
    if (out.rank() != 4) continue;
    const auto before = output_at(problem, problem.inputs);
    const int y = out.h() / 2;
    const int x = out.w() / 3;
    for (std::size_t k = 0; k < problem.shapes.size(); ++k) {
      const Shape& in = problem.shapes[k];
      if (in.rank() != 4) continue;
      const Rectangle seen = op.traits.sees(problem.attributes, in, out, {y, x, y + 1, x + 1});
      Values<double> changed = problem.inputs;
      for (std::size_t i = 0; i < changed[k].size(); ++i) {
        const int row_of = static_cast<int>(i) / in.w() % in.h();
        const int column = static_cast<int>(i) % in.w();
        const bool inside = row_of >= seen.top && row_of < seen.bottom && column >= seen.left && column < seen.right;
        if (!inside) changed[k][i] += 1.0;
      }
      const auto after = output_at(problem, changed);
      for (int plane = 0; plane < out.n() * out.c(); ++plane) {
        const auto at = static_cast<std::size_t>((plane * out.h() + y) * out.w() + x);
        EXPECT_EQ(before[at], after[at]) << "input " << k << ", plane " << plane;
      }
    }
  }
}

// Over all inputs, multiplier times change adds up to the output's change.
TEST_P(EveryOpMeans, OwnMultipliersThatAddUp) {
  const OpDef& op = *GetParam();
  if (op.multipliers == nullptr) return;
  for (const OpCase& row : op_cases(op.name).good) {
    const Problem problem(op, row, false);
    Values<double> before = problem.inputs;
    for (std::vector<double>& values : before)
      for (double& v : values) v = -0.4 * v + 0.21;
    before[0][0] = problem.inputs[0][0];  // one that rests
    const auto here = cast_all<float>(problem.inputs);
    const auto there = cast_all<float>(before);
    const auto weights = cast_all<float>(problem.weights);
    OpRun<float> at(problem, here, weights);
    at.forward(op.plain);
    OpRun<float> from(problem, there, weights);
    from.forward(op.plain);
    const auto seed = cast_all<float>(problem.functional());
    double change = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < seed.size(); ++i) {
      const double part =
          static_cast<double>(seed[i]) * (static_cast<double>(at.output[i]) - static_cast<double>(from.output[i]));
      change += part;
      size += std::fabs(part);
    }
    Gradients gradients(problem);
    std::vector<Tensor> d_inputs;
    for (std::size_t k = 0; k < problem.shapes.size(); ++k)
      d_inputs.push_back({problem.shapes[k], gradients.inputs[k].data()});
    const std::vector<Tensor> d_weights(problem.weights.size());
    const BackwardArgs args{.attributes = problem.attributes,
                            .inputs = at.inputs,
                            .weights = at.weights,
                            .output = {problem.inference.output, at.output.data()},
                            .d_output = {problem.inference.output, seed.data()},
                            .d_inputs = d_inputs,
                            .d_weights = d_weights,
                            .saved = {},
                            .workspace = {}};
    op.multipliers({.at = args, .inputs = from.inputs});
    double sum = 0.0;
    for (std::size_t k = 0; k < here.size(); ++k)
      for (std::size_t i = 0; i < here[k].size(); ++i)
        sum += static_cast<double>(gradients.inputs[k][i]) *
               (static_cast<double>(here[k][i]) - static_cast<double>(there[k][i]));
    EXPECT_NEAR(sum, change, 2e-4 * size);
  }
}

std::vector<const OpDef*> all_of_them() {
  std::vector<const OpDef*> all;
  for (const OpDef& op : ops()) all.push_back(&op);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Ops, EveryOpMeans, ::testing::ValuesIn(all_of_them()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace weightroom::nn
