#pragma once

#include <memory>
#include <span>
#include <vector>

#include "explain/method.h"

// What the methods have in common: passes through the network that end in one logit.
namespace weightroom::explain {

// The target logit and its derivatives, at whatever input is asked for.
class TargetPass {
 public:
  TargetPass(nn::Session& session, int target);

  // The logit at x: (C,H,W).
  [[nodiscard]] float logit(std::span<const float> x);
  // d logit / d x, (C,H,W). Valid until the session's next pass.
  [[nodiscard]] std::span<const float> input_gradient(std::span<const float> x);
  // d logit / d output of a node at x, with the node's output. Valid until the session's next pass.
  struct Activation {
    nn::ConstTensor value;
    nn::ConstTensor gradient;
  };
  [[nodiscard]] Activation activation_gradient(std::span<const float> x, int node);

 private:
  nn::Session& session_;
  int target_;
  std::vector<float> seed_;
};

// For every node, whether the logits depend on it.
[[nodiscard]] std::vector<bool> leads_to_logits(const nn::Graph& graph);

// (C,H,W) of the model's input.
[[nodiscard]] nn::Shape input_shape(const nn::Session& session);

// The job of a method that is done in one pass: all of it in the first step.
[[nodiscard]] std::unique_ptr<MapJob> single_pass_job(MethodInput input, Explanation (*explain)(const MethodInput&));

}  // namespace weightroom::explain
