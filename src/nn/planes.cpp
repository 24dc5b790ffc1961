#include "nn/planes.h"

#include <algorithm>
#include <array>

#include "nn/kernels/scratch.h"

namespace weightroom::nn {
namespace {

constexpr std::size_t kMostInputs = 2;

int count_planes(const Shape& shape) { return shape.n() * shape.c(); }

// Some planes of a tensor, as samples of one channel.
template <class T>
TensorOf<T> slice(const TensorOf<T>& whole, kernels::Range planes) {
  const Shape shape{planes.size(), 1, whole.shape.h(), whole.shape.w()};
  if (!whole) return {shape, nullptr};
  return {shape, whole.data + static_cast<std::size_t>(planes.first) * shape.sample_size()};
}

template <class T>
std::array<TensorOf<T>, kMostInputs> slices(std::span<const TensorOf<T>> of, kernels::Range planes) {
  std::array<TensorOf<T>, kMostInputs> parts;
  std::ranges::transform(of, parts.begin(), [planes](const auto& whole) { return slice(whole, planes); });
  return parts;
}

// Calls task(planes, their part of what is saved) for each thread's share, as far as the cut goes.
template <class Bytes, class Task>
void for_planes(const Shape& output, std::span<Bytes> saved, int threads, const Cut& cut, const Task& task) {
  const int count = count_planes(output);
  const int parts = std::min(threads, count);
  const std::size_t each = saved.size() / static_cast<std::size_t>(count);
  base::parallel_for(parts, threads, [&](int part) {
    const kernels::Range all = kernels::part_of(count, part, parts);
    const kernels::Range share = kernels::units_of(all.size(), cut);
    const kernels::Range planes{all.first + share.first, all.first + share.end};
    if (planes.size() == 0) return;
    task(planes,
         saved.subspan(static_cast<std::size_t>(planes.first) * each, static_cast<std::size_t>(planes.size()) * each));
  });
}

}  // namespace

bool goes_by_planes(const OpDef& op, std::span<const Shape> inputs, const Shape& output) {
  return op.planewise && inputs.size() <= kMostInputs && output.rank() == 4 &&
         std::ranges::all_of(inputs, [&](const Shape& input) { return input == inputs[0]; });
}

void forward_by_planes(const OpDef& op, const ForwardArgs& args) {
  for_planes(args.output.shape, args.saved, args.threads, args.cut,
             [&](kernels::Range planes, std::span<std::byte> saved) {
               const auto inputs = slices(args.inputs, planes);
               op.forward({.attributes = args.attributes,
                           .inputs = std::span(inputs).first(args.inputs.size()),
                           .weights = {},
                           .output = slice(args.output, planes),
                           .saved = saved,
                           .workspace = {},
                           .training = args.training});
             });
}

void backward_by_planes(const OpDef& op, const BackwardArgs& args) {
  for_planes(args.d_output.shape, args.saved, args.threads, args.cut, [&](kernels::Range planes, auto saved) {
    const auto inputs = slices(args.inputs, planes);
    const auto d_inputs = slices(args.d_inputs, planes);
    op.backward({.attributes = args.attributes,
                 .inputs = std::span(inputs).first(args.inputs.size()),
                 .weights = {},
                 .output = slice(args.output, planes),
                 .d_output = slice(args.d_output, planes),
                 .d_inputs = std::span(d_inputs).first(args.d_inputs.size()),
                 .d_weights = {},
                 .saved = saved,
                 .workspace = {},
                 .training = args.training,
                 .fresh = args.fresh});
  });
}

}  // namespace weightroom::nn
