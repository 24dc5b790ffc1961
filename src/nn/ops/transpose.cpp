// transpose: the axes in another order; the batch's stays the first. `order` lists for each axis of the output the one
// of the input it was, as ONNX's `perm` does.
#include "nn/kernels/transpose.h"

#include <algorithm>
#include <array>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

using Order = std::array<int, Shape::kMaxRank>;

Result<Order> read_order(const Attributes& attributes, int rank) {
  const auto list = read_list(attributes, "order");
  if (!list) return std::unexpected(list.error());
  Order order{};
  std::array<bool, Shape::kMaxRank> seen{};
  bool right = static_cast<int>(list->size()) == rank && (*list)[0] == 0;
  for (std::size_t i = 0; right && i < list->size(); ++i) {
    const int axis = (*list)[i];
    right = axis >= 0 && axis < rank && !seen[static_cast<std::size_t>(axis)];
    if (!right) break;
    seen[static_cast<std::size_t>(axis)] = true;
    order[i] = axis;
  }
  if (!right) return fail(text::infer_transpose, {{"last", rank - 1}});
  return order;
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"order"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto order = read_order(attributes, inputs[0].rank());
  if (!order) return std::unexpected(order.error());
  Inference result{.output = inputs[0], .weights = {}};
  for (int i = 0; i < inputs[0].rank(); ++i) result.output.set(i, inputs[0][(*order)[static_cast<std::size_t>(i)]]);
  return result;
}

// How far apart neighbours along each axis of the output lie: in the input, and in the output.
struct Steps {
  std::array<std::size_t, Shape::kMaxRank> in{};
  std::array<std::size_t, Shape::kMaxRank> out{};
  std::size_t row = 0;  // the axis along which the input's values lie next to each other

  Steps(const Attributes& attributes, const Shape& input, const Shape& output) {
    const Order order = read_order(attributes, input.rank()).value();
    const int rank = input.rank();
    for (int i = 0; i < rank; ++i) {
      const auto at = static_cast<std::size_t>(i);
      in[at] = out[at] = 1;
      for (int axis = order[at] + 1; axis < rank; ++axis) in[at] *= static_cast<std::size_t>(input[axis]);
      for (int axis = i + 1; axis < rank; ++axis) out[at] *= static_cast<std::size_t>(output[axis]);
      if (order[at] == rank - 1) row = at;
    }
  }
};

// Calls visit(from, to) for each place of the output's axes but the last and `but`.
template <class Visit>
void for_places(const Steps& steps, const Shape& output, std::size_t but, const Visit& visit) {
  std::array<int, Shape::kMaxRank> place{};
  std::size_t from = 0;
  std::size_t to = 0;
  for (int axis = 0; axis >= 0;) {
    visit(from, to);
    for (axis = output.rank() - 2; axis >= 0; --axis) {
      const auto i = static_cast<std::size_t>(axis);
      if (i == but) continue;
      const auto extent = static_cast<std::size_t>(output[axis]);
      from += steps.in[i];
      to += steps.out[i];
      if (++place[i] < output[axis]) break;
      from -= steps.in[i] * extent;
      to -= steps.out[i] * extent;
      place[i] = 0;
    }
  }
}

// x: (N,...), y: the same axes in the order given
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Steps steps(args.attributes, args.inputs[0].shape, args.output.shape);
  const auto last = static_cast<std::size_t>(args.output.shape.rank() - 1);
  const auto count = static_cast<std::size_t>(args.output.shape[args.output.shape.rank() - 1]);
  for_places(steps, args.output.shape, last, [&](std::size_t from, std::size_t to) {
    for (std::size_t i = 0; i < count; ++i) args.output.data[to + i] = args.inputs[0].data[from + i * steps.in[last]];
  });
}

// Rows stay rows, or two axes change places: the last of the output, and the one along which the input's values lie
// next to each other.
void forward(const ForwardArgs& args) {
  const Shape& shape = args.output.shape;
  const Steps steps(args.attributes, args.inputs[0].shape, shape);
  const auto last = static_cast<std::size_t>(shape.rank() - 1);
  const int count = shape[shape.rank() - 1];
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  for_places(steps, shape, steps.row, [&](std::size_t from, std::size_t to) {
    if (steps.row == last) {
      const auto n = static_cast<std::size_t>(count);
      return kernels::copy({x + from, n}, {y + to, n});
    }
    kernels::transpose(x + from, static_cast<std::ptrdiff_t>(steps.in[last]), count, shape[static_cast<int>(steps.row)],
                       y + to, static_cast<std::ptrdiff_t>(steps.out[steps.row]));
  });
}

// dx += dy, its axes back in their places
void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const Shape& shape = args.d_output.shape;
  const Steps steps(args.attributes, args.inputs[0].shape, shape);
  const auto last = static_cast<std::size_t>(shape.rank() - 1);
  const auto count = static_cast<std::size_t>(shape[shape.rank() - 1]);
  const auto width = static_cast<std::size_t>(shape[static_cast<int>(steps.row)]);
  const float* dy = args.d_output.data;
  float* dx = args.d_inputs[0].data;
  for_places(steps, shape, steps.row, [&](std::size_t from, std::size_t to) {
    if (steps.row == last) return kernels::accumulate({dy + to, count}, {dx + from, count});
    // A block at a time, which stays at hand until it is added.
    constexpr std::size_t kBlock = 32;
    std::array<float, kBlock * kBlock> block;
    for (std::size_t row = 0; row < count; row += kBlock) {
      const std::size_t rows = std::min(kBlock, count - row);
      for (std::size_t column = 0; column < width; column += kBlock) {
        const std::size_t columns = std::min(kBlock, width - column);
        const std::size_t step = steps.out[steps.row];
        kernels::transpose(dy + to + column * step + row, static_cast<std::ptrdiff_t>(step),
                           static_cast<std::ptrdiff_t>(columns), static_cast<std::ptrdiff_t>(rows), block.data(),
                           kBlock);
        for (std::size_t r = 0; r < rows; ++r)
          kernels::accumulate({&block[r * kBlock], columns},
                              {dx + from + (row + r) * steps.in[last] + column, columns});
      }
    }
  });
}

}  // namespace

OpDef transpose_op() {
  return {.name = "transpose",
          .onnx_name = "Transpose",
          .summary = text::op_transpose_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_transpose_words},
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases transpose_cases() {
  using List = std::vector<long long>;
  return {.good = {{{{"order", List{0, 2, 3, 1}}}, {Shape{3, 4, 2, 5}}},
                   {{{"order", List{0, 3, 1, 2}}}, {Shape{1, 4, 2, 5}}},
                   {{{"order", List{0, 2, 1}}}, {Shape{2, 3, 7}}},
                   {{{"order", List{0, 2, 1}}}, {Shape{2, 35, 41}}},
                   {{{"order", List{0, 2, 1, 3}}}, {Shape{2, 3, 4, 5}}},
                   {{{"order", List{0, 1}}}, {Shape{2, 3}}}},
          .bad = {{{}, {Shape{1, 2, 3}}},
                  {{{"order", List{1, 0, 2}}}, {Shape{1, 2, 3}}},
                  {{{"order", List{0, 1, 1}}}, {Shape{1, 2, 3}}},
                  {{{"order", List{0, 2}}}, {Shape{1, 2, 3}}},
                  {{{"order", List{0, 1, 3}}}, {Shape{1, 2, 3}}},
                  {{{"order", std::string("back")}}, {Shape{1, 2, 3}}},
                  {{{"perm", List{0, 1, 2}}}, {Shape{1, 2, 3}}}}};
}

}  // namespace weightroom::nn
