#include "explain/geometry.h"

#include <algorithm>
#include <string_view>

namespace weightroom::explain {
namespace {

using MaybeRectangle = std::optional<Rectangle>;

Rectangle whole_map(const nn::Shape& shape) { return {0, 0, shape.h(), shape.w()}; }

bool empty(const Rectangle& r) { return r.top >= r.bottom || r.left >= r.right; }

// Smallest rectangle around both.
void join(MaybeRectangle& into, const Rectangle& r) {
  if (empty(r)) return;
  if (!into) {
    into = r;
    return;
  }
  into->top = std::min(into->top, r.top);
  into->left = std::min(into->left, r.left);
  into->bottom = std::max(into->bottom, r.bottom);
  into->right = std::max(into->right, r.right);
}

Rectangle clip(const Rectangle& r, const nn::Shape& shape) {
  const auto within = [](int value, int extent) { return std::clamp(value, 0, extent); };
  return {within(r.top, shape.h()), within(r.left, shape.w()), within(r.bottom, shape.h()), within(r.right, shape.w())};
}

// Whether every place of the output is made of the same place of the inputs alone.
bool keeps_places(const nn::Node& node) {
  if (node.op->pointwise) return true;
  const bool along = node.op->name == "concat" || node.op->name == "slice" || node.op->name == "softmax";
  return along && node.attributes.integer("axis", 1).value_or(0) == 1;  // the channels
}

// One axis of what a border repeats: the edge's pixels are those of the map that stand for it.
void fold_back(const std::string& mode, int extent, int& low, int& high) {
  if (mode == "edge") {
    low = std::clamp(low, 0, extent - 1);
    high = std::clamp(high, 1, extent);
  } else if (mode == "reflect") {
    const int last = 2 * (extent - 1);
    const int first_seen = std::min(low, high > extent ? last - (high - 1) : low);
    const int end_seen = std::max(high, low < 0 ? -low + 1 : high);
    low = std::clamp(first_seen, 0, extent - 1);
    high = std::clamp(end_seen, 1, extent);
  }
}

// What a node's input must show for the rectangle `r` of its output.
Rectangle seen_through(const nn::Node& node, const nn::Shape& input, const Rectangle& r) {
  if (const auto window = window_of(node)) {
    return {window->y.at(r.top, 0), window->x.at(r.left, 0), window->y.at(r.bottom - 1, window->y.kernel - 1) + 1,
            window->x.at(r.right - 1, window->x.kernel - 1) + 1};
  }
  if (node.op->name == "pad") {
    const auto border = std::get<std::vector<long long>>(node.attributes.rows().find("padding")->second);
    const int top = static_cast<int>(border[0]);
    const int left = static_cast<int>(border[1]);
    Rectangle seen{r.top - top, r.left - left, r.bottom - top, r.right - left};
    const auto mode = node.attributes.rows().find("mode");
    if (mode != node.attributes.rows().end()) {
      fold_back(std::get<std::string>(mode->second), input.h(), seen.top, seen.bottom);
      fold_back(std::get<std::string>(mode->second), input.w(), seen.left, seen.right);
    }
    return seen;
  }
  if (!keeps_places(node)) return whole_map(input);
  // What is repeated along an axis is read whole.
  Rectangle seen = r;
  if (input.h() == 1 && node.output.h() > 1) seen.top = 0, seen.bottom = 1;
  if (input.w() == 1 && node.output.w() > 1) seen.left = 0, seen.right = 1;
  return seen;
}

// From one output of `node` back to the picture, each layer's part cut off at its edges or not.
Rectangle trace(const nn::Graph& graph, int node, const Rectangle& start, bool clipped) {
  const auto& nodes = graph.nodes();
  std::vector<MaybeRectangle> seen(nodes.size());
  seen[static_cast<std::size_t>(node)] = start;
  for (std::size_t i = static_cast<std::size_t>(node); i > 0; --i) {
    if (!seen[i]) continue;
    const Rectangle own = *seen[i];
    for (int source : nodes[i].inputs) {
      const auto s = static_cast<std::size_t>(source);
      Rectangle r = seen_through(nodes[i], nodes[s].output, own);
      if (clipped) r = clip(r, nodes[s].output);
      join(seen[s], r);
    }
  }
  return seen[0].value_or(Rectangle{});
}

}  // namespace

std::optional<Window> window_of(const nn::Node& node) {
  if (node.op == nullptr) return std::nullopt;
  const bool conv = node.op->name == "conv2d";
  if (!conv && node.op->name != "max_pool" && node.op->name != "avg_pool") return std::nullopt;
  // The graph was built, so every attribute reads well.
  const auto read = [&](const char* name, int fallback) { return node.attributes.pair(name, fallback).value(); };
  const auto kernel = read("kernel", 1);
  const auto stride = conv || node.attributes.has("stride") ? read("stride", 1) : kernel;
  const auto padding = read("padding", 0);
  const auto dilation = read("dilation", 1);
  return Window{{kernel.first, stride.first, padding.first, dilation.first},
                {kernel.second, stride.second, padding.second, dilation.second}};
}

ReceptiveField receptive_field(const nn::Graph& graph, int node, int y, int x) {
  const nn::Shape& shape = graph.nodes()[static_cast<std::size_t>(node)].output;
  CHECK(y >= 0 && y < shape.h() && x >= 0 && x < shape.w());
  const Rectangle start{y, x, y + 1, x + 1};
  return {trace(graph, node, start, false), trace(graph, node, start, true)};
}

}  // namespace weightroom::explain
