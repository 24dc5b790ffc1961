#include "explain/one_weight.h"

#include <algorithm>
#include <cmath>

#include "explain/geometry.h"
#include "explain/pass.h"
#include "nn/answer.h"

namespace weightroom::explain {
namespace {

constexpr int kAllClasses = 32;
constexpr std::size_t kSomeClasses = 10;

bool is_sum(const nn::Graph& graph, int node) {
  return nn::is_weighted_sum(graph.nodes()[static_cast<std::size_t>(node)].op);
}

// Tap of the first largest value of a window, in row-major order.
std::uint8_t winner(const Window& window, nn::ConstTensor input, int channel, int y, int x) {
  const nn::Shape& shape = input.shape;
  const float* plane = input.data + static_cast<std::ptrdiff_t>(channel) * shape.h() * shape.w();
  float best = 0.0F;
  int at = -1;
  for (int u = 0; u < window.y.kernel; ++u) {
    for (int v = 0; v < window.x.kernel; ++v) {
      const int row = window.y.at(y, u);
      const int column = window.x.at(x, v);
      if (row < 0 || row >= shape.h() || column < 0 || column >= shape.w()) continue;
      const float value = plane[static_cast<std::ptrdiff_t>(row) * shape.w() + column];
      if (at < 0 || value > best) {
        best = value;
        at = u * window.x.kernel + v;
      }
    }
  }
  return static_cast<std::uint8_t>(at + 1);
}

std::vector<std::uint8_t> winners(const nn::Node& node, nn::ConstTensor input, const nn::Shape& output) {
  const Window window = *window_of(node);
  std::vector<std::uint8_t> ways;
  ways.reserve(output.size());
  for (int c = 0; c < output.c(); ++c) {
    for (int y = 0; y < output.h(); ++y) {
      for (int x = 0; x < output.w(); ++x) ways.push_back(winner(window, input, c, y, x));
    }
  }
  return ways;
}

// Which way each output of a kink went; empty where the op has none.
std::vector<std::uint8_t> ways_of(const nn::Node& node, nn::ConstTensor input, nn::ConstTensor output) {
  const nn::Traits& traits = node.op->traits;
  if (traits.pool == nn::Pool::largest) return winners(node, input, output.shape);
  if (traits.pieces == nullptr) return {};
  std::vector<std::uint8_t> ways(output.size());
  traits.pieces(input, output, ways);
  return ways;
}

}  // namespace

std::vector<int> looked_at(std::span<const float> logits, int target) {
  std::vector<int> classes = nn::best_first(logits);
  if (static_cast<int>(classes.size()) <= kAllClasses) return classes;
  classes.resize(kSomeClasses);
  if (std::ranges::find(classes, target) == classes.end()) classes.push_back(target);
  return classes;
}

Pattern::Pattern(const nn::Session& session, int node) {
  const auto& nodes = session.graph().nodes();
  const std::vector<bool> leads = leads_to_logits(session.graph());
  for (std::size_t i = static_cast<std::size_t>(node) + 1; i < nodes.size(); ++i) {
    if (!leads[i]) continue;
    if (nodes[i].inputs.empty()) continue;  // a constant
    const nn::ConstTensor output = session.activation(static_cast<int>(i));
    auto ways = ways_of(nodes[i], session.activation(nodes[i].inputs[0]), output);
    if (!ways.empty()) {
      parts_.push_back({static_cast<int>(i), std::move(ways)});
    } else if (!is_linear(*nodes[i].op)) {
      piecewise_linear_ = false;
    }
  }
}

Pattern::Difference Pattern::against(const Pattern& other) const {
  CHECK(parts_.size() == other.parts_.size());
  Difference found;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    const auto& a = parts_[k].ways;
    const auto& b = other.parts_[k].ways;
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += static_cast<std::size_t>(a[i] != b[i]);
    if (count > 0 && found.node < 0) {
      found.node = parts_[k].node;
      found.count = count;
    }
    found.total += count;
  }
  return found;
}

WeightCurve::Range WeightCurve::linear() const {
  Range range{reference, reference};
  // Outwards from the reference, as far as no kink goes another way.
  for (auto it = trials.rbegin(); it != trials.rend(); ++it) {
    if (it->value > reference) continue;
    if (it->changes.total > 0) break;
    range.from = it->value;
  }
  for (const WeightTrial& trial : trials) {
    if (trial.value < reference) continue;
    if (trial.changes.total > 0) break;
    range.to = trial.value;
  }
  return range;
}

base::Task share_of_weight(const MethodInput& input, nn::WeightRef ref, WeightShare& out, double& progress) {
  nn::Session& session = input.session;
  const nn::GraphWeight& tensor = input.graph().weights()[static_cast<std::size_t>(ref.tensor)];
  TargetPass first(session, input.target);
  (void)co_await first.logit(input.input);
  out.value = session.weight(ref.tensor)[ref.element];
  out.classes = looked_at(session.logits().values(), input.target);
  out.slopes.assign(out.classes.size(), 0.0);
  out.positions.reset();
  if (!leads_to_logits(input.graph())[static_cast<std::size_t>(tensor.node)]) {
    progress = 1.0;
    co_return;
  }
  for (std::size_t k = 0; k < out.classes.size(); ++k) {
    TargetPass pass(session, out.classes[k]);
    if (is_sum(input.graph(), tensor.node)) {
      const auto output = co_await pass.activation_gradient(input.input, tensor.node);
      PositionMap map = *gradient_by_position(session, output.gradient, ref);
      for (const float v : map.values) out.slopes[k] += static_cast<double>(v);
      if (out.classes[k] == input.target) {
        for (float& v : map.values) v *= out.value;
        out.positions = std::move(map);
      }
    } else {
      const auto gradient = co_await pass.weight_gradient(input.input);
      out.slopes[k] = static_cast<double>(gradient[tensor.offset + ref.element]);
    }
    progress = static_cast<double>(k + 1) / static_cast<double>(out.classes.size());
  }
}

base::Task curve_of_weight(const MethodInput& input, nn::WeightRef ref, float reference, float reach, int trials,
                           WeightCurve& out, double& progress) {
  CHECK(trials > 1);
  nn::Session& session = input.session;
  const nn::GraphWeight& tensor = input.graph().weights()[static_cast<std::size_t>(ref.tensor)];
  const std::size_t at = tensor.offset + ref.element;
  const float now = session.weight_at(at);
  const auto put = [&](float value) { session.set_weights(std::span(&value, 1), at); };
  TargetPass pass(session, input.target);

  put(reference);
  (void)co_await pass.logit(input.input);
  const Pattern pattern(session, tensor.node);
  out.reference = reference;
  out.piecewise_linear = pattern.piecewise_linear();
  WeightShare share;
  double within = 0.0;
  base::Task slopes = share_of_weight(input, ref, share, within);
  while (!slopes.step()) {
    progress = 0.5 * within;
    co_await base::Pause{};
  }
  out.classes = share.classes;
  out.slopes = share.slopes;

  const auto look = [&](float value) {
    const auto logits = session.logits().values();
    WeightTrial trial{.value = value, .answer = nn::best_of(logits)};
    for (const int c : out.classes) trial.logits.push_back(logits[static_cast<std::size_t>(c)]);
    trial.changes = Pattern(session, tensor.node).against(pattern);
    return trial;
  };
  out.at_reference = look(reference);
  put(0.0F);
  (void)co_await pass.logit(input.input);
  out.at_zero = look(0.0F);
  std::vector<WeightTrial> made;
  for (int k = 0; k < trials; ++k) {
    const double share_of_way = static_cast<double>(k) / (trials - 1);
    const auto value = static_cast<float>(static_cast<double>(reach) * (2.0 * share_of_way - 1.0));
    put(value);
    (void)co_await pass.logit(input.input);
    made.push_back(look(value));
    progress = 0.5 + 0.5 * static_cast<double>(k + 1) / trials;
  }
  put(now);
  (void)co_await pass.logit(input.input);
  out.trials = std::move(made);
}

}  // namespace weightroom::explain
