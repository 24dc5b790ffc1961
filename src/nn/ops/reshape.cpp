// reshape: the same values in the same order under other extents, sample by sample.
#include <algorithm>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/kernels/elementwise.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"shape"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 1, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto extents = read_extents(attributes, "shape");
  if (!extents) return std::unexpected(extents.error());
  Inference result{.output = Shape{inputs[0].n()}, .weights = {}};
  for (const int extent : *extents) result.output.push_back(extent);
  if (auto ok = check_size(result.output); !ok) return std::unexpected(ok.error());
  if (result.output.size() != inputs[0].size())
    return fail(text::infer_reshape, {{"from", inputs[0].text()}, {"to", result.output.text()}});
  return result;
}

// x: (N,...), y: (N,shape...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  if (args.inputs[0].data != args.output.data) std::copy_n(args.inputs[0].data, args.output.size(), args.output.data);
}

void backward(const BackwardArgs& args) {
  if (args.d_inputs[0]) kernels::accumulate(args.d_output.values(), args.d_inputs[0].values());
}

}  // namespace

OpDef reshape_op() {
  return {.name = "reshape",
          .onnx_name = "Reshape",
          .summary = text::op_reshape_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::follow,
                     .multiplier = Multiplier::slope,
                     .sees = sees_all,
                     .words = text::op_reshape_words},
          .strings_inputs = [](const Attributes&, std::span<const Shape>) { return true; },
          .infer = infer,
          .forward = plain<float>,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases reshape_cases() {
  using List = std::vector<long long>;
  return {.good = {{{{"shape", List{6, 4}}}, {Shape{3, 2, 3, 4}}}, {{{"shape", List{2, 2, 3, 1}}}, {Shape{1, 12}}}},
          .bad = {{{}, {Shape{1, 12}}},
                  {{{"shape", List{5, 2}}}, {Shape{1, 12}}},
                  {{{"shape", List{-12}}}, {Shape{1, 12}}},
                  {{{"shape", List{12, 1, 1, 1, 1, 1}}}, {Shape{1, 12}}},
                  {{{"shape", List{12}}}, {}},
                  {{{"form", List{12}}}, {Shape{1, 12}}}}};
}

}  // namespace weightroom::nn
