// The CAM family against its formulas in double.

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
    for (const int node : {default_layer(*s.net.graph), cam_layers(*s.net.graph).front()}) {
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
          xgrad[i] += product / sum * a[i];
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
    const int node = default_layer(*s.net.graph);
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
    expect_near(engine("ablation_cam", s).attribution.values, expected, 1e-4, "ablation_cam");
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
  EXPECT_EQ(default_of(chain), "conv2");

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
  EXPECT_EQ(default_of(head), "conv1");

  test::SpecBuilder none({3, 8, 8});
  none.add("flat", "flatten").linear("fc", 3);
  EXPECT_EQ(default_of(none), "none");
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
