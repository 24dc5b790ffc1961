#pragma once

#include <array>
#include <initializer_list>
#include <utility>

#include "nn/kernels/lanes.h"

// A formula over arrays, value by value, compiled once: whole vectors alone, of which the last is filled up, while what
// goes along the arrays, and what becomes of the results, is the same code for all formulas.
namespace weightroom::nn::kernels {

inline constexpr std::size_t kMostLaneInputs = 3;

// Of up to three values. `f` must outlive it.
struct LaneFunction {
  const void* f;
  // So many whole vectors; input k goes on by steps[k] floats a vector.
  void (*run)(const void* f, std::size_t vectors, const float* const* inputs, const std::size_t* steps, float* out);
};

// All of the formula in one loop, however small the program is to be.
template <class F, std::size_t... kInput>
__attribute__((flatten)) void run_lanes(const void* f, std::size_t vectors, const float* const* inputs,
                                        const std::size_t* steps, float* out,
                                        std::index_sequence<kInput...> /*inputs*/) {
  const F& formula = *static_cast<const F*>(f);
  const FloatTag d;
  // Of its own: what is written to `out` might change the arrays' places, as far as the compiler knows.
  const float* at[] = {inputs[kInput]...};
  const std::size_t step[] = {steps[kInput]...};
  for (std::size_t i = 0; i < vectors; ++i, out += kLanes) {
    hn::StoreU(formula(Lanes<FloatTag>(hn::LoadU(d, at[kInput]))...).v, d, out);
    ((at[kInput] += step[kInput]), ...);
  }
}

// f: so many Lanes in, Lanes out.
template <std::size_t kInputs, class F>
[[nodiscard]] LaneFunction lane_function(const F& f) {
  static_assert(kInputs <= kMostLaneInputs);
  return {&f, [](const void* of, std::size_t vectors, const float* const* inputs, const std::size_t* steps,
                 float* out) { run_lanes<F>(of, vectors, inputs, steps, out, std::make_index_sequence<kInputs>()); }};
}

struct LaneInput {
  const float* data;
  bool moves = true;  // false: one value, the same all along
};

// out[i] = f(inputs[i]...) for i < n; `out` may be one of the inputs.
void apply(const LaneFunction& f, std::initializer_list<LaneInput> inputs, std::size_t n, float* out);
// out[i] += f(...)
void apply_added(const LaneFunction& f, std::initializer_list<LaneInput> inputs, std::size_t n, float* out);
// The sum of f(...) over i < n, as reduce_long() sums.
[[nodiscard]] double apply_summed(const LaneFunction& f, std::initializer_list<LaneInput> inputs, std::size_t n);

// y[i] = f(x[i]) for i < n, f as Lanes have it.
template <class F>
void map_lanes(std::size_t n, const float* x, float* y, F f) {
  apply(lane_function<1>(f), {{x}}, n, y);
}

}  // namespace weightroom::nn::kernels
