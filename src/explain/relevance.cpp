#include "explain/relevance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>

#include <strings/method.h>

#include "explain/pass.h"

namespace weightroom::explain {
namespace {

constexpr double kStabiliser = 1e-6;

float stabilised(float z, double epsilon) { return z + static_cast<float>(z >= 0.0F ? epsilon : -epsilon); }

float positive(float v) { return v > 0.0F ? v : 0.0F; }
float negative(float v) { return v < 0.0F ? v : 0.0F; }

// What a part takes of the inputs, and of the weights.
enum class Take { all, plus, minus, low, high, ones };
enum class Weigh { all, plus, minus, more_plus, more_minus, ones, square };

struct Part {
  Take take;
  Weigh weigh;
  bool bias;
  float sign = 1.0F;
};

// Parts that share a denominator, which outputs they are for, and what they count.
enum class Outputs { all, positive, negative };
struct Group {
  std::vector<Part> parts;
  Outputs outputs = Outputs::all;
  float factor = 1.0F;
};

std::vector<Group> groups_of(LrpRule rule) {
  const std::vector<Part> with{{Take::plus, Weigh::plus, true}, {Take::minus, Weigh::minus, false}};
  const std::vector<Part> against{{Take::plus, Weigh::minus, true}, {Take::minus, Weigh::plus, false}};
  switch (rule) {
    case LrpRule::epsilon:
      return {{{{Take::all, Weigh::all, true}}}};
    case LrpRule::z_plus:
      return {{with}};
    case LrpRule::alpha_beta:
      return {{with, Outputs::all, 2.0F}, {against, Outputs::all, -1.0F}};
    case LrpRule::gamma:
      return {{{{Take::plus, Weigh::more_plus, true}, {Take::minus, Weigh::more_minus, false}}, Outputs::positive},
              {{{Take::plus, Weigh::more_minus, true}, {Take::minus, Weigh::more_plus, false}}, Outputs::negative}};
    case LrpRule::z_box:
      return {{{{Take::all, Weigh::all, true},
                {Take::low, Weigh::plus, true, -1.0F},
                {Take::high, Weigh::minus, true, -1.0F}}}};
    case LrpRule::flat:
      return {{{{Take::ones, Weigh::ones, false}}}};
    case LrpRule::w_square:
      return {{{{Take::ones, Weigh::square, true}}}};
    case LrpRule::pass:
      break;
  }
  return {};
}

// The nodes that take on the whole pass: one object behind the rule, with its scratch.
class Relevance {
 public:
  Relevance(const nn::Session& session, LrpSettings settings)
      : session_(session), graph_(session.graph()), settings_(std::move(settings)) {
    std::vector<int> readers(graph_.nodes().size(), 0);
    for (const nn::Node& node : graph_.nodes()) {
      for (int source : node.inputs) ++readers[static_cast<std::size_t>(source)];
    }
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      const nn::Node& node = graph_.nodes()[i];
      if (node.op == nullptr || !node.op->traits.channel_norm) continue;
      const int source = node.inputs[0];
      const nn::Node& before = graph_.nodes()[static_cast<std::size_t>(source)];
      const bool alone = readers[static_cast<std::size_t>(source)] == 1;
      if (nn::is_convolution(before.op) && alone && source != graph_.logits()) norm_of_[source] = static_cast<int>(i);
    }
  }

  bool operator()(const nn::Node& node, const nn::BackwardArgs& args) {
    switch (node.op->traits.relevance) {
      case nn::Relevance::layer:
        return layer(node, static_cast<int>(&node - graph_.nodes().data()), args);
      case nn::Relevance::share:
        return by_shares(node, args, 1.0F);
      case nn::Relevance::factor:
        return by_shares(node, args, factors(node) > 1 ? 0.5F : 1.0F);
      case nn::Relevance::dividend:
        return by_shares(node, args, 1.0F, 1);
      case nn::Relevance::keep:
      case nn::Relevance::keep_norm:
        return pass(args);
      case nn::Relevance::follow:  // the gradient hands on what comes, to where it came from
      case nn::Relevance::unset:
      case nn::Relevance::none:  // away from the picture: MethodDef::suits refuses it elsewhere
        break;
    }
    return false;
  }

 private:
  // Inputs that are not constants.
  [[nodiscard]] int factors(const nn::Node& node) const {
    return static_cast<int>(std::ranges::count_if(node.inputs, [&](int source) {
      const nn::Node& from = graph_.nodes()[static_cast<std::size_t>(source)];
      return from.op == nullptr || !from.op->constant;
    }));
  }

  static bool pass(const nn::BackwardArgs& args) {
    if (!args.d_inputs[0]) return true;
    CHECK(args.d_inputs[0].size() == args.d_output.size());
    for (std::size_t i = 0; i < args.d_output.size(); ++i) args.d_inputs[0].data[i] += args.d_output.data[i];
    return true;
  }

  // R / stab(z), in ratio_.
  void divide(nn::ConstTensor relevance, std::span<const float> z, double epsilon, Outputs outputs = Outputs::all,
              std::span<const float> signs = {}) {
    ratio_.resize(relevance.size());
    for (std::size_t i = 0; i < ratio_.size(); ++i) {
      const bool counts = outputs == Outputs::all || (outputs == Outputs::positive ? signs[i] > 0.0F : signs[i] < 0.0F);
      ratio_[i] = counts ? relevance.data[i] / stabilised(z[i], epsilon) : 0.0F;
    }
  }

  // Each input by its own share of a sum; `inputs` of them at most.
  bool by_shares(const nn::Node& node, const nn::BackwardArgs& args, float factor, std::size_t inputs = 2) {
    divide(args.d_output, args.output.values(), kStabiliser);
    std::vector<std::vector<float>> shares(args.inputs.size());
    std::vector<nn::Tensor> d_inputs;
    for (std::size_t k = 0; k < args.inputs.size(); ++k) {
      const bool wanted = args.d_inputs[k] && k < inputs;
      if (wanted) shares[k].assign(args.inputs[k].size(), 0.0F);
      d_inputs.push_back({args.inputs[k].shape, wanted ? shares[k].data() : nullptr});
    }
    nn::BackwardArgs with = args;
    with.d_output.data = ratio_.data();
    with.d_inputs = d_inputs;
    node.op->backward(with);
    for (std::size_t k = 0; k < shares.size(); ++k) {
      for (std::size_t i = 0; i < shares[k].size(); ++i)
        args.d_inputs[k].data[i] += factor * args.inputs[k].data[i] * shares[k][i];
    }
    return true;
  }

  bool layer(const nn::Node& node, int index, const nn::BackwardArgs& args) {
    const LrpRule rule = settings_.rules[static_cast<std::size_t>(index)];
    if (!args.d_inputs[0]) return true;
    if (rule == LrpRule::pass) return pass(args);
    merge_norm(node, index, args);
    const double epsilon = rule == LrpRule::epsilon ? settings_.epsilon : kStabiliser;
    for (const Group& group : groups_of(rule)) {
      z_.assign(args.output.size(), 0.0F);
      for (const Part& part : group.parts) {
        if (!take(part, args)) continue;
        weigh(part);
        forward(node, args);
        for (std::size_t i = 0; i < z_.size(); ++i) z_[i] += part.sign * part_z_[i];
      }
      // Of what sign an output is, is decided by the layer itself.
      if (group.outputs != Outputs::all) {
        taken_.assign(args.inputs[0].values().begin(), args.inputs[0].values().end());
        weigh({Take::all, Weigh::all, true});
        forward(node, args);
      }
      divide(args.d_output, z_, epsilon, group.outputs, part_z_);
      for (const Part& part : group.parts) {
        if (!take(part, args)) continue;
        weigh(part);
        backward(node, args);
        for (std::size_t i = 0; i < shares_.size(); ++i)
          args.d_inputs[0].data[i] += group.factor * part.sign * taken_[i] * shares_[i];
      }
    }
    return true;
  }

  // The layer's weights in weights_ and bias_, with the batch_norm that follows:
  //   W* = W scale / sqrt(var + epsilon), b* = (b - mean) scale / sqrt(var + epsilon) + shift.
  void merge_norm(const nn::Node& node, int index, const nn::BackwardArgs& args) {
    weights_.assign(args.weights[0].values().begin(), args.weights[0].values().end());
    const auto outputs = static_cast<std::size_t>(args.weights[0].shape[0]);
    bias_.assign(outputs, 0.0F);
    if (node.weights.size() > 1) std::ranges::copy(args.weights[1].values(), bias_.begin());
    const auto norm = norm_of_.find(index);
    if (norm == norm_of_.end()) return;
    const nn::Node& batch_norm = graph_.nodes()[static_cast<std::size_t>(norm->second)];
    const double epsilon = batch_norm.attributes.real("epsilon", 1e-5).value();
    const auto of = [&](std::size_t k, std::size_t c) {
      return static_cast<double>(session_.weight(batch_norm.weights[k])[c]);
    };
    const std::size_t each = weights_.size() / outputs;
    for (std::size_t o = 0; o < outputs; ++o) {
      const double scale = of(0, o) / std::sqrt(of(3, o) + epsilon);
      for (std::size_t k = o * each; k < (o + 1) * each; ++k)
        weights_[k] = static_cast<float>(static_cast<double>(weights_[k]) * scale);
      bias_[o] = static_cast<float>((static_cast<double>(bias_[o]) - of(2, o)) * scale + of(1, o));
    }
  }

  // Fills taken_; false where there is nothing to take.
  bool take(const Part& part, const nn::BackwardArgs& args) {
    const auto x = args.inputs[0].values();
    taken_.resize(x.size());
    const auto level = [&](const std::vector<float>& levels) {
      const std::size_t plane = x.size() / levels.size();
      for (std::size_t i = 0; i < x.size(); ++i) taken_[i] = levels[i / plane];
    };
    switch (part.take) {
      case Take::all:
        std::ranges::copy(x, taken_.begin());
        break;
      case Take::plus:
        std::ranges::transform(x, taken_.begin(), positive);
        break;
      case Take::minus:
        if (std::ranges::none_of(x, [](float v) { return v < 0.0F; })) return false;
        std::ranges::transform(x, taken_.begin(), negative);
        break;
      case Take::low:
        level(settings_.low);
        break;
      case Take::high:
        level(settings_.high);
        break;
      case Take::ones:
        std::ranges::fill(taken_, 1.0F);
        break;
    }
    return true;
  }

  void weigh(const Part& part) {
    weigh(part.weigh, weights_, part_weights_);
    if (part.bias) return weigh(part.weigh, bias_, part_bias_);
    part_bias_.assign(bias_.size(), 0.0F);
  }
  void weigh(Weigh weigh, const std::vector<float>& from, std::vector<float>& to) const {
    to.resize(from.size());
    // The choice outside of the loops, which are vectorised so.
    const auto each = [&](const auto& change) { std::ranges::transform(from, to.begin(), change); };
    const auto gamma = static_cast<float>(settings_.gamma);
    switch (weigh) {
      case Weigh::all:
        return each([](float w) { return w; });
      case Weigh::plus:
        return each(positive);
      case Weigh::minus:
        return each(negative);
      case Weigh::more_plus:
        return each([gamma](float w) { return w + gamma * positive(w); });
      case Weigh::more_minus:
        return each([gamma](float w) { return w + gamma * negative(w); });
      case Weigh::ones:
        return each([](float) { return 1.0F; });
      case Weigh::square:
        return each([](float w) { return w * w; });
    }
  }

  // part_z_ = taken_ W' + b'
  void forward(const nn::Node& node, const nn::BackwardArgs& args) {
    part_z_.resize(args.output.size());
    const std::array<nn::ConstTensor, 1> inputs{{{args.inputs[0].shape, taken_.data()}}};
    const auto weights = operands(args);
    node.op->forward({.attributes = args.attributes,
                      .inputs = inputs,
                      .weights = std::span(weights).first(args.weights.size()),
                      .output = {args.output.shape, part_z_.data()},
                      .saved = {},
                      .workspace = args.workspace,
                      .training = false,
                      .threads = args.threads});
    if (args.weights.size() > 1) return;
    // A layer without a bias of its own has one from its batch_norm.
    const std::size_t plane = part_z_.size() / part_bias_.size();
    const bool last = node.op->traits.window == nullptr;
    for (std::size_t i = 0; i < part_z_.size(); ++i) part_z_[i] += part_bias_[last ? i % part_bias_.size() : i / plane];
  }

  // shares_ = W'^T ratio_
  void backward(const nn::Node& node, const nn::BackwardArgs& args) {
    shares_.assign(args.inputs[0].size(), 0.0F);
    const std::array<nn::ConstTensor, 1> inputs{{{args.inputs[0].shape, taken_.data()}}};
    const std::array<nn::Tensor, 1> d_inputs{{{args.inputs[0].shape, shares_.data()}}};
    const std::array<nn::Tensor, 2> d_weights{};
    const auto weights = operands(args);
    nn::BackwardArgs with = args;
    with.inputs = inputs;
    with.weights = std::span(weights).first(args.weights.size());
    with.d_output.data = ratio_.data();
    with.d_inputs = d_inputs;
    with.d_weights = std::span(d_weights).first(args.weights.size());
    with.fresh = false;
    node.op->backward(with);
  }

  [[nodiscard]] std::array<nn::ConstTensor, 2> operands(const nn::BackwardArgs& args) const {
    std::array<nn::ConstTensor, 2> out;
    out[0] = {args.weights[0].shape, part_weights_.data()};
    if (args.weights.size() > 1) out[1] = {args.weights[1].shape, part_bias_.data()};
    return out;
  }

  const nn::Session& session_;
  const nn::Graph& graph_;
  LrpSettings settings_;
  std::map<int, int> norm_of_;  // convolution to the batch_norm merged into it
  std::vector<float> weights_, bias_, part_weights_, part_bias_;
  std::vector<float> taken_, z_, part_z_, ratio_, shares_;
};

// The first layers: those that read the picture through nothing that weighs.
std::vector<bool> first_layers(const nn::Graph& graph) {
  const auto& nodes = graph.nodes();
  std::vector<bool> behind(nodes.size(), false);  // a layer lies before it
  std::vector<bool> first(nodes.size(), false);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    for (int source : nodes[i].inputs) behind[i] = behind[i] || behind[static_cast<std::size_t>(source)];
    if (!nn::is_weighted_sum(nodes[i].op)) continue;
    first[i] = !behind[i];
    behind[i] = true;
  }
  return first;
}

}  // namespace

std::vector<LrpRule> lrp_rules(const nn::Graph& graph, LrpComposite composite) {
  const std::vector<bool> first = first_layers(graph);
  std::vector<LrpRule> rules;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const nn::Node& node = graph.nodes()[i];
    const bool conv = nn::is_convolution(node.op);
    LrpRule rule = !conv                                          ? LrpRule::epsilon
                   : composite == LrpComposite::epsilon_gamma_box ? LrpRule::gamma
                                                                  : LrpRule::z_plus;
    if (first[i] && composite == LrpComposite::epsilon_plus_flat) rule = LrpRule::flat;
    if (first[i] && conv && composite == LrpComposite::epsilon_gamma_box) rule = LrpRule::z_box;
    rules.push_back(rule);
  }
  return rules;
}

std::vector<LrpRule> lrp_rules(const nn::Graph& graph, LrpRule rule) {
  std::vector<LrpRule> rules(graph.nodes().size(), rule);
  if (rule != LrpRule::z_box) return rules;
  // Only pixels lie between black and white.
  const std::vector<bool> first = first_layers(graph);
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i] = first[i] ? LrpRule::z_box : LrpRule::epsilon;
  return rules;
}

nn::BackwardRule relevance_rule(const nn::Session& session, LrpSettings settings) {
  CHECK(settings.rules.size() == session.graph().nodes().size());
  const auto relevance = std::make_shared<Relevance>(session, std::move(settings));
  return [relevance](const nn::Node& node, const nn::BackwardArgs& args) { return (*relevance)(node, args); };
}

bool has_relevance(const nn::OpDef& op) {
  return op.traits.relevance != nn::Relevance::none && op.traits.relevance != nn::Relevance::unset;
}

std::optional<Sentence> relevance_note(const nn::Graph& graph) {
  const std::vector<bool> on = on_the_way(graph);
  for (std::size_t i = 1; i < on.size(); ++i) {
    const nn::Node& node = graph.nodes()[i];
    if (!on[i] || node.op->traits.relevance != nn::Relevance::keep_norm) continue;
    return Sentence(text::method_norm_note, {{"layer", node.name}, {"op", node.op->name}});
  }
  return std::nullopt;
}

}  // namespace weightroom::explain
