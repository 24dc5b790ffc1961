#include "nn/planes.h"

#include <algorithm>
#include <array>

#include "nn/kernels/scratch.h"

namespace weightroom::nn {
namespace {

constexpr std::size_t kMostInputs = 2;

// Where every value is made of the same place alone, a plane is a row along the last axis.
int count_planes(const OpDef& op, const Shape& shape) {
  if (!op.pointwise) return shape.n() * shape.c();
  return static_cast<int>(shape.size() / static_cast<std::size_t>(shape[shape.rank() - 1]));
}

// Some planes of a tensor, as samples of one channel.
template <class T>
TensorOf<T> slice(const OpDef& op, const TensorOf<T>& whole, kernels::Range planes) {
  const int height = op.pointwise ? 1 : whole.shape.h();
  const Shape shape{planes.size(), 1, height, whole.shape[whole.shape.rank() - 1]};
  if (!whole) return {shape, nullptr};
  return {shape, whole.data + static_cast<std::size_t>(planes.first) * shape.sample_size()};
}

template <class T>
std::array<TensorOf<T>, kMostInputs> slices(const OpDef& op, std::span<const TensorOf<T>> of, kernels::Range planes) {
  std::array<TensorOf<T>, kMostInputs> parts;
  std::ranges::transform(of, parts.begin(), [&](const auto& whole) { return slice(op, whole, planes); });
  return parts;
}

// Calls task(planes, their part of what is saved, a thread's workspace) for each thread's share, as far as the cut
// goes.
template <class Bytes, class Task>
void for_planes(const OpDef& op, const Shape& output, std::span<Bytes> saved, std::span<float> workspace, int threads,
                const Cut& cut, const Task& task) {
  const std::size_t floats = workspace.size() / static_cast<std::size_t>(threads);
  const int count = count_planes(op, output);
  const int parts = std::min(threads, count);
  const std::size_t each = saved.size() / static_cast<std::size_t>(count);
  base::parallel_for(parts, threads, [&](int part) {
    const kernels::Range all = kernels::part_of(count, part, parts);
    const kernels::Range share = kernels::units_of(all.size(), cut);
    const kernels::Range planes{all.first + share.first, all.first + share.end};
    if (planes.size() == 0) return;
    task(planes,
         saved.subspan(static_cast<std::size_t>(planes.first) * each, static_cast<std::size_t>(planes.size()) * each),
         workspace.subspan(static_cast<std::size_t>(part) * floats, floats));
  });
}

}  // namespace

bool goes_by_planes(const OpDef& op, std::span<const Shape> inputs, const Shape& output) {
  return op.planewise && inputs.size() <= kMostInputs && (op.pointwise ? output == inputs[0] : output.rank() == 4) &&
         std::ranges::all_of(inputs, [&](const Shape& input) { return input == inputs[0]; });
}

void forward_by_planes(const OpDef& op, const ForwardArgs& args) {
  for_planes(op, args.output.shape, args.saved, args.workspace, args.threads, args.cut,
             [&](kernels::Range planes, std::span<std::byte> saved, std::span<float> workspace) {
               const auto inputs = slices(op, args.inputs, planes);
               op.forward({.attributes = args.attributes,
                           .inputs = std::span(inputs).first(args.inputs.size()),
                           .weights = {},
                           .output = slice(op, args.output, planes),
                           .saved = saved,
                           .workspace = workspace,
                           .training = args.training});
             });
}

void backward_by_planes(const OpDef& op, const BackwardArgs& args) {
  for_planes(op, args.d_output.shape, args.saved, args.workspace, args.threads, args.cut,
             [&](kernels::Range planes, auto saved, std::span<float> workspace) {
               const auto inputs = slices(op, args.inputs, planes);
               const auto d_inputs = slices(op, args.d_inputs, planes);
               op.backward({.attributes = args.attributes,
                            .inputs = std::span(inputs).first(args.inputs.size()),
                            .weights = {},
                            .output = slice(op, args.output, planes),
                            .d_output = slice(op, args.d_output, planes),
                            .d_inputs = std::span(d_inputs).first(args.d_inputs.size()),
                            .d_weights = {},
                            .saved = saved,
                            .workspace = workspace,
                            .training = args.training,
                            .fresh = args.fresh});
             });
}

}  // namespace weightroom::nn
