// avg_pool: the mean under each window.
#include <algorithm>

#include <strings/op.h>

#include "nn/kernels/lanes.h"
#include "nn/ops/pool_window.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

struct Setting {
  PoolWindow window;
  bool count_include_pad = true;

  // What the sum of a window's values is divided by: the values of the input, or those and the
  // padding's zeros, but nothing of what ceil_mode lets stand out beyond the padding.
  [[nodiscard]] int count(int oy, int ox) const { return count_on(window.y, oy) * count_on(window.x, ox); }

 private:
  [[nodiscard]] int count_on(const PoolAxis& axis, int o) const {
    if (!count_include_pad) return axis.last_tap(o) - axis.first_tap(o);
    return std::min(axis.start(o) + axis.kernel, axis.in + axis.padding_end) - axis.start(o);
  }
};

Result<Setting> read_setting(const Attributes& attributes, const Shape& input) {
  const auto window = read_pool_window(attributes, input);
  if (!window) return std::unexpected(window.error());
  const auto count = read_flag(attributes, "count_include_pad", true);
  if (!count) return std::unexpected(count.error());
  return Setting{*window, *count};
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes,
                                 {"kernel", "stride", "padding", "padding_end", "ceil_mode", "count_include_pad"});
      !ok) {
    return std::unexpected(ok.error());
  }
  if (auto ok = check_inputs(inputs, 1, 4, 4); !ok) return std::unexpected(ok.error());
  const auto setting = read_setting(attributes, inputs[0]);
  if (!setting) return std::unexpected(setting.error());
  return Inference{.output = setting->window.output(inputs[0]), .weights = {}};
}

// Calls visit(at) for every value of a plane under the window of output (oy, ox), in row-major
// order.
template <class Visit>
void for_window(const PoolWindow& window, int oy, int ox, const Visit& visit) {
  for (int ky = window.y.first_tap(oy); ky < window.y.last_tap(oy); ++ky) {
    const int row = (window.y.start(oy) + ky) * window.x.in + window.x.start(ox);
    for (int kx = window.x.first_tap(ox); kx < window.x.last_tap(ox); ++kx) visit(row + kx);
  }
}

std::size_t plane_size(const Shape& x) { return static_cast<std::size_t>(x.h()) * static_cast<std::size_t>(x.w()); }

// x: (N,C,H,W), y: (N,C,OH,OW)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Shape& shape = args.inputs[0].shape;
  const Setting setting = read_setting(args.attributes, shape).value();
  const T* x = args.inputs[0].data;
  T* y = args.output.data;
  for (int plane = 0; plane < shape.n() * shape.c(); ++plane, x += plane_size(shape)) {
    for (int oy = 0; oy < setting.window.y.out; ++oy) {
      for (int ox = 0; ox < setting.window.x.out; ++ox) {
        T sum = 0;
        for_window(setting.window, oy, ox, [&](int at) { sum += x[at]; });
        *y++ = sum / static_cast<T>(setting.count(oy, ox));
      }
    }
  }
}

// The outputs of a row whose windows lie inside it, as far as vectors know how to read them: neighbouring pixels, or
// every other one.
struct Inside {
  int first = 0;
  int end = 0;

  explicit Inside(const PoolAxis& h) {
    if (h.stride > 2 || (h.stride == 2 && h.kernel < 2)) return;
    first = std::min(h.out, (h.padding + h.stride - 1) / h.stride);
    const int slack = h.in - h.kernel - h.start(0);
    end = std::max(first, slack < 0 ? 0 : std::min(h.out, slack / h.stride + 1));
  }
};

// The rows of a plane under the windows of a row of outputs.
struct UnderRow {
  int first;  // where the first of them begins
  int count;
  int width;

  UnderRow(const PoolWindow& window, int oy)
      : first((window.y.start(oy) + window.y.first_tap(oy)) * window.x.in),
        count(window.y.last_tap(oy) - window.y.first_tap(oy)),
        width(window.x.in) {}
};

// Calls tap(at) for each tap of the window of output ox, which lies inside its row, in row-major order: the pixels of
// the windows beside it lie next to it. With stride 2 calls taps(at, first) instead for the taps at `at` and behind it,
// the first of which counts only where `first`: two of every other pixel come in one reading, and none beyond the last
// window's.
template <class Tap, class Taps>
void for_taps(const UnderRow& rows, const PoolAxis& h, int ox, const Tap& tap, const Taps& taps) {
  int row = rows.first + h.start(ox);
  for (int ky = 0; ky < rows.count; ++ky, row += rows.width) {
    if (h.stride == 1) {
      for (int kx = 0; kx < h.kernel; ++kx) tap(row + kx);
      continue;
    }
    for (int kx = 0; kx < h.kernel; kx += 2) taps(kx + 1 < h.kernel ? row + kx : row + kx - 1, kx + 1 < h.kernel);
  }
}

// x: plane, y: row of outputs.
void pool_row(const Setting& setting, const Inside& inside, const float* x, int oy, float* y) {
  const PoolWindow& window = setting.window;
  const auto one = [&](int ox) {
    float sum = 0.0F;
    for_window(window, oy, ox, [&](int at) { sum += x[at]; });
    y[ox] = sum / static_cast<float>(setting.count(oy, ox));
  };
  for (int ox = 0; ox < inside.first; ++ox) one(ox);
  const auto some = static_cast<std::size_t>(inside.end - inside.first);
  const UnderRow rows(window, oy);
  const double count = some == 0 ? 1.0 : setting.count(oy, inside.first);  // the same for all of them
  kernels::map(some, y + inside.first, [&, h = window.x](auto d, std::size_t i) {
    using L = kernels::Lanes<decltype(d)>;
    L sum(0.0);
    for_taps(
        rows, h, inside.first + static_cast<int>(i), [&](int at) { sum = sum + L(kernels::hn::LoadU(d, x + at)); },
        [&](int at, bool both) {
          kernels::hn::Vec<decltype(d)> first;
          kernels::hn::Vec<decltype(d)> second;
          kernels::hn::LoadInterleaved2(d, x + at, first, second);
          if (both) sum = sum + L(first);
          sum = sum + L(second);
        });
    return (sum / L(count)).v;
  });
  for (int ox = inside.end; ox < window.x.out; ++ox) one(ox);
}

void forward(const ForwardArgs& args) {
  const Shape& shape = args.inputs[0].shape;
  const Setting setting = read_setting(args.attributes, shape).value();
  const Inside inside(setting.window.x);
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  for (int plane = 0; plane < shape.n() * shape.c(); ++plane, x += plane_size(shape)) {
    for (int oy = 0; oy < setting.window.y.out; ++oy, y += setting.window.x.out) pool_row(setting, inside, x, oy, y);
  }
}

// dx: plane, dy: row of outputs. Tap by tap over the whole row: windows overlap, and the order in which a pixel gets
// its shares must not depend on how many lanes there are.
void spread_row(const Setting& setting, const Inside& inside, const float* dy, int oy, float* dx) {
  const PoolWindow& window = setting.window;
  const auto one = [&](int ox) {
    const float share = dy[ox] / static_cast<float>(setting.count(oy, ox));
    for_window(window, oy, ox, [&](int at) { dx[at] += share; });
  };
  for (int ox = 0; ox < inside.first; ++ox) one(ox);
  const auto some = static_cast<std::size_t>(inside.end - inside.first);
  const float* from = dy + inside.first;
  const double count = some == 0 ? 1.0 : setting.count(oy, inside.first);  // the same for all of them
  const auto share = [=](auto d, std::size_t i) {
    using L = kernels::Lanes<decltype(d)>;
    return L(kernels::hn::LoadU(d, from + i)) / L(count);
  };
  const auto tap = [&](int at) {
    float* to = dx + at;
    kernels::map(some, to, [=](auto d, std::size_t i) {
      return (kernels::Lanes<decltype(d)>(kernels::hn::LoadU(d, to + i)) + share(d, i)).v;
    });
  };
  const auto taps = [&](int at, bool both) {
    kernels::each_lanes(some, [=, to = dx + at](auto d, std::size_t i) {
      kernels::hn::Vec<decltype(d)> first;
      kernels::hn::Vec<decltype(d)> second;
      kernels::hn::LoadInterleaved2(d, to + 2 * i, first, second);
      if (both) first = (kernels::Lanes<decltype(d)>(first) + share(d, i)).v;
      second = (kernels::Lanes<decltype(d)>(second) + share(d, i)).v;
      kernels::hn::StoreInterleaved2(first, second, d, to + 2 * i);
    });
  };
  if (some > 0) for_taps(UnderRow(window, oy), window.x, inside.first, tap, taps);
  for (int ox = inside.end; ox < window.x.out; ++ox) one(ox);
}

// dx += dy / count under each window
void backward(const BackwardArgs& args) {
  float* dx = args.d_inputs[0].data;
  if (dx == nullptr) return;
  const Shape& shape = args.d_inputs[0].shape;
  const Setting setting = read_setting(args.attributes, shape).value();
  const Inside inside(setting.window.x);
  const float* dy = args.d_output.data;
  for (int plane = 0; plane < shape.n() * shape.c(); ++plane, dx += plane_size(shape)) {
    for (int oy = 0; oy < setting.window.y.out; ++oy, dy += setting.window.x.out)
      spread_row(setting, inside, dy, oy, dx);
  }
}

}  // namespace

OpDef avg_pool_op() {
  return {.name = "avg_pool",
          .onnx_name = "AveragePool",
          .summary = text::op_avg_pool_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::share,
                     .multiplier = Multiplier::slope,
                     .sees = sees_under_window<pooling_window>,
                     .words = text::op_avg_pool_words,
                     .window = pooling_window,
                     .pool = Pool::mean},
          .planewise = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases avg_pool_cases() {
  const Shape odd{1, 3, 7, 9};
  const Shape even{3, 2, 8, 6};
  const Shape wide{1, 2, 9, 39};  // vectors of every width, and what is left of a row
  const AttributeValue two = 2LL;
  const AttributeValue three = 3LL;
  const AttributeValue one = 1LL;
  const AttributeValue zero = 0LL;
  return {
      .good = {{{{"kernel", two}}, {odd}},
               {{{"kernel", two}}, {even}},
               {{{"kernel", three}, {"stride", two}, {"padding", one}}, {odd}},
               {{{"kernel", three}, {"stride", two}, {"padding", one}, {"count_include_pad", zero}}, {odd}},
               {{{"kernel", three}, {"stride", two}, {"padding", one}, {"ceil_mode", one}}, {even}},
               {{{"kernel", three}, {"stride", two}, {"ceil_mode", one}, {"count_include_pad", zero}}, {even}},
               {{{"kernel", two}, {"stride", three}, {"padding", one}, {"ceil_mode", one}}, {even}},
               {{{"kernel", three}, {"stride", two}, {"padding_end", one}, {"count_include_pad", zero}}, {even}},
               {{{"kernel", three}, {"stride", two}, {"padding_end", one}}, {even}},
               {{{"kernel", two}, {"padding_end", one}, {"ceil_mode", one}}, {odd}},
               {{{"kernel", std::vector<long long>{1, 3}}, {"stride", one}, {"padding", std::vector<long long>{0, 1}}},
                {odd}},
               {{{"kernel", two}}, {wide}},
               {{{"kernel", three}, {"stride", one}, {"padding", one}}, {wide}},
               {{{"kernel", three}, {"stride", two}, {"padding", one}}, {wide}}},
      .bad = {{{}, {even}},
              {{{"kernel", two}}, {Shape{1, 16}}},
              {{{"kernel", zero}}, {even}},
              {{{"kernel", two}, {"stride", zero}}, {even}},
              {{{"kernel", three}, {"padding", two}}, {even}},
              {{{"kernel", two}, {"stride", one}, {"padding_end", two}}, {even}},
              {{{"kernel", 9LL}}, {even}},
              {{{"kernel", two}, {"count_include_pad", two}}, {even}},
              {{{"kernel", std::vector<long long>{2, 2, 2}}}, {even}},
              {{{"kernel", two}, {"dilation", two}}, {even}}}};
}

}  // namespace weightroom::nn
