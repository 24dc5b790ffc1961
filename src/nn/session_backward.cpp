// The part of Session about gradients.
#include <algorithm>
#include <cstring>

#include "nn/planes.h"
#include "nn/session_plan.h"

namespace weightroom::nn {
namespace {

// Each takes about as long as a forward; a bias does not.
int gradients_of(const BackwardArgs& args) {
  const auto wanted = [](const Tensor& d) { return static_cast<bool>(d); };
  const auto inputs = static_cast<int>(std::ranges::count_if(args.d_inputs, wanted));
  return std::max(1, inputs + (std::ranges::any_of(args.d_weights, wanted) ? 1 : 0));
}

}  // namespace

// Decides which nodes' gradients are wanted, and lays them out in one arena by lifetime: a gradient is born (as
// zeros, or as what its first node writes) before the first node that adds to it, and dies once its own node has passed
// it on, unless somebody asked to keep it.
void Session::plan_backward(const BackwardRequest& request) {
  auto& plan = plan_->backward;
  const int from = request.from < 0 ? graph_->logits() : request.from;
  if (plan.valid && plan.from == from && plan.input == request.input && plan.weights == request.weights &&
      plan.weights_from == request.weights_from && plan.keep == request.keep) {
    return;
  }
  const auto& nodes = graph_->nodes();
  const auto count = nodes.size();
  std::vector<bool> kept(count, false);
  kept[0] = request.input;
  for (int node : request.keep) kept[static_cast<std::size_t>(node)] = true;
  std::vector<bool> leads(count, false);  // something wanted lies at or before this node
  for (std::size_t i = 0; i < count; ++i) {
    leads[i] = kept[i] || (request.weights && static_cast<int>(i) >= request.weights_from && !nodes[i].weights.empty());
    for (int source : nodes[i].inputs) leads[i] = leads[i] || leads[static_cast<std::size_t>(source)];
  }
  kept[static_cast<std::size_t>(from)] = true;

  plan.offset.assign(count, kNowhere);
  plan.born.assign(count, {});
  ArenaPlanner arena;
  const auto bytes = [&](std::size_t i) { return plan_->nodes[i].output.size() * sizeof(float); };
  plan.offset[static_cast<std::size_t>(from)] = arena.take(bytes(static_cast<std::size_t>(from)));
  for (std::size_t i = static_cast<std::size_t>(from) + 1; i-- > 0;) {
    if (plan.offset[i] == kNowhere) continue;
    for (int source : nodes[i].inputs) {
      const auto s = static_cast<std::size_t>(source);
      if (!leads[s] || plan.offset[s] != kNowhere) continue;
      plan.offset[s] = arena.take(bytes(s));
      plan.born[i].push_back(source);
    }
    if (!kept[i]) arena.free(plan.offset[i]);
  }
  plan_->gradients.reserve(arena.peak());
  plan.valid = true;
  plan.from = from;
  plan.input = request.input;
  plan.weights = request.weights;
  plan.weights_from = request.weights_from;
  plan.keep = request.keep;
}

void Session::backward(const BackwardRequest& request) {
  forward();
  begin_backward(request);
  while (!backward_step()) {
  }
}

void Session::begin_backward(const BackwardRequest& request) {
  CHECK(!options_.plain);  // the plain kernels keep nothing for a backward pass
  CHECK(current());
  plan_backward(request);
  if (request.weights) d_weights_.resize(graph_->weight_count());
  const auto& plan = plan_->backward;
  const Tensor seed = plan_->gradient(plan.from);
  CHECK(request.d_from.size() == seed.size());
  std::ranges::copy(request.d_from, seed.data);
  plan_->backward_rule = request.rule;
  plan_->backward_next = plan.from;
  plan_->backward_cut = 0;
}

bool Session::backward_step() {
  CHECK(current());
  int& next = plan_->backward_next;
  while (next > 0 && !plan_->gradient(next)) --next;
  if (next > 0) {
    const bool done = run_node_backward(next, plan_->backward_cut, plan_->backward_rule);
    plan_->backward_cut = done ? 0 : plan_->backward_cut + 1;
    if (done) --next;
  }
  return next <= 0;
}

// One cut; true where it was the node's last.
bool Session::run_node_backward(int index, int cut, const BackwardRule* rule) {
  const auto& plan = plan_->backward;
  const Node& node = graph_->nodes()[static_cast<std::size_t>(index)];
  const Plan::NodePlan& row = plan_->nodes[static_cast<std::size_t>(index)];
  const bool bypassed = std::ranges::binary_search(bypassed_, index);
  const bool wanted = plan.weights && index >= plan.weights_from;
  bool fresh = false;
  for (int source : plan.born[static_cast<std::size_t>(index)]) {
    if (rule == nullptr && node.op->writes_fresh && !bypassed) {
      fresh = true;
      continue;
    }
    if (cut > 0) continue;
    const Tensor d = plan_->gradient(source);
    std::memset(d.data, 0, d.size() * sizeof(float));
  }
  if (bypassed) {
    const Tensor d_input = plan_->gradient(node.inputs.front());
    if (!d_input) return true;
    const auto d_output = plan_->gradient(index).values();
    for (std::size_t i = 0; i < d_output.size(); ++i) d_input.data[i] += d_output[i];
    return true;
  }
  Plan::Operands& with = plan_->operands;
  with.clear();
  for (int source : node.inputs) {
    with.inputs.push_back(plan_->activation(source));
    with.d_inputs.push_back(plan_->gradient(source));
  }
  for (int id : node.weights) {
    const GraphWeight& weight = graph_->weights()[static_cast<std::size_t>(id)];
    with.weights.push_back({weight.shape, this->weight(id).data()});
    with.d_weights.push_back({weight.shape, wanted && weight.trainable ? d_weights_.data() + weight.offset : nullptr});
  }
  BackwardArgs args{node.attributes,
                    with.inputs,
                    with.weights,
                    plan_->activation(index),
                    plan_->gradient(index),
                    with.d_inputs,
                    with.d_weights,
                    {plan_->saved_state.data() + row.saved, row.saved_bytes},
                    {plan_->workspace.floats(), row.workspace_floats},
                    trains(index),
                    row.threads,
                    fresh};
  // A rule is asked once, and what it does it does at once.
  if (cut == 0 && rule != nullptr && (*rule)(node, args)) return true;
  args.cut = {cut, row.cuts == 1 ? 1 : row.cuts * gradients_of(args)};
  if (row.by_planes) {
    backward_by_planes(*node.op, args);
  } else {
    node.op->backward(args);
  }
  return args.cut.last();
}

ConstTensor Session::d_activation(int node) const {
  const auto& plan = plan_->backward;
  CHECK(plan.valid);
  const bool kept =
      node == plan.from || (node == 0 && plan.input) || std::ranges::find(plan.keep, node) != plan.keep.end();
  CHECK(kept);
  const Tensor d = plan_->gradient(node);
  CHECK(d.data != nullptr);  // the node must lie on a way from an input to `from`
  return d;
}

void Session::clear_d_weights() {
  d_weights_.resize(graph_->weight_count());
  std::ranges::fill(d_weights_, 0.0F);
}

std::vector<float> one_hot(int batch, int classes, int target) {
  CHECK(target >= 0 && target < classes);
  std::vector<float> seed(static_cast<std::size_t>(batch) * static_cast<std::size_t>(classes), 0.0F);
  for (int n = 0; n < batch; ++n)
    seed[static_cast<std::size_t>(n) * static_cast<std::size_t>(classes) + static_cast<std::size_t>(target)] = 1.0F;
  return seed;
}

}  // namespace weightroom::nn
