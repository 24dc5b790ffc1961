#include <algorithm>
#include <cmath>

#include "base/sort.h"
#include "io/text.h"
#include "onnx/fold_parts.h"

namespace weightroom::onnx {
namespace {

// The same values under other extents.
Outputs reshaped(const Tensor& tensor, std::vector<long long> extents) {
  Tensor result = tensor;
  result.extents = std::move(extents);
  return one(std::move(result));
}

}  // namespace

Result<Tensor> expanded(const Tensor& tensor, const std::vector<long long>& extents, const NodeView& node) {
  const std::size_t lead = extents.size() - tensor.extents.size();
  const auto strides = strides_of(tensor.extents);
  std::vector<std::size_t> steps(extents.size(), 0);
  for (std::size_t i = 0; i < tensor.extents.size(); ++i) {
    if (tensor.extents[i] == extents[lead + i]) {
      steps[lead + i] = tensor.extents[i] == 1 ? 0 : strides[i];
    } else if (tensor.extents[i] != 1) {
      return misfit(node);
    }
  }
  return picked(tensor, extents, [&](const std::vector<long long>& place) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < place.size(); ++i) from += steps[i] * static_cast<std::size_t>(place[i]);
    return from;
  });
}

Result<std::vector<long long>> common_extents(const std::vector<long long>& a, const std::vector<long long>& b,
                                              const NodeView& node) {
  std::vector<long long> extents(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const long long from_a = i < a.size() ? a[a.size() - 1 - i] : 1;
    const long long from_b = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) return misfit(node);
    extents[extents.size() - 1 - i] = from_a == 1 ? from_b : from_a;
  }
  if (count_of(extents) > kMostValues) return too_large(node);
  return extents;
}

Outputs fold_concat(const NodeView& node, Inputs inputs) {
  if (inputs.empty() || inputs[0] == nullptr) return misfit(node);
  const auto axis = normal_axis(node.integer("axis", 0), inputs[0]->extents.size());
  if (!axis) return misfit(node);
  const auto at = static_cast<std::size_t>(*axis);
  std::vector<long long> extents = inputs[0]->extents;
  extents[at] = 0;
  for (const Tensor* input : inputs) {
    if (input == nullptr || input->whole != inputs[0]->whole || input->extents.size() != extents.size())
      return misfit(node);
    for (std::size_t i = 0; i < extents.size(); ++i) {
      if (i != at && input->extents[i] != inputs[0]->extents[i]) return misfit(node);
    }
    extents[at] += input->extents[at];
  }
  if (count_of(extents) > kMostValues) return too_large(node);
  Tensor result{.name = {}, .extents = extents, .whole = inputs[0]->whole, .integers = {}, .reals = {}};
  std::size_t outer = 1;
  for (std::size_t i = 0; i < at; ++i) outer *= static_cast<std::size_t>(extents[i]);
  for (std::size_t row = 0; row < outer; ++row) {
    for (const Tensor* input : inputs) {
      const std::size_t length = input->size() / std::max<std::size_t>(outer, 1);
      const auto first = static_cast<std::ptrdiff_t>(row * length);
      const auto last = first + static_cast<std::ptrdiff_t>(length);
      if (result.whole) {
        result.integers.insert(result.integers.end(), input->integers.begin() + first, input->integers.begin() + last);
      } else {
        result.reals.insert(result.reals.end(), input->reals.begin() + first, input->reals.begin() + last);
      }
    }
  }
  return one(std::move(result));
}

Outputs fold_gather(const NodeView& node, const Tensor& data, const Tensor& indices) {
  const auto axis = normal_axis(node.integer("axis", 0), data.extents.size());
  if (!axis || !indices.whole) return misfit(node);
  const auto at = static_cast<std::size_t>(*axis);
  const long long extent = data.extents[at];
  std::vector<std::size_t> chosen;
  for (const long long index : indices.integers) {
    const long long place = index < 0 ? index + extent : index;
    if (place < 0 || place >= extent) return misfit(node);
    chosen.push_back(static_cast<std::size_t>(place));
  }
  const auto place_of_axis = static_cast<std::ptrdiff_t>(at);
  std::vector<long long> extents(data.extents.begin(), data.extents.begin() + place_of_axis);
  extents.insert(extents.end(), indices.extents.begin(), indices.extents.end());
  extents.insert(extents.end(), data.extents.begin() + place_of_axis + 1, data.extents.end());
  if (extents.size() > 8) return misfit(node);
  if (count_of(extents) > kMostValues) return too_large(node);
  const auto strides = strides_of(data.extents);
  const auto index_strides = strides_of(indices.extents);
  const std::size_t ranks = indices.extents.size();
  return one(picked(data, extents, [&](const std::vector<long long>& place) {
    std::size_t which = 0;
    for (std::size_t i = 0; i < ranks; ++i) which += index_strides[i] * static_cast<std::size_t>(place[at + i]);
    std::size_t from = strides[at] * chosen[which];
    for (std::size_t i = 0; i < data.extents.size(); ++i) {
      if (i != at) from += strides[i] * static_cast<std::size_t>(place[i < at ? i : i + ranks - 1]);
    }
    return from;
  }));
}

Outputs fold_slice(const NodeView& node, Inputs inputs) {
  const Tensor& data = *inputs[0];
  const auto cuts = cuts_of(node, inputs, data.extents);
  if (!cuts) return std::unexpected(cuts.error());
  std::vector<long long> extents = data.extents;
  const auto strides = strides_of(data.extents);
  std::vector<long long> starts(extents.size(), 0);
  std::vector<long long> steps(extents.size(), 1);
  for (const Cut& cut : *cuts) {
    const auto at = static_cast<std::size_t>(cut.axis);
    extents[at] = cut.count;
    starts[at] = cut.start;
    steps[at] = cut.step;
  }
  return one(picked(data, extents, [&](const std::vector<long long>& place) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < place.size(); ++i)
      from += strides[i] * static_cast<std::size_t>(starts[i] + steps[i] * place[i]);  // a step may be negative
    return from;
  }));
}

Outputs fold_filled(const NodeView& node, const Tensor& shape) {
  const auto extents = whole_list(shape);
  if (!extents) return std::unexpected(extents.error());
  for (const long long extent : *extents) {
    if (extent < 0) return misfit(node);
  }
  const std::size_t count = count_of(*extents);
  if (extents->size() > 8) return misfit(node);
  if (count > kMostValues) return too_large(node);
  const auto at = node.node().attributes.find("value");
  const bool given =
      at != node.node().attributes.end() && at->second.tensors.size() == 1 && at->second.tensors[0].size() == 1;
  Tensor result{
      .name = {}, .extents = *extents, .whole = given && at->second.tensors[0].whole, .integers = {}, .reals = {}};
  if (result.whole) {
    result.integers.assign(count, at->second.tensors[0].integers[0]);
  } else {
    result.reals.assign(count, given ? at->second.tensors[0].reals[0] : 0.0F);
  }
  return one(std::move(result));
}

Outputs fold_range(const NodeView& node, const Tensor& first, const Tensor& last, const Tensor& step) {
  if (!first.whole || !last.whole || !step.whole || first.size() != 1 || last.size() != 1 || step.size() != 1)
    return misfit(node);
  const long long by = step.integers[0];
  constexpr long long kFar = 1LL << 40;
  for (const Tensor* bound : {&first, &last, &step}) {
    if (bound->integers[0] > kFar || bound->integers[0] < -kFar) return misfit(node);
  }
  if (by == 0) return misfit(node);
  const long long way = last.integers[0] - first.integers[0];
  const long long count = std::max(0LL, (way + by + (by > 0 ? -1 : 1)) / by);
  if (count > static_cast<long long>(kMostValues)) return too_large(node);  // in 64 bits: an address may have 32
  std::vector<long long> values;
  for (long long i = 0; i < count; ++i) values.push_back(first.integers[0] + i * by);
  return one(whole_tensor({count}, std::move(values)));
}

Outputs fold_to_shape(const NodeView& node, Inputs inputs) {
  const Tensor& x = *inputs[0];
  const std::string& op = node.op();
  Result<std::vector<long long>> extents = x.extents;
  if (op == "Reshape" || op == "Expand") {
    if (inputs.size() < 2 || inputs[1] == nullptr) return misfit(node);
    extents = whole_list(*inputs[1]);
    if (extents && op == "Reshape") extents = resolve_shape(x.extents, *extents, node.integer("allowzero", 0) == 1);
    if (extents && op == "Expand") {
      extents = common_extents(x.extents, *extents, node);
      if (!extents) return std::unexpected(extents.error());
      auto grown = expanded(x, *extents, node);
      if (!grown) return std::unexpected(grown.error());
      return one(std::move(*grown));
    }
  } else {
    const auto axes = axes_of(node, inputs);
    if (!axes) return std::unexpected(axes.error());
    extents = op == "Squeeze" ? squeezed(x.extents, *axes) : unsqueezed(x.extents, *axes);
  }
  if (!extents) return std::unexpected(extents.error());
  return reshaped(x, std::move(*extents));
}

Outputs fold_transpose(const NodeView& node, const Tensor& x) {
  std::vector<long long> order = node.integers("perm");
  if (order.empty()) {
    for (std::size_t i = x.extents.size(); i-- > 0;) order.push_back(static_cast<long long>(i));
  }
  std::vector<long long> sorted = order;
  base::sort(sorted);
  bool right = sorted.size() == x.extents.size();
  for (std::size_t i = 0; right && i < sorted.size(); ++i) right = sorted[i] == static_cast<long long>(i);
  if (!right) return misfit(node);
  return one(transposed(x, order));
}

}  // namespace weightroom::onnx
