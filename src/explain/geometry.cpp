#include "explain/geometry.h"

#include <algorithm>

namespace weightroom::explain {
namespace {

using MaybeRectangle = std::optional<Rectangle>;

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
      Rectangle r = nodes[i].op->traits.sees(nodes[i].attributes, nodes[s].output, nodes[i].output, own);
      if (clipped) r = clip(r, nodes[s].output);
      join(seen[s], r);
    }
  }
  return seen[0].value_or(Rectangle{});
}

}  // namespace

std::optional<Window> window_of(const nn::Node& node) {
  if (node.op == nullptr || node.op->traits.window == nullptr) return std::nullopt;
  return node.op->traits.window(node.attributes);
}

ReceptiveField receptive_field(const nn::Graph& graph, int node, int y, int x) {
  const nn::Shape& shape = graph.nodes()[static_cast<std::size_t>(node)].output;
  CHECK(y >= 0 && y < shape.h() && x >= 0 && x < shape.w());
  const Rectangle start{y, x, y + 1, x + 1};
  return {trace(graph, node, start, false), trace(graph, node, start, true)};
}

}  // namespace weightroom::explain
