// prelu: y = x where x >= 0, else slope x, with a learned slope (He et al., "Delving deep into rectifiers", 2015): one
// a channel, or of the extents that `shape` lists (of a sample), each the input's or 1.
#include <strings/infer.h>
#include <strings/op.h>

#include "nn/ops/broadcast.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

Result<Shape> read_slope(const Attributes& attributes, const Shape& input) {
  Shape slope;
  if (!attributes.has("shape")) {
    slope.push_back(input.c());
    for (int axis = 2; axis < input.rank(); ++axis) slope.push_back(1);
    return slope;
  }
  const auto extents = read_extents(attributes, "shape");
  if (!extents) return std::unexpected(extents.error());
  bool fits = static_cast<int>(extents->size()) == input.rank() - 1;
  for (int axis = 1; fits && axis < input.rank(); ++axis) {
    const int extent = (*extents)[static_cast<std::size_t>(axis - 1)];
    fits = extent == 1 || extent == input[axis];
    slope.push_back(extent);
  }
  if (!fits) return fail(text::infer_prelu, {{"shape", input.text()}});
  return slope;
}

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {"shape"}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 1, 2, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto slope = read_slope(attributes, inputs[0]);
  if (!slope) return std::unexpected(slope.error());
  return Inference{.output = inputs[0], .weights = {{.role = "weight", .shape = *slope}}};
}

// The slopes as a sample that stands for all.
Broadcast plan_of(const Attributes& attributes, const Shape& input) {
  Shape slopes{1};
  const Shape slope = read_slope(attributes, input).value();
  for (const int extent : slope.extents()) slopes.push_back(extent);
  return Broadcast::plan(input, slopes).value();
}

// x, y: (N,C,...)
template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Broadcast plan = plan_of(args.attributes, args.output.shape);
  const std::size_t step = plan.b_moves() ? 1 : 0;
  plan.for_runs([&](const Broadcast::Run& run) {
    const T* x = args.inputs[0].data + run.a;
    const T* slope = args.weights[0].data + run.b;
    T* y = args.output.data + run.y;
    for (std::size_t i = 0; i < plan.run_length(); ++i) y[i] = x[i] < T{0} ? slope[i * step] * x[i] : x[i];
  });
}

void forward(const ForwardArgs& args) {
  const auto value = [](auto x, auto slope) { return kernels::where(x < decltype(x)(0.0), slope * x, x); };
  plan_of(args.attributes, args.output.shape)
      .apply(kernels::lane_function<2>(value), args.inputs[0].data, args.weights[0].data, args.output.data);
}

// dx += dy (x >= 0 ? 1 : slope), d_slope += dy x where x < 0
void backward(const BackwardArgs& args) {
  const Broadcast plan = plan_of(args.attributes, args.d_output.shape);
  const auto add = [&](const auto& share, Broadcast::Side side, float* d) {
    plan.add_share(kernels::lane_function<3>(share), args.d_output.data, args.inputs[0].data, args.weights[0].data,
                   side, d);
  };
  const auto of_x = [](auto dy, auto x, auto slope) {
    using L = decltype(x);
    return dy * kernels::where(x < L(0.0), slope, L(1.0));
  };
  const auto of_slope = [](auto dy, auto x, auto /*slope*/) {
    using L = decltype(x);
    return kernels::where(x < L(0.0), dy * x, L(0.0));
  };
  if (args.d_inputs[0]) add(of_x, Broadcast::Side::a, args.d_inputs[0].data);
  if (args.d_weights[0]) add(of_slope, Broadcast::Side::b, args.d_weights[0].data);
}

// Whether each one is on.
void pieces(ConstTensor input, ConstTensor output, std::span<std::uint8_t> pieces) {
  for (std::size_t i = 0; i < output.size(); ++i) pieces[i] = input.data[i] > 0.0F ? 1 : 0;
}

}  // namespace

OpDef prelu_op() {
  return {.name = "prelu",
          .onnx_name = "PRelu",
          .summary = text::op_prelu_summary,
          .traits = {.form = Form::kinked,
                     .relevance = Relevance::keep,
                     .multiplier = Multiplier::rescale,
                     .sees = sees_same_places,
                     .words = text::op_prelu_words,
                     .rectifier = true,
                     .pieces = pieces,
                     .homogeneous = true},
          .pointwise = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>),
          .piecewise = true};
}

OpCases prelu_cases() {
  using List = std::vector<long long>;
  return {.good = {{{}, {Shape{3, 4, 3, 5}}},
                   {{}, {Shape{2, 7}}},
                   {{{"shape", 1LL}}, {Shape{3, 5}}},
                   {{{"shape", List{1, 1, 1}}}, {Shape{2, 3, 2, 4}}},
                   {{{"shape", List{3, 2, 4}}}, {Shape{2, 3, 2, 4}}}},
          .bad = {{{{"shape", List{2, 1, 1}}}, {Shape{1, 3, 4, 4}}},
                  {{{"shape", List{3}}}, {Shape{1, 3, 4, 4}}},
                  {{{"slope", 0.5}}, {Shape{1, 3}}},
                  {{}, {}},
                  {{}, {Shape{1, 0}}}}};
}

}  // namespace weightroom::nn
