#pragma once

#include <cmath>

#include "nn/kernels/lane_function.h"
#include "nn/kernels/lane_math.h"
#include "nn/op_cases.h"
#include "nn/ops/reference.h"

// Two inputs of the same rank, of which each extent is the same or 1 in one of them: the one of extent 1 stands for as
// many equal ones (NumPy's and ONNX's broadcasting, but for leading axes, which must be written out).
namespace weightroom::nn {

// The loops over the output in the order it lies in memory, with neighbouring axes that behave alike taken together.
class Broadcast {
 public:
  // Refuses by a sentence shapes that do not go together. The first extent is the batch's: 1 there is a constant.
  static Result<Broadcast> plan(const Shape& a, const Shape& b);

  [[nodiscard]] const Shape& output() const { return output_; }

  struct Run {
    std::size_t a;  // index of the first value in each tensor
    std::size_t b;
    std::size_t y;
  };
  // Calls visit(run) for each stretch of run_length() values of the output; a moves along by 0 (the same value all
  // along) or 1 a value, and so does b.
  template <class Visit>
  void for_runs(const Visit& visit) const {
    Run run{0, 0, 0};
    loop(0, run, visit);
  }
  [[nodiscard]] std::size_t run_length() const { return axes_[count_ - 1].extent; }
  [[nodiscard]] bool a_moves() const { return axes_[count_ - 1].a != 0; }
  [[nodiscard]] bool b_moves() const { return axes_[count_ - 1].b != 0; }

  // y = f(a, b)
  void apply(const kernels::LaneFunction& f, const float* a, const float* b, float* y) const;
  // d += f(dy, a, b), summed over where the input whose gradient d is, a or b, is repeated.
  enum class Side { a, b };
  void add_share(const kernels::LaneFunction& f, const float* dy, const float* a, const float* b, Side side,
                 float* d) const;

 private:
  struct Axis {
    std::size_t extent = 1;
    std::size_t a = 0;  // step in each input, 0 where it is repeated
    std::size_t b = 0;
    std::size_t y = 0;
  };

  template <class Visit>
  void loop(std::size_t axis, Run run, const Visit& visit) const {
    if (axis + 1 == count_) return visit(run);
    const Axis& at = axes_[axis];
    for (std::size_t i = 0; i < at.extent; ++i, run.a += at.a, run.b += at.b, run.y += at.y) loop(axis + 1, run, visit);
  }

  Shape output_;
  std::array<Axis, Shape::kMaxRank> axes_{};
  std::size_t count_ = 0;
};

// y = f(a, b), value by value. A function is a struct with
//   template <class T> static T value(T a, T b);
//   template <class T> static T slope_a(T a, T b);    the partial derivatives
//   template <class T> static T slope_b(T a, T b);
// where T is double, float or kernels::Lanes.
// op() leaves what relevance and multipliers are to be said by the op itself.
template <class F>
struct Binary {
  static Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs);

  template <class T>
  static void plain(const ForwardArgsOf<T>& args) {
    const Broadcast plan = Broadcast::plan(args.inputs[0].shape, args.inputs[1].shape).value();
    const std::size_t a_step = plan.a_moves() ? 1 : 0;
    const std::size_t b_step = plan.b_moves() ? 1 : 0;
    plan.for_runs([&](const Broadcast::Run& run) {
      const T* a = args.inputs[0].data + run.a;
      const T* b = args.inputs[1].data + run.b;
      T* y = args.output.data + run.y;
      for (std::size_t i = 0; i < plan.run_length(); ++i) y[i] = F::value(a[i * a_step], b[i * b_step]);
    });
  }

  static void forward(const ForwardArgs& args) {
    const Broadcast plan = Broadcast::plan(args.inputs[0].shape, args.inputs[1].shape).value();
    const auto value = [](auto a, auto b) { return F::value(a, b); };
    plan.apply(kernels::lane_function<2>(value), args.inputs[0].data, args.inputs[1].data, args.output.data);
  }

  static void backward(const BackwardArgs& args);
  static void multipliers(const MultiplierArgs& args);

  static OpDef op(std::string_view name, std::string_view onnx_name, Text summary, Text words, bool piecewise);

 private:
  template <class ShareA, class ShareB>
  static void add_shares(const BackwardArgs& args, const ShareA& share_a, const ShareB& share_b);
};

namespace broadcast {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs);
[[nodiscard]] OpCases cases();

}  // namespace broadcast

template <class F>
Result<Inference> Binary<F>::infer(const Attributes& attributes, std::span<const Shape> inputs) {
  return broadcast::infer(attributes, inputs);
}

// d_a += share_a(y, a, b), of the places of the output's and the inputs' values, summed over where a is repeated (in
// double, in the order of the output), and so for b.
template <class F>
template <class ShareA, class ShareB>
void Binary<F>::add_shares(const BackwardArgs& args, const ShareA& share_a, const ShareB& share_b) {
  const Broadcast plan = Broadcast::plan(args.inputs[0].shape, args.inputs[1].shape).value();
  const std::size_t length = plan.run_length();
  const std::size_t a_step = plan.a_moves() ? 1 : 0;
  const std::size_t b_step = plan.b_moves() ? 1 : 0;
  // One side's share of a run: each value where it moves, their sum where it does not.
  const auto add = [length](float* d, std::size_t step, const auto& share) {
    if (step == 1) {
      for (std::size_t i = 0; i < length; ++i) d[i] += share(i);
      return;
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < length; ++i) sum += static_cast<double>(share(i));
    *d += static_cast<float>(sum);
  };
  plan.for_runs([&](const Broadcast::Run& run) {
    if (args.d_inputs[0])
      add(args.d_inputs[0].data + run.a, a_step,
          [&](std::size_t i) { return share_a(run.y + i, run.a + i * a_step, run.b + i * b_step); });
    if (args.d_inputs[1])
      add(args.d_inputs[1].data + run.b, b_step,
          [&](std::size_t i) { return share_b(run.y + i, run.a + i * a_step, run.b + i * b_step); });
  });
}

// d_a += dy df/da, d_b += dy df/db
template <class F>
void Binary<F>::backward(const BackwardArgs& args) {
  const Broadcast plan = Broadcast::plan(args.inputs[0].shape, args.inputs[1].shape).value();
  const float* a = args.inputs[0].data;
  const float* b = args.inputs[1].data;
  const auto share_a = [](auto dy, auto at_a, auto at_b) { return dy * F::slope_a(at_a, at_b); };
  const auto share_b = [](auto dy, auto at_a, auto at_b) { return dy * F::slope_b(at_a, at_b); };
  if (args.d_inputs[0])
    plan.add_share(kernels::lane_function<3>(share_a), args.d_output.data, a, b, Broadcast::Side::a,
                   args.d_inputs[0].data);
  if (args.d_inputs[1])
    plan.add_share(kernels::lane_function<3>(share_b), args.d_output.data, a, b, Broadcast::Side::b,
                   args.d_inputs[1].data);
}

// From (a0, b0) to (a, b) one input can change before the other in two ways; what each adds is the mean over both, its
// Shapley value (Lundberg and Lee 2017). The two parts sum to f(a, b) - f(a0, b0); of a product it is the other
// factor's mean.
template <class F>
void Binary<F>::multipliers(const MultiplierArgs& args) {
  const float* a = args.at.inputs[0].data;
  const float* b = args.at.inputs[1].data;
  const float* a0 = args.inputs[0].data;
  const float* b0 = args.inputs[1].data;
  const float* dy = args.at.d_output.data;
  const auto by_change = [](float first, float last, float change) { return 0.5F * (first + last) / change; };
  add_shares(
      args.at,
      [=](std::size_t y, std::size_t i, std::size_t k) {
        const float change = a[i] - a0[i];
        if (std::fabs(change) < kStill) return dy[y] * F::slope_a(a[i], b[k]);
        return dy[y] * by_change(F::value(a[i], b0[k]) - F::value(a0[i], b0[k]),
                                 F::value(a[i], b[k]) - F::value(a0[i], b[k]), change);
      },
      [=](std::size_t y, std::size_t i, std::size_t k) {
        const float change = b[k] - b0[k];
        if (std::fabs(change) < kStill) return dy[y] * F::slope_b(a[i], b[k]);
        return dy[y] * by_change(F::value(a0[i], b[k]) - F::value(a0[i], b0[k]),
                                 F::value(a[i], b[k]) - F::value(a[i], b0[k]), change);
      });
}

template <class F>
OpDef Binary<F>::op(std::string_view name, std::string_view onnx_name, Text summary, Text words, bool piecewise) {
  OpDef def{.name = name, .onnx_name = onnx_name, .summary = summary, .input_count = 2, .infer = infer};
  def.traits.sees = sees_same_places;
  def.traits.words = words;
  def.forward = forward;
  def.plain = reference(plain<float>);
  def.backward = backward;
  def.plain_double = reference(plain<double>);
  def.piecewise = piecewise;
  def.pointwise = true;
  def.planewise = true;
  return def;
}

}  // namespace weightroom::nn
