// linear: every output is a weighted sum of all inputs (a fully connected layer). Of a tensor with more axes each row
// along the last one is such a sample: (N,T,F) to (N,T,O), as ONNX's MatMul with a matrix of weights.
#include <algorithm>
#include <string>

#include <strings/infer.h>
#include <strings/nn.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/kernels/gemm.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/transpose.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

struct Extents {
  std::ptrdiff_t batch, inputs, outputs;

  Extents(const Shape& x, const Shape& y)
      : batch(static_cast<std::ptrdiff_t>(x.size()) / x[x.rank() - 1]),
        inputs(x[x.rank() - 1]),
        outputs(y[y.rank() - 1]) {}
};

// x and y transposed
std::size_t lying_size(const Extents& e) { return static_cast<std::size_t>(e.batch * (e.inputs + e.outputs)); }

std::size_t workspace_size(const Extents& e) {
  return lying_size(e) + kernels::product_workspace(std::max({e.batch, e.inputs, e.outputs}));
}

// Some rows of a product for each thread, and of those a call's share. A part of the workspace holds what all read, and
// behind it what is its own.
void shared_product(const auto& args, const Extents& e, const kernels::Product& whole, const Cut& cut) {
  constexpr int kLeastRows = 8;
  const kernels::Scratch scratch = kernels::scratch_of(args.workspace, args.threads);
  const int rows = static_cast<int>(whole.rows);
  const int parts = kernels::useful_threads(scratch, rows, kLeastRows);
  base::parallel_for(parts, args.threads, [&](int i) {
    const kernels::Range some = kernels::part_of(rows, i, parts);
    const kernels::Range units = kernels::units_of((some.size() + kLeastRows - 1) / kLeastRows, cut);
    const int first = some.first + units.first * kLeastRows;
    kernels::Product part = whole;
    part.rows = std::min(units.size() * kLeastRows, some.end - first);
    if (part.rows <= 0) return;
    part.a += first * whole.depth;
    part.c += first * whole.columns;
    if (part.bias != nullptr) part.bias += first;
    kernels::product(part, scratch.of(i) + lying_size(e));
  });
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"out_features", "bias"}); !ok) return std::unexpected(ok.error());
  if (inputs.size() == 1 && inputs[0].rank() == 4 && inputs[0].w() == 1 && inputs[0].c() > 1)
    return fail(text::infer_linear, {{"shape", inputs[0].text()}});
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto outputs = attributes.integer("out_features", 0);
  if (!outputs) return std::unexpected(outputs.error());
  if (*outputs < 1)
    return fail(text::nn_attribute_least, {{"name", "out_features"}, {"least", 1}, {"value", *outputs}});
  const auto bias = read_flag(attributes, "bias", true);
  if (!bias) return std::unexpected(bias.error());
  const int last = inputs[0].rank() - 1;
  const Shape weight{*outputs, inputs[0][last]};
  Inference result;
  result.output = inputs[0];
  result.output.set(last, *outputs);
  for (const Shape& shape : {weight, result.output}) {
    if (auto ok = check_size(shape); !ok) return std::unexpected(ok.error());
  }
  result.weights.push_back({.role = "weight", .shape = weight, .init = Init::he_normal, .decays = true});
  if (*bias) result.weights.push_back({.role = "bias", .shape = {*outputs}});
  result.workspace_floats = workspace_size({inputs[0], result.output});
  result.multiply_adds = static_cast<double>(result.output.size()) * static_cast<double>(inputs[0][last]);
  return result;
}

// y = x weight^T + bias, computed as y^T = weight x^T, so that lanes go across samples.
// x: (N,F), weight: (O,F), bias: (O), y: (N,O)
void forward(const ForwardArgs& args) {
  const Extents e(args.inputs[0].shape, args.output.shape);
  float* x_lying = args.workspace.data();         // (F,N)
  float* y_lying = x_lying + e.batch * e.inputs;  // (O,N)
  if (args.cut.first()) kernels::transpose(args.inputs[0].data, e.inputs, e.batch, e.inputs, x_lying, e.batch);
  kernels::Product p{
      .rows = e.outputs, .columns = e.batch, .depth = e.inputs, .a = args.weights[0].data, .b = x_lying, .c = y_lying};
  p.bias = args.weights.size() > 1 ? args.weights[1].data : nullptr;
  shared_product(args, e, p, args.cut);
  if (args.cut.last()) kernels::transpose(y_lying, e.batch, e.outputs, e.batch, args.output.data, e.outputs);
}

void backward(const BackwardArgs& args) {
  const Extents e(args.inputs[0].shape, args.d_output.shape);
  const float* d_y = args.d_output.data;
  float* d_y_lying = args.workspace.data();  // (O,N)
  const int stages = (args.d_inputs[0] ? 1 : 0) + (args.d_weights[0] ? 1 : 0);
  const auto input = args.d_inputs[0] ? args.cut.of_stage(0, stages) : std::nullopt;
  const auto weight = args.d_weights[0] ? args.cut.of_stage(stages - 1, stages) : std::nullopt;
  if (input) {  // d_x += d_y weight
    shared_product(args, e,
                   {.rows = e.batch,
                    .columns = e.inputs,
                    .depth = e.outputs,
                    .a = d_y,
                    .b = args.weights[0].data,
                    .c = args.d_inputs[0].data,
                    .add_to_c = true},
                   *input);
  }
  if (weight) {  // d_weight += d_y^T x, one sample after another
    if (weight->first()) kernels::transpose(d_y, e.outputs, e.batch, e.outputs, d_y_lying, e.batch);
    shared_product(args, e,
                   {.rows = e.outputs,
                    .columns = e.inputs,
                    .depth = e.batch,
                    .a = d_y_lying,
                    .b = args.inputs[0].data,
                    .c = args.d_weights[0].data,
                    .start_from_c = true},
                   *weight);
  }
  if (args.d_weights.size() > 1 && args.d_weights[1] && args.cut.last()) {
    for (std::ptrdiff_t row = 0; row < e.batch; ++row) {
      kernels::accumulate({d_y + row * e.outputs, static_cast<std::size_t>(e.outputs)}, args.d_weights[1].values());
    }
  }
}

template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Extents e(args.inputs[0].shape, args.output.shape);
  T* y = args.output.data;
  for (std::ptrdiff_t row = 0; row < e.batch; ++row) {
    const T* x = args.inputs[0].data + row * e.inputs;
    for (std::ptrdiff_t o = 0; o < e.outputs; ++o) {
      const T* weight = args.weights[0].data + o * e.inputs;
      T sum = args.weights.size() > 1 ? args.weights[1].data[o] : T{0};
      for (std::ptrdiff_t i = 0; i < e.inputs; ++i) sum += weight[i] * x[i];
      *y++ = sum;
    }
  }
}

}  // namespace

OpDef linear_op() {
  return {.name = "linear",
          .onnx_name = "Gemm",
          .summary = text::op_linear_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::layer,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_linear_words,
                     .weighted_sum = true},
          .cuts = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases linear_cases() {
  const AttributeValue zero = 0LL;
  const AttributeValue ten = 10LL;
  return {.good = {{{{"out_features", ten}}, {Shape{1, 32}}},
                   {{{"out_features", 7LL}}, {Shape{3, 13}}},
                   {{{"out_features", 17LL}, {"bias", zero}}, {Shape{3, 24}}},
                   {{{"out_features", 35LL}}, {Shape{2, 19}}},
                   {{{"out_features", 1LL}}, {Shape{17, 1}}},
                   {{{"out_features", 3LL}}, {Shape{9, 41}}},
                   {{{"out_features", 6LL}}, {Shape{2, 5, 9}}},
                   {{{"out_features", 4LL}}, {Shape{1, 3, 2, 7}}}},
          .bad = {{{}, {Shape{1, 8}}},
                  {{{"out_features", zero}}, {Shape{1, 8}}},
                  {{{"out_features", -3LL}}, {Shape{1, 8}}},
                  {{{"out_features", ten}}, {Shape{1, 8, 1, 1}}},
                  {{{"out_features", ten}}, {Shape{1, 0}}},
                  {{{"out_features", ten}, {"bias", 2LL}}, {Shape{1, 8}}},
                  {{{"out_features", ten}, {"in_features", 8LL}}, {Shape{1, 8}}},
                  {{{"out_features", 2000000000LL}}, {Shape{1, 8}}}}};
}

}  // namespace weightroom::nn
