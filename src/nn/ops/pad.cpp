// pad: a border around the maps: `padding` values above, left, below and right ([top, left, bottom, right]), of one
// `value`, the nearest value of the map ("edge") or its mirror image without the edge itself ("reflect"). A negative
// number cuts off as much.
#include <algorithm>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

struct Border {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
  enum class Mode { constant, edge, reflect } mode = Mode::constant;
  double value = 0.0;

  // Which place of the input, or -1, stands at `at` of an axis that had `extent` and gained `before`.
  [[nodiscard]] int source(int at, int before, int extent) const {
    int from = at - before;
    if (from >= 0 && from < extent) return from;
    if (mode == Mode::constant) return -1;
    if (mode == Mode::edge) return std::clamp(from, 0, extent - 1);
    if (from < 0) from = -from;
    return from >= extent ? 2 * (extent - 1) - from : from;
  }
};

Result<Border> read_border(const Attributes& attributes, const Shape& input) {
  const auto list = read_list(attributes, "padding");
  if (!list) return std::unexpected(list.error());
  if (list->size() != 4) return fail(text::infer_pad_list);
  Border border{(*list)[0], (*list)[1], (*list)[2], (*list)[3]};
  constexpr int kMost = 1 << 20;
  for (const int extent : *list) {
    if (extent < -kMost || extent > kMost) return fail(text::infer_pad_large, {{"most", kMost}});
  }
  std::string mode = "constant";
  if (const auto at = attributes.rows().find("mode"); at != attributes.rows().end()) {
    const auto* word = std::get_if<std::string>(&at->second);
    mode = word != nullptr ? *word : "";
  }
  if (mode == "edge") {
    border.mode = Border::Mode::edge;
  } else if (mode == "reflect") {
    border.mode = Border::Mode::reflect;
  } else if (mode != "constant") {
    return fail(text::infer_pad_mode);
  }
  const auto value = read_finite(attributes, "value", 0.0);
  if (!value) return std::unexpected(value.error());
  border.value = *value;
  if (input.h() + border.top + border.bottom < 1 || input.w() + border.left + border.right < 1)
    return fail(text::infer_pad_cut, {{"shape", input.text()}});
  // A mirror shows no more than there is.
  const int most = std::max(border.top, border.bottom);
  const int widest = std::max(border.left, border.right);
  if (border.mode == Border::Mode::reflect && (most >= input.h() || widest >= input.w()))
    return fail(text::infer_pad_mirror, {{"shape", input.text()}});
  return border;
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"padding", "mode", "value"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 4, 4); !ok) return std::unexpected(ok.error());
  const auto border = read_border(attributes, inputs[0]);
  if (!border) return std::unexpected(border.error());
  Inference result{.output = inputs[0], .weights = {}};
  result.output.set(2, inputs[0].h() + border->top + border->bottom);
  result.output.set(3, inputs[0].w() + border->left + border->right);
  if (auto ok = check_size(result.output); !ok) return std::unexpected(ok.error());
  return result;
}

// Calls visit(to, from) for every value of the output in order; `from` is -1 in a constant border.
template <class Visit>
void for_values(const Border& border, const Shape& input, const Shape& output, const Visit& visit) {
  std::ptrdiff_t to = 0;
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(input.h()) * input.w();
  for (std::ptrdiff_t map = 0; map < static_cast<std::ptrdiff_t>(input.n()) * input.c(); ++map) {
    for (int y = 0; y < output.h(); ++y) {
      const int row = border.source(y, border.top, input.h());
      for (int x = 0; x < output.w(); ++x, ++to) {
        const int column = border.source(x, border.left, input.w());
        visit(to, row < 0 || column < 0 ? -1 : map * plane + static_cast<std::ptrdiff_t>(row) * input.w() + column);
      }
    }
  }
}

// x: (N,C,H,W), y: (N,C,top+H+bottom,left+W+right)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Shape& shape = args.inputs[0].shape;
  const Border border = read_border(args.attributes, shape).value();
  const T value = static_cast<T>(border.value);
  for_values(border, shape, args.output.shape, [&](std::ptrdiff_t to, std::ptrdiff_t from) {
    args.output.data[to] = from < 0 ? value : args.inputs[0].data[from];
  });
}

// Calls row(to, from) for every row of the output whose values come from one of the input, which begins at `from`, and
// for the others, in a constant border, with from < 0.
template <class Visit>
void for_rows(const Border& border, const Shape& input, const Shape& output, const Visit& row) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(input.h()) * input.w();
  std::ptrdiff_t to = 0;
  for (std::ptrdiff_t map = 0; map < static_cast<std::ptrdiff_t>(input.n()) * input.c(); ++map) {
    for (int y = 0; y < output.h(); ++y, to += output.w()) {
      const int source = border.source(y, border.top, input.h());
      row(to, source < 0 ? -1 : map * plane + static_cast<std::ptrdiff_t>(source) * input.w());
    }
  }
}

// The columns of an output row that stand for the input's own, and which of the input's is the first of them. A border
// may be less than nothing: it cuts.
struct Inside {
  int first;
  int end;
  int source;

  Inside(const Border& border, const Shape& input, const Shape& output)
      : first(std::clamp(border.left, 0, output.w())),
        end(std::clamp(border.left + input.w(), first, output.w())),
        source(std::max(0, -border.left)) {}
};

void forward(const ForwardArgs& args) {
  const Shape& shape = args.inputs[0].shape;
  const Border border = read_border(args.attributes, shape).value();
  const Inside inside(border, shape, args.output.shape);
  const int width = args.output.shape.w();
  const auto value = static_cast<float>(border.value);
  for_rows(border, shape, args.output.shape, [&](std::ptrdiff_t to, std::ptrdiff_t from) {
    float* y = args.output.data + to;
    if (from < 0) return void(std::fill_n(y, width, value));
    const float* x = args.inputs[0].data + from;
    const auto at = [&](int column) {
      const int source = border.source(column, border.left, shape.w());
      return source < 0 ? value : x[source];
    };
    for (int column = 0; column < inside.first; ++column) y[column] = at(column);
    const auto length = static_cast<std::size_t>(inside.end - inside.first);
    kernels::copy({x + inside.source, length}, {y + inside.first, length});
    for (int column = inside.end; column < width; ++column) y[column] = at(column);
  });
}

void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const Shape& shape = args.inputs[0].shape;
  const Border border = read_border(args.attributes, shape).value();
  const Inside inside(border, shape, args.d_output.shape);
  const int width = args.d_output.shape.w();
  for_rows(border, shape, args.d_output.shape, [&](std::ptrdiff_t to, std::ptrdiff_t from) {
    if (from < 0) return;
    const float* dy = args.d_output.data + to;
    float* dx = args.d_inputs[0].data + from;
    const auto add = [&](int column) {
      const int source = border.source(column, border.left, shape.w());
      if (source >= 0) dx[source] += dy[column];
    };
    for (int column = 0; column < inside.first; ++column) add(column);
    const auto length = static_cast<std::size_t>(inside.end - inside.first);
    kernels::accumulate({dy + inside.first, length}, {dx + inside.source, length});
    for (int column = inside.end; column < width; ++column) add(column);
  });
}

// One axis of what a border repeats: the edge's places are those of the map that stand for it.
void fold_back(Border::Mode mode, int extent, int& low, int& high) {
  if (mode == Border::Mode::edge) {
    low = std::clamp(low, 0, extent - 1);
    high = std::clamp(high, 1, extent);
  } else if (mode == Border::Mode::reflect) {
    const int last = 2 * (extent - 1);
    const int first_seen = std::min(low, high > extent ? last - (high - 1) : low);
    const int end_seen = std::max(high, low < 0 ? -low + 1 : high);
    low = std::clamp(first_seen, 0, extent - 1);
    high = std::clamp(end_seen, 1, extent);
  }
}

Rectangle sees(const Attributes& attributes, const Shape& input, const Shape& /*output*/, const Rectangle& of) {
  const Border border = read_border(attributes, input).value();
  Rectangle seen{of.top - border.top, of.left - border.left, of.bottom - border.top, of.right - border.left};
  fold_back(border.mode, input.h(), seen.top, seen.bottom);
  fold_back(border.mode, input.w(), seen.left, seen.right);
  return seen;
}

double border_value(const Attributes& attributes) { return attributes.real("value", 0.0).value(); }

}  // namespace

OpDef pad_op() {
  return {.name = "pad",
          .onnx_name = "Pad",
          .summary = text::op_pad_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees,
                     .words = text::op_pad_words,
                     .border = border_value},
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases pad_cases() {
  using List = std::vector<long long>;
  const AttributeValue edge = std::string("edge");
  const AttributeValue reflect = std::string("reflect");
  return {.good = {{{{"padding", List{0, 1, 2, 3}}}, {Shape{3, 2, 3, 4}}},
                   {{{"padding", List{1, 1, 1, 1}}, {"value", -1.5}}, {Shape{1, 2, 3, 4}}},
                   {{{"padding", List{2, 1, 0, 3}}, {"mode", edge}}, {Shape{1, 2, 3, 4}}},
                   {{{"padding", List{2, 3, 1, 0}}, {"mode", reflect}}, {Shape{2, 1, 3, 4}}},
                   {{{"padding", List{-1, 0, 1, -2}}}, {Shape{1, 2, 3, 4}}}},
          .bad = {{{}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{1, 1}}}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{3, 0, 0, 0}}, {"mode", reflect}}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{-2, 0, -1, 0}}}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{1LL << 40, 0, 0, 0}}}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{1 << 20, 0, 0, 1 << 20}}}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{1, 1, 1, 1}}, {"mode", std::string("wrap")}}, {Shape{1, 2, 3, 4}}},
                  {{{"padding", List{1, 1, 1, 1}}}, {Shape{1, 2}}}}};
}

}  // namespace weightroom::nn
