// resize: maps made larger or smaller, to `size` ([height, width]). Each place of the output looks at one of the input,
// which lies between two of its places on either axis: with `mode` "nearest" it takes the nearer of them, with "linear"
// the mean of both by their distance. `place` says where it looks, as ONNX's coordinate_transformation_mode does, with
// s the output's extent by the input's, or `scale_y` and `scale_x` where they are given:
//   half_pixel     (o + 0.5) / s - 0.5 (where it is absent)
//   pytorch        the same, but 0 where the output has one place
//   asymmetric     o / s
//   align_corners  o (in - 1) / (out - 1)
// `round` is where a place in the middle goes with "nearest", or all of them: "down" (where it is absent) and "up" of a
// half alone, "floor" and "ceil". Beyond the edge is the edge.
#include <algorithm>
#include <cmath>
#include <vector>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/lane_math.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

// What one place of the output is made of on one axis: the places `low` and `high`, the latter by `share`.
struct Tap {
  int low = 0;
  int high = 0;
  double share = 0.0;
};
using Taps = std::vector<Tap>;

Result<std::string> read_word(const Attributes& attributes, const char* name,
                              std::initializer_list<const char*> words) {
  const auto at = attributes.rows().find(name);
  if (at == attributes.rows().end()) return std::string(*words.begin());
  const auto* word = std::get_if<std::string>(&at->second);
  if (word != nullptr && std::ranges::find(words, *word) != words.end()) return *word;
  return fail(text::infer_resize_word, {{"name", name}});
}

struct Setting {
  std::vector<int> size;
  bool linear = false;
  std::string place;
  std::string round;
  double scale[2] = {0.0, 0.0};
};

Result<Setting> read_setting(const Attributes& attributes) {
  Setting setting;
  const auto size = read_list(attributes, "size");
  if (!size) return std::unexpected(size.error());
  const bool fits = size->size() == 2 && std::ranges::all_of(*size, [](int n) { return n >= 1 && n <= 1 << 14; });
  if (!fits) return fail(text::infer_resize_size, {{"most", 1 << 14}});
  const auto mode = read_word(attributes, "mode", {"nearest", "linear"});
  if (!mode) return std::unexpected(mode.error());
  const auto place = read_word(attributes, "place", {"half_pixel", "pytorch", "asymmetric", "align_corners"});
  if (!place) return std::unexpected(place.error());
  const auto round = read_word(attributes, "round", {"down", "up", "floor", "ceil"});
  if (!round) return std::unexpected(round.error());
  const char* names[] = {"scale_y", "scale_x"};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto scale = read_finite(attributes, names[i], 0.0);
    if (!scale) return std::unexpected(scale.error());
    if (*scale < 0.0 || *scale > 1e6 || (*scale == 0.0 && attributes.has(names[i])))
      return fail(text::infer_resize_scale, {{"name", names[i]}});
    setting.scale[i] = *scale;
  }
  setting.size = *size;
  setting.linear = *mode == "linear";
  setting.place = *place;
  setting.round = *round;
  return setting;
}

// Where place `o` of `out` looks among `in`. A given scale is taken in float, as other runtimes do; else the division
// comes last, so that what lies in the middle of two places does so exactly.
double place_of(const Setting& setting, double given, int o, int in, int out) {
  if (setting.place == "pytorch" && out == 1) return 0.0;
  if (setting.place == "align_corners") return out == 1 ? 0.0 : static_cast<double>(o) * (in - 1) / (out - 1);
  const double centre = setting.place == "asymmetric" ? 0.0 : 0.5;
  if (given == 0.0) return (o + centre) * in / out - centre;
  const auto shift = static_cast<float>(centre);
  return static_cast<double>((static_cast<float>(o) + shift) / static_cast<float>(given) - shift);
}

Taps taps_of(const Setting& setting, int axis, int in) {
  const int out = setting.size[static_cast<std::size_t>(axis)];
  Taps taps;
  for (int o = 0; o < out; ++o) {
    const double x = std::clamp(place_of(setting, setting.scale[axis], o, in, out), -1.0, static_cast<double>(in));
    const double below = std::floor(x);
    const double share = x - below;
    Tap tap{static_cast<int>(below), static_cast<int>(below) + 1, share};
    if (!setting.linear) {
      const bool up = setting.round == "ceil" ? share > 0.0 : setting.round == "up" ? share >= 0.5 : share > 0.5;
      tap.low = setting.round != "floor" && up ? tap.high : tap.low;
      tap.high = tap.low;
      tap.share = 0.0;
    }
    tap.low = std::clamp(tap.low, 0, in - 1);
    tap.high = std::clamp(tap.high, 0, in - 1);
    taps.push_back(tap);
  }
  return taps;
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"size", "mode", "place", "round", "scale_y", "scale_x"}); !ok)
    return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 4, 4); !ok) return std::unexpected(ok.error());
  const auto setting = read_setting(attributes);
  if (!setting) return std::unexpected(setting.error());
  Inference result{.output = inputs[0], .weights = {}};
  result.output.set(2, setting->size[0]);
  result.output.set(3, setting->size[1]);
  if (auto ok = check_size(result.output); !ok) return std::unexpected(ok.error());
  result.workspace_floats = static_cast<std::size_t>(inputs[0].h()) * static_cast<std::size_t>(setting->size[1]);
  return result;
}

// Calls visit(to, rows, x) for each place of the output: rows[0] and rows[1] are where the rows above and below it
// begin in the input, x what it takes of them.
template <class Visit>
void for_places(const Attributes& attributes, const Shape& input, const Visit& visit) {
  const Setting setting = read_setting(attributes).value();
  const Taps vertical = taps_of(setting, 0, input.h());
  const Taps horizontal = taps_of(setting, 1, input.w());
  const auto width = static_cast<std::size_t>(input.w());
  std::size_t to = 0;
  std::size_t plane = 0;
  for (std::size_t map = 0; map < static_cast<std::size_t>(input.n()) * static_cast<std::size_t>(input.c()); ++map) {
    for (const Tap& y : vertical) {
      const std::size_t low = plane + static_cast<std::size_t>(y.low) * width;
      const std::size_t high = plane + static_cast<std::size_t>(y.high) * width;
      for (const Tap& x : horizontal) visit(to++, low, high, y.share, x);
    }
    plane += static_cast<std::size_t>(input.h()) * width;
  }
}

// x: (N,C,H,W), y: (N,C,size)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const T* from = args.inputs[0].data;
  for_places(
      args.attributes, args.inputs[0].shape,
      [&](std::size_t to, std::size_t low, std::size_t high, double down, const Tap& x) {
        const auto mix = [](T a, T b, double share) {
          return share == 0.0 ? a
                              : static_cast<T>(static_cast<double>(a) * (1.0 - share) + static_cast<double>(b) * share);
        };
        const T above =
            mix(from[low + static_cast<std::size_t>(x.low)], from[low + static_cast<std::size_t>(x.high)], x.share);
        if (down == 0.0) return void(args.output.data[to] = above);
        const T below =
            mix(from[high + static_cast<std::size_t>(x.low)], from[high + static_cast<std::size_t>(x.high)], x.share);
        args.output.data[to] = mix(above, below, down);
      });
}

// One plane's rows, each as wide as the output: the horizontal taps are taken once for each row, value by value, and
// the vertical ones go in vectors.
struct Stretched {
  Taps vertical;
  Taps horizontal;
  float* rows;  // (H, width): in the workspace

  Stretched(const Attributes& attributes, const Shape& input, std::span<float> workspace) : rows(workspace.data()) {
    const Setting setting = read_setting(attributes).value();
    vertical = taps_of(setting, 0, input.h());
    horizontal = taps_of(setting, 1, input.w());
  }
  // A row of the input, as wide as the output.
  void stretch(const float* from, float* to) const {
    for (const Tap& tap : horizontal) {
      const auto share = static_cast<float>(tap.share);
      *to++ = share == 0.0F ? from[tap.low] : from[tap.low] * (1.0F - share) + from[tap.high] * share;
    }
  }
  [[nodiscard]] std::size_t width() const { return horizontal.size(); }
  [[nodiscard]] std::span<float> row(int y) const { return {rows + static_cast<std::size_t>(y) * width(), width()}; }
};

std::size_t plane_size(const Shape& shape) {
  return static_cast<std::size_t>(shape.h()) * static_cast<std::size_t>(shape.w());
}
std::size_t plane_count(const Shape& shape) {
  return static_cast<std::size_t>(shape.n()) * static_cast<std::size_t>(shape.c());
}

void forward(const ForwardArgs& args) {
  const Shape& shape = args.inputs[0].shape;
  const Stretched stretched(args.attributes, shape, args.workspace);
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  for (std::size_t plane = 0; plane < plane_count(shape); ++plane, x += plane_size(shape)) {
    int done = -1;  // the last row that is stretched; the taps go downwards
    const auto need = [&](int row) {
      if (row <= done) return;
      const float* from = x + static_cast<std::size_t>(row) * static_cast<std::size_t>(shape.w());
      stretched.stretch(from, stretched.row(row).data());
      done = row;
    };
    for (const Tap& tap : stretched.vertical) {
      need(tap.low);
      const auto share = static_cast<float>(tap.share);
      const float* low = stretched.row(tap.low).data();
      if (share == 0.0F) {
        kernels::copy({low, stretched.width()}, {y, stretched.width()});
        y += stretched.width();
        continue;
      }
      need(tap.high);
      kernels::map(stretched.width(), y, [=, high = stretched.row(tap.high).data()](auto d, std::size_t i) {
        using L = kernels::Lanes<decltype(d)>;
        return (L(kernels::hn::LoadU(d, low + i)) * L(1.0F - share) + L(kernels::hn::LoadU(d, high + i)) * L(share)).v;
      });
      y += stretched.width();
    }
  }
}

void backward(const BackwardArgs& args) {
  if (!args.d_inputs[0]) return;
  const Shape& shape = args.inputs[0].shape;
  const Stretched stretched(args.attributes, shape, args.workspace);
  float* dx = args.d_inputs[0].data;
  const float* dy = args.d_output.data;
  for (std::size_t plane = 0; plane < plane_count(shape); ++plane) {
    std::fill_n(stretched.rows, static_cast<std::size_t>(shape.h()) * stretched.width(), 0.0F);
    for (const Tap& tap : stretched.vertical) {
      const auto share = static_cast<float>(tap.share);
      const std::span<const float> row(dy, stretched.width());
      kernels::axpy(1.0F - share, row, stretched.row(tap.low));
      if (share != 0.0F) kernels::axpy(share, row, stretched.row(tap.high));
      dy += stretched.width();
    }
    for (int y = 0; y < shape.h(); ++y, dx += shape.w()) {
      const float* from = stretched.row(y).data();
      for (const Tap& tap : stretched.horizontal) {
        const auto share = static_cast<float>(tap.share);
        dx[tap.low] += *from * (1.0F - share);
        if (share != 0.0F) dx[tap.high] += *from * share;
        ++from;
      }
    }
  }
}

Rectangle sees(const Attributes& attributes, const Shape& input, const Shape& output, const Rectangle& of) {
  const Setting setting = read_setting(attributes).value();
  const auto reach = [&](int axis, int in, int out, int first, int end) {
    const Taps taps = taps_of(setting, axis, in);
    const auto at = [&](int o) { return taps[static_cast<std::size_t>(std::clamp(o, 0, out - 1))]; };
    return std::pair{at(first).low, at(end - 1).high + 1};
  };
  const auto [top, bottom] = reach(0, input.h(), output.h(), of.top, of.bottom);
  const auto [left, right] = reach(1, input.w(), output.w(), of.left, of.right);
  return {top, left, bottom, right};
}

}  // namespace

OpDef resize_op() {
  return {.name = "resize",
          .onnx_name = "Resize",
          .summary = text::op_resize_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::share,
                     .multiplier = Multiplier::slope,
                     .sees = sees,
                     .words = text::op_resize_words},
          .planewise = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases resize_cases() {
  using List = std::vector<long long>;
  const AttributeValue linear = std::string("linear");
  const AttributeValue large = List{7, 11};
  const AttributeValue small = List{2, 3};
  const auto word = [](const char* text) { return AttributeValue(std::string(text)); };
  const Shape x{2, 3, 4, 5};
  return {.good = {{{{"size", List{8, 10}}}, {x}},
                   {{{"size", large}, {"place", word("asymmetric")}, {"round", word("floor")}}, {x}},
                   {{{"size", large}, {"round", word("ceil")}}, {x}},
                   {{{"size", small}, {"round", word("up")}}, {x}},
                   {{{"size", large}, {"mode", linear}}, {x}},
                   {{{"size", small}, {"mode", linear}, {"place", word("pytorch")}}, {x}},
                   {{{"size", List{1, 9}}, {"mode", linear}, {"place", word("align_corners")}}, {x}},
                   {{{"size", List{9, 11}}, {"mode", linear}, {"scale_y", 2.25}, {"scale_x", 2.3}}, {x}}},
          .bad = {{{}, {x}},
                  {{{"size", 3LL}}, {x}},
                  {{{"size", List{0, 3}}}, {x}},
                  {{{"size", List{1 << 15, 3}}}, {x}},
                  {{{"size", small}, {"mode", word("cubic")}}, {x}},
                  {{{"size", small}, {"place", word("middle")}}, {x}},
                  {{{"size", small}, {"scale_x", 0.0}}, {x}},
                  {{{"size", List{1 << 14, 1 << 14}}}, {Shape{1, 3, 4, 4}}},
                  {{{"size", small}}, {Shape{1, 3}}}}};
}

}  // namespace weightroom::nn
