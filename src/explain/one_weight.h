#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "explain/method.h"
#include "explain/weights.h"

// What a single weight does for one picture: how much of each class it makes, where, and what the network would answer
// with any other value in its place.
namespace weightroom::explain {

// The classes that are looked at: all of up to 32, else the ten with the largest logits and the target.
[[nodiscard]] std::vector<int> looked_at(std::span<const float> logits, int target);

// At the value the weight has now.
struct WeightShare {
  float value = 0.0F;
  std::vector<int> classes;
  std::vector<double> slopes;  // d logit / d w of each class; its contribution is w times that
  // Where the target's contribution comes from, summing to it; nothing where the layer is no sum over positions.
  std::optional<PositionMap> positions;
};
// One backward pass a class, down to the weight's layer.
base::Task share_of_weight(const MethodInput& input, nn::WeightRef ref, WeightShare& out, double& progress);

// The kinks of a network, and which way each of them goes: a ReLU open or closed, the place a maximum is taken from, a
// clip below, within or above. Between two values of a weight with one pattern the logits are linear in it.
class Pattern {
 public:
  // Of the nodes from `node` on, at the session's present activations.
  Pattern(const nn::Session& session, int node);
  struct Difference {
    int node = -1;          // the first with a kink that goes another way; -1: none does
    std::size_t count = 0;  // of its kinks
    std::size_t total = 0;  // of all nodes'
  };
  [[nodiscard]] Difference against(const Pattern& other) const;
  // Whether nothing behind the node bends but by kinks: no sigmoid, no softmax.
  [[nodiscard]] bool piecewise_linear() const { return piecewise_linear_; }

 private:
  struct Part {
    int node = 0;
    std::vector<std::uint8_t> ways;
  };
  std::vector<Part> parts_;
  bool piecewise_linear_ = true;
};

// Another value of the weight, run.
struct WeightTrial {
  float value = 0.0F;
  std::vector<float> logits{};    // of the classes
  int answer = 0;                 // class with the largest logit of all
  Pattern::Difference changes{};  // against the value of reference
};
struct WeightCurve {
  float reference = 0.0F;      // value that the tangent is laid at
  std::vector<int> classes;    // looked_at() with the value of reference
  std::vector<double> slopes;  // there, of each class
  WeightTrial at_reference;
  WeightTrial at_zero;
  std::vector<WeightTrial> trials;  // ascending; empty until all is done
  bool piecewise_linear = true;

  // Logit of the k-th class as the tangent predicts it.
  [[nodiscard]] double foretold(std::size_t k, float value) const {
    return static_cast<double>(at_reference.logits[k]) +
           slopes[k] * (static_cast<double>(value) - static_cast<double>(reference));
  }
  // The values between which the tangent is the logit itself, as far as the trials tell.
  struct Range {
    float from;
    float to;
  };
  [[nodiscard]] Range linear() const;
};
inline constexpr int kCurveTrials = 41;
// Sets the weight to `reference`, to 0 and to so many values evenly from -reach to reach, and back to what it was.
base::Task curve_of_weight(const MethodInput& input, nn::WeightRef ref, float reference, float reach, int trials,
                           WeightCurve& out, double& progress);

}  // namespace weightroom::explain
