// matmul: the matrix product of the last two axes, for every place of the axes before them: what attention weighs with.
#include <algorithm>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/gemm.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/transpose.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

// a: (matrices, rows, depth), b: (matrices, depth, columns)
struct Extents {
  std::ptrdiff_t matrices;
  std::ptrdiff_t rows;
  std::ptrdiff_t depth;
  std::ptrdiff_t columns;

  Extents(const Shape& a, const Shape& b) : rows(a[a.rank() - 2]), depth(a[a.rank() - 1]), columns(b[b.rank() - 1]) {
    matrices = static_cast<std::ptrdiff_t>(a.size()) / (rows * depth);
  }
};

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 2, 3, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const Shape& a = inputs[0];
  const Shape& b = inputs[1];
  const int rank = a.rank();
  bool fits = b.rank() == rank && a[rank - 1] == b[rank - 2];
  for (int axis = 0; fits && axis < rank - 2; ++axis) fits = a[axis] == b[axis];
  if (!fits) return fail(text::infer_matmul, {{"first", a.text()}, {"second", b.text()}});
  Inference result{.output = a, .weights = {}};
  result.output.set(rank - 1, b[rank - 1]);
  if (auto ok = check_size(result.output); !ok) return std::unexpected(ok.error());
  const Extents e(a, b);
  const auto turned = static_cast<std::size_t>(std::max(e.rows, e.columns) * e.depth);
  result.workspace_floats = turned + kernels::product_workspace(std::max({e.rows, e.depth, e.columns}));
  result.multiply_adds = static_cast<double>(result.output.size()) * static_cast<double>(e.depth);
  return result;
}

// Units are some rows of one matrix after another: visit(matrix, first row, rows).
constexpr int kUnitRows = 16;

template <class Visit>
void for_rows(std::ptrdiff_t matrices, std::ptrdiff_t rows, const Cut& cut, const Visit& visit) {
  const int each = static_cast<int>((rows + kUnitRows - 1) / kUnitRows);
  const kernels::Range units = kernels::units_of(static_cast<int>(matrices) * each, cut);
  kernels::for_pieces(units, each, [&](std::ptrdiff_t m, kernels::Range some) {
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(some.first) * kUnitRows;
    const std::ptrdiff_t end = std::min(rows, static_cast<std::ptrdiff_t>(some.end) * kUnitRows);
    visit(m, first, end - first);
  });
}

void forward(const ForwardArgs& args) {
  const Extents e(args.inputs[0].shape, args.inputs[1].shape);
  for_rows(e.matrices, e.rows, args.cut, [&](std::ptrdiff_t m, std::ptrdiff_t first, std::ptrdiff_t rows) {
    kernels::product({.rows = rows,
                      .columns = e.columns,
                      .depth = e.depth,
                      .a = args.inputs[0].data + (m * e.rows + first) * e.depth,
                      .b = args.inputs[1].data + m * e.depth * e.columns,
                      .c = args.output.data + (m * e.rows + first) * e.columns},
                     args.workspace.data());
  });
}

// d_a += d_y b^T, d_b += a^T d_y
void backward(const BackwardArgs& args) {
  const Extents e(args.inputs[0].shape, args.inputs[1].shape);
  float* turned = args.workspace.data();
  float* scratch = turned + std::max(e.rows, e.columns) * e.depth;
  const float* d_y = args.d_output.data;
  const int stages = (args.d_inputs[0] ? 1 : 0) + (args.d_inputs[1] ? 1 : 0);
  const auto to_a = args.d_inputs[0] ? args.cut.of_stage(0, stages) : std::nullopt;
  const auto to_b = args.d_inputs[1] ? args.cut.of_stage(stages - 1, stages) : std::nullopt;
  if (to_a) {
    for_rows(e.matrices, e.rows, *to_a, [&](std::ptrdiff_t m, std::ptrdiff_t first, std::ptrdiff_t rows) {
      const float* b = args.inputs[1].data + m * e.depth * e.columns;
      if (first == 0) kernels::transpose(b, e.columns, e.depth, e.columns, turned, e.depth);
      kernels::product({.rows = rows,
                        .columns = e.depth,
                        .depth = e.columns,
                        .a = d_y + (m * e.rows + first) * e.columns,
                        .b = turned,
                        .c = args.d_inputs[0].data + (m * e.rows + first) * e.depth,
                        .add_to_c = true},
                       scratch);
    });
  }
  if (to_b) {
    for_rows(e.matrices, e.depth, *to_b, [&](std::ptrdiff_t m, std::ptrdiff_t first, std::ptrdiff_t rows) {
      const float* a = args.inputs[0].data + m * e.rows * e.depth;
      if (first == 0) kernels::transpose(a, e.depth, e.rows, e.depth, turned, e.rows);
      kernels::product({.rows = rows,
                        .columns = e.columns,
                        .depth = e.rows,
                        .a = turned + first * e.rows,
                        .b = d_y + m * e.rows * e.columns,
                        .c = args.d_inputs[1].data + (m * e.depth + first) * e.columns,
                        .add_to_c = true},
                       scratch);
    });
  }
}

template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Extents e(args.inputs[0].shape, args.inputs[1].shape);
  T* y = args.output.data;
  for (std::ptrdiff_t m = 0; m < e.matrices; ++m) {
    const T* a = args.inputs[0].data + m * e.rows * e.depth;
    const T* b = args.inputs[1].data + m * e.depth * e.columns;
    for (std::ptrdiff_t row = 0; row < e.rows; ++row) {
      for (std::ptrdiff_t column = 0; column < e.columns; ++column) {
        T sum{0};
        for (std::ptrdiff_t k = 0; k < e.depth; ++k) sum += a[row * e.depth + k] * b[k * e.columns + column];
        *y++ = sum;
      }
    }
  }
}

}  // namespace

OpDef matmul_op() {
  return {.name = "matmul",
          .onnx_name = "MatMul",
          .summary = text::op_matmul_summary,
          .traits = {.form = Form::curved,
                     .relevance = Relevance::factor,
                     .multiplier = Multiplier::product,
                     .sees = sees_all,
                     .words = text::op_matmul_words},
          .input_count = 2,
          .cuts = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases matmul_cases() {
  return {.good = {{{}, {Shape{3, 4, 7}, Shape{3, 7, 5}}},
                   {{}, {Shape{1, 2, 9, 3}, Shape{1, 2, 3, 17}}},
                   {{}, {Shape{2, 1, 1}, Shape{2, 1, 1}}}},
          .bad = {{{}, {Shape{1, 4, 7}, Shape{1, 5, 7}}},
                  {{}, {Shape{1, 4, 7}}},
                  {{}, {Shape{1, 2, 4, 7}, Shape{1, 3, 7, 5}}},
                  {{}, {Shape{1, 4, 7}, Shape{1, 1, 7, 5}}},
                  {{}, {Shape{4, 7}, Shape{7, 5}}},
                  {{{"transpose", 1LL}}, {Shape{1, 4, 7}, Shape{1, 7, 5}}},
                  {{}, {Shape{1, 1 << 20, 1}, Shape{1, 1, 1 << 20}}}}};
}

}  // namespace weightroom::nn
