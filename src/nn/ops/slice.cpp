// slice: the part of the input from `start` to before `end` along one axis, every step-th of it. Bounds below 0 count
// from the end; bounds beyond it are moved to it. Or the `places` of the axis that a list names, in its order.
#include <algorithm>
#include <string>

#include <strings/infer.h>
#include <strings/nn.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

struct Part {
  int axis = 1;
  int start = 0;
  int step = 1;
  int count = 0;
  std::vector<int> places{};  // where they follow no step

  [[nodiscard]] std::size_t place(std::size_t k) const {
    return static_cast<std::size_t>(places.empty() ? start + static_cast<int>(k) * step : places[k]);
  }
  [[nodiscard]] std::vector<int> all_places() const {
    std::vector<int> all(static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = static_cast<int>(place(k));
    return all;
  }
};

Result<Part> read_places(const Attributes& attributes, int axis, int extent) {
  auto places = read_list(attributes, "places");
  if (!places) return std::unexpected(places.error());
  for (const int place : *places) {
    if (place < 0 || place >= extent) return fail(text::infer_slice_places, {{"last", extent - 1}, {"value", place}});
  }
  if (places->empty() || places->size() > (1U << 20) || attributes.has("start") || attributes.has("end") ||
      attributes.has("step"))
    return fail(text::infer_slice_ways);
  const int count = static_cast<int>(places->size());
  return Part{axis, 0, 1, count, std::move(*places)};
}

Result<Part> read_part(const Attributes& attributes, const Shape& input) {
  const auto axis = read_axis(attributes, "axis", 1, input.rank());
  if (!axis) return std::unexpected(axis.error());
  const int extent = input[*axis];
  if (attributes.has("places")) return read_places(attributes, *axis, extent);
  const auto start = attributes.integer("start", 0);
  if (!start) return std::unexpected(start.error());
  const auto end = attributes.integer("end", extent);
  if (!end) return std::unexpected(end.error());
  const auto step = attributes.integer("step", 1);
  if (!step) return std::unexpected(step.error());
  if (*step < 1) return fail(text::nn_attribute_least, {{"name", "step"}, {"least", 1}, {"value", *step}});
  const auto place = [extent](int at) { return std::clamp(at < 0 ? at + extent : at, 0, extent); };
  const int from = place(*start);
  const int to = place(*end);
  if (to <= from) return fail(text::infer_slice, {{"extent", extent}, {"start", *start}, {"end", *end}});
  return Part{*axis, from, *step, (to - from - 1) / *step + 1, {}};
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"axis", "start", "end", "step", "places"}); !ok)
    return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto part = read_part(attributes, inputs[0]);
  if (!part) return std::unexpected(part.error());
  Inference result{.output = inputs[0], .weights = {}};
  result.output.set(part->axis, part->count);
  if (auto ok = check_size(result.output); !ok) return std::unexpected(ok.error());
  return result;
}

// Calls visit(from, to, length) for stretches that lie in one piece in both.
template <class Visit>
void for_pieces(const Attributes& attributes, const Shape& input, const Visit& visit) {
  const Part part = read_part(attributes, input).value();
  const std::size_t outer = outer_size(input, part.axis);
  const auto extent = static_cast<std::size_t>(input[part.axis]);
  const std::size_t inner = input.size() / outer / extent;
  const auto count = static_cast<std::size_t>(part.count);
  for (std::size_t i = 0; i < outer; ++i) {
    const std::size_t from = i * extent;
    const std::size_t to = i * count * inner;
    if (part.step == 1 && part.places.empty()) {
      visit((from + part.place(0)) * inner, to, count * inner);
      continue;
    }
    for (std::size_t k = 0; k < count; ++k) visit((from + part.place(k)) * inner, to + k * inner, inner);
  }
}

// Calls visit(from, to) for each row of single values.
template <class Visit>
void for_rows(const Part& part, const Shape& input, const Visit& visit) {
  const auto extent = static_cast<std::size_t>(input[part.axis]);
  for (std::size_t from = 0, to = 0; from < input.size(); from += extent, to += static_cast<std::size_t>(part.count))
    visit(from, to);
}

bool of_single_values(const Part& part, const Shape& input) {
  return part.axis == input.rank() - 1 && !(part.step == 1 && part.places.empty());
}

void forward(const ForwardArgs& args) {
  const Shape& shape = args.inputs[0].shape;
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  const Part part = read_part(args.attributes, shape).value();
  if (of_single_values(part, shape)) {
    const std::vector<int> places = part.all_places();
    for_rows(part, shape,
             [&](std::size_t from, std::size_t to) { kernels::take(x + from, places, {y + to, places.size()}); });
  } else {
    for_pieces(args.attributes, shape,
               [=](std::size_t from, std::size_t to, std::size_t n) { kernels::copy({x + from, n}, {y + to, n}); });
  }
}

// x: (N,...,E,...), y: (N,...,count,...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  for_pieces(args.attributes, args.inputs[0].shape, [&](std::size_t from, std::size_t to, std::size_t length) {
    std::copy_n(args.inputs[0].data + from, length, args.output.data + to);
  });
}

void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const Shape& shape = args.inputs[0].shape;
  const float* dy = args.d_output.data;
  float* dx = args.d_inputs[0].data;
  const Part part = read_part(args.attributes, shape).value();
  if (of_single_values(part, shape)) {
    const std::vector<int> places = part.all_places();
    for_rows(part, shape, [&](std::size_t from, std::size_t to) {
      kernels::give_back({dy + to, places.size()}, places, dx + from);
    });
  } else {
    for_pieces(args.attributes, shape, [=](std::size_t from, std::size_t to, std::size_t n) {
      kernels::accumulate({dy + to, n}, {dx + from, n});
    });
  }
}

}  // namespace

OpDef slice_op() {
  return {.name = "slice",
          .onnx_name = "Slice",
          .summary = text::op_slice_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees_along_axis,
                     .words = text::op_slice_words},
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases slice_cases() {
  return {.good = {{{{"start", 1LL}, {"end", 3LL}}, {Shape{3, 5, 2, 3}}},
                   {{{"axis", 2LL}, {"start", -3LL}}, {Shape{2, 2, 5, 3}}},
                   {{{"axis", 3LL}, {"start", 1LL}, {"step", 2LL}}, {Shape{2, 2, 2, 7}}},
                   {{{"axis", -1LL}, {"end", 1000LL}, {"step", 3LL}}, {Shape{3, 8}}},
                   {{{"places", std::vector<long long>{2, 0, 1, 2}}}, {Shape{2, 3, 2, 3}}},
                   {{{"axis", 3LL}, {"places", std::vector<long long>{3, 2, 1, 0}}}, {Shape{1, 2, 3, 4}}}},
          .bad = {{{{"start", 3LL}, {"end", 3LL}}, {Shape{1, 5}}},
                  {{{"step", 0LL}}, {Shape{1, 5}}},
                  {{{"step", -1LL}}, {Shape{1, 5}}},
                  {{{"places", 5LL}}, {Shape{1, 5}}},
                  {{{"places", std::vector<long long>{}}}, {Shape{1, 5}}},
                  {{{"places", std::vector<long long>{0, -1}}}, {Shape{1, 5}}},
                  {{{"places", 1LL}, {"start", 1LL}}, {Shape{1, 5}}},
                  {{{"axis", 0LL}}, {Shape{1, 5}}},
                  {{{"axis", 2LL}}, {Shape{1, 5}}},
                  {{{"start", std::string("first")}}, {Shape{1, 5}}},
                  {{{"begin", 1LL}}, {Shape{1, 5}}},
                  {{}, {}}}};
}

}  // namespace weightroom::nn
