// The CAM family against its formulas in double.

#include <functional>

#include <gmock/gmock.h>

#include "explain/pass.h"
#include "oracle.h"

namespace weightroom::explain {
namespace {

// A layer's feature maps and the logit's derivatives by them.
struct LayerOf {
  Values value;
  Values gradient;
  std::size_t maps;
  std::size_t size;
};

LayerOf layer_at(const Plain& plain, int node) {
  const auto values = plain.net.forward(plain.x);
  Values kept;
  (void)plain.net.backward(values, plain.subject.target, 1.0, [&](const MatrixNet::Step& step) {
    if (step.node == node) kept = step.got;
    return plain.net.calculus(step);
  });
  const nn::Shape& shape = plain.subject.net.graph->nodes()[static_cast<std::size_t>(node)].output;
  const auto size = static_cast<std::size_t>(shape.h() * shape.w());
  return {values[static_cast<std::size_t>(node)], kept, static_cast<std::size_t>(shape.c()), size};
}

TEST(AgainstOracle, TheCamFamily) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    for (const int node : {default_layer(*s.net.graph), last_convolution(s.net), cam_layers(*s.net.graph).front()}) {
      const LayerOf layer = layer_at(plain, node);
      Values cam(layer.size), plus(layer.size), hires(layer.size), positive(layer.size), xgrad(layer.size);
      for (std::size_t k = 0; k < layer.maps; ++k) {
        const auto a = std::span(layer.value).subspan(k * layer.size, layer.size);
        const auto g = std::span(layer.gradient).subspan(k * layer.size, layer.size);
        double mean = 0.0, sum = 0.0, product = 0.0, weight = 0.0;
        for (std::size_t i = 0; i < layer.size; ++i) {
          mean += g[i] / static_cast<double>(layer.size);
          sum += a[i];
          product += a[i] * g[i];
        }
        for (double d : g) {
          if (d > 0.0) weight += d * d * d / (2 * d * d + sum * d * d * d + 1e-6);
        }
        for (std::size_t i = 0; i < layer.size; ++i) {
          cam[i] += mean * a[i];
          plus[i] += weight * a[i];
          hires[i] += g[i] * a[i];
          positive[i] += std::max(g[i], 0.0) * a[i];
          if (sum != 0.0) xgrad[i] += product / sum * a[i];  // a dead map adds nothing
        }
      }
      expect_near(engine("grad_cam", s, {}, node).attribution.values, cam, 1e-4, "grad_cam");
      expect_near(engine("grad_cam_plus_plus", s, {}, node).attribution.values, plus, 1e-3, "grad_cam_plus_plus");
      expect_near(engine("hires_cam", s, {}, node).attribution.values, hires, 1e-4, "hires_cam");
      expect_near(engine("layer_cam", s, {}, node).attribution.values, positive, 1e-4, "layer_cam");
      expect_near(engine("xgrad_cam", s, {}, node).attribution.values, xgrad, 1e-3, "xgrad_cam");
      for (double& value : cam) value = std::max(value, 0.0);
      expect_near(engine("grad_cam", s, {{"positive_only", 1.0}}, node).attribution.values, cam, 1e-4, "relu");
    }
  }
}

TEST(AgainstOracle, CamsWithoutGradients) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int node = default_layer(*s.net.graph);
    const LayerOf layer = layer_at(plain, node);
    const nn::Shape& shape = s.net.graph->nodes()[static_cast<std::size_t>(node)].output;
    const nn::Shape& picture = s.net.graph->spec().input;
    test::MatrixNet net(*s.net.graph, s.net.weights);
    Values scores;
    for (std::size_t k = 0; k < layer.maps; ++k) {
      Values mask = enlarge(std::span(layer.value).subspan(k * layer.size, layer.size), shape.h(), shape.w(),
                            picture[1], picture[2]);
      const auto [low, high] = std::ranges::minmax(mask);
      for (double& value : mask) value = high > low ? (value - low) / (high - low) : 0.0;
      Values seen = plain.x;
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] *= mask[i % plain.plane];
      scores.push_back(plain.f(seen));
    }
    const double most = *std::ranges::max_element(scores);
    double total = 0.0;
    for (double& score : scores) total += score = std::exp(score - most);
    Values expected(layer.size, 0.0);
    for (std::size_t k = 0; k < layer.maps; ++k) {
      for (std::size_t i = 0; i < layer.size; ++i) expected[i] += scores[k] / total * layer.value[k * layer.size + i];
    }
    expect_near(engine("score_cam", s).attribution.values, expected, 1e-4, "score_cam");
  }
}

// Its own weights, by taking each channel out of the oracle's forward pass.
TEST(AgainstOracle, AblationCam) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int node = last_convolution(s.net);
    const LayerOf layer = layer_at(plain, node);
    const double score = plain.f(plain.x);
    Values expected(layer.size, 0.0);
    for (std::size_t k = 0; k < layer.maps; ++k) {
      // The layer's weights of that channel at zero give nothing.
      test::Net without = s.net;
      const nn::Node& conv = s.net.graph->nodes()[static_cast<std::size_t>(node)];
      for (int id : conv.weights) {
        const nn::GraphWeight& weight = s.net.graph->weights()[static_cast<std::size_t>(id)];
        const std::size_t each = weight.shape.size() / layer.maps;
        std::fill_n(without.weights.begin() + static_cast<std::ptrdiff_t>(weight.offset + k * each), each, 0.0F);
      }
      const double lost = score - MatrixNet(*without.graph, without.weights).logit(plain.x, s.target);
      for (std::size_t i = 0; i < layer.size; ++i)
        expected[i] += lost / std::fabs(score) * layer.value[k * layer.size + i];
    }
    expect_near(engine("ablation_cam", s, {}, node).attribution.values, expected, 1e-4, "ablation_cam");
  }
}

TEST(AgainstOracle, GuidedGradCam) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const int node = default_layer(*s.net.graph);
    const nn::Shape& shape = s.net.graph->nodes()[static_cast<std::size_t>(node)].output;
    const nn::Shape& picture = s.net.graph->spec().input;
    const auto cam = engine("grad_cam", s, {{"positive_only", 1.0}}).attribution.values;
    const auto guided = engine("guided_backprop", s).attribution.values;
    Values expected;
    for (std::size_t i = 0; i < guided.size(); ++i) {
      const int at = static_cast<int>(i % plain.plane);
      const int row = static_cast<int>(std::floor((at / picture[2]) * static_cast<double>(shape.h()) / picture[1]));
      const int column = static_cast<int>(std::floor((at % picture[2]) * static_cast<double>(shape.w()) / picture[2]));
      expected.push_back(static_cast<double>(guided[i]) *
                         static_cast<double>(cam[static_cast<std::size_t>(row * shape.w() + column)]));
    }
    expect_near(engine("guided_grad_cam", s).attribution.values, expected, 1e-5, "guided_grad_cam");
  }
}

std::string default_of(const test::SpecBuilder& spec) {
  const auto graph = *nn::Graph::build(spec.spec());
  const int layer = default_layer(*graph);
  return layer < 0 ? "none" : graph->nodes()[static_cast<std::size_t>(layer)].name;
}

TEST(CamLayers, TheDefaultIsOnEveryWayToTheLogits) {
  test::SpecBuilder chain({3, 8, 8});
  chain.conv("conv1", 4, 3, 1).add("relu1", "relu").conv("conv2", 5, 3, 1).add("relu2", "relu");
  chain.add("gap", "global_avg_pool").add("flat", "flatten").linear("fc", 3);
  EXPECT_EQ(default_of(chain), "relu2");

  test::SpecBuilder residual({3, 8, 8});
  residual.conv("stem", 4, 3, 1).add("relu1", "relu").conv("branch", 4, 3, 1);
  residual.add("sum", "add", {}, {"branch", "relu1"}).add("relu2", "relu");
  residual.add("gap", "global_avg_pool").add("flat", "flatten").linear("fc", 3);
  EXPECT_EQ(default_of(residual), "relu2");

  test::SpecBuilder apart({3, 8, 8});  // two branches that never meet as maps
  apart.conv("stem", 4, 3, 1).conv("left", 4, 3, 1).add("left_gap", "global_avg_pool");
  apart.add("right", "relu", {}, {"stem"}).add("right_gap", "global_avg_pool");
  apart.add("both", "concat", {}, {"left_gap", "right_gap"}).add("flat", "flatten").linear("fc", 3);
  EXPECT_EQ(default_of(apart), "stem");

  test::SpecBuilder head({3, 8, 8});  // a classifier of 1x1 convolutions on a map without places
  head.conv("conv1", 4, 3, 1)
      .add("relu1", "relu")
      .add("gap", "global_avg_pool")
      .conv("head", 3, 1, 0)
      .add("flat", "flatten");
  EXPECT_EQ(default_of(head), "relu1");

  test::SpecBuilder none({3, 8, 8});
  none.add("flat", "flatten").linear("fc", 3);
  EXPECT_EQ(default_of(none), "none");
}

// Behind the last convolution what works place by place, as far as it bends: the values that the pool takes.
TEST(CamLayers, TheDefaultIsTheActivationBehindTheConvolution) {
  const auto with = [](const std::function<void(test::SpecBuilder&)>& between) {
    test::SpecBuilder spec({3, 8, 8});
    spec.conv("conv", 4, 3, 1);
    between(spec);
    spec.add("gap", "global_avg_pool").add("flat", "flatten").linear("fc", 3);
    return default_of(spec);
  };
  EXPECT_EQ(with([](test::SpecBuilder&) {}), "conv");
  EXPECT_EQ(with([](test::SpecBuilder& spec) { spec.add("norm", "batch_norm"); }), "conv");
  EXPECT_EQ(with([](test::SpecBuilder& spec) { spec.add("norm", "batch_norm").add("relu", "relu"); }), "relu");
  EXPECT_EQ(with([](test::SpecBuilder& spec) { spec.add("relu", "relu").add("norm", "batch_norm"); }), "relu");
  EXPECT_EQ(
      with([](test::SpecBuilder& spec) { spec.add("gate", "sigmoid").add("swish", "mul", {}, {"conv", "gate"}); }),
      "swish");
  EXPECT_EQ(with([](test::SpecBuilder& spec) { spec.add("relu", "relu").pool("pool", "max_pool", 2); }), "relu");
  EXPECT_EQ(with([](test::SpecBuilder& spec) { spec.pool("pool", "max_pool", 2).add("relu", "relu"); }), "conv");
}

// What a net opens on: Grad-CAM where its places still stand for the picture's, in front of whatever head.
TEST(CamLayers, TellWhatANetIsExplainedByAtFirst) {
  const auto method_of = [](const test::SpecBuilder& spec) {
    return std::string(default_method(**nn::Graph::build(spec.spec())).name);
  };
  const auto begun = [] {
    test::SpecBuilder spec({3, 8, 8});
    return spec.conv("conv", 4, 3, 1).add("relu", "relu");
  };
  EXPECT_EQ(method_of(begun().add("gap", "global_avg_pool").add("flat", "flatten").linear("fc", 3)), "grad_cam");
  EXPECT_EQ(method_of(begun()
                          .pool("pool", "max_pool", 2)
                          .add("flat", "flatten")
                          .linear("fc1", 6)
                          .add("tanh", "tanh")
                          .linear("fc2", 3)),
            "grad_cam");
  EXPECT_EQ(
      method_of(begun().add("gap", "global_avg_pool").add("flat", "flatten").add("soft", "softmax").linear("fc", 3)),
      "grad_cam")
      << "no places are left to be mixed";
  EXPECT_EQ(method_of(begun().add("mixed", "group_norm", {{"groups", 1LL}}).add("flat", "flatten").linear("fc", 3)),
            "gradient")
      << "each place depends on all of them";
  test::SpecBuilder flat({3, 8, 8});
  EXPECT_EQ(method_of(flat.add("flat", "flatten").linear("fc1", 6).add("relu", "relu").linear("fc2", 3)), "gradient");
}

// The logit once a layer gives nothing.
double logit_without(const test::Net& net, int layer, int target) {
  nn::Session session = net.session();
  TargetPass pass(session, target);
  (void)pass.logit(net.input).now();
  const std::vector<float> zeros(net.graph->nodes()[static_cast<std::size_t>(layer)].output.size(), 0.0F);
  return static_cast<double>(pass.logit_with(layer, zeros).now());
}

double sum_of(const Explanation& found) {
  double sum = 0.0;
  for (const float value : found.attribution.values) sum += static_cast<double>(value);
  return sum;
}

struct SumCase {
  std::string what;
  test::SpecBuilder spec;
  const char* layer;
  bool linear;          // the logit in the layer's values
  bool even;            // and in each map's places alike
  bool around = false;  // the picture reaches the logit past the layer too
};

std::vector<SumCase> sum_cases() {
  const auto begun = [] {
    test::SpecBuilder spec({3, 8, 8});
    return spec.conv("conv1", 4, 3, 1).add("relu1", "relu").conv("conv2", 5, 3, 1).add("relu2", "relu");
  };
  const auto headed = [](test::SpecBuilder spec) {
    return spec.add("gap", "global_avg_pool").add("flat", "flatten").linear("fc", 3);
  };
  std::vector<SumCase> all;
  all.push_back({"the shipped head", headed(begun()), "relu2", true, true});
  all.push_back({"before the ReLU", headed(begun()), "conv2", false, false});
  all.push_back({"an earlier layer", headed(begun()), "relu1", false, false});
  all.push_back({"a norm between", headed(begun().add("norm", "batch_norm")), "relu2", true, true});
  all.push_back({"a pool of the whole map", begun().pool("pool", "avg_pool", 8).add("flat", "flatten").linear("fc", 3),
                 "relu2", true, true});
  all.push_back({"two linear layers",
                 begun().add("gap", "global_avg_pool").add("flat", "flatten").linear("fc1", 6).linear("fc2", 3),
                 "relu2", true, true});
  all.push_back({"a bend in the head",
                 begun()
                     .add("gap", "global_avg_pool")
                     .add("flat", "flatten")
                     .linear("fc1", 6)
                     .add("relu3", "relu")
                     .linear("fc2", 3),
                 "relu2", false, false});
  all.push_back(
      {"a head that tells places apart", begun().add("flat", "flatten").linear("fc", 3), "relu2", true, false});
  all.push_back({"a way around",
                 begun()
                     .add("sum", "add", {}, {"relu2", "conv2"})
                     .add("gap", "global_avg_pool")
                     .add("flat", "flatten")
                     .linear("fc", 3),
                 "relu2", false, false, true});
  return all;
}

// Where a map says that it adds up it does; where Grad-CAM says nothing it does not.
TEST(CamLayers, TellWhetherTheMapAddsUpToTheLogit) {
  for (const SumCase& c : sum_cases()) {
    SCOPED_TRACE(c.what);
    const test::Net net = test::random_net(c.spec.spec(), 4);
    const int layer = net.node(c.layer);
    EXPECT_EQ(linear_behind(*net.graph, layer), c.linear);
    for (int target = 0; target < 3; ++target) {
      nn::Session session = net.session();
      session.forward();
      const double due = static_cast<double>(session.logits().data[target]) - logit_without(net, layer, target);
      const double close = 1e-5 * std::max(1.0, std::fabs(due));
      const Explanation cam = run_method("grad_cam", net, target, {}, layer);
      EXPECT_EQ(cam.adds_up, c.linear && c.even);
      if (!c.around) EXPECT_EQ(std::fabs(sum_of(cam) - due) <= close, cam.adds_up) << sum_of(cam) << " for " << due;
      for (const char* name : {"hires_cam", "xgrad_cam"}) {
        const Explanation found = run_method(name, net, target, {}, layer);
        if (found.adds_up) EXPECT_NEAR(sum_of(found), due, close) << name;
        EXPECT_EQ(found.adds_up, c.linear && (c.even || name == std::string("hires_cam"))) << name;
      }
      for (const char* name : {"layer_cam", "grad_cam_plus_plus", "score_cam", "gradient"})
        EXPECT_FALSE(run_method(name, net, target, {}, layer).adds_up) << name;
      EXPECT_FALSE(run_method("grad_cam", net, target, {{"positive_only", 1.0}}, layer).adds_up);
    }
  }
}

TEST(CamLayers, SayHowManyPlacesTheyHave) {
  const test::Net net = test::chain_net(5);
  const Explanation found = run_method("grad_cam", net);
  const std::size_t n = found.attribution.values.size();
  EXPECT_EQ(places_of(*find_method("grad_cam"), found)->said(), std::to_string(n) + " places.");
  EXPECT_FALSE(places_of(*find_method("gradient"), run_method("gradient", net)).has_value());
  Explanation sixteen{.attribution = {{1, 4, 4}, std::vector<float>(16, 1.0F)}};
  sixteen.adds_up = true;
  EXPECT_THAT(places_of(*find_method("grad_cam"), sixteen)->said(),
              testing::AllOf(testing::HasSubstr("16 places"), testing::HasSubstr("logit"), testing::HasSubstr("bias")));
}

TEST(CamLayers, AModuleMeansItsLastNode) {
  test::SpecBuilder spec({3, 8, 8});
  spec.conv("layer3.1.conv1", 4, 3, 1).add("layer3.1.relu", "relu").conv("layer3.2.conv1", 4, 3, 1);
  spec.add("layer3.2.relu", "relu")
      .conv("layer3.20", 4, 3, 1)
      .add("gap", "global_avg_pool")
      .add("flat", "flatten")
      .linear("fc", 3);
  const auto graph = *nn::Graph::build(spec.spec());
  const auto name_of = [&](const char* asked) {
    const auto found = find_cam_layer(*graph, asked);
    return found ? graph->nodes()[static_cast<std::size_t>(*found)].name : found.error().message();
  };
  EXPECT_EQ(name_of("layer3.2"), "layer3.2.relu");
  EXPECT_EQ(name_of("layer3"), "layer3.20");
  EXPECT_EQ(name_of("layer3.1.conv1"), "layer3.1.conv1");
  EXPECT_EQ(name_of("fc"),
            "There is no layer 'fc' with maps; the layers are layer3.1.conv1, layer3.1.relu, layer3.2.conv1, "
            "layer3.2.relu, layer3.20, gap.");
  test::SpecBuilder flat({3, 8, 8});
  flat.add("flat", "flatten").linear("fc", 3);
  EXPECT_EQ(find_cam_layer(**nn::Graph::build(flat.spec()), "fc").error().message(),
            "The model has no maps with rows and columns that this method could read.");
}

// Without a ReLU the rule changes nothing, and the map says that it is the plain gradient.
TEST(Rectifiers, NetsWithoutThemAreToldOf) {
  const test::Net smooth = test::smooth_net(1);
  const test::Net chain = test::chain_net(2);
  for (const char* method : {"guided_backprop", "deconvnet", "guided_grad_cam"}) {
    const auto told = run_method(method, smooth, 1);
    ASSERT_TRUE(told.note) << method;
    EXPECT_EQ(told.note->said(), "This net has no ReLU or a relative of it, so the map is the plain gradient.");
    EXPECT_FALSE(run_method(method, chain, 1).note) << method;
  }
  EXPECT_EQ(run_method("guided_backprop", smooth, 1).attribution.values,
            run_method("gradient", smooth, 1).attribution.values);
}

// conv, a smooth rectifier as one node or as x times a gate of x, conv, ReLU, gap, fc.
test::Net gated_net(std::string_view gate) {
  test::SpecBuilder spec({2, 8, 8});
  spec.conv("conv1", 4, 3, 1);
  if (gate == "hard_swish") {
    spec.add("swish", "hard_swish");
  } else {
    nn::Attributes attributes;
    if (gate == "hard_sigmoid") attributes = {{"alpha", 1.0 / 6.0}, {"beta", 0.5}};
    spec.add("gate", std::string(gate), attributes).add("swish", "mul", {}, {"gate", "conv1"});
  }
  spec.conv("conv2", 5, 3, 1).add("relu", "relu").add("gap", "global_avg_pool").add("flatten", "flatten");
  return test::random_net(spec.linear("fc", 3).spec(), 5);
}

TEST(Rectifiers, AProductWithItsOwnGateIsOne) {
  const test::Net one_node = gated_net("hard_swish");
  const test::Net two_nodes = gated_net("hard_sigmoid");
  const test::Net silu = gated_net("sigmoid");
  ASSERT_EQ(one_node.weights, two_nodes.weights);
  for (const char* method : {"guided_backprop", "deconvnet"}) {
    const std::vector<float> wanted = run_method(method, one_node, 1).attribution.values;
    const std::vector<float> found = run_method(method, two_nodes, 1).attribution.values;
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-6F) << method << ", " << i;
    EXPECT_NE(run_method(method, silu, 1).attribution.values, run_method("gradient", silu, 1).attribution.values);
  }
}

}  // namespace
}  // namespace weightroom::explain
