// deep_lift: what each pixel's difference from the baseline contributes to the score's difference, by the Rescale rule
// (Shrikumar et al. 2017): backwards, a nonlinear unit passes on its multiplier times (change of output) / (change of
// input), or its slope where the input hardly changes. A maximum by Captum's cross-maximum rule: the part up to the
// larger of the two outputs goes to the picture's winner, the rest to the baseline's, in equal shares where several are
// equal there. A product by the mean of the
// other factor at both. Other ops bring multipliers of their own (nn::Multiplier::own), which add up like these.
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/method.h>

#include "explain/baseline.h"
#include "explain/costs.h"
#include "explain/pass.h"
#include "nn/ops/pool_window.h"

namespace weightroom::explain {
namespace {

using nn::kStill;                // inputs that change by less have the slope itself
constexpr float kEqual = 1e-4F;  // of a maximum: what comes as near to it is as large

// What every node gave at the baseline.
struct Reference {
  explicit Reference(const nn::Graph& graph) : nodes(graph.nodes()), outputs(nodes.size()) {}

  [[nodiscard]] std::size_t index_of(const nn::Node& node) const {
    return static_cast<std::size_t>(&node - nodes.data());
  }
  void take_outputs(const nn::Session& session) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto values = session.activation(static_cast<int>(i)).values();
      outputs[i].assign(values.begin(), values.end());
    }
  }

  std::span<const nn::Node> nodes;
  std::vector<std::vector<float>> outputs;
};

class Rescale {
 public:
  explicit Rescale(const Reference& reference) : at_(reference) {}

  bool operator()(const nn::Node& node, const nn::BackwardArgs& args) {
    switch (node.op->traits.multiplier) {
      case nn::Multiplier::rescale:
        return unit(node, args);
      case nn::Multiplier::maximum:
        return maximum(node, args);
      case nn::Multiplier::product:
        return product(node, args);
      case nn::Multiplier::own:
        return own(node, args);
      case nn::Multiplier::slope:
      case nn::Multiplier::unset:
      case nn::Multiplier::none:  // away from the picture: suits() refuses it elsewhere
        break;
    }
    return false;
  }

 private:
  [[nodiscard]] const std::vector<float>& before(const nn::Node& node, std::size_t k) const {
    return at_.outputs[static_cast<std::size_t>(node.inputs[k])];
  }

  // Where an input hardly moved, what the op's own backward makes of it.
  void add_slopes(const nn::Node& node, const nn::BackwardArgs& args) {
    temporary_.assign(args.inputs[0].size(), 0.0F);
    const std::array<nn::Tensor, 1> d_inputs{{{args.inputs[0].shape, temporary_.data()}}};
    nn::BackwardArgs with = args;
    with.d_inputs = d_inputs;
    with.fresh = false;
    node.op->backward(with);
    const auto& x = before(node, 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::fabs(args.inputs[0].data[i] - x[i]) < kStill) args.d_inputs[0].data[i] += temporary_[i];
    }
  }

  bool unit(const nn::Node& node, const nn::BackwardArgs& args) {
    if (!args.d_inputs[0]) return true;
    const std::size_t count = args.inputs[0].size();
    const float* const x0 = before(node, 0).data();
    const float* const y0 = at_.outputs[at_.index_of(node)].data();
    const float* const x = args.inputs[0].data;
    const float* const y = args.output.data;
    const float* const d_y = args.d_output.data;
    float* const d_x = args.d_inputs[0].data;
    int resting = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const float in = x[i] - x0[i];
      const bool rests = std::fabs(in) < kStill;
      resting += rests ? 1 : 0;
      d_x[i] += rests ? 0.0F : d_y[i] * ((y[i] - y0[i]) / in);
    }
    if (resting > 0) add_slopes(node, args);
    return true;
  }

  bool maximum(const nn::Node& node, const nn::BackwardArgs& args) {
    if (!args.d_inputs[0]) return true;
    const auto& x = before(node, 0);
    const auto& y = at_.outputs[at_.index_of(node)];
    const auto winners = nn::max_pool_winners(args.saved);
    const nn::PoolWindow window = nn::read_pool_window(args.attributes, args.inputs[0].shape).value();
    const auto in_plane = static_cast<std::size_t>(window.y.in) * static_cast<std::size_t>(window.x.in);
    const auto out_plane = static_cast<std::size_t>(window.y.out) * static_cast<std::size_t>(window.x.out);
    moved_.assign(x.size(), 0.0F);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t plane = i / out_plane * in_plane;
      const float most = std::max(args.output.data[i], y[i]);
      moved_[plane + static_cast<std::size_t>(winners[i])] += args.d_output.data[i] * (most - y[i]);
      const float down = args.d_output.data[i] * (args.output.data[i] - most);
      if (down != 0.0F) share_among_winners(window, i % out_plane, x.data() + plane, y[i], down, moved_.data() + plane);
    }
    int resting = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float change = args.inputs[0].data[i] - x[i];
      const bool rests = std::fabs(change) < kStill;
      resting += rests ? 1 : 0;
      args.d_inputs[0].data[i] += rests ? 0.0F : moved_[i] / change;
    }
    if (resting > 0) add_slopes(node, args);
    return true;
  }

  // On an even baseline several places of a window are equal but for rounding, which must not choose among them.
  void share_among_winners(const nn::PoolWindow& window, std::size_t output, const float* x, float most, float amount,
                           float* moved) {
    const int oy = static_cast<int>(output) / window.x.out;
    const int ox = static_cast<int>(output) % window.x.out;
    const int first = window.x.first_tap(ox);
    const int last = window.x.last_tap(ox);
    const float least = most - kEqual * std::max(1.0F, std::fabs(most));
    winners_.clear();
    for (int u = window.y.first_tap(oy); u < window.y.last_tap(oy); ++u) {
      const int row = (window.y.start(oy) + u * window.y.dilation) * window.x.in + window.x.start(ox);
      for (int v = first; v < last; ++v) {
        const int at = row + v * window.x.dilation;
        if (x[at] >= least) winners_.push_back(at);
      }
    }
    const float share = amount / static_cast<float>(winners_.size());
    for (const int at : winners_) moved[at] += share;
  }

  bool product(const nn::Node& node, const nn::BackwardArgs& args) {
    std::vector<std::vector<float>> means;
    std::vector<nn::ConstTensor> inputs;
    for (std::size_t k = 0; k < args.inputs.size(); ++k) {
      const auto& x = before(node, k);
      means.emplace_back(x.size());
      for (std::size_t i = 0; i < x.size(); ++i) means[k][i] = 0.5F * (args.inputs[k].data[i] + x[i]);
      inputs.push_back({args.inputs[k].shape, means[k].data()});
    }
    nn::BackwardArgs with = args;
    with.inputs = inputs;
    node.op->backward(with);
    return true;
  }

  bool own(const nn::Node& node, const nn::BackwardArgs& args) {
    std::vector<nn::ConstTensor> inputs;
    for (std::size_t k = 0; k < args.inputs.size(); ++k)
      inputs.push_back({args.inputs[k].shape, before(node, k).data()});
    node.op->multipliers({.at = args, .inputs = inputs});
    return true;
  }

  const Reference& at_;
  std::vector<float> temporary_;
  std::vector<float> moved_;  // what a maximum's inputs get for their change
  std::vector<int> winners_;
};

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const std::vector<float> baseline = baseline_of(input);
  Reference reference(input.graph());
  const auto nothing = static_cast<double>(co_await pass.logit(baseline));
  reference.take_outputs(input.session);
  output.progress = 0.4;
  const nn::BackwardRule rule = Rescale(reference);
  const auto all = static_cast<double>(co_await pass.logit(input.input));
  Explanation& found = output.explanation;
  if (input.of_layer >= 0) {
    const auto layer = co_await pass.activation_gradient(input.input, input.of_layer, &rule);
    const std::vector<float>& before = reference.outputs[static_cast<std::size_t>(input.of_layer)];
    for (std::size_t i = 0; i < before.size(); ++i)
      found.attribution.values[i] = (layer.value.data[i] - before[i]) * layer.gradient.data[i];
    co_return;  // what goes past the layer has a share of its own
  }
  const auto multipliers = co_await pass.input_gradient(input.input, &rule);
  for (std::size_t i = 0; i < baseline.size(); ++i)
    found.attribution.values[i] = (input.input[i] - baseline[i]) * multipliers[i];
  found.completeness_error = completeness_error(found.attribution, all - nothing);
}

bool has_multiplier(const nn::OpDef& op) {
  return op.traits.multiplier != nn::Multiplier::none && op.traits.multiplier != nn::Multiplier::unset;
}

Status suits(const nn::Graph& graph) { return check_rules(graph, text::method_deep_lift_title, has_multiplier); }

double passes(const Setting& /*setting*/) { return 2.0 + 1.5; }

}  // namespace

MethodDef deep_lift_method() {
  return {.name = "deep_lift",
          .title = text::method_deep_lift_title,
          .plain = text::method_deep_lift_plain,
          .summary = text::method_deep_lift_summary,
          .paper = "Shrikumar, Greenside, Kundaje: Learning important features, 2017",
          .family = Family::propagation,
          .params = {baseline_param()},
          .axioms = {.complete = true, .dummy = true, .linear = true},
          .takes_layer = true,
          .passes = passes,
          .suits = suits,
          .run = run};
}

}  // namespace weightroom::explain
