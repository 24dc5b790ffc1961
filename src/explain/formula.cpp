// position_map and formula_at of weights.h: a layer's sums taken apart, pixel by pixel.
#include <strings/formula.h>

#include "explain/pass.h"
#include "explain/weights.h"

namespace weightroom::explain {
namespace {

// A conv2d or linear layer seen as sums of weight times input.
struct Layer {
  const nn::Node& node;
  nn::Shape kernel;  // (O,I/G,kH,kW); of a linear layer (O,I), its taps 1x1
  Window window;
  int channels_in = 1;   // a group's: I/G
  int channels_out = 1;  // a group's: O/G

  // Which input channel, and which tap, a weight of the output channel `o` reads.
  struct Tap {
    int channel = 0;
    int u = 0;
    int v = 0;
  };
  [[nodiscard]] Tap tap(int o, std::size_t index_within) const {
    const int index = static_cast<int>(index_within);
    const int area = kernel[2] * kernel[3];
    return {o / channels_out * channels_in + index / area, index % area / kernel[3], index % kernel[3]};
  }
};

Result<Layer> layer_of(const nn::Graph& graph, int index) {
  const nn::Node& node = graph.nodes()[static_cast<std::size_t>(index)];
  if (!nn::is_weighted_sum(node.op)) {
    return node.op == nullptr ? fail(text::formula_picture, {{"layer", node.name}})
                              : fail(text::formula_no_sum, {{"layer", node.name}, {"op", node.op->name}});
  }
  const nn::Shape& kernel = graph.weights()[static_cast<std::size_t>(node.weights[0])].shape;
  const int groups = node.attributes.integer("groups", 1).value();
  return Layer{node, kernel, window_of(node).value_or(Window{}), kernel[1], kernel[0] / groups};
}

struct Pixel {
  int y = 0;
  int x = 0;
  bool padding = false;
  float value = 0.0F;
};

// What the tap reads for the output at (y, x). input: (1,I,H,W) or (1,I)
Pixel pixel_under(const Layer& layer, const Layer::Tap& tap, nn::ConstTensor input, int y, int x) {
  Pixel pixel{layer.window.y.at(y, tap.u), layer.window.x.at(x, tap.v)};
  const nn::Shape& shape = input.shape;
  pixel.padding = pixel.y < 0 || pixel.y >= shape.h() || pixel.x < 0 || pixel.x >= shape.w();
  if (pixel.padding) return pixel;
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(tap.channel) * shape.h() + pixel.y;
  pixel.value = input.data[row * shape.w() + pixel.x];
  return pixel;
}

}  // namespace

Result<PositionMap> gradient_by_position(const nn::Session& session, nn::ConstTensor d_output, nn::WeightRef ref) {
  const nn::GraphWeight& weight = session.graph().weights()[static_cast<std::size_t>(ref.tensor)];
  CHECK(ref.element < weight.shape.size());
  const auto layer = layer_of(session.graph(), weight.node);
  if (!layer) return std::unexpected(layer.error());
  const nn::ConstTensor input = session.activation(layer->node.inputs[0]);
  const bool bias = ref.tensor != layer->node.weights[0];
  const std::size_t fan = bias ? 1 : weight.shape.sample_size();
  const int o = static_cast<int>(ref.element / fan);
  const Layer::Tap tap = layer->tap(o, ref.element % fan);
  PositionMap map{d_output.shape.h(), d_output.shape.w(), {}};
  const float* d = d_output.data + static_cast<std::ptrdiff_t>(o) * map.height * map.width;
  for (int y = 0; y < map.height; ++y) {
    for (int x = 0; x < map.width; ++x)
      map.values.push_back(*d++ * (bias ? 1.0F : pixel_under(*layer, tap, input, y, x).value));
  }
  return map;
}

Result<PositionMap> position_map(nn::Session& session, int target, nn::WeightRef ref) {
  const nn::Graph& graph = session.graph();
  const nn::GraphWeight& weight = graph.weights()[static_cast<std::size_t>(ref.tensor)];
  if (const auto layer = layer_of(graph, weight.node); !layer) return std::unexpected(layer.error());
  if (!leads_to_logits(graph)[static_cast<std::size_t>(weight.node)]) {
    return fail(text::formula_unused, {{"layer", graph.nodes()[static_cast<std::size_t>(weight.node)].name}});
  }
  // From where the session is: its own input.
  const auto output = TargetPass(session, target).activation_gradient(session.input(), weight.node).now();
  auto map = gradient_by_position(session, output.gradient, ref);
  const float value = session.weight(ref.tensor)[ref.element];
  for (float& place : map->values) place *= value;
  return map;
}

Result<Formula> formula_at(const nn::Session& session, int node, int channel, int y, int x) {
  CHECK(session.batch() == 1 && session.current());
  const nn::Graph& graph = session.graph();
  const auto layer = layer_of(graph, node);
  if (!layer) return std::unexpected(layer.error());
  const nn::ConstTensor output = session.activation(node);
  const nn::Shape& shape = output.shape;
  if (channel < 0 || channel >= shape.c() || y < 0 || y >= shape.h() || x < 0 || x >= shape.w()) {
    return fail(
        text::formula_no_output,
        {{"layer", layer->node.name}, {"channel", channel}, {"row", y}, {"column", x}, {"shape", shape.text()}});
  }
  const auto values_of = [&](std::size_t k) { return session.weight(layer->node.weights[k]).data(); };
  const std::size_t fan = layer->kernel.sample_size();
  const float* kernel = values_of(0) + static_cast<std::size_t>(channel) * fan;
  const nn::ConstTensor input = session.activation(layer->node.inputs[0]);
  Formula formula;
  formula.terms.reserve(fan);
  for (std::size_t k = 0; k < fan; ++k) {
    const Layer::Tap tap = layer->tap(channel, k);
    const Pixel pixel = pixel_under(*layer, tap, input, y, x);
    formula.terms.push_back(
        {tap.channel, tap.u, tap.v, pixel.y, pixel.x, pixel.padding, kernel[k], pixel.value, kernel[k] * pixel.value});
  }
  if (layer->node.weights.size() > 1) formula.bias = values_of(1)[channel];
  formula.sum = output.data[(static_cast<std::ptrdiff_t>(channel) * shape.h() + y) * shape.w() + x];
  return formula;
}

}  // namespace weightroom::explain
