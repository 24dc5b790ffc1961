#pragma once

#include <span>
#include <vector>

#include "base/task.h"
#include "nn/session.h"

// What the methods have in common: passes through the network that end in one logit.
namespace weightroom::explain {

// The target logit and its derivatives at whatever input is asked for, one pass after another: what a pass gave is
// valid until the next one begins. A method waits for a pass by co_await, everybody else by now().
class TargetPass final : public base::Work {
 public:
  TargetPass(nn::Session& session, int target);

  // A pass that has begun; `Result` is read from it once it has ended.
  template <class Result>
  class Pending {
   public:
    Pending(TargetPass& pass, Result (*read)(const TargetPass&)) : pass_(pass), read_(read) {}
    [[nodiscard]] Result now() {
      while (!pass_.step()) {
      }
      return read_(pass_);
    }
    static bool await_ready() noexcept { return false; }
    void await_suspend(base::Task::Handle handle) noexcept { handle.promise().waits_for = &pass_; }
    Result await_resume() { return read_(pass_); }

   private:
    TargetPass& pass_;
    Result (*read_)(const TargetPass&);
  };

  // The logit at x: (C,H,W).
  [[nodiscard]] Pending<float> logit(std::span<const float> x);
  // d logit / d x, (C,H,W), or what a rule makes of `seed` on its way back; a rule must outlive the pass.
  [[nodiscard]] Pending<std::span<const float>> input_gradient(std::span<const float> x,
                                                               const nn::BackwardRule* rule = nullptr,
                                                               float seed = 1.0F);
  // d (sum of weights times logits) / d x: one weight a class.
  [[nodiscard]] Pending<std::span<const float>> weighted_gradient(std::span<const float> x,
                                                                  std::span<const float> weights);
  // d logit / d output of a node at x, or what a rule makes of it as above, with the node's output.
  struct Activation {
    nn::ConstTensor value;
    nn::ConstTensor gradient;
  };
  [[nodiscard]] Pending<Activation> activation_gradient(std::span<const float> x, int node,
                                                        const nn::BackwardRule* rule = nullptr, float seed = 1.0F);
  // d logit / d output of a node at x; by the picture itself where the node is none (below 0).
  [[nodiscard]] Pending<std::span<const float>> gradient_by(int node, std::span<const float> x);
  // d logit / d weight of every weight, flat; zeros for what is not trained.
  [[nodiscard]] Pending<std::span<const float>> weight_gradient(std::span<const float> x);
  // The logit once a node gives other values than its own, (node's sample). Until the next input is set.
  [[nodiscard]] Pending<float> logit_with(int node, std::span<const float> values);
  // d logit / d output of that node there.
  [[nodiscard]] Pending<std::span<const float>> gradient_with(int node, std::span<const float> values);

  bool step() override;

 private:
  void keep(int node);
  void ask(bool backward, const nn::BackwardRule* rule, float seed);
  void begin(std::span<const float> x, bool backward, const nn::BackwardRule* rule, float seed);

  nn::Session& session_;
  int target_;
  std::vector<float> seed_;
  nn::BackwardRequest request_;
  bool whole_seed_ = false;  // of other classes than the target too
  bool backward_ = false;    // wanted
  bool begun_ = false;       // the backward part
  int node_ = 0;             // whose gradient is asked for
};

// Whether an op is linear in its inputs, whatever those are: sums of weighted inputs and constants.
[[nodiscard]] bool is_linear(const nn::OpDef& op);

// For every node, whether the logits depend on it.
[[nodiscard]] std::vector<bool> leads_to_logits(const nn::Graph& graph);
// For every node, whether the logits depend on the picture through it.
[[nodiscard]] std::vector<bool> on_the_way(const nn::Graph& graph);

// Refuses by a sentence a graph in which a node on the way has an op without a rule; `title`: whose rule.
[[nodiscard]] Status check_rules(const nn::Graph& graph, Text title, bool (*has_rule)(const nn::OpDef& op));

}  // namespace weightroom::explain
