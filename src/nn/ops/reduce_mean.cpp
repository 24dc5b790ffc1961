// reduce_mean: the mean along some axes, which become 1 or, without `keep`, go away.
#include <algorithm>
#include <array>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/lane_function.h"
#include "nn/kernels/lane_math.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

struct Setting {
  std::array<bool, Shape::kMaxRank> reduced{};
  bool keep = true;
  std::size_t count = 1;  // values of one mean
};

Result<Setting> read_setting(const Attributes& attributes, const Shape& input) {
  const auto axes = read_list(attributes, "axes");
  if (!axes) return std::unexpected(axes.error());
  const auto keep = read_flag(attributes, "keep", true);
  if (!keep) return std::unexpected(keep.error());
  Setting setting;
  setting.keep = *keep;
  for (const int value : *axes) {
    const int axis = value < 0 ? value + input.rank() : value;
    if (axis < 1 || axis >= input.rank() || setting.reduced[static_cast<std::size_t>(axis)])
      return fail(text::infer_reduce_axis, {{"axis", value}, {"shape", input.text()}});
    setting.reduced[static_cast<std::size_t>(axis)] = true;
    setting.count *= static_cast<std::size_t>(input[axis]);
  }
  if (axes->empty()) return fail(text::infer_reduce_none);
  return setting;
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"axes", "keep"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto setting = read_setting(attributes, inputs[0]);
  if (!setting) return std::unexpected(setting.error());
  Inference result;
  for (int axis = 0; axis < inputs[0].rank(); ++axis) {
    const bool reduced = setting->reduced[static_cast<std::size_t>(axis)];
    if (!reduced || setting->keep) result.output.push_back(reduced ? 1 : inputs[0][axis]);
  }
  return result;
}

// Calls visit(to, from) for every value of the input in order: `to` is the mean it belongs to.
template <class Visit>
void for_values(const Setting& setting, const Shape& input, const Visit& visit) {
  std::array<std::size_t, Shape::kMaxRank> steps{};
  std::size_t step = 1;
  for (int axis = input.rank() - 1; axis >= 0; --axis) {
    const auto i = static_cast<std::size_t>(axis);
    steps[i] = setting.reduced[i] ? 0 : step;
    if (!setting.reduced[i]) step *= static_cast<std::size_t>(input[axis]);
  }
  std::array<int, Shape::kMaxRank> place{};
  std::size_t to = 0;
  for (std::size_t from = 0; from < input.size(); ++from) {
    visit(to, from);
    for (int axis = input.rank() - 1; axis >= 0; --axis) {
      const auto i = static_cast<std::size_t>(axis);
      to += steps[i];
      if (++place[i] < input[axis]) break;
      to -= steps[i] * static_cast<std::size_t>(input[axis]);
      place[i] = 0;
    }
  }
}

// x: (N,...), y: (N,... without or with 1 for the axes). The sums go in the order of the input.
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Setting setting = read_setting(args.attributes, args.inputs[0].shape).value();
  T* y = args.output.data;
  std::fill_n(y, args.output.size(), T{0});
  for_values(setting, args.inputs[0].shape,
             [&](std::size_t to, std::size_t from) { y[to] += args.inputs[0].data[from]; });
  for (std::size_t i = 0; i < args.output.size(); ++i) y[i] /= static_cast<T>(setting.count);
}

// Neighbouring axes that are alike, taken together: runs of the innermost ones lie in one piece. Calls visit(to, from)
// for each run, of `length` values that all belong to one mean (`reduced`), or each to the next one.
struct Runs {
  struct Axis {
    std::size_t extent;
    bool reduced;
  };
  std::array<Axis, Shape::kMaxRank> axes{};
  std::size_t count = 0;

  Runs(const Setting& setting, const Shape& input) {
    for (int axis = 0; axis < input.rank(); ++axis) {
      const bool reduced = setting.reduced[static_cast<std::size_t>(axis)];
      const auto extent = static_cast<std::size_t>(input[axis]);
      if (count > 0 && axes[count - 1].reduced == reduced) {
        axes[count - 1].extent *= extent;
      } else {
        axes[count++] = {extent, reduced};
      }
    }
  }
  [[nodiscard]] bool reduced() const { return axes[count - 1].reduced; }
  [[nodiscard]] std::size_t length() const { return axes[count - 1].extent; }

  template <class Visit>
  void for_each(const Visit& visit) const {
    std::array<std::size_t, Shape::kMaxRank> step{};  // of the means
    std::size_t means = 1;
    for (std::size_t axis = count; axis-- > 0;) {
      step[axis] = axes[axis].reduced ? 0 : means;
      if (!axes[axis].reduced) means *= axes[axis].extent;
    }
    std::size_t from = 0;
    loop(0, 0, from, step, visit);
  }

 private:
  template <class Visit>
  void loop(std::size_t axis, std::size_t to, std::size_t& from, const std::array<std::size_t, Shape::kMaxRank>& step,
            const Visit& visit) const {
    if (axis + 1 == count) {
      visit(to, from);
      from += length();
      return;
    }
    for (std::size_t i = 0; i < axes[axis].extent; ++i) loop(axis + 1, to + i * step[axis], from, step, visit);
  }
};

void forward(const ForwardArgs& args) {
  const Setting setting = read_setting(args.attributes, args.inputs[0].shape).value();
  const Runs runs(setting, args.inputs[0].shape);
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  std::fill_n(y, args.output.size(), 0.0F);
  runs.for_each([&](std::size_t to, std::size_t from) {
    if (runs.reduced()) {
      y[to] += kernels::long_sum({x + from, runs.length()});
    } else {
      kernels::accumulate({x + from, runs.length()}, {y + to, runs.length()});
    }
  });
  const auto count = static_cast<float>(setting.count);
  kernels::map_lanes(args.output.size(), y, y, [count](auto sum) { return sum / decltype(sum)(count); });
}

void backward(const BackwardArgs& args) {
  float* dx = args.d_inputs[0].data;
  if (dx == nullptr) return;
  const Setting setting = read_setting(args.attributes, args.inputs[0].shape).value();
  const Runs runs(setting, args.inputs[0].shape);
  const float* dy = args.d_output.data;
  const auto count = static_cast<float>(setting.count);
  runs.for_each([&](std::size_t to, std::size_t from) {
    const std::span<float> run(dx + from, runs.length());
    if (runs.reduced()) return kernels::accumulate(dy[to] / count, run);
    kernels::map(run.size(), run.data(), [=, at = run.data()](auto d, std::size_t i) {
      using L = kernels::Lanes<decltype(d)>;
      return (L(kernels::hn::LoadU(d, at + i)) + L(kernels::hn::LoadU(d, dy + to + i)) / L(count)).v;
    });
  });
}

}  // namespace

OpDef reduce_mean_op() {
  return {.name = "reduce_mean",
          .onnx_name = "ReduceMean",
          .summary = text::op_reduce_mean_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::share,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_reduce_mean_words},
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases reduce_mean_cases() {
  using List = std::vector<long long>;
  return {.good = {{{{"axes", List{2, 3}}}, {Shape{3, 4, 3, 5}}},
                   {{{"axes", List{-1}}, {"keep", 0LL}}, {Shape{2, 3, 7}}},
                   {{{"axes", List{1}}}, {Shape{3, 5, 2, 2}}},
                   {{{"axes", List{1, 3}}, {"keep", 0LL}}, {Shape{1, 5, 2, 3}}}},
          .bad = {{{}, {Shape{1, 3, 4}}},
                  {{{"axes", List{0}}}, {Shape{1, 3, 4}}},
                  {{{"axes", List{3}}}, {Shape{1, 3, 4}}},
                  {{{"axes", List{1, -2}}}, {Shape{1, 3, 4}}},
                  {{{"axes", List{1}}, {"keep", 2LL}}, {Shape{1, 3, 4}}},
                  {{{"axis", 1LL}}, {Shape{1, 3, 4}}}}};
}

}  // namespace weightroom::nn
