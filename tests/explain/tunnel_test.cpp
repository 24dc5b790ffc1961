// Noise around any method of pixels and colours, against the formula over the same draws, written once more.
#include "explain/tunnel.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

constexpr int kSamples = 6;

std::vector<std::string> tunnelled() {
  std::vector<std::string> names;
  for (const MethodDef& method : methods()) {
    if (std::ranges::find(method.params, "noise", &ParamSpec::name) != method.params.end())
      names.emplace_back(method.name);
  }
  return names;
}

bool equal_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// The map by its definition: all copies' maps, then a sum over them in double.
std::vector<double> expected(const std::string& name, const test::Net& net, NoiseKind kind, double sigma,
                             std::uint64_t seed) {
  const auto [low, high] = std::ranges::minmax(net.input);
  std::vector<std::vector<float>> maps;
  for (std::uint64_t n = 0; n < kSamples; ++n) {
    test::Net copy = net;
    base::Rng rng(seed, "smoothgrad", n);
    for (float& value : copy.input) value = static_cast<float>(value + sigma * (high - low) * rng.normal());
    maps.push_back(run_method(name, copy, 1).attribution.values);
  }
  std::vector<double> out;
  for (std::size_t i = 0; i < maps[0].size(); ++i) {
    double sum = 0.0;
    double squares = 0.0;
    for (const auto& map : maps) {
      sum += map[i];
      squares += static_cast<double>(map[i]) * map[i];
    }
    const double mean = sum / kSamples;
    if (kind == NoiseKind::smoothgrad) out.push_back(mean);
    if (kind == NoiseKind::smoothgrad_sq) out.push_back(squares / kSamples);
    if (kind == NoiseKind::vargrad) out.push_back(squares / kSamples - mean * mean);
  }
  return out;
}

Params with_noise(NoiseKind kind, double sigma, double seed = 5.0) {
  return {
      {"noise", static_cast<double>(kind)}, {"noise_samples", kSamples}, {"noise_sigma", sigma}, {"noise_seed", seed}};
}

TEST(Tunnel, IsThereForEveryMethodOfPixelsAndColoursThatHasNoNoiseOfItsOwn) {
  EXPECT_EQ(tunnelled(),
            (std::vector<std::string>{"gradient", "guided_grad_cam", "gradient_x_input", "integrated_gradients",
                                      "gradient_shap", "blur_ig", "guided_backprop", "deconvnet", "lrp", "deep_lift"}));
}

TEST(Tunnel, IsTheFormulaOverTheSameDraws) {
  const test::Net net = test::chain_net(11);
  for (const std::string& name : tunnelled()) {
    for (const NoiseKind kind : {NoiseKind::smoothgrad, NoiseKind::smoothgrad_sq, NoiseKind::vargrad}) {
      const auto found = run_method(name, net, 1, with_noise(kind, 0.2)).attribution.values;
      const auto wanted = expected(name, net, kind, 0.2, 5);
      ASSERT_EQ(found.size(), wanted.size());
      double largest = 0.0;
      for (const double value : wanted) largest = std::max(largest, std::fabs(value));
      ASSERT_GT(largest, 0.0) << name;
      for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_NEAR(found[i], wanted[i], 1e-5 * largest) << name << ' ' << static_cast<int>(kind) << ' ' << i;
    }
  }
}

TEST(Tunnel, WithoutNoiseIsTheMethodItsSquareAndNothing) {
  const test::Net net = test::chain_net(4);
  for (const std::string& name : tunnelled()) {
    const auto plain = run_method(name, net).attribution.values;
    EXPECT_TRUE(equal_bits(run_method(name, net, 0, with_noise(NoiseKind::smoothgrad, 0.0)).attribution.values, plain))
        << name;
    const auto squares = run_method(name, net, 0, with_noise(NoiseKind::smoothgrad_sq, 0.0)).attribution.values;
    for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_FLOAT_EQ(squares[i], plain[i] * plain[i]) << name;
    const auto nothing = run_method(name, net, 0, with_noise(NoiseKind::vargrad, 0.0)).attribution.values;
    for (const float value : nothing) ASSERT_EQ(value, 0.0F) << name;
  }
}

TEST(Tunnel, OfTheGradientIsSmoothGradAndItsKinToTheBit) {
  const test::Net net = test::mixed_net(9);
  const std::pair<const char*, NoiseKind> kin[] = {{"smoothgrad", NoiseKind::smoothgrad},
                                                   {"smoothgrad_squared", NoiseKind::smoothgrad_sq},
                                                   {"vargrad", NoiseKind::vargrad}};
  for (const auto& [name, kind] : kin) {
    const auto own =
        run_method(name, net, 2, {{"samples", kSamples}, {"sigma", 0.3}, {"seed", 5.0}}).attribution.values;
    EXPECT_TRUE(equal_bits(run_method("gradient", net, 2, with_noise(kind, 0.3)).attribution.values, own)) << name;
    EXPECT_FALSE(equal_bits(run_method("gradient", net, 2, with_noise(kind, 0.3, 6.0)).attribution.values, own));
  }
}

TEST(Tunnel, CountsInThePassesAndIsIdleWhereThereIsNone) {
  const test::Net net = test::chain_net(1);
  const MethodDef& method = *find_method("gradient");
  const Params none = checked_params(method, {}).value();
  const Params noisy = checked_params(method, with_noise(NoiseKind::vargrad, 0.1)).value();
  EXPECT_EQ(method.passes({*net.graph, none}), 2.0);
  EXPECT_EQ(method.passes({*net.graph, noisy}), 2.0 * kSamples);
  EXPECT_TRUE(method.idle({*net.graph, none}, "noise_seed"));
  EXPECT_FALSE(method.idle({*net.graph, none}, "noise"));
  EXPECT_FALSE(method.idle({*net.graph, noisy}, "noise_seed"));
  const MethodDef& path = *find_method("integrated_gradients");
  EXPECT_TRUE(path.idle({*net.graph, checked_params(path, {}).value()}, "seed")) << "its own";
  EXPECT_TRUE(is_single_pass(method, none));
  EXPECT_FALSE(is_single_pass(method, noisy)) << "it must not run on a live session";
}

}  // namespace
}  // namespace weightroom::explain
