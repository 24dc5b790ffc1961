#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

namespace weightroom::teach {

// The least value of a smooth function of many variables by the limited-memory BFGS method (Liu and Nocedal, "On the
// limited memory BFGS method for large scale optimization", 1989), with backtracking until the decrease is that of
// Armijo. In double, every sum in one order: the same bits everywhere.
class Lbfgs {
 public:
  // The value at x; `gradient`, as long as x, is filled.
  using Function = std::function<double(std::span<const double> x, std::span<double> gradient)>;

  struct Options {
    std::size_t pairs = 10;  // of steps and changes of the gradient that are remembered
    double gradient = 1e-8;  // the end: no element of the gradient is larger
    int iterations = 300;    // at most
  };

  Lbfgs(Function function, std::vector<double> start) : Lbfgs(std::move(function), std::move(start), Options{}) {}
  Lbfgs(Function function, std::vector<double> start, Options options);

  // One iteration: a direction, and as many values of the function as it takes to go along it, mostly one. True once
  // the end is reached: by the gradient, by the number of iterations, or because no step makes the value smaller that a
  // double can tell.
  bool step();

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::span<const double> x() const { return x_; }
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] double largest_gradient() const;  // absolutely
  [[nodiscard]] int iterations() const { return iterations_; }
  [[nodiscard]] int evaluations() const { return evaluations_; }

 private:
  struct Pair {
    std::vector<double> step;
    std::vector<double> change;  // of the gradient
    double curvature;            // step . change, above 0
  };
  [[nodiscard]] std::vector<double> direction() const;
  double evaluate(std::span<const double> x, std::span<double> gradient);
  void remember(const std::vector<double>& x, const std::vector<double>& gradient);

  Function function_;
  Options options_;
  std::vector<double> x_;
  std::vector<double> gradient_;
  double value_ = 0.0;
  std::deque<Pair> pairs_;
  int iterations_ = 0;
  int evaluations_ = 0;
  bool ended_ = false;
};

}  // namespace weightroom::teach
