#pragma once

#include <vector>

#include "explain/method.h"

namespace weightroom::explain {

// The straight way from a baseline to the picture, and the sum of weighted gradients met on it.
class Path {
 public:
  Path(const MethodInput& input, std::vector<float> baseline);
  // Between a layer's outputs in place of pictures; `end` must outlive it.
  Path(const std::vector<float>& end, std::vector<float> baseline);

  [[nodiscard]] const std::vector<float>& baseline() const { return baseline_; }
  // The point at a in [0, 1]; valid until the next one.
  [[nodiscard]] std::span<const float> at(double a);
  void add(double weight, std::span<const float> gradient);
  void clear();
  [[nodiscard]] double weight() const { return weight_; }  // of all added
  // (x - b) times the sum times `scale`. Where picture and baseline agree, exactly 0.
  void show(std::vector<float>& values, double scale) const;

 private:
  const std::vector<float>& picture_;
  std::vector<float> baseline_;
  std::vector<float> point_;
  std::vector<double> sum_;
  double weight_ = 0.0;
};

// What every ReLU, maximum and other kink of a network decided in a pass, as one number: a rule of its backward pass
// that looks on.
class Decisions {
 public:
  Decisions();
  [[nodiscard]] const nn::BackwardRule* rule() const { return &rule_; }
  // Of the last pass.
  [[nodiscard]] std::uint64_t take();
  // Whether all nodes met were linear but for such decisions.
  [[nodiscard]] bool piecewise_linear() const { return piecewise_linear_; }

 private:
  void look(const nn::Node& node, const nn::BackwardArgs& args);

  nn::BackwardRule rule_;
  std::uint64_t hash_ = 0;
  std::vector<std::uint8_t> pieces_;
  bool piecewise_linear_ = true;
};

}  // namespace weightroom::explain
