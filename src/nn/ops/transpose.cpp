// transpose: the axes in another order; the batch's stays the first. `order` lists for each axis of the output the one
// of the input it was, as ONNX's `perm` does.
#include <algorithm>
#include <array>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

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

// Calls visit(at, first, step, count) for each row of the output: its `count` values lie `step` apart in the input,
// from `first` on.
template <class Visit>
void for_rows(const Attributes& attributes, const Shape& input, const Shape& output, const Visit& visit) {
  const Order order = read_order(attributes, input.rank()).value();
  const int rank = input.rank();
  std::array<std::size_t, Shape::kMaxRank> steps{};  // in the input, by axis of the output
  for (int i = 0; i < rank; ++i) {
    std::size_t step = 1;
    for (int axis = order[static_cast<std::size_t>(i)] + 1; axis < rank; ++axis)
      step *= static_cast<std::size_t>(input[axis]);
    steps[static_cast<std::size_t>(i)] = step;
  }
  const auto last = static_cast<std::size_t>(rank - 1);
  const auto count = static_cast<std::size_t>(output[rank - 1]);
  std::array<int, Shape::kMaxRank> place{};
  std::size_t first = 0;
  for (std::size_t at = 0; at < output.size(); at += count) {
    visit(at, first, steps[last], count);
    for (int axis = rank - 2; axis >= 0; --axis) {
      const auto i = static_cast<std::size_t>(axis);
      first += steps[i];
      if (++place[i] < output[axis]) break;
      first -= steps[i] * static_cast<std::size_t>(output[axis]);
      place[i] = 0;
    }
  }
}

// x: (N,...), y: the same axes in the order given
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  for_rows(args.attributes, args.inputs[0].shape, args.output.shape,
           [&](std::size_t at, std::size_t first, std::size_t step, std::size_t count) {
             for (std::size_t i = 0; i < count; ++i) args.output.data[at + i] = args.inputs[0].data[first + i * step];
           });
}

void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  for_rows(args.attributes, args.inputs[0].shape, args.d_output.shape,
           [&](std::size_t at, std::size_t first, std::size_t step, std::size_t count) {
             for (std::size_t i = 0; i < count; ++i)
               args.d_inputs[0].data[first + i * step] += args.d_output.data[at + i];
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
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases transpose_cases() {
  using List = std::vector<long long>;
  return {.good = {{{{"order", List{0, 2, 3, 1}}}, {Shape{3, 4, 2, 5}}},
                   {{{"order", List{0, 3, 1, 2}}}, {Shape{1, 4, 2, 5}}},
                   {{{"order", List{0, 2, 1}}}, {Shape{2, 3, 7}}},
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
