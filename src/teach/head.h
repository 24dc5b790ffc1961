#pragma once

#include "base/job.h"
#include "teach/examples.h"
#include "teach/lbfgs.h"

// The last layer of a network for classes of one's own: one linear layer on what the layers before it have learnt.
namespace weightroom::teach {

// logits = W z + b
struct Head {
  int classes = 0;              // K
  std::size_t width = 0;        // D
  std::vector<double> weights;  // W: (K, D)
  std::vector<double> biases;   // b: K

  [[nodiscard]] std::span<const double> row(std::size_t c) const {
    return std::span(weights).subspan(c * width, width);
  }
  [[nodiscard]] std::vector<double> logits(std::span<const double> z) const;
};

// Softmax of the logits, which may be large.
[[nodiscard]] std::vector<double> probabilities(std::span<const double> logits);
// The first of the largest ones.
[[nodiscard]] int top_class(std::span<const double> logits);

inline constexpr double kSharpness = 40.0;

// The weights of a class are the mean of its pictures: W_c = t mu_c, b_c = -t |mu_c|^2 / 2, so that the logits are
// -t |z - mu_c|^2 / 2 but for what all classes share (Mensink et al., "Distance-based image classification", 2013). A
// class without pictures is never the answer.
[[nodiscard]] Head instant_head(const Examples& examples, double sharpness = kSharpness);

inline constexpr double kLambda = 3e-4;

// Multinomial logistic regression:
//   L(W, b) = sum_i w_i (log sum_c exp(W_c z_i + b_c) - (W z_i + b)_y_i) + lambda / 2 |W|^2,
// the value, and the gradient by W and then b. Strictly convex in W; b is fixed up to what all classes share.
class HeadLoss {
 public:
  HeadLoss(const Examples& examples, double lambda, Weighing weighing);
  // x: (K, D) and then K
  double operator()(std::span<const double> x, std::span<double> gradient) const;
  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(examples_->classes) * (examples_->width + 1);
  }

 private:
  const Examples* examples_;
  double lambda_;
  std::vector<double> weights_;
};

struct FitOptions {
  double lambda = kLambda;
  Weighing weighing = Weighing::classes;
};

// The one optimum of that loss, from zero: no seed, no order of presses. `examples` must outlive it.
class HeadFit : public base::Job {
 public:
  HeadFit(const Examples& examples, const FitOptions& options);

  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override { return progress_; }

  [[nodiscard]] Head head() const;  // as it is by now; the biases' mean is 0
  [[nodiscard]] double loss() const { return search_.value(); }
  [[nodiscard]] double largest_gradient() const { return search_.largest_gradient(); }
  [[nodiscard]] int iterations() const { return search_.iterations(); }

 private:
  const Examples& examples_;
  Lbfgs search_;
  double progress_ = 0.0;  // which the gradient, that does not fall in every step, says only on the whole
};

[[nodiscard]] Head fitted_head(const Examples& examples, const FitOptions& options);

// The same loss by gradient descent, to be watched: all pictures in every step, Nesterov's momentum 0.9 (Sutskever et
// al., "On the importance of initialization and momentum in deep learning", 2013), the rate one by the largest
// curvature that the loss can have, 1/2 max(|z_i|^2 + 1) + lambda. From zero.
class HeadDescent {
 public:
  HeadDescent(const Examples& examples, const FitOptions& options);
  void step();
  [[nodiscard]] Head head() const;
  [[nodiscard]] double loss() const { return value_; }
  [[nodiscard]] int steps() const { return steps_; }
  [[nodiscard]] double rate() const { return rate_; }

 private:
  const Examples& examples_;
  HeadLoss loss_;
  double rate_;
  std::vector<double> x_;
  std::vector<double> velocity_;
  std::vector<double> gradient_;
  double value_;
  int steps_ = 0;
};

}  // namespace weightroom::teach
