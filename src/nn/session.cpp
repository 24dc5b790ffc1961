#include "nn/session.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

#include "base/sort.h"
#include "nn/planes.h"
#include "nn/session_plan.h"

namespace weightroom::nn {
namespace {

// Where a node's work would be done before another thread is awake, that thread is left asleep.
int threads_for(const Inference& node, int threads) {
  constexpr double kMultiplyAdds = 250'000.0;
  constexpr std::size_t kValues = 1 << 15;
  return node.multiply_adds >= kMultiplyAdds || node.output.size() >= kValues ? threads : 1;
}

}  // namespace

Session::Session(std::shared_ptr<const Graph> graph) : Session(std::move(graph), Options{}) {}

Session::Session(std::shared_ptr<const Graph> graph, Options options)
    : Session(graph, std::vector<float>(graph->weight_count()), options) {}

Session::Session(std::shared_ptr<const Graph> graph, FlatWeights weights, Options options)
    : graph_(std::move(graph)),
      options_(options),
      plan_(std::make_unique<Plan>()),
      shared_weights_(std::move(weights)),
      own_weights_(graph_->weights().size()) {
  CHECK(options_.batch > 0 && shared_weights_.size() == graph_->weight_count());
  std::size_t saved_bytes = 0;
  std::size_t workspace_floats = 0;
  std::size_t most_inputs = 0;
  std::size_t most_weights = 0;
  for (std::size_t i = 0; i < graph_->nodes().size(); ++i) {
    const Node& node = graph_->nodes()[i];
    Plan::NodePlan row;
    row.output = graph_->output_shape(static_cast<int>(i), options_.batch);
    if (node.op != nullptr) {
      row.inputs = graph_->input_shapes(static_cast<int>(i), options_.batch);
      const auto inference = node.op->infer(node.attributes, row.inputs);
      CHECK(inference.has_value());  // the graph was built with batch 1; a batch changes no more than N
      CHECK(inference->output == row.output);
      row.saved_bytes = inference->saved_bytes;
      row.threads = threads_for(*inference, options_.threads);
      row.by_planes = row.threads > 1 && goes_by_planes(*node.op, row.inputs, row.output);
      row.workspace_floats =
          align_up(inference->workspace_floats * sizeof(float)) / sizeof(float) * static_cast<std::size_t>(row.threads);
    }
    row.saved = saved_bytes;
    saved_bytes += align_up(row.saved_bytes);
    workspace_floats = std::max(workspace_floats, row.workspace_floats);
    most_inputs = std::max(most_inputs, node.inputs.size());
    most_weights = std::max(most_weights, node.weights.size());
    plan_->nodes.push_back(std::move(row));
  }
  plan_->operands.reserve(most_inputs, most_weights);
  plan_->activations.reserve(plan_->place_activations(*graph_));
  plan_->saved_state.reserve(saved_bytes);
  plan_->workspace.reserve(workspace_floats * sizeof(float));
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::clear() {
  own_weights_ = std::vector<std::vector<float>>(graph_->weights().size());  // assign() would keep their memory
  drop_d_weights();
  bypassed_.clear();
  settled_.clear();
  stale_from_ = 0;
  overridden_ = false;
  plan_->backward_rule = nullptr;
  plan_->backward_next = 0;
}

void Session::begin_anew(FlatWeights weights) {
  CHECK(weights.size() == graph_->weight_count());
  clear();
  shared_weights_ = std::move(weights);
}

std::span<const float> Session::weight(int tensor) const {
  const auto i = static_cast<std::size_t>(tensor);
  if (!own_weights_[i].empty()) return own_weights_[i];
  const GraphWeight& weight = graph_->weights()[i];
  return std::span<const float>(shared_weights_).subspan(weight.offset, weight.shape.size());
}

float Session::weight_at(std::size_t index) const {
  const auto& all = graph_->weights();
  const auto tensor = std::prev(std::ranges::upper_bound(all, index, {}, &GraphWeight::offset));
  return weight(static_cast<int>(tensor - all.begin()))[index - tensor->offset];
}

std::vector<float> Session::copy_weights() const {
  std::vector<float> flat;
  flat.reserve(graph_->weight_count());
  for (std::size_t i = 0; i < graph_->weights().size(); ++i) {
    const auto values = weight(static_cast<int>(i));
    flat.insert(flat.end(), values.begin(), values.end());
  }
  return flat;
}

void Session::set_weights(std::span<const float> values, std::size_t offset) {
  CHECK(offset + values.size() <= graph_->weight_count());
  // Bits, not values: -0 and 0 differ in what they do to a product's sign.
  const auto same = [](float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); };
  const auto& all = graph_->weights();
  const auto first = std::ranges::upper_bound(all, offset, {}, &GraphWeight::offset);
  auto i = first == all.begin() ? std::size_t{0} : static_cast<std::size_t>(first - all.begin()) - 1;
  while (!values.empty()) {
    const GraphWeight& tensor = all[i];
    const auto now = weight(static_cast<int>(i)).subspan(offset - tensor.offset);
    const auto part = values.first(std::min(values.size(), now.size()));
    if (!std::ranges::equal(part, now.first(part.size()), same)) {
      stale_from_ = std::min(stale_from_, tensor.node);
      if (own_weights_[i].empty()) {
        const auto shared = weight(static_cast<int>(i));
        own_weights_[i].assign(shared.begin(), shared.end());
      }
      std::ranges::copy(part, own_weights_[i].begin() + static_cast<std::ptrdiff_t>(offset - tensor.offset));
    }
    offset += part.size();
    values = values.subspan(part.size());
    ++i;
  }
}

void Session::set_input(std::span<const float> values) {
  const Tensor input = plan_->activation(0);
  CHECK(values.size() == input.size());
  if (!overridden_ && std::memcmp(values.data(), input.data, values.size_bytes()) == 0) return;
  std::ranges::copy(values, input.data);
  stale_from_ = std::min(stale_from_, 1);
  overridden_ = false;
}

void Session::set_activation(int node, std::span<const float> values) {
  CHECK(stale_from_ > node);
  resume_behind(node, values);
}

void Session::resume_behind(int node, std::span<const float> values) {
  const Tensor output = plan_->activation(node);
  CHECK(values.size() == output.size());
  std::ranges::copy(values, output.data);
  stale_from_ = node + 1;
  overridden_ = true;
}

void Session::bypass(std::vector<int> nodes) {
  base::sort(nodes);
  std::vector<int> changed;
  std::ranges::set_symmetric_difference(nodes, bypassed_, std::back_inserter(changed));
  for (const int node : changed) {
    const Plan::NodePlan& row = plan_->nodes[static_cast<std::size_t>(node)];
    CHECK(row.inputs.size() == 1 && row.inputs.front() == row.output);
    stale_from_ = std::min(stale_from_, node);
  }
  bypassed_ = std::move(nodes);
}

void Session::settle(std::vector<int> nodes) {
  base::sort(nodes);
  if (nodes == settled_) return;
  for (const auto* list : {&nodes, &settled_})
    if (!list->empty()) stale_from_ = std::min(stale_from_, list->front());
  settled_ = std::move(nodes);
}

bool Session::trains(int node) const { return options_.training && !std::ranges::binary_search(settled_, node); }

std::span<const float> Session::input() const { return plan_->activation(0).values(); }

ConstTensor Session::activation(int node) const { return plan_->activation(node); }

bool Session::forward_step() {
  stale_from_ = std::max(stale_from_, 1);
  if (current()) return true;
  run_node(stale_from_);
  ++stale_from_;
  return current();
}

void Session::forward() {
  while (!forward_step()) {
  }
}

void Session::run_node(int index) {
  const Node& node = graph_->nodes()[static_cast<std::size_t>(index)];
  const Plan::NodePlan& row = plan_->nodes[static_cast<std::size_t>(index)];
  if (std::ranges::binary_search(bypassed_, index)) {
    std::ranges::copy(plan_->activation(node.inputs.front()).values(), plan_->activation(index).data);
    return;
  }
  Plan::Operands& with = plan_->operands;
  with.clear();
  for (int source : node.inputs) with.inputs.push_back(plan_->activation(source));
  for (int id : node.weights) {
    const GraphWeight& weight = graph_->weights()[static_cast<std::size_t>(id)];
    with.weights.push_back({weight.shape, this->weight(id).data()});
  }
  const ForwardArgs args{node.attributes,
                         with.inputs,
                         with.weights,
                         plan_->activation(index),
                         {plan_->saved_state.data() + row.saved, row.saved_bytes},
                         {plan_->workspace.floats(), row.workspace_floats},
                         trains(index),
                         row.threads};
  if (options_.plain) {
    CHECK(node.op->plain != nullptr);
    return node.op->plain(args);
  }
  if (row.by_planes) return forward_by_planes(*node.op, args);
  node.op->forward(args);
}

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
}

bool Session::backward_step() {
  CHECK(current());
  int& next = plan_->backward_next;
  while (next > 0 && !plan_->gradient(next)) --next;
  if (next > 0) run_node_backward(next--, plan_->backward_rule);
  return next <= 0;
}

void Session::run_node_backward(int index, const BackwardRule* rule) {
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
    const Tensor d = plan_->gradient(source);
    std::memset(d.data, 0, d.size() * sizeof(float));
  }
  if (bypassed) {
    const Tensor d_input = plan_->gradient(node.inputs.front());
    if (!d_input) return;
    const auto d_output = plan_->gradient(index).values();
    for (std::size_t i = 0; i < d_output.size(); ++i) d_input.data[i] += d_output[i];
    return;
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
  const BackwardArgs args{node.attributes,
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
  if (rule != nullptr && (*rule)(node, args)) return;
  if (row.by_planes) return backward_by_planes(*node.op, args);
  node.op->backward(args);
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

ConstTensor Session::batch_statistics(int node) const {
  const Node& row = graph_->nodes()[static_cast<std::size_t>(node)];
  CHECK(row.op != nullptr && row.op->name == "batch_norm");
  const auto* saved = plan_->saved_state.data() + plan_->nodes[static_cast<std::size_t>(node)].saved;
  return {Shape{2, row.output.c()}, reinterpret_cast<const float*>(saved)};
}

std::size_t Session::held_bytes() const {
  std::size_t own = 0;
  for (const auto& tensor : own_weights_) own += tensor.size();
  return plan_->activations.size() + plan_->saved_state.size() + plan_->workspace.size() + plan_->gradients.size() +
         (own + d_weights_.size()) * sizeof(float);
}

std::vector<float> one_hot(int batch, int classes, int target) {
  CHECK(target >= 0 && target < classes);
  std::vector<float> seed(static_cast<std::size_t>(batch) * static_cast<std::size_t>(classes), 0.0F);
  for (int n = 0; n < batch; ++n)
    seed[static_cast<std::size_t>(n) * static_cast<std::size_t>(classes) + static_cast<std::size_t>(target)] = 1.0F;
  return seed;
}

}  // namespace weightroom::nn
