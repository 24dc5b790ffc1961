// Sums and the like over axes of constants, and quantised constants.
#include <algorithm>
#include <cmath>

#include "onnx/fold_parts.h"

namespace weightroom::onnx {
namespace {

// One number after another taken into what stands for all of them; "ReduceMean" is divided afterwards.
template <class T>
T taken_in(const std::string& op, T all, T next) {
  if (op == "ReduceProd") return all * next;
  if (op == "ReduceMax") return std::max(all, next);
  if (op == "ReduceMin") return std::min(all, next);
  return all + next;
}

// Whole numbers wrap as unsigned ones do: these are numbers out of a file.
long long taken_in_whole(const std::string& op, long long all, long long next) {
  if (op == "ReduceMax" || op == "ReduceMin") return taken_in(op, all, next);
  return static_cast<long long>(
      taken_in(op, static_cast<unsigned long long>(all), static_cast<unsigned long long>(next)));
}

}  // namespace

Outputs fold_reduce(const NodeView& node, Inputs inputs) {
  const Tensor& x = *inputs[0];
  const auto axes = axes_of(node, inputs);
  if (!axes) return std::unexpected(axes.error());
  const std::size_t rank = x.extents.size();
  std::vector<bool> gone(rank, axes->empty());
  for (const long long value : *axes) {
    const auto axis = normal_axis(value, rank);
    if (!axis) return misfit(node);
    gone[static_cast<std::size_t>(*axis)] = true;
  }
  if (axes->empty() && node.integer("noop_with_empty_axes", 0) == 1) return one(x);
  if (x.size() == 0 || (x.whole && node.op() == "ReduceMean")) return misfit(node);
  const bool keep = node.integer("keepdims", 1) == 1;
  Tensor result;
  result.whole = x.whole;
  std::vector<std::size_t> steps(rank, 0);  // in the result
  std::size_t count = 1;
  for (std::size_t i = rank; i-- > 0;) {
    if (gone[i]) continue;
    steps[i] = count;
    count *= static_cast<std::size_t>(x.extents[i]);
  }
  for (std::size_t i = 0; i < rank; ++i) {
    if (!gone[i] || keep) result.extents.push_back(gone[i] ? 1 : x.extents[i]);
  }
  const auto strides = strides_of(x.extents);
  std::vector<std::size_t> taken(count, 0);
  (x.whole ? void(result.integers.resize(count)) : void(result.reals.resize(count)));
  for (std::size_t from = 0; from < x.size(); ++from) {
    std::size_t to = 0;
    for (std::size_t i = 0; i < rank; ++i) to += from / strides[i] % static_cast<std::size_t>(x.extents[i]) * steps[i];
    const bool first = taken[to]++ == 0;
    if (x.whole) {
      result.integers[to] = first ? x.integers[from] : taken_in_whole(node.op(), result.integers[to], x.integers[from]);
    } else {
      result.reals[to] = first ? x.reals[from] : taken_in(node.op(), result.reals[to], x.reals[from]);
    }
  }
  if (node.op() == "ReduceMean") {
    for (std::size_t to = 0; to < count; ++to) result.reals[to] /= static_cast<float>(taken[to]);
  }
  return one(std::move(result));
}

// y = (x - zero) scale and the other way round, with one scale for all or one for each place of `axis`.
Outputs fold_quantise(const NodeView& node, Inputs inputs) {
  const Tensor& x = *inputs[0];
  const Tensor& scale = *inputs[1];
  const Tensor* zero = inputs.size() > 2 ? inputs[2] : nullptr;
  const bool quantises = node.op() == "QuantizeLinear";
  if (x.whole == quantises || scale.whole || scale.size() == 0 || node.integer("block_size", 0) != 0)
    return misfit(node);
  if (zero != nullptr && (!zero->whole || zero->size() != scale.size())) return misfit(node);
  std::size_t inner = x.size();
  if (scale.size() != 1) {
    const auto axis = normal_axis(node.integer("axis", 1), x.extents.size());
    if (!axis || x.extents[static_cast<std::size_t>(*axis)] != static_cast<long long>(scale.size()))
      return misfit(node);
    inner = strides_of(x.extents)[static_cast<std::size_t>(*axis)];
  }
  const long long type = zero != nullptr ? zero->type : node.integer("output_dtype", 2);
  const auto [least, most] = range_of(type);
  Tensor result;
  result.extents = x.extents;
  result.whole = quantises;
  if (quantises) result.type = type;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t at = i / inner % scale.size();
    const double step = static_cast<double>(scale.reals[at]);
    const long long origin = zero != nullptr ? zero->integers[at] : 0;
    if (quantises) {
      // To the nearest whole number, of two the even one.
      const double share = std::clamp(static_cast<double>(x.reals[i]) / step, -1e9, 1e9);
      const double near = (share + 0x1.8p52) - 0x1.8p52;
      if (near != near) return misfit(node);
      result.integers.push_back(std::clamp(static_cast<long long>(near) + origin, least, most));
    } else {
      result.reals.push_back(
          static_cast<float>((static_cast<double>(x.integers[i]) - static_cast<double>(origin)) * step));
    }
  }
  return one(std::move(result));
}

}  // namespace weightroom::onnx
