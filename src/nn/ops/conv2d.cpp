// conv2d: every output is a weighted sum of the pixels under a small kernel that slides over the
// input.
#include <string>
#include <tuple>

#include <strings/infer.h>
#include <strings/nn.h>
#include <strings/op.h>

#include "nn/kernels/conv.h"
#include "nn/ops/reference.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

using kernels::Conv;

struct Setting {
  Conv conv;
  bool bias = true;
};

// What differs in a sentence from axis to axis.
struct AxisName {
  Text way;
  Text too_large;
};
constexpr AxisName kVertical{text::infer_vertically, text::infer_conv_high};
constexpr AxisName kHorizontal{text::infer_horizontally, text::infer_conv_wide};
constexpr int kMostExtent = 1 << 28;

// floor((in + 2 padding - dilation (kernel - 1) - 1) / stride) + 1
Result<int> output_extent(int in, int kernel, int stride, int padding, int dilation, AxisName axis) {
  const auto bad = [&](Text key, int value) { return fail(key, {{"value", value}, {"way", axis.way}}); };
  if (kernel < 1 || kernel > kernels::kMaxKernel)
    return fail(text::infer_conv_kernel, {{"most", kernels::kMaxKernel}, {"value", kernel}, {"way", axis.way}});
  if (stride < 1) return bad(text::infer_conv_stride, stride);
  if (dilation < 1) return bad(text::infer_conv_dilation, dilation);
  if (padding < 0) return bad(text::infer_conv_padding, padding);
  const long long padded = in + 2LL * padding;
  const long long reach = static_cast<long long>(dilation) * (kernel - 1) + 1;
  if (padded > kMostExtent)
    return fail(text::infer_conv_padding_large, {{"most", kMostExtent}, {"value", padding}, {"way", axis.way}});
  if (reach > padded) return fail(axis.too_large, {{"reach", reach}, {"room", padded}});
  return static_cast<int>((padded - reach) / stride + 1);
}

Status read_extents(const Attributes& attributes, const Shape& x, Conv& conv) {
  const auto kernel = attributes.pair("kernel", 0);
  if (!kernel) return std::unexpected(kernel.error());
  const auto stride = attributes.pair("stride", 1);
  if (!stride) return std::unexpected(stride.error());
  const auto padding = attributes.pair("padding", 0);
  if (!padding) return std::unexpected(padding.error());
  const auto dilation = attributes.pair("dilation", 1);
  if (!dilation) return std::unexpected(dilation.error());
  const auto height = output_extent(x.h(), kernel->first, stride->first, padding->first, dilation->first, kVertical);
  if (!height) return std::unexpected(height.error());
  const auto width =
      output_extent(x.w(), kernel->second, stride->second, padding->second, dilation->second, kHorizontal);
  if (!width) return std::unexpected(width.error());
  std::tie(conv.kernel_y, conv.kernel_x) = *kernel;
  std::tie(conv.stride_y, conv.stride_x) = *stride;
  std::tie(conv.padding_y, conv.padding_x) = *padding;
  std::tie(conv.dilation_y, conv.dilation_x) = *dilation;
  conv.out_height = *height;
  conv.out_width = *width;
  return {};
}

Status read_channels(const Attributes& attributes, const Shape& x, Conv& conv) {
  const auto outputs = attributes.integer("out_channels", 0);
  if (!outputs) return std::unexpected(outputs.error());
  const auto groups = attributes.integer("groups", 1);
  if (!groups) return std::unexpected(groups.error());
  if (*outputs < 1)
    return fail(text::nn_attribute_least, {{"name", "out_channels"}, {"least", 1}, {"value", *outputs}});
  if (*groups < 1) return fail(text::nn_attribute_least, {{"name", "groups"}, {"least", 1}, {"value", *groups}});
  if (x.c() % *groups != 0) return fail(text::infer_conv_inputs, {{"channels", x.c()}, {"n", *groups}});
  if (*outputs % *groups != 0) return fail(text::infer_conv_outputs, {{"channels", *outputs}, {"n", *groups}});
  conv.batch = x.n();
  conv.in_channels = x.c();
  conv.in_height = x.h();
  conv.in_width = x.w();
  conv.out_channels = *outputs;
  conv.groups = *groups;
  return {};
}

Result<Setting> read_setting(const Attributes& attributes, const Shape& x) {
  Setting setting;
  if (auto ok = read_channels(attributes, x, setting.conv); !ok) return std::unexpected(ok.error());
  if (auto ok = read_extents(attributes, x, setting.conv); !ok) return std::unexpected(ok.error());
  const auto bias = read_flag(attributes, "bias", true);
  if (!bias) return std::unexpected(bias.error());
  setting.bias = *bias;
  return setting;
}

// Of a node that infer has accepted.
Conv accepted(const Attributes& attributes, const Shape& x) { return read_setting(attributes, x).value().conv; }

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  const auto known =
      check_attributes(attributes, {"out_channels", "kernel", "stride", "padding", "dilation", "groups", "bias"});
  if (!known) return std::unexpected(known.error());
  if (auto ok = check_inputs(inputs, 1, 4, 4); !ok) return std::unexpected(ok.error());
  const auto setting = read_setting(attributes, inputs[0]);
  if (!setting) return std::unexpected(setting.error());
  const Conv& conv = setting->conv;
  const Shape weight{conv.out_channels, conv.in_channels / conv.groups, conv.kernel_y, conv.kernel_x};
  const Shape padded{conv.batch, conv.in_channels, conv.in_height + 2 * conv.padding_y,
                     conv.in_width + 2 * conv.padding_x};
  Inference result;
  result.output = {conv.batch, conv.out_channels, conv.out_height, conv.out_width};
  for (const Shape& shape : {weight, padded, result.output}) {
    if (auto ok = check_size(shape); !ok) return std::unexpected(ok.error());
  }
  result.weights.push_back({.role = "weight", .shape = weight, .init = Init::he_normal, .decays = true});
  if (setting->bias) result.weights.push_back({.role = "bias", .shape = {conv.out_channels}});
  result.workspace_floats = kernels::conv_workspace(conv);
  result.multiply_adds = static_cast<double>(result.output.size()) * static_cast<double>(weight.sample_size());
  return result;
}

// x: (N,C,H,W), weight: (O,C/G,kH,kW), bias: (O), y: (N,O,P,Q)
void forward(const ForwardArgs& args) {
  const Conv conv = accepted(args.attributes, args.inputs[0].shape);
  const float* bias = args.weights.size() > 1 ? args.weights[1].data : nullptr;
  kernels::conv_forward(conv, args.inputs[0].data, args.weights[0].data, bias, args.output.data,
                        kernels::scratch_of(args.workspace, args.threads, args.cut));
}

void backward(const BackwardArgs& args) {
  const Conv conv = accepted(args.attributes, args.inputs[0].shape);
  const float* d_y = args.d_output.data;
  const float* x = args.inputs[0].data;
  const int stages = (args.d_inputs[0] ? 1 : 0) + (args.d_weights[0] ? 1 : 0);
  const auto scratch = [&](const Cut& cut) { return kernels::scratch_of(args.workspace, args.threads, cut); };
  const auto input = args.d_inputs[0] ? args.cut.of_stage(0, stages) : std::nullopt;
  const auto weight = args.d_weights[0] ? args.cut.of_stage(stages - 1, stages) : std::nullopt;
  if (input)
    kernels::conv_backward_input(conv, args.weights[0].data, d_y, !args.fresh, args.d_inputs[0].data, scratch(*input));
  if (weight) kernels::conv_backward_weight(conv, x, d_y, args.d_weights[0].data, scratch(*weight));
  if (args.d_weights.size() > 1 && args.d_weights[1] && args.cut.last())
    kernels::conv_backward_bias(conv, d_y, args.d_weights[1].data, scratch({}));
}

// Sum over the kernel of one output pixel (p, q): the formula of nn/kernels/conv.h.
// x: (C/G,H,W) of the group, weight: (C/G,kH,kW)
template <class T>
T weighted_sum(const Conv& v, const T* x, const T* weight, T start, int p, int q) {
  T sum = start;
  for (int c = 0; c < v.in_channels / v.groups; ++c) {
    for (int i = 0; i < v.kernel_y; ++i) {
      for (int j = 0; j < v.kernel_x; ++j, ++weight) {
        const int y = p * v.stride_y + i * v.dilation_y - v.padding_y;
        const int column = q * v.stride_x + j * v.dilation_x - v.padding_x;
        if (y < 0 || y >= v.in_height || column < 0 || column >= v.in_width) continue;
        sum += *weight * x[(static_cast<std::ptrdiff_t>(c) * v.in_height + y) * v.in_width + column];
      }
    }
  }
  return sum;
}

template <class T>
void plain(const ForwardArgsOf<T>& args) {
  const Conv v = accepted(args.attributes, args.inputs[0].shape);
  const int channels = v.in_channels / v.groups;
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(v.in_height) * v.in_width;
  T* y = args.output.data;
  for (int n = 0; n < v.batch; ++n) {
    for (int o = 0; o < v.out_channels; ++o) {
      const int group = o / (v.out_channels / v.groups);
      const T* x = args.inputs[0].sample(n) + static_cast<std::ptrdiff_t>(group) * channels * plane;
      const T* weight = args.weights[0].sample(o);
      const T bias = args.weights.size() > 1 ? args.weights[1].data[o] : T{0};
      for (int p = 0; p < v.out_height; ++p) {
        for (int q = 0; q < v.out_width; ++q) *y++ = weighted_sum(v, x, weight, bias, p, q);
      }
    }
  }
}

using Pair = std::vector<long long>;

std::vector<OpCase> cases() {
  const AttributeValue one = 1LL;
  const AttributeValue two = 2LL;
  const AttributeValue three = 3LL;
  const AttributeValue four = 4LL;
  const AttributeValue five = 5LL;
  const AttributeValue zero = 0LL;
  const AttributeValue seven = 7LL;
  return {{{{"out_channels", seven}, {"kernel", three}, {"padding", one}}, {Shape{1, 3, 7, 9}}},
          {{{"out_channels", 17LL}, {"kernel", three}, {"padding", one}}, {Shape{3, 5, 8, 8}}},
          {{{"out_channels", five}, {"kernel", three}}, {Shape{3, 4, 4, 21}}},
          {{{"out_channels", 8LL}, {"kernel", one}, {"bias", zero}}, {Shape{3, 6, 5, 5}}},
          {{{"out_channels", three}, {"kernel", one}, {"stride", two}}, {Shape{3, 4, 5, 6}}},
          {{{"out_channels", four}, {"kernel", five}, {"padding", two}}, {Shape{1, 3, 6, 11}}},
          {{{"out_channels", seven}, {"kernel", three}, {"stride", two}, {"padding", one}}, {Shape{3, 3, 9, 8}}},
          {{{"out_channels", three}, {"kernel", Pair{3, 2}}, {"stride", Pair{1, 3}}, {"padding", Pair{2, 1}}},
           {Shape{1, 4, 5, 10}}},
          {{{"out_channels", five}, {"kernel", three}, {"padding", two}, {"dilation", two}}, {Shape{3, 3, 7, 6}}},
          {{{"out_channels", three}, {"kernel", three}, {"stride", two}, {"dilation", two}}, {Shape{1, 3, 9, 12}}},
          {{{"out_channels", three}, {"kernel", four}, {"stride", two}, {"padding", two}, {"dilation", three}},
           {Shape{1, 3, 11, 12}}},
          {{{"out_channels", 6LL}, {"kernel", three}, {"padding", one}, {"groups", two}}, {Shape{3, 4, 5, 9}}},
          {{{"out_channels", five}, {"kernel", three}, {"padding", one}, {"groups", five}}, {Shape{3, 5, 6, 19}}},
          {{{"out_channels", 8LL}, {"kernel", three}, {"stride", two}, {"padding", one}, {"groups", four}},
           {Shape{1, 4, 9, 9}}},
          {{{"out_channels", 12LL}, {"kernel", Pair{1, 5}}, {"padding", Pair{0, 2}}, {"groups", three}},
           {Shape{3, 3, 4, 7}}},
          {{{"out_channels", 10LL}, {"kernel", three}}, {Shape{3, 4, 3, 3}}},
          {{{"out_channels", 9LL}, {"kernel", three}, {"padding", one}}, {Shape{3, 8, 9, 10}}},
          {{{"out_channels", two}, {"kernel", Pair{2, 3}}, {"stride", three}}, {Shape{1, 2, 7, 8}}}};
}

std::vector<OpCase> bad_cases() {
  const AttributeValue zero = 0LL;
  const AttributeValue one = 1LL;
  const AttributeValue two = 2LL;
  const AttributeValue three = 3LL;
  const AttributeValue less = -1LL;
  const Shape x{1, 4, 5, 5};
  return {{{{"kernel", three}}, {x}},
          {{{"out_channels", two}}, {x}},
          {{{"out_channels", zero}, {"kernel", three}}, {x}},
          {{{"out_channels", less}, {"kernel", three}}, {x}},
          {{{"out_channels", two}, {"kernel", zero}}, {x}},
          {{{"out_channels", two}, {"kernel", 6LL}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"dilation", three}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"dilation", zero}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"stride", zero}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"padding", less}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"padding", 2000000000LL}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"padding", 20000LL}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"groups", three}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"groups", 4LL}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"groups", zero}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"bias", two}}, {x}},
          {{{"out_channels", two}, {"kernel", three}, {"strides", one}}, {x}},
          {{{"out_channels", two}, {"kernel", Pair{3, 3, 3}}}, {x}},
          {{{"out_channels", 100000000LL}, {"kernel", three}}, {x}},
          {{{"out_channels", two}, {"kernel", three}}, {Shape{1, 16}}},
          {{{"out_channels", two}, {"kernel", three}}, {x, x}}};
}

}  // namespace

OpDef conv2d_op() {
  return {.name = "conv2d",
          .onnx_name = "Conv",
          .summary = text::op_conv2d_summary,
          .traits = {.form = Form::linear,
                     .relevance = Relevance::layer,
                     .multiplier = Multiplier::slope,
                     .sees = sees_under_window<convolution_window>,
                     .words = text::op_conv2d_words,
                     .weighted_sum = true,
                     .window = convolution_window,
                     .opens_stage = true},
          .writes_fresh = true,
          .cuts = true,
          .infer = infer,
          .forward = forward,
          .backward = backward,
          .plain = reference(plain<float>),
          .plain_double = reference(plain<double>)};
}

OpCases conv2d_cases() { return {.good = cases(), .bad = bad_cases()}; }

}  // namespace weightroom::nn
