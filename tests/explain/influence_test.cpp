#include "explain/influence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "explain/scores.h"
#include "explain/weights.h"
#include "io/file.h"
#include "io/model_file.h"
#include "run_method.h"
#include "support/oracle.h"

namespace weightroom::explain {
namespace {

void finish(base::Task task) {
  while (!task.step()) {
  }
}

Influence study(nn::Session& session, const test::Net& net, int target, bool curvature) {
  const MethodInput input = input_of("gradient", session, net, target);
  Influence found;
  double progress = 0.0;
  finish(study_weights(input, {net.input}, curvature, found, progress));
  EXPECT_EQ(progress, 1.0);
  return found;
}

WeightsOf weights_of(const test::Net& net) {
  return [&net](int tensor) {
    const nn::GraphWeight& weight = net.graph->weights()[static_cast<std::size_t>(tensor)];
    return std::span<const float>(net.weights).subspan(weight.offset, weight.shape.size());
  };
}

TEST(Influence, GradientIsThatOfOnePass) {
  const test::Net net = test::mixed_net(3);
  nn::Session session = net.session();
  EXPECT_EQ(study(session, net, 2, false).gradient, weight_gradient(session, 2));
}

// The second derivative of the cross-entropy by one weight, by differences in double.
TEST(Influence, CurvatureIsTheSecondDerivative) {
  for (const test::Net& net : {test::smooth_net(1), test::chain_net(2), test::chain_net(5)}) {
    nn::Session session = net.session();
    const Influence found = study(session, net, 1, true);
    test::Oracle oracle(*net.graph, net.weights);
    const auto input = test::widen(net.input);
    const auto loss = [&] {
      oracle.forward(input);
      const auto& f = oracle.logits();
      const double most = *std::ranges::max_element(f);
      double sum = 0.0;
      for (double value : f) sum += std::exp(value - most);
      return std::log(sum) + most - f[1];
    };
    double largest = 0.0;
    for (float h : found.curvature) largest = std::max(largest, static_cast<double>(h));
    int compared = 0;
    for (std::size_t i = 0; i < net.weights.size(); i += 7) {
      // Logits are linear in one weight only while no unit switches, and where no softmax stands before them.
      if (!oracle.d_weight(input, i, 1) || net.graph->find_node("mix") >= 0) continue;
      constexpr double kStep = 1e-4;
      const double w = oracle.weights[i];
      const double at = loss();
      oracle.weights[i] = w + kStep;
      const double after = loss();
      oracle.weights[i] = w - kStep;
      const double before = loss();
      oracle.weights[i] = w;
      const double second = (after - 2.0 * at + before) / (kStep * kStep);
      if (std::fabs(second) < 1e-3 * largest) continue;
      EXPECT_NEAR(static_cast<double>(found.curvature[i]), second, 0.02 * largest) << i;
      ++compared;
    }
    if (net.graph->find_node("mix") < 0) EXPECT_GT(compared, 5);
  }
}

// Of classes each by itself the loss is the mean of their own (nn::Answer::sigmoid).
TEST(Influence, CurvatureOfClassesEachByItselfIsTheSecondDerivative) {
  test::Net net = test::chain_net(2);
  nn::GraphSpec spec = net.graph->spec();
  spec.nodes.push_back({"p", "sigmoid", {spec.nodes.back().name}, {}});
  net.graph = *nn::Graph::build(spec);
  ASSERT_EQ(net.graph->answer(), nn::Answer::sigmoid);
  nn::Session session = net.session();
  const Influence found = study(session, net, 1, true);
  test::Oracle oracle(*net.graph, net.weights);
  const auto input = test::widen(net.input);
  const auto loss = [&] {
    oracle.forward(input);
    const auto& z = oracle.logits();
    double sum = 0.0;
    for (std::size_t k = 0; k < z.size(); ++k) sum += std::log(1.0 + std::exp(k == 1 ? -z[k] : z[k]));
    return sum / static_cast<double>(z.size());
  };
  double largest = 0.0;
  for (float h : found.curvature) largest = std::max(largest, static_cast<double>(h));
  int compared = 0;
  for (std::size_t i = 0; i < net.weights.size(); i += 7) {
    if (!oracle.d_weight(input, i, 1)) continue;
    constexpr double kStep = 1e-4;
    const double w = oracle.weights[i];
    const double at = loss();
    oracle.weights[i] = w + kStep;
    const double after = loss();
    oracle.weights[i] = w - kStep;
    const double before = loss();
    oracle.weights[i] = w;
    const double second = (after - 2.0 * at + before) / (kStep * kStep);
    if (std::fabs(second) < 1e-3 * largest) continue;
    EXPECT_NEAR(static_cast<double>(found.curvature[i]), second, 0.02 * largest) << i;
    ++compared;
  }
  EXPECT_GT(compared, 5);
}

// Of several pictures: the mean of the gradients, and of their sizes, which say more where the signs differ.
TEST(Influence, IsTheMeanOverPictures) {
  const test::Net net = test::chain_net(3);
  nn::Session session = net.session();
  const auto second = test::random_values(net.input.size(), 9, "second picture");
  const MethodInput input = input_of("gradient", session, net, 1);
  Influence found;
  double progress = 0.0;
  finish(study_weights(input, {net.input, second}, false, found, progress));
  std::vector<std::vector<float>> each;
  for (const auto& picture : {net.input, second}) {
    nn::Session fresh = net.session();
    fresh.set_input(picture);
    each.push_back(weight_gradient(fresh, 1));
  }
  int against = 0;
  for (std::size_t i = 0; i < net.weights.size(); ++i) {
    EXPECT_NEAR(found.gradient[i], 0.5F * (each[0][i] + each[1][i]), 1e-6F);
    EXPECT_NEAR(found.size[i], 0.5F * (std::fabs(each[0][i]) + std::fabs(each[1][i])), 1e-6F);
    against += each[0][i] * each[1][i] < 0.0F ? 1 : 0;
  }
  EXPECT_GT(against, 10);
  const auto rows = rank(*net.graph, weights_of(net), found, Criterion::contribution, Grain::weight, 5);
  for (const Ranked& row : rows)
    EXPECT_NEAR(row.score,
                std::fabs(static_cast<double>(net.weights[row.first]) * static_cast<double>(found.size[row.first])),
                1e-9);
}

TEST(Rank, IsByTheLargestShares) {
  const test::Net net = test::chain_net(4);
  nn::Session session = net.session();
  const Influence influence = study(session, net, 1, true);
  const auto rows = rank(*net.graph, weights_of(net), influence, Criterion::contribution, Grain::weight, 25);
  ASSERT_EQ(rows.size(), 25U);
  std::vector<double> all;
  for (std::size_t i = 0; i < net.weights.size(); ++i)
    all.push_back(std::fabs(static_cast<double>(net.weights[i]) * static_cast<double>(influence.gradient[i])));
  std::ranges::sort(all, std::ranges::greater{});
  for (std::size_t k = 0; k < rows.size(); ++k) EXPECT_DOUBLE_EQ(rows[k].score, all[k]) << k;
  // A kernel's, and a channel's: the sum of the shares, and what goes with all of it.
  const auto kernels = rank(*net.graph, weights_of(net), influence, Criterion::ablation, Grain::kernel, 1000);
  EXPECT_EQ(kernels.size(), 5U * 2 + 6 * 5 + 9 * 24 + 4 * 9) << "of a linear layer each weight is one";
  for (const Ranked& row : kernels) {
    double sum = 0.0;
    for (std::size_t i = row.first; i < row.first + row.count; ++i)
      sum += static_cast<double>(net.weights[i]) * static_cast<double>(influence.gradient[i]);
    EXPECT_DOUBLE_EQ(row.predicted, -sum);
    EXPECT_DOUBLE_EQ(row.score, std::fabs(sum));
  }
  const auto losses = rank(*net.graph, weights_of(net), influence, Criterion::loss, Grain::weight, 10);
  for (const Ranked& row : losses) {
    const double w = static_cast<double>(net.weights[row.first]);
    EXPECT_DOUBLE_EQ(row.score, 0.5 * w * w * static_cast<double>(influence.curvature[row.first]));
  }
}

TEST(Rank, IsCheckedByRunning) {
  const test::Net net = test::chain_net(6);
  nn::Session session = net.session();
  const Influence influence = study(session, net, 0, false);
  session.forward();
  const double before = static_cast<double>(session.logits().data[0]);
  for (const Grain grain : {Grain::weight, Grain::kernel, Grain::channel}) {
    auto rows = rank(*net.graph, weights_of(net), influence, Criterion::contribution, grain, 8);
    double progress = 0.0;
    const MethodInput input = input_of("gradient", session, net, 0);
    finish(check_ranked(input, {input.input}, rows, progress));
    for (const Ranked& row : rows) {
      test::Net without = net;
      std::fill_n(without.weights.begin() + static_cast<std::ptrdiff_t>(row.first), row.count, 0.0F);
      nn::Session fresh = without.session();
      fresh.forward();
      EXPECT_EQ(row.exact, static_cast<double>(fresh.logits().data[0]) - before);
    }
    EXPECT_EQ(session.copy_weights(), net.weights) << "as they were";
  }
}

nn::Model shipped(const std::string& name) {
  const auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/" + name + ".safetensors");
  auto model = io::read_model(bytes.value(), name);
  EXPECT_TRUE(model.has_value());
  return std::move(*model);
}

// Blocks of brightness with noise: nothing that the models know, but neither flat nor mere noise.
std::vector<float> picture(const nn::Shape& shape, std::uint64_t seed) {
  const auto blocks = test::random_values(static_cast<std::size_t>(shape[0]) * 16, seed, "blocks", -1.5, 1.5);
  auto out = test::random_values(shape.size(), seed, "noise", -0.3, 0.3);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int at = static_cast<int>(i) % (shape[1] * shape[2]);
    const int c = static_cast<int>(i) / (shape[1] * shape[2]);
    const int block = at / shape[2] * 4 / shape[1] * 4 + at % shape[2] * 4 / shape[2];
    out[i] += blocks[static_cast<std::size_t>(c * 16 + block)];
  }
  return out;
}

// Under the sanitizers a tenth says enough.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr std::size_t kShare = 10;
#else
constexpr std::size_t kShare = 1;
#endif
#else
constexpr std::size_t kShare = 1;
#endif

// Foretold from one backward pass against run one by one, on trained models: rank correlation over all weights of
// garments, and over 2,000 of everyday.
TEST(Rank, ForetellsTheExactEffectOnTrainedModels) {
  for (const auto& [name, some] : {std::pair{"garments", std::size_t{0}}, {"everyday", std::size_t{2000}}}) {
    const nn::Model model = shipped(name);
    const test::Net net{
        model.graph, {model.weights.begin(), model.weights.end()}, picture(model.graph->spec().input, 3)};
    nn::Session session = net.session();
    session.forward();
    const auto logits = session.logits().values();
    const int target = static_cast<int>(std::ranges::max_element(logits) - logits.begin());
    const auto gradient = weight_gradient(session, target);
    std::vector<Ranked> rows;
    base::Rng rng(11, "weights");
    const std::size_t count = some == 0 ? net.weights.size() : some;
    for (std::size_t k = 0; k < count; ++k) {
      if (k % kShare != 0) continue;
      const std::size_t i = some == 0 ? k : rng.below(static_cast<std::uint32_t>(net.weights.size()));
      const auto& tensors = net.graph->weights();
      const auto tensor = std::prev(std::ranges::upper_bound(tensors, i, {}, &nn::GraphWeight::offset));
      rows.push_back({.tensor = static_cast<int>(tensor - tensors.begin()), .first = i});
      rows.back().predicted = -static_cast<double>(net.weights[i]) * static_cast<double>(gradient[i]);
    }
    double progress = 0.0;
    const MethodInput input = input_of("gradient", session, net, target);
    finish(check_ranked(input, {input.input}, rows, progress));
    std::vector<float> predicted, exact;
    for (const Ranked& row : rows) {
      predicted.push_back(static_cast<float>(row.predicted));
      exact.push_back(static_cast<float>(row.exact));
    }
    const double rho = spearman(predicted, exact);
    std::printf("%s: Spearman %.4f of predicted and exact effects of %zu weights\n", name, rho, rows.size());
    EXPECT_GE(rho, 0.9) << name;
  }
}

// u = w x, rival = u - relu(u - 1.5) / 2 against 2: from w = 1 the slope foretells a flip at 2, and it comes at 2.5.
TEST(Flips, StayWithinReach) {
  test::SpecBuilder spec({1, 1, 1});
  spec.add("flatten", "flatten").linear("w", 1, false).linear("two", 2).add("relu", "relu").linear("fc", 2);
  const test::Net net{nn::Graph::build(spec.spec()).value(), {1, 1, 1, 0, -1.5F, 0, 0, 1, -0.5F, 2, 0}, {1}};
  for (const double reach : {2.2, 3.0}) {
    nn::Session session = net.session();
    const MethodInput input = input_of("gradient", session, net, 0);
    std::vector<Flip> flips;
    double progress = 0.0;
    finish(find_flips(input, {.wanted = 50, .reach = reach}, flips, progress));
    const auto found = std::ranges::find(flips, std::size_t{0}, &Flip::weight);
    ASSERT_EQ(found != flips.end(), reach == 3.0);
    if (found != flips.end()) EXPECT_NEAR(found->to, 2.5, 0.02);
  }
}

TEST(Flips, ReallyChangeTheAnswer) {
  int enough = 0;
  for (const char* name : {"garments", "everyday"}) {
    const nn::Model model = shipped(name);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      if (kShare > 1 && seed > 1) continue;
      const test::Net net{
          model.graph, {model.weights.begin(), model.weights.end()}, picture(model.graph->spec().input, seed)};
      nn::Session session = net.session();
      const MethodInput input = input_of("gradient", session, net, 0);
      std::vector<Flip> flips;
      double progress = 0.0;
      finish(find_flips(input, {.wanted = 6}, flips, progress));
      EXPECT_EQ(progress, 1.0);
      EXPECT_EQ(session.copy_weights(), net.weights) << "as they were";
      const auto answer_with = [&](std::size_t weight, float value) {
        session.set_weights(std::span(&value, 1), weight);
        session.forward();
        const auto logits = session.logits().values();
        const int winner = static_cast<int>(std::ranges::max_element(logits) - logits.begin());
        session.set_weights(std::span(&net.weights[weight], 1), weight);
        return winner;
      };
      session.forward();
      const int answer = answer_with(0, net.weights[0]);
      double before = 0.0;
      for (const Flip& flip : flips) {
        EXPECT_EQ(flip.from, net.weights[flip.weight]);
        EXPECT_NE(flip.answer, answer);
        EXPECT_EQ(answer_with(flip.weight, flip.to), flip.answer);
        const float less = flip.from + 0.985F * (flip.to - flip.from);
        EXPECT_EQ(answer_with(flip.weight, less), answer) << "no smaller one would do, to one per cent";
        const auto& tensors = net.graph->weights();
        const auto tensor = std::prev(std::ranges::upper_bound(tensors, flip.weight, {}, &nn::GraphWeight::offset));
        float largest = 0.0F;
        for (float w : std::span(net.weights).subspan(tensor->offset, tensor->shape.size()))
          largest = std::max(largest, std::fabs(w));
        EXPECT_LE(std::fabs(flip.to), 3.0F * largest) << "within its slider";
        EXPECT_GE(flip.size, before);
        before = flip.size;
      }
      enough += flips.size() >= 5 ? 1 : 0;
    }
  }
  std::printf("%d of %d pictures have five flips or more\n", enough, kShare > 1 ? 2 : 10);
  EXPECT_GE(enough, kShare > 1 ? 1 : 8);
}

}  // namespace
}  // namespace weightroom::explain
