// What every method claims of its maps (MethodDef::axioms), on a trained network and on the same one before any
// training.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "explain/baseline.h"
#include "io/file.h"
#include "io/model_file.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

nn::Model garments() {
  const auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/garments.safetensors");
  auto model = io::read_model(bytes.value(), "garments");
  EXPECT_TRUE(model.has_value());
  return std::move(*model);
}

// A picture that is not smooth and not noise: strokes.
std::vector<float> strokes(const nn::Shape& shape, std::uint64_t seed) {
  auto out = test::random_values(shape.size(), seed, "picture", -0.3, 0.3);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto y = static_cast<int>(i) / shape[2] % shape[1];
    const auto x = static_cast<int>(i) % shape[2];
    if ((x + 2 * y) % 11 < 4) out[i] += 1.2F;
  }
  return out;
}

std::vector<test::Net> trained_and_random() {
  const nn::Model model = garments();
  const std::vector<float> picture = strokes(model.graph->spec().input, 3);
  const std::vector<float> trained(model.weights.begin(), model.weights.end());
  return {{model.graph, trained, picture}, {model.graph, nn::initial_weights(*model.graph, 5), picture}};
}

// Cheap enough for hundreds of runs, and with the same points for every function.
Params cheap(const MethodDef& method) {
  Params params;
  for (const ParamSpec& spec : method.params) {
    if (spec.name == "steps") params["steps"] = 24.0;
    if (spec.name == "samples") params["samples"] = method.name == "rise" || method.name == "lime" ? 60.0 : 8.0;
    if (spec.name == "pieces") params["pieces"] = method.name == "lime" ? 16.0 : 6.0;
  }
  return params;
}

const std::vector<float> kBlack{-0.8F};

std::vector<float> map_of(const MethodDef& method, const test::Net& net, int target, const Params& params) {
  return run_method(std::string(method.name), net, target, params, -1, kBlack).attribution.values;
}

double largest(const std::vector<float>& values) {
  double most = 0.0;
  for (float value : values) most = std::max(most, std::fabs(static_cast<double>(value)));
  return most;
}

// One suite an axiom, of the methods that claim it.
class Axiom : public testing::TestWithParam<const MethodDef*> {};
class Completeness : public Axiom {};
class Dummy : public Axiom {};
class Implementation : public Axiom {};
class Linearity : public Axiom {};

TEST_P(Completeness, SumsToTheDifference) {
  const MethodDef& method = *GetParam();
  for (const test::Net& net : trained_and_random()) {
    for (int target : {0, 4, 9}) {
      Params params = cheap(method);
      params.erase("steps");  // as many as it takes
      const Explanation found = run_method(std::string(method.name), net, target, params, -1, kBlack);
      test::Net dark = net;
      std::ranges::fill(dark.input, kBlack[0]);
      nn::Session at_picture = net.session();
      nn::Session at_black = dark.session();
      at_picture.forward();
      at_black.forward();
      const double difference =
          static_cast<double>(at_picture.logits().data[target]) - static_cast<double>(at_black.logits().data[target]);
      const double error = completeness_error(found.attribution, difference);
      EXPECT_NEAR(found.completeness_error, error, 1e-6);
      EXPECT_TRUE(error <= 5e-3 || !found.note.empty()) << target << ": " << error;
      EXPECT_LE(error, 0.05) << target;
    }
  }
}

// A second channel that a slice leaves out of the network.
TEST_P(Dummy, GetsNothing) {
  const MethodDef& method = *GetParam();
  ASSERT_EQ(method.size, MapSize::input) << "a map of pixels tells no channels apart";
  for (const test::Net& net : trained_and_random()) {
    nn::GraphSpec spec = net.graph->spec();
    spec.input = {2, 28, 28};
    for (nn::NodeSpec& node : spec.nodes) {
      for (std::string& input : node.inputs) input = input == "input" ? "seen" : input;
    }
    spec.nodes.insert(spec.nodes.begin(), {"seen", "slice", {"input"}, {{"axis", 1LL}, {"start", 0LL}, {"end", 1LL}}});
    test::Net wider{nn::Graph::build(spec).value(), net.weights, net.input};
    const auto more = test::random_values(net.input.size(), 8, "unseen", -1.0, 1.0);
    wider.input.insert(wider.input.end(), more.begin(), more.end());
    const auto map = run_method(std::string(method.name), wider, 4, cheap(method), -1, {-0.8F, -0.8F}).attribution;
    for (std::size_t i = 0; i < map.values.size(); ++i) {
      if (i >= net.input.size()) ASSERT_EQ(map.values[i], 0.0F) << i;
    }
    EXPECT_GT(largest(map.values), 0.0);
  }
}

// The same function written in more nodes: behind every ReLU another one, and behind the first convolution one that
// changes nothing.
TEST_P(Implementation, MakesNoDifference) {
  const MethodDef& method = *GetParam();
  for (const test::Net& net : trained_and_random()) {
    nn::GraphSpec spec = net.graph->spec();
    nn::GraphSpec longer{spec.input, {}};
    std::string first;
    long long channels = 0;
    for (const nn::NodeSpec& node : spec.nodes) {
      longer.nodes.push_back(node);
      const auto rename = [&](const std::string& to) {
        for (nn::NodeSpec& later : spec.nodes) {
          for (std::string& input : later.inputs) input = input == node.name ? to : input;
        }
      };
      if (node.op == "relu") {
        longer.nodes.push_back({node.name + "_again", "relu", {node.name}, {}});
        rename(node.name + "_again");
      }
      if (node.op == "conv2d" && first.empty()) {
        first = node.name + "_same";
        channels = net.graph->nodes()[static_cast<std::size_t>(net.node(node.name))].output.c();
        longer.nodes.push_back({first, "conv2d", {node.name}, {{"out_channels", channels}, {"kernel", 1LL}}});
        rename(first);
      }
    }
    test::Net other{nn::Graph::build(longer).value(), {}, net.input};
    for (const nn::GraphWeight& weight : other.graph->weights()) {
      if (weight.name == first + ".weight") {
        for (long long o = 0; o < channels; ++o) {
          for (long long i = 0; i < channels; ++i) other.weights.push_back(o == i ? 1.0F : 0.0F);
        }
      } else if (weight.name == first + ".bias") {
        other.weights.insert(other.weights.end(), static_cast<std::size_t>(channels), 0.0F);
      } else {
        const auto part = net.slice(net.weights, weight.name);
        other.weights.insert(other.weights.end(), part.begin(), part.end());
      }
    }
    const auto here = map_of(method, net, 4, cheap(method));
    const auto there = map_of(method, other, 4, cheap(method));
    for (std::size_t i = 0; i < here.size(); ++i) ASSERT_NEAR(here[i], there[i], 1e-3 * largest(here)) << i;
  }
}

// A class whose logit is 2 f - 3 g has the map 2 E(f) - 3 E(g).
TEST_P(Linearity, OfMapsInTheFunction) {
  const MethodDef& method = *GetParam();
  for (const test::Net& net : trained_and_random()) {
    const nn::Node& last = net.graph->nodes()[static_cast<std::size_t>(net.graph->logits())];
    ASSERT_EQ(last.op->name, "linear");
    test::Net mixed = net;
    for (int id : last.weights) {
      const nn::GraphWeight& weight = net.graph->weights()[static_cast<std::size_t>(id)];
      const std::size_t each = weight.shape.size() / 10;
      for (std::size_t k = 0; k < each; ++k) {
        const auto row = [&](std::size_t r) { return net.weights[weight.offset + r * each + k]; };
        mixed.weights[weight.offset + k] = 2.0F * row(1) - 3.0F * row(4);
      }
    }
    const Params params = cheap(method);
    const auto f = map_of(method, net, 1, params);
    const auto g = map_of(method, net, 4, params);
    const auto both = map_of(method, mixed, 0, params);
    const double scale = 2.0 * largest(f) + 3.0 * largest(g);
    for (std::size_t i = 0; i < f.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(both[i]), 2.0 * static_cast<double>(f[i]) - 3.0 * static_cast<double>(g[i]),
                  1e-4 * scale)
          << i;
    }
  }
}

auto claiming(bool Axioms::* axiom) {
  std::vector<const MethodDef*> all;
  for (const MethodDef& method : methods()) {
    if (method.axioms.*axiom) all.push_back(&method);
  }
  return testing::ValuesIn(all);
}

std::string name_of(const testing::TestParamInfo<const MethodDef*>& info) { return std::string(info.param->name); }

INSTANTIATE_TEST_SUITE_P(Axioms, Completeness, claiming(&Axioms::complete), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, Dummy, claiming(&Axioms::dummy), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, Implementation, claiming(&Axioms::implementation), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, Linearity, claiming(&Axioms::linear), name_of);

}  // namespace
}  // namespace weightroom::explain
