#include "explain/pass.h"

namespace weightroom::explain {
namespace {

class SinglePassJob final : public MapJob {
 public:
  SinglePassJob(MethodInput input, Explanation (*explain)(const MethodInput&))
      : input_(std::move(input)), explain_(explain) {}

  bool step(const base::Budget& /*budget*/) override {
    if (!done_) result_ = explain_(input_);
    done_ = true;
    return true;
  }
  [[nodiscard]] double progress() const override { return done_ ? 1.0 : 0.0; }
  [[nodiscard]] const Explanation& result() const override { return result_; }

 private:
  MethodInput input_;
  Explanation (*explain_)(const MethodInput&);
  Explanation result_;
  bool done_ = false;
};

}  // namespace

TargetPass::TargetPass(nn::Session& session, int target)
    : session_(session), target_(target), seed_(nn::one_hot(1, session.graph().class_count(), target)) {
  CHECK(session.batch() == 1);
}

float TargetPass::logit(std::span<const float> x) {
  session_.set_input(x);
  session_.forward();
  return session_.logits().data[target_];
}

std::span<const float> TargetPass::input_gradient(std::span<const float> x) {
  session_.set_input(x);
  nn::BackwardRequest request;
  request.d_from = seed_;
  session_.backward(request);
  return session_.d_activation(0).values();
}

TargetPass::Activation TargetPass::activation_gradient(std::span<const float> x, int node) {
  session_.set_input(x);
  nn::BackwardRequest request;
  request.d_from = seed_;
  request.input = node == 0;
  request.keep = {node};
  session_.backward(request);
  return {session_.activation(node), session_.d_activation(node)};
}

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

nn::Shape input_shape(const nn::Session& session) { return session.graph().spec().input; }

std::unique_ptr<MapJob> single_pass_job(MethodInput input, Explanation (*explain)(const MethodInput&)) {
  return std::make_unique<SinglePassJob>(std::move(input), explain);
}

}  // namespace weightroom::explain
