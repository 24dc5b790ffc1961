#pragma once

#include <cstddef>

#include "nn/kernels/lane_function.h"
#include "nn/kernels/lane_math.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

// Ops that turn each value into another one by itself: y_i = f(x_i). A function is a struct
//   static constexpr std::initializer_list<std::string_view> kAttributes;
//   static Result<F> read(const Attributes&);          a sentence where they make no sense
//   template <class T> T value(T x) const;
//   template <class T> T slope(T x, T y) const;        f'(x), where y = f(x)
// where it is straight but for kinks,
//   static std::uint8_t piece(float x, float y);       which straight piece x lies on
// and, where some attributes make it a simpler function,
//   template <class Use> void specific(Use use) const; calls use() with that one: no loop asks which it is
// T is double, float or kernels::Lanes: only + - * /, where() and kernels/lane_math.h may be used, so that the bits are
// the same everywhere.
namespace weightroom::nn {

template <class F>
struct Unary {
  static Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
    if (auto ok = check_attributes(attributes, F::kAttributes); !ok) return std::unexpected(ok.error());
    if (auto ok = check_inputs(inputs, 1, 1, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
    if (auto f = F::read(attributes); !f) return std::unexpected(f.error());
    return Inference{.output = inputs[0], .weights = {}};
  }

  // x, y: any shape
  template <class T>
  static void plain(const ForwardArgsOf<T>& args) {
    const F f = F::read(args.attributes).value();
    const T* x = args.inputs[0].data;
    T* y = args.output.data;
    for (std::size_t i = 0; i < args.output.size(); ++i) y[i] = f.value(x[i]);
  }

  static void forward(const ForwardArgs& args) {
    with_specific(F::read(args.attributes).value(), [&](auto f) {
      kernels::map_lanes(args.output.size(), args.inputs[0].data, args.output.data, [f](auto x) { return f.value(x); });
    });
  }

  // dx += dy f'(x), or dx = of a fresh one
  static void backward(const BackwardArgs& args) {
    if (!args.d_inputs[0]) return;
    with_specific(F::read(args.attributes).value(), [&](auto f) {
      const auto share = [f](auto dy, auto x, auto y) { return dy * f.slope(x, y); };
      const auto into = args.fresh ? kernels::apply : kernels::apply_added;
      into(kernels::lane_function<3>(share), {{args.d_output.data}, {args.inputs[0].data}, {args.output.data}},
           args.d_output.size(), args.d_inputs[0].data);
    });
  }

  template <class Use>
  static void with_specific(const F& f, const Use& use) {
    if constexpr (requires { f.specific(use); }) {
      f.specific(use);
    } else {
      use(f);
    }
  }

  // On which of its straight pieces each value lies, of a function that is made of some.
  static void pieces(ConstTensor input, ConstTensor output, std::span<std::uint8_t> pieces) {
    for (std::size_t i = 0; i < output.size(); ++i) pieces[i] = F::piece(input.data[i], output.data[i]);
  }

  static OpDef op(std::string_view name, std::string_view onnx_name, Text summary, Text words, bool piecewise) {
    OpDef def{.name = name, .onnx_name = onnx_name, .summary = summary, .infer = infer, .forward = forward};
    def.traits = {.form = Form::curved,
                  .relevance = Relevance::keep,
                  .multiplier = Multiplier::rescale,
                  .sees = sees_same_places,
                  .words = words};
    if constexpr (requires { F::piece(0.0F, 0.0F); }) {
      def.traits.form = Form::kinked;
      def.traits.pieces = pieces;
    }
    def.backward = backward;
    def.plain = reference(plain<float>);
    def.plain_double = reference(plain<double>);
    def.piecewise = piecewise;
    def.pointwise = true;
    def.planewise = true;
    def.writes_fresh = true;
    return def;
  }
};

// Cases with each of the `right` attributes, and with the `wrong` ones, which read() refuses.
[[nodiscard]] OpCases unary_cases(const std::vector<Attributes>& right, const std::vector<Attributes>& wrong);

// For functions without attributes.
template <class F>
struct Bare {
  static constexpr std::initializer_list<std::string_view> kAttributes = {};
  static Result<F> read(const Attributes&) { return F{}; }

 private:
  Bare() = default;
  friend F;
};

}  // namespace weightroom::nn
