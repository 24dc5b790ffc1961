#include "explain/pass.h"

#include <algorithm>

#include <strings/method.h>

namespace weightroom::explain {

TargetPass::TargetPass(nn::Session& session, int target)
    : session_(session), target_(target), seed_(nn::one_hot(1, session.graph().class_count(), target)) {
  CHECK(session.batch() == 1);
}

void TargetPass::begin(std::span<const float> x, bool backward, const nn::BackwardRule* rule, float seed) {
  session_.set_input(x);
  ask(backward, rule, seed);
}

void TargetPass::ask(bool backward, const nn::BackwardRule* rule, float seed) {
  if (std::exchange(whole_seed_, false)) std::ranges::fill(seed_, 0.0F);
  seed_[static_cast<std::size_t>(target_)] = seed;
  request_ = {};
  request_.d_from = seed_;
  request_.rule = rule;
  backward_ = backward;
  begun_ = false;
}

bool TargetPass::step() {
  if (!session_.current()) {
    session_.forward_step();
    return session_.current() && !backward_;
  }
  if (!backward_) return true;
  if (!begun_ && request_.weights) session_.clear_d_weights();
  if (!begun_) session_.begin_backward(request_);
  begun_ = true;
  return session_.backward_step();
}

TargetPass::Pending<float> TargetPass::logit(std::span<const float> x) {
  begin(x, false, nullptr, 0.0F);
  return {*this, [](const TargetPass& pass) { return pass.session_.logits().data[pass.target_]; }};
}

TargetPass::Pending<std::span<const float>> TargetPass::input_gradient(std::span<const float> x,
                                                                       const nn::BackwardRule* rule, float seed) {
  begin(x, true, rule, seed);
  return {*this, [](const TargetPass& pass) { return pass.session_.d_activation(0).values(); }};
}

TargetPass::Pending<std::span<const float>> TargetPass::weighted_gradient(std::span<const float> x,
                                                                          std::span<const float> weights) {
  begin(x, true, nullptr, 1.0F);
  std::ranges::copy(weights, seed_.begin());
  whole_seed_ = true;
  return {*this, [](const TargetPass& pass) { return pass.session_.d_activation(0).values(); }};
}

TargetPass::Pending<TargetPass::Activation> TargetPass::activation_gradient(std::span<const float> x, int node,
                                                                            const nn::BackwardRule* rule, float seed) {
  begin(x, true, rule, seed);
  keep(node);
  return {*this, [](const TargetPass& pass) {
            return Activation{pass.session_.activation(pass.node_), pass.session_.d_activation(pass.node_)};
          }};
}

TargetPass::Pending<std::span<const float>> TargetPass::gradient_by(int node, std::span<const float> x) {
  if (node < 0) return input_gradient(x);
  begin(x, true, nullptr, 1.0F);
  keep(node);
  return {*this, [](const TargetPass& pass) { return pass.session_.d_activation(pass.node_).values(); }};
}

TargetPass::Pending<std::span<const float>> TargetPass::weight_gradient(std::span<const float> x) {
  begin(x, true, nullptr, 1.0F);
  request_.input = false;
  request_.weights = true;
  return {*this, [](const TargetPass& pass) { return pass.session_.d_weights(); }};
}

TargetPass::Pending<float> TargetPass::logit_with(int node, std::span<const float> values) {
  session_.set_activation(node, values);
  backward_ = false;
  return {*this, [](const TargetPass& pass) { return pass.session_.logits().data[pass.target_]; }};
}

TargetPass::Pending<std::span<const float>> TargetPass::gradient_with(int node, std::span<const float> values) {
  session_.set_activation(node, values);
  ask(true, nullptr, 1.0F);
  keep(node);
  return {*this, [](const TargetPass& pass) { return pass.session_.d_activation(pass.node_).values(); }};
}

void TargetPass::keep(int node) {
  node_ = node;
  request_.input = node == 0;
  request_.keep = {node};
}

bool is_linear(const nn::OpDef& op) { return op.traits.form == nn::Form::linear; }

std::vector<bool> leads_to_logits(const nn::Graph& graph) {
  const auto& nodes = graph.nodes();
  std::vector<bool> leads(nodes.size(), false);
  leads[static_cast<std::size_t>(graph.logits())] = true;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    if (!leads[i]) continue;
    for (int source : nodes[i].inputs) leads[static_cast<std::size_t>(source)] = true;
  }
  return leads;
}

std::vector<bool> on_the_way(const nn::Graph& graph) {
  std::vector<bool> on = leads_to_logits(graph);
  const auto& nodes = graph.nodes();
  std::vector<bool> reads(nodes.size(), false);  // the picture, through whatever
  reads[0] = true;
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    reads[i] = std::ranges::any_of(nodes[i].inputs, [&](int s) { return reads[static_cast<std::size_t>(s)]; });
    on[i] = on[i] && reads[i];
  }
  return on;
}

Status check_rules(const nn::Graph& graph, Text title, bool (*has_rule)(const nn::OpDef& op)) {
  const std::vector<bool> on = on_the_way(graph);
  for (std::size_t i = 1; i < on.size(); ++i) {
    const nn::Node& node = graph.nodes()[i];
    if (!on[i] || has_rule(*node.op)) continue;
    return fail(text::method_no_rule, {{"method", title}, {"layer", node.name}, {"op", node.op->name}});
  }
  return {};
}

}  // namespace weightroom::explain
