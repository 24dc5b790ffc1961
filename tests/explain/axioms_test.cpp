// What every method claims of its maps (MethodDef::axioms), on a trained network and on the same one before any
// training; and that what it does not claim it does not keep either, so that no claim is missing.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

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

// The network with other nodes, which take its weights by name; what is new is drawn by `fresh`.
test::Net rewritten(const test::Net& net, const nn::GraphSpec& spec,
                    const std::function<std::vector<float>(const nn::GraphWeight&)>& fresh = {}) {
  test::Net other{nn::Graph::build(spec).value(), {}, net.input};
  for (const nn::GraphWeight& weight : other.graph->weights()) {
    const auto& known = net.graph->weights();
    const bool is_old = std::ranges::any_of(known, [&](const nn::GraphWeight& w) { return w.name == weight.name; });
    const auto part = is_old ? net.slice(net.weights, weight.name) : fresh(weight);
    EXPECT_EQ(part.size(), weight.shape.size()) << weight.name;
    other.weights.insert(other.weights.end(), part.begin(), part.end());
  }
  return other;
}

// Puts `nodes`, the last of which computes what `name` did, between the node `name` and its readers.
void put_behind(nn::GraphSpec& spec, const std::string& name, std::vector<nn::NodeSpec> nodes) {
  const auto at = std::ranges::find(spec.nodes, name, &nn::NodeSpec::name);
  for (nn::NodeSpec& later : spec.nodes) {
    for (std::string& input : later.inputs) input = input == name ? nodes.back().name : input;
  }
  spec.nodes.insert(at + 1, nodes.begin(), nodes.end());
}

nn::NodeSpec one_by_one(const test::Net& net, const std::string& name, const std::string& input) {
  const auto channels =
      static_cast<long long>(net.graph->nodes()[static_cast<std::size_t>(net.node(input))].output.c());
  return {name, "conv2d", {input}, {{"out_channels", channels}, {"kernel", 1LL}}};
}

// The weights of one_by_one(): `scale` times the identity, and no bias.
std::vector<float> diagonal(const nn::GraphWeight& weight, float scale) {
  std::vector<float> out(weight.shape.size(), 0.0F);
  if (weight.shape.rank() == 4) {
    for (int i = 0; i < weight.shape[0]; ++i) out[static_cast<std::size_t>(i * (weight.shape[0] + 1))] = scale;
  }
  return out;
}

struct Same {
  std::string how;
  test::Net one;
  test::Net other;
};

// f(x1, x2) = relu(relu(x1) - 1 - relu(x2)) and relu(relu(x1 - 1) - relu(x2)): equal everywhere (Sundararajan, Taly,
// Yan: Axiomatic attribution, 2017, appendix B).
Same by_the_paper() {
  test::SpecBuilder spec({1, 4, 4});
  spec.add("flatten", "flatten").linear("fc1", 2).add("relu1", "relu").linear("fc2", 2).add("relu2", "relu");
  test::Net one = test::random_net(spec.spec(), 1);
  std::ranges::fill(one.weights, 0.0F);
  const auto set = [](test::Net& net, const std::string& name, std::size_t at, float value) {
    const auto weight = std::ranges::find(net.graph->weights(), name, &nn::GraphWeight::name);
    net.weights[weight->offset + at] = value;
  };
  set(one, "fc1.weight", 5, 1.0F);        // x1
  set(one, "fc1.weight", 16 + 10, 1.0F);  // x2
  set(one, "fc2.weight", 0, 1.0F);
  set(one, "fc2.weight", 1, -1.0F);
  test::Net other = one;
  set(one, "fc2.bias", 0, -1.0F);
  set(other, "fc1.bias", 0, -1.0F);
  for (test::Net* net : {&one, &other}) {
    std::ranges::fill(net->input, 0.5F);
    net->input[5] = 3.0F;
    net->input[10] = 1.0F;
  }
  return {"the two of the paper", one, other};
}

// One function written in several ways. The class asked for is target().
std::vector<Same> the_same_function() {
  std::vector<Same> pairs{by_the_paper()};
  for (const test::Net& net : trained_and_random()) {
    // Behind every ReLU another one, and behind the first convolution one that changes nothing.
    nn::GraphSpec spec = net.graph->spec();
    for (const char* relu : {"relu1", "relu2", "relu3", "relu4"})
      put_behind(spec, relu, {{std::string(relu) + "_again", "relu", {relu}, {}}});
    put_behind(spec, "conv1", {one_by_one(net, "same", "conv1")});
    pairs.push_back({"more nodes", net, rewritten(net, spec, [](const auto& w) { return diagonal(w, 1.0F); })});
    // Behind the last maps, or their averages, a convolution that changes nothing: the last one there is, which CAM
    // reads.
    for (const char* last : {"relu4", "gap"}) {
      spec = net.graph->spec();
      put_behind(spec, last, {one_by_one(net, "same", last)});
      pairs.push_back({"one more layer", net, rewritten(net, spec, [](const auto& w) { return diagonal(w, 1.0F); })});
    }
    // A branch that adds nothing, around the last convolution: CAM reads what every way passes.
    spec = net.graph->spec();
    put_behind(spec, "gap",
               {{"nothing",
                 "conv2d",
                 {"relu3"},
                 {{"out_channels", one_by_one(net, "", "gap").attributes.integer("out_channels", 0).value()},
                  {"kernel", 1LL}}},
                {"nothing_gap", "global_avg_pool", {"nothing"}, {}},
                {"sum", "add", {"gap", "nothing_gap"}, {}}});
    pairs.push_back({"a branch of nothing", net,
                     rewritten(net, spec, [](const auto& w) { return std::vector<float>(w.shape.size(), 0.0F); })});
    // relu(x) = x + relu(-x)
    spec = net.graph->spec();
    std::ranges::find(spec.nodes, "relu3", &nn::NodeSpec::name)->inputs = {"negative"};
    const auto at = std::ranges::find(spec.nodes, "relu3", &nn::NodeSpec::name);
    spec.nodes.insert(at, one_by_one(net, "negative", "conv3"));
    put_behind(spec, "relu3", {{"sum", "add", {"conv3", "relu3"}, {}}});
    pairs.push_back(
        {"a ReLU turned round", net, rewritten(net, spec, [](const auto& w) { return diagonal(w, -1.0F); })});
  }
  return pairs;
}

// How far a map is from keeping an axiom: 0 is exactly. Infinity is beyond comparison.
constexpr double kBeyond = std::numeric_limits<double>::infinity();

double completeness_gap(const MethodDef& method, const test::Net& net, int target, const Params& params) {
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
  if (method.axioms.complete) {
    EXPECT_NEAR(found.completeness_error, error, 1e-6);
    EXPECT_TRUE(error <= 5e-3 || found.note.has_value()) << target << ": " << error;
  }
  return error;
}

// A part of the input that a slice leaves out of the network: a second channel, or for maps without channels more rows
// below. A map of a layer gets a border that a slice leaves out again.
struct Blind {
  test::Net net;
  std::function<bool(std::size_t)> is_unseen;  // of each value of the map
};

Blind blind(const MethodDef& method, const test::Net& net) {
  nn::GraphSpec spec = net.graph->spec();
  if (method.size == MapSize::layer) {
    auto conv = std::ranges::find(spec.nodes, "conv4", &nn::NodeSpec::name);
    conv->attributes = {{"out_channels", 28LL}, {"kernel", 3LL}, {"padding", 2LL}};
    put_behind(spec, "conv4",
               {{"rows", "slice", {"conv4"}, {{"axis", 2LL}, {"start", 1LL}, {"end", 8LL}}},
                {"columns", "slice", {"rows"}, {{"axis", 3LL}, {"start", 1LL}, {"end", 8LL}}}});
    return {rewritten(net, spec), [](std::size_t i) { return i % 9 % 8 == 0 || i / 9 % 8 == 0; }};
  }
  const bool by_channel = method.size == MapSize::input;
  spec.input = by_channel ? nn::Shape{2, 28, 28} : nn::Shape{1, 36, 28};
  const nn::NodeSpec seen{
      "seen", "slice", {"input"}, {{"axis", by_channel ? 1LL : 2LL}, {"start", 0LL}, {"end", by_channel ? 1LL : 28LL}}};
  for (nn::NodeSpec& node : spec.nodes) {
    for (std::string& input : node.inputs) input = input == "input" ? "seen" : input;
  }
  spec.nodes.insert(spec.nodes.begin(), seen);
  Blind out{rewritten(net, spec), [](std::size_t i) { return i >= std::size_t{28} * 28; }};
  const std::size_t more = out.net.graph->spec().input.size() - net.input.size();
  const auto values = test::random_values(more, 8, "unseen", -1.0, 1.0);
  out.net.input.insert(out.net.input.end(), values.begin(), values.end());
  return out;
}

double dummy_gap(const MethodDef& method, const test::Net& net, int target, const Params& params) {
  const Blind wider = blind(method, net);
  const std::vector<float> black(static_cast<std::size_t>(wider.net.graph->spec().input[0]), kBlack[0]);
  const auto map = run_method(std::string(method.name), wider.net, target, params, -1, black).attribution;
  const double most = largest(map.values);
  EXPECT_TRUE(most > 0.0 || !method.axioms.dummy) << "an empty map shows nothing";
  double gap = 0.0;
  std::size_t unseen = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    if (!wider.is_unseen(i)) continue;
    ++unseen;
    gap = std::max(gap, std::fabs(static_cast<double>(map.values[i])) / most);
  }
  EXPECT_GT(unseen, 20U);
  return gap;
}

double implementation_gap(const MethodDef& method, const Same& pair, int target, const Params& params) {
  const auto here = map_of(method, pair.one, target, params);
  const auto there = map_of(method, pair.other, target, params);
  if (here.size() != there.size()) return kBeyond;
  double gap = 0.0;
  for (std::size_t i = 0; i < here.size(); ++i)
    gap = std::max(gap, std::fabs(static_cast<double>(here[i]) - static_cast<double>(there[i])));
  return gap == 0.0 ? 0.0 : gap / largest(here);
}

// A class whose logit is 2 f - 3 g has the map 2 E(f) - 3 E(g).
double linearity_gap(const MethodDef& method, const test::Net& net, int target, const Params& params) {
  const nn::Node& last = net.graph->nodes()[static_cast<std::size_t>(net.graph->logits())];
  EXPECT_EQ(last.op->name, "linear");
  const auto other = static_cast<std::size_t>(target == 1 ? 7 : 1);
  test::Net mixed = net;
  for (int id : last.weights) {
    const nn::GraphWeight& weight = net.graph->weights()[static_cast<std::size_t>(id)];
    const std::size_t each = weight.shape.size() / 10;
    for (std::size_t k = 0; k < each; ++k) {
      const auto row = [&](std::size_t r) { return net.weights[weight.offset + r * each + k]; };
      mixed.weights[weight.offset + k] = 2.0F * row(other) - 3.0F * row(static_cast<std::size_t>(target));
    }
  }
  const auto f = map_of(method, net, static_cast<int>(other), params);
  const auto g = map_of(method, net, target, params);
  const auto both = map_of(method, mixed, 0, params);
  const double scale = 2.0 * largest(f) + 3.0 * largest(g);
  double gap = 0.0;
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double due = 2.0 * static_cast<double>(f[i]) - 3.0 * static_cast<double>(g[i]);
    gap = std::max(gap, std::fabs(static_cast<double>(both[i]) - due) / scale);
  }
  return gap;
}

// One suite an axiom, of the methods that claim it.
class Axiom : public testing::TestWithParam<const MethodDef*> {};
class Completeness : public Axiom {};
class Dummy : public Axiom {};
class Implementation : public Axiom {};
class Linearity : public Axiom {};

TEST_P(Completeness, SumsToTheDifference) {
  Params params = cheap(*GetParam());
  params.erase("steps");  // as many as it takes
  for (const test::Net& net : trained_and_random()) {
    for (int target : {0, 4, 9}) EXPECT_LE(completeness_gap(*GetParam(), net, target, params), 0.05) << target;
  }
}

TEST_P(Dummy, GetsNothing) {
  for (const test::Net& net : trained_and_random()) EXPECT_EQ(dummy_gap(*GetParam(), net, 4, cheap(*GetParam())), 0.0);
}

TEST_P(Implementation, MakesNoDifference) {
  for (const Same& pair : the_same_function()) {
    const int target = pair.one.graph->class_count() > 4 ? 4 : 0;
    EXPECT_LE(implementation_gap(*GetParam(), pair, target, cheap(*GetParam())), 1e-3) << pair.how;
  }
}

TEST_P(Linearity, OfMapsInTheFunction) {
  for (const test::Net& net : trained_and_random())
    EXPECT_LE(linearity_gap(*GetParam(), net, 4, cheap(*GetParam())), 1e-4);
}

// As cheap() has them, then with every other choice that the method offers.
std::vector<Params> settings(const MethodDef& method) {
  std::vector<Params> all{cheap(method)};
  for (const ParamSpec& spec : method.params) {
    for (std::size_t choice = 0; choice < spec.choices.size(); ++choice) {
      Params params = cheap(method);
      params[std::string(spec.name)] = static_cast<double>(choice);
      if (!needs_other(method, checked_params(method, params).value())) all.push_back(params);
    }
  }
  return all;
}

// One suite an axiom, of the methods that do not claim it: in some setting, on some network, it is plainly broken.
class NotComplete : public Axiom {};
class NotDummy : public Axiom {};
class NotImplementation : public Axiom {};
class NotLinear : public Axiom {};
constexpr double kPlainly = 0.02;

using Gap = double (*)(const MethodDef&, const test::Net&, int, const Params&);

double worst(const MethodDef& method, Gap gap) {
  double most = 0.0;
  for (const Params& params : settings(method)) {
    for (const test::Net& net : trained_and_random()) {
      for (int target : {4, 0, 9}) {
        most = std::max(most, gap(method, net, target, params));
        if (most > kPlainly) return most;  // one is enough
      }
    }
  }
  return most;
}

TEST_P(NotComplete, AndSaysSo) { EXPECT_GT(worst(*GetParam(), completeness_gap), kPlainly); }

TEST_P(NotDummy, AndSaysSo) { EXPECT_GT(worst(*GetParam(), dummy_gap), kPlainly); }

TEST_P(NotLinear, AndSaysSo) { EXPECT_GT(worst(*GetParam(), linearity_gap), kPlainly); }

TEST_P(NotImplementation, AndSaysSo) {
  double most = 0.0;
  for (const Params& params : settings(*GetParam())) {
    for (const Same& pair : the_same_function()) {
      if (most > kPlainly) break;
      const int target = pair.one.graph->class_count() > 4 ? 4 : 0;
      most = std::max(most, implementation_gap(*GetParam(), pair, target, params));
    }
  }
  EXPECT_GT(most, kPlainly);
}

// The pairs are what they are said to be.
TEST(TheSameFunction, GivesTheSameLogits) {
  for (const Same& pair : the_same_function()) {
    nn::Session one = pair.one.session();
    nn::Session other = pair.other.session();
    one.forward();
    other.forward();
    const auto expected = one.logits().values();
    ASSERT_EQ(expected.size(), other.logits().size());
    for (std::size_t c = 0; c < expected.size(); ++c)
      EXPECT_NEAR(expected[c], other.logits().values()[c], 1e-4) << pair.how;
  }
}

auto those_that(bool claim, bool Axioms::* axiom) {
  std::vector<const MethodDef*> all;
  for (const MethodDef& method : methods()) {
    if (method.axioms.*axiom == claim) all.push_back(&method);
  }
  return testing::ValuesIn(all);
}

std::string name_of(const testing::TestParamInfo<const MethodDef*>& info) { return std::string(info.param->name); }

INSTANTIATE_TEST_SUITE_P(Axioms, Completeness, those_that(true, &Axioms::complete), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, Dummy, those_that(true, &Axioms::dummy), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, Implementation, those_that(true, &Axioms::implementation), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, Linearity, those_that(true, &Axioms::linear), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, NotComplete, those_that(false, &Axioms::complete), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, NotDummy, those_that(false, &Axioms::dummy), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, NotImplementation, those_that(false, &Axioms::implementation), name_of);
INSTANTIATE_TEST_SUITE_P(Axioms, NotLinear, those_that(false, &Axioms::linear), name_of);

}  // namespace
}  // namespace weightroom::explain
