#include "nn/session.h"

#include <algorithm>
#include <bit>
#include <cmath>
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

// Multiply-adds of one forward, or what takes as long where values are only read and written.
double work_of(const Node& node, const Inference& inference, std::span<const Shape> inputs) {
  constexpr double kOfValue = 16.0;    // read or written
  constexpr double kOfCurve = 1000.0;  // a function like gelu, some 100 ns in double
  double values = static_cast<double>(inference.output.size());
  if (node.op->traits.form == Form::curved && inputs.size() == 1) return values * kOfCurve;
  for (const Shape& input : inputs) values += static_cast<double>(input.size());
  if (node.op->traits.pool != Pool::none && node.op->traits.window != nullptr) {
    const Window window = node.op->traits.window(node.attributes);
    values += static_cast<double>(inference.output.size()) * window.y.kernel * window.x.kernel;
  }
  return std::max(inference.multiply_adds, values * kOfValue);
}

// Steps that a node is worth, so that none is more than `step` multiply-adds of a thread.
int cuts_for(double work, double step, int threads) {
  constexpr double kMost = 1 << 16;
  return static_cast<int>(std::clamp(std::ceil(work / step / threads), 1.0, kMost));
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
      const bool has_planes = goes_by_planes(*node.op, row.inputs, row.output);
      if (has_planes || node.op->cuts)
        row.cuts = cuts_for(work_of(node, *inference, row.inputs), options_.step, row.threads);
      row.by_planes = has_planes && (row.threads > 1 || row.cuts > 1);
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
  plan_->activations.reserve_unset(plan_->place_activations(*graph_));
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
  stale_from_ = next_cut_ = 0;
  overridden_ = false;
  plan_->backward_rule = nullptr;
  plan_->backward_next = plan_->backward_cut = 0;
}

// This node, if it was not stale before, or any of whose cuts may have been run already.
void Session::mark_stale(int node) {
  if (node > stale_from_) return;
  stale_from_ = node;
  next_cut_ = 0;
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
      mark_stale(tensor.node);
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
  mark_stale(1);
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
  next_cut_ = 0;
  overridden_ = true;
}

void Session::bypass(std::vector<int> nodes) {
  base::sort(nodes);
  std::vector<int> changed;
  std::ranges::set_symmetric_difference(nodes, bypassed_, std::back_inserter(changed));
  for (const int node : changed) {
    const Plan::NodePlan& row = plan_->nodes[static_cast<std::size_t>(node)];
    CHECK(row.inputs.size() == 1 && row.inputs.front() == row.output);
    mark_stale(node);
  }
  bypassed_ = std::move(nodes);
}

void Session::settle(std::vector<int> nodes) {
  base::sort(nodes);
  if (nodes == settled_) return;
  for (const auto* list : {&nodes, &settled_})
    if (!list->empty()) mark_stale(list->front());
  settled_ = std::move(nodes);
}

bool Session::trains(int node) const { return options_.training && !std::ranges::binary_search(settled_, node); }

std::span<const float> Session::input() const { return plan_->activation(0).values(); }

ConstTensor Session::activation(int node) const { return plan_->activation(node); }

bool Session::forward_step() {
  stale_from_ = std::max(stale_from_, 1);
  if (current()) return true;
  const Cut cut = forward_cut(stale_from_);
  run_node(stale_from_, cut);
  if (cut.last()) ++stale_from_;
  next_cut_ = cut.last() ? 0 : next_cut_ + 1;
  return current();
}

void Session::forward() {
  while (!forward_step()) {
  }
}

// The next one of a node. What a bypassed node does is a copy, and the plain kernels are for tests.
Cut Session::forward_cut(int node) const {
  const bool whole = options_.plain || std::ranges::binary_search(bypassed_, node);
  return {next_cut_, whole ? 1 : plan_->nodes[static_cast<std::size_t>(node)].cuts};
}

void Session::run_node(int index, const Cut& cut) {
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
                         row.threads,
                         cut};
  if (options_.plain) {
    CHECK(node.op->plain != nullptr);
    return node.op->plain(args);
  }
  if (row.by_planes) return forward_by_planes(*node.op, args);
  node.op->forward(args);
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

}  // namespace weightroom::nn
