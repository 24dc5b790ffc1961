// global_avg_pool: the mean of each channel (Lin et al., "Network in network", 2013).
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 4, 4); !ok) return std::unexpected(ok.error());
  return Inference{.output = Shape{inputs[0].n(), inputs[0].c(), 1, 1}, .weights = {}};
}

std::size_t plane_size(const Shape& x) { return static_cast<std::size_t>(x.h()) * static_cast<std::size_t>(x.w()); }

// x: (N,C,H,W), y: (N,C,1,1)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const std::size_t plane = plane_size(args.inputs[0].shape);
  const T* x = args.inputs[0].data;
  for (std::size_t p = 0; p < args.output.size(); ++p, x += plane) {
    T sum = 0;
    for (std::size_t i = 0; i < plane; ++i) sum += x[i];
    args.output.data[p] = sum / static_cast<T>(plane);
  }
}

void forward(const ForwardArgs& args) {
  const std::size_t plane = plane_size(args.inputs[0].shape);
  const float* x = args.inputs[0].data;
  for (std::size_t p = 0; p < args.output.size(); ++p, x += plane) {
    args.output.data[p] = kernels::sum({x, plane}) / static_cast<float>(plane);
  }
}

// dx += dy / (H W)
void backward(const BackwardArgs& args) {
  float* dx = args.d_inputs[0].data;
  if (dx == nullptr) return;
  const std::size_t plane = plane_size(args.d_inputs[0].shape);
  for (std::size_t p = 0; p < args.d_output.size(); ++p, dx += plane) {
    kernels::accumulate(args.d_output.data[p] / static_cast<float>(plane), {dx, plane});
  }
}

}  // namespace

OpDef global_avg_pool_op() {
  return {.name = "global_avg_pool",
          .onnx_name = "GlobalAveragePool",
          .summary = text::op_global_avg_pool_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::share,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_global_avg_pool_words,
                     .pool = Pool::mean,
                     .opens_stage = true},
          .planewise = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases global_avg_pool_cases() {
  return {.good = {{{}, {Shape{1, 3, 5, 7}}},
                   {{}, {Shape{3, 2, 4, 4}}},
                   {{}, {Shape{1, 2, 13, 19}}},
                   {{}, {Shape{3, 2, 1, 1}}}},
          .bad = {{{}, {Shape{1, 16}}}, {{}, {Shape{1, 3, 0, 4}}}, {{{"kernel", 2LL}}, {Shape{1, 3, 4, 4}}}, {{}, {}}}};
}

}  // namespace weightroom::nn
