// max_pool: the largest value under each window (Ranzato et al. 2007). Of equal values the first in
// row-major order wins; padding never does.
#include <algorithm>

#include <strings/op.h>

#include "nn/kernels/simd.h"
#include "nn/ops/pool_window.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

namespace hn = kernels::hn;

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"kernel", "stride", "padding", "padding_end", "dilation", "ceil_mode"});
      !ok)
    return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 4, 4); !ok) return std::unexpected(ok.error());
  const auto window = read_pool_window(attributes, inputs[0]);
  if (!window) return std::unexpected(window.error());
  const Shape output = window->output(inputs[0]);
  return Inference{.output = output, .weights = {}, .saved_bytes = output.size() * sizeof(std::int32_t)};
}

// One output of a plane. x: (H,W); returns where in the plane the largest value stands.
template <class T>
std::int32_t winner(const PoolWindow& window, const T* x, int oy, int ox) {
  const PoolAxis& v = window.y;
  const PoolAxis& h = window.x;
  std::int32_t best = -1;
  for (int ky = v.first_tap(oy); ky < v.last_tap(oy); ++ky) {
    const int row = (v.start(oy) + ky * v.dilation) * h.in;
    for (int kx = h.first_tap(ox); kx < h.last_tap(ox); ++kx) {
      const std::int32_t at = row + h.start(ox) + kx * h.dilation;
      if (best < 0 || x[at] > x[best]) best = at;
    }
  }
  return best;
}

// Outputs first <= ox < last of row oy. x: plane (H,W); y, won: row (OW); won may be null.
template <class T>
void pool_outputs(const PoolWindow& window, const T* x, int oy, int first, int last, T* y, std::int32_t* won) {
  for (int ox = first; ox < last; ++ox) {
    const std::int32_t at = winner(window, x, oy, ox);
    y[ox] = x[at];
    if (won != nullptr) won[ox] = at;
  }
}

template <class T>
std::size_t plane_count(const TensorOf<T>& x) {
  return static_cast<std::size_t>(x.shape.n()) * static_cast<std::size_t>(x.shape.c());
}

std::size_t area(int h, int w) { return static_cast<std::size_t>(h) * static_cast<std::size_t>(w); }

// x: (N,C,H,W), y and saved argmax: (N,C,OH,OW)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const PoolWindow window = read_pool_window(args.attributes, args.inputs[0].shape).value();
  const T* x = args.inputs[0].data;
  T* y = args.output.data;
  auto* won = args.saved.empty() ? nullptr : reinterpret_cast<std::int32_t*>(args.saved.data());
  for (std::size_t plane = 0; plane < plane_count(args.output); ++plane, x += area(window.y.in, window.x.in)) {
    for (int oy = 0; oy < window.y.out; ++oy, y += window.x.out) {
      pool_outputs(window, x, oy, 0, window.x.out, y, won);
      if (won != nullptr) won += window.x.out;
    }
  }
}

// Lanes across outputs: the first `count` of a row under 2 x 2 windows with stride 2; returns how many, none where they
// fill no vector. x: top row of the windows, `at` its place in the plane; rows are `width` apart.
template <class Tag>
std::size_t pool_row_2x2(Tag d, std::size_t count, const float* x, int at, int width, float* y, std::int32_t* won) {
  const hn::RebindToSigned<Tag> di;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t ox = 0;
  const auto some = [&] {
    hn::Vec<Tag> values[4];  // in row-major order
    hn::LoadInterleaved2(d, x + 2 * ox, values[0], values[1]);
    hn::LoadInterleaved2(d, x + width + 2 * ox, values[2], values[3]);
    const auto counted = hn::Iota(di, 0);
    const auto first = hn::Add(hn::Add(counted, counted), hn::Set(di, at + static_cast<int>(2 * ox)));
    const int offsets[4] = {0, 1, width, width + 1};
    auto best = values[0];
    auto place = first;
    for (int k = 1; k < 4; ++k) {
      const auto larger = hn::RebindMask(di, hn::Gt(values[k], best));
      place = hn::IfThenElse(larger, hn::Add(first, hn::Set(di, offsets[k])), place);
      best = hn::Max(values[k], best);  // `best` where either is NaN
    }
    hn::StoreU(best, d, y + ox);
    hn::StoreU(place, di, won + ox);
  };
  for (; ox + lanes <= count; ox += lanes) some();
  if (ox == 0 || ox == count) return ox;
  ox = count - lanes;  // some of them again rather than the rest one by one
  some();
  return count;
}

// The rows of a plane under the windows of a row of outputs.
struct UnderRow {
  int first;  // where the first of them begins
  int step;   // from one to the next
  int count;

  UnderRow(const PoolWindow& window, int oy)
      : first((window.y.start(oy) + window.y.first_tap(oy) * window.y.dilation) * window.x.in),
        step(window.y.dilation * window.x.in),
        count(window.y.last_tap(oy) - window.y.first_tap(oy)) {}
};

// Lanes across outputs from `ox` on of a row, whose windows lie inside it; strides 1 and 2. x: plane (H,W); y, won: row
// (OW). The winners are those of winner(). No pixel past the last window is read.
template <class Tag>
HWY_INLINE void pool_vector(Tag d, const UnderRow& rows, const PoolAxis& h, const float* x, int ox, float* y,
                            std::int32_t* won) {
  const hn::RebindToSigned<Tag> di;
  const auto steps = hn::Mul(hn::Iota(di, 0), hn::Set(di, h.stride));
  // The first tap stands as the best before it is taken: a NaN there stays, as in winner().
  const int first = rows.first + h.start(ox);
  hn::Vec<Tag> best;
  hn::Vec<Tag> next;
  if (h.stride == 1) {
    best = hn::LoadU(d, x + first);
  } else {
    hn::LoadInterleaved2(d, x + first, best, next);
  }
  auto place = hn::Add(steps, hn::Set(di, first));
  const auto take = [&](hn::Vec<Tag> value, int at) {
    place = hn::IfThenElse(hn::RebindMask(di, hn::Gt(value, best)), hn::Add(steps, hn::Set(di, at)), place);
    best = hn::Max(value, best);  // `best` where either is NaN
  };
  int row = first;
  for (int ky = 0; ky < rows.count; ++ky, row += rows.step) {
    if (h.stride == 1) {
      for (int kx = 0; kx < h.kernel; ++kx) take(hn::LoadU(d, x + row + kx * h.dilation), row + kx * h.dilation);
      continue;
    }
    hn::Vec<Tag> value;
    int kx = 0;
    for (; kx + 1 < h.kernel; kx += 2) {
      hn::LoadInterleaved2(d, x + row + kx, value, next);
      take(value, row + kx);
      take(next, row + kx + 1);
    }
    if (kx < h.kernel) {  // from one pixel before, so as not to read one too many
      hn::LoadInterleaved2(d, x + row + kx - 1, value, next);
      take(next, row + kx);
    }
  }
  hn::StoreU(best, d, y + ox);
  hn::StoreU(place, di, won + ox);
}

// A row's outputs whose windows lie inside it, from `ox` on, as far as vectors go; returns the next one. The last
// vector goes over some outputs again rather than leave them to be done one by one.
int pool_row_inside(const PoolWindow& window, const float* x, int oy, int ox, float* y, std::int32_t* won) {
  constexpr int kWidth = static_cast<int>(kernels::kLanes);
  const PoolAxis& h = window.x;
  const int slack = h.in - 1 - (h.kernel - 1) * h.dilation - h.start(0);
  const int end = slack < 0 ? 0 : std::min(h.out, slack / h.stride + 1);
  if (end - ox < kWidth) return ox;
  const UnderRow rows(window, oy);
  for (; ox + kWidth <= end; ox += kWidth) pool_vector(kernels::FloatTag(), rows, h, x, ox, y, won);
  if (ox < end) pool_vector(kernels::FloatTag(), rows, h, x, end - kWidth, y, won);
  return end;
}

// Strides at which neighbouring outputs read neighbouring pixels, or every other one.
bool suits_vectors(const PoolAxis& h) { return h.stride == 1 || (h.stride == 2 && h.dilation == 1 && h.kernel > 1); }

// Any window: the vectors where they go, one output at a time at the edges.
void forward_any(const ForwardArgs& args, const PoolWindow& window) {
  const PoolAxis& h = window.x;
  const int first_inside = std::min(h.out, (h.padding + h.stride - 1) / h.stride);
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  auto* won = reinterpret_cast<std::int32_t*>(args.saved.data());
  for (std::size_t plane = 0; plane < plane_count(args.output); ++plane, x += area(window.y.in, h.in)) {
    for (int oy = 0; oy < window.y.out; ++oy, y += h.out, won += h.out) {
      int done = 0;
      if (suits_vectors(h)) {
        pool_outputs(window, x, oy, 0, first_inside, y, won);
        done = pool_row_inside(window, x, oy, first_inside, y, won);
      }
      pool_outputs(window, x, oy, done, h.out, y, won);
    }
  }
}

void forward(const ForwardArgs& args) {
  const PoolWindow window = read_pool_window(args.attributes, args.inputs[0].shape).value();
  if (!window.is_plain(2, 2)) return forward_any(args, window);
  const int width = window.x.in;
  const auto whole = static_cast<std::size_t>(width / 2);  // outputs of a row whose window lies inside
  const float* x = args.inputs[0].data;
  float* y = args.output.data;
  auto* won = reinterpret_cast<std::int32_t*>(args.saved.data());
  for (std::size_t plane = 0; plane < plane_count(args.output); ++plane, x += area(window.y.in, width)) {
    for (int oy = 0; oy < window.y.out; ++oy, y += window.x.out, won += window.x.out) {
      std::size_t done = 0;
      if (2 * oy + 1 < window.y.in) {
        const int at = 2 * oy * width;
        done = pool_row_2x2(kernels::FloatTag(), whole, x + at, at, width, y, won);
      }
      pool_outputs(window, x, oy, static_cast<int>(done), window.x.out, y, won);
    }
  }
}

// One row of outputs under 2 x 2 windows: dx += dy (fresh: =) where the window's winner stands. Windows do not overlap,
// so each value of dx has one window.
template <class Tag>
std::size_t spread_row_2x2(Tag d, std::size_t count, const float* dy, const std::int32_t* won, int at, int width,
                           bool fresh, float* dx) {
  const hn::RebindToSigned<Tag> di;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t ox = 0;
  for (; ox + lanes <= count; ox += lanes) {
    const auto value = hn::LoadU(d, dy + ox);
    const auto place = hn::LoadU(di, won + ox);
    const auto counted = hn::Iota(di, 0);
    const auto first = hn::Add(hn::Add(counted, counted), hn::Set(di, at + static_cast<int>(2 * ox)));
    for (int row = 0; row < 2; ++row) {
      float* const to = dx + static_cast<std::ptrdiff_t>(row) * width + 2 * ox;
      auto even = hn::Zero(d);
      auto odd = hn::Zero(d);
      if (!fresh) hn::LoadInterleaved2(d, to, even, odd);
      const auto even_won = hn::RebindMask(d, hn::Eq(place, hn::Add(first, hn::Set(di, row * width))));
      const auto odd_won = hn::RebindMask(d, hn::Eq(place, hn::Add(first, hn::Set(di, row * width + 1))));
      even = hn::IfThenElse(even_won, hn::Add(even, value), even);
      odd = hn::IfThenElse(odd_won, hn::Add(odd, value), odd);
      hn::StoreInterleaved2(even, odd, d, to);
    }
  }
  return ox;
}

// dx[winner] += dy, in the order of the outputs
void backward(const BackwardArgs& args) {
  float* dx = args.d_inputs[0].data;
  if (dx == nullptr) return;
  const PoolWindow window = read_pool_window(args.attributes, args.d_inputs[0].shape).value();
  const bool separate = window.is_plain(2, 2);
  // What the vectors below write needs no zeros first: rows of whole vectors, every row under a window.
  const auto lanes = static_cast<int>(kernels::kLanes);
  const bool all = separate && window.x.in % (2 * lanes) == 0 && window.y.in % 2 == 0;
  if (args.fresh && !all) std::fill_n(dx, args.d_inputs[0].size(), 0.0F);
  const float* dy = args.d_output.data;
  const std::int32_t* won = max_pool_winners(args.saved).data();
  const auto width = static_cast<std::size_t>(window.x.out);
  for (std::size_t plane = 0; plane < plane_count(args.d_output); ++plane, dx += area(window.y.in, window.x.in)) {
    for (int oy = 0; oy < window.y.out; ++oy, dy += width, won += width) {
      std::size_t ox = 0;
      if (separate && 2 * oy + 1 < window.y.in) {
        const int at = 2 * oy * window.x.in;
        ox = spread_row_2x2(kernels::FloatTag(), static_cast<std::size_t>(window.x.in / 2), dy, won, at, window.x.in,
                            args.fresh && all, dx + at);
      }
      for (; ox < width; ++ox) dx[won[ox]] += dy[ox];
    }
  }
}

}  // namespace

OpDef max_pool_op() {
  return {.name = "max_pool",
          .onnx_name = "MaxPool",
          .summary = text::op_max_pool_summary,
          .traits = {.form = Form::kinked,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::maximum,
                     .sees = sees_under_window<pooling_window>,
                     .words = text::op_max_pool_words,
                     .window = pooling_window,
                     .pool = Pool::largest,
                     .homogeneous = true},
          .planewise = true,
          .writes_fresh = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>),
          .piecewise = true};
}

OpCases max_pool_cases() {
  const Shape odd{1, 3, 7, 9};
  const Shape even{3, 2, 8, 6};
  const Shape wide{1, 2, 9, 39};
  const AttributeValue two = 2LL;
  const AttributeValue three = 3LL;
  const AttributeValue one = 1LL;
  return {
      .good = {{{{"kernel", two}}, {odd}},
               {{{"kernel", two}}, {even}},
               {{{"kernel", two}}, {wide}},
               {{{"kernel", two}, {"ceil_mode", one}}, {wide}},
               {{{"kernel", three}, {"stride", two}}, {wide}},
               {{{"kernel", three}, {"stride", two}, {"padding", one}}, {wide}},
               {{{"kernel", three}, {"stride", one}, {"padding", one}}, {wide}},
               {{{"kernel", three}, {"stride", two}, {"ceil_mode", one}}, {wide}},
               {{{"kernel", two}, {"stride", one}, {"dilation", three}}, {wide}},
               {{{"kernel", two}, {"ceil_mode", one}}, {odd}},
               {{{"kernel", three}, {"stride", two}, {"padding", one}}, {odd}},
               {{{"kernel", three}, {"stride", two}, {"ceil_mode", one}}, {even}},
               {{{"kernel", std::vector<long long>{2, 3}},
                 {"stride", std::vector<long long>{1, 2}},
                 {"padding", std::vector<long long>{0, 1}}},
                {odd}},
               {{{"kernel", two}, {"stride", one}, {"dilation", two}}, {odd}},
               {{{"kernel", two}, {"stride", three}, {"padding", one}, {"ceil_mode", one}}, {even}},
               {{{"kernel", three}, {"stride", two}, {"padding_end", one}}, {wide}},
               {{{"kernel", two}, {"padding_end", one}, {"ceil_mode", one}}, {even}},
               {{{"kernel", three}, {"stride", one}, {"padding", two}, {"padding_end", AttributeValue(0LL)}}, {odd}}},
      .bad = {{{}, {even}},
              {{{"kernel", two}}, {Shape{1, 16}}},
              {{{"kernel", two}}, {}},
              {{{"kernel", 0LL}}, {even}},
              {{{"kernel", -2LL}}, {even}},
              {{{"kernel", two}, {"stride", 0LL}}, {even}},
              {{{"kernel", two}, {"padding", -1LL}}, {even}},
              {{{"kernel", three}, {"padding", two}}, {even}},
              {{{"kernel", three}, {"stride", one}, {"padding_end", three}}, {even}},
              {{{"kernel", three}, {"padding_end", -1LL}}, {even}},
              {{{"kernel", 9LL}}, {even}},
              {{{"kernel", two}, {"dilation", 0LL}}, {even}},
              {{{"kernel", two}, {"padding", one}, {"dilation", two}}, {Shape{1, 1, 1, 1}}},
              {{{"kernel", 1LL << 40}}, {even}},
              {{{"kernel", 2.5}}, {even}},
              {{{"kernel", two}, {"ceil_mode", two}}, {even}},
              {{{"kernel", two}, {"count_include_pad", one}}, {even}}}};
}

}  // namespace weightroom::nn
