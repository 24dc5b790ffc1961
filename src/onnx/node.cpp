// What nodes say of themselves, and the arithmetic of shapes.
#include <algorithm>

#include <strings/onnx.h>

#include "io/text.h"
#include "onnx/fold.h"

namespace weightroom::onnx {

long long NodeView::integer(const char* attribute, long long fallback) const {
  const auto at = node_->attributes.find(attribute);
  return at == node_->attributes.end() || at->second.integers.empty() ? fallback : at->second.integers[0];
}

float NodeView::real(const char* attribute, float fallback) const {
  const auto at = node_->attributes.find(attribute);
  return at == node_->attributes.end() || at->second.reals.empty() ? fallback : at->second.reals[0];
}

std::string NodeView::text(const char* attribute, const char* fallback) const {
  const auto at = node_->attributes.find(attribute);
  return at == node_->attributes.end() || at->second.text.empty() ? fallback : at->second.text;
}

std::vector<long long> NodeView::integers(const char* attribute) const {
  const auto at = node_->attributes.find(attribute);
  return at == node_->attributes.end() ? std::vector<long long>{} : at->second.integers;
}

std::string NodeView::words() const {
  const std::string& name = node_->name.empty() && !node_->outputs.empty() ? node_->outputs[0] : node_->name;
  const std::string domain = node_->domain.empty() ? "" : node_->domain + ".";
  return tr(text::onnx_node, {{"op", domain + node_->op}, {"name", io::in_quotes(name)}, {"opset", opset_}});
}

std::optional<long long> normal_axis(long long axis, std::size_t rank) {
  const auto extents = static_cast<long long>(rank);
  if (axis < -extents || axis >= extents) return std::nullopt;
  return axis < 0 ? axis + extents : axis;
}

std::size_t count_of(std::span<const long long> extents) {
  constexpr std::size_t kTooMany = std::size_t{1} << 31;
  std::size_t count = 1;
  for (const long long extent : extents) {
    if (extent <= 0) return 0;
    if (static_cast<unsigned long long>(extent) > kTooMany / count) return kTooMany;
    count *= static_cast<std::size_t>(extent);
  }
  return count;
}

Result<std::vector<long long>> whole_list(const Tensor& tensor) {
  if (!tensor.whole || tensor.extents.size() > 1)
    return fail(text::onnx_whole_list, {{"constant", io::in_quotes(tensor.name)}});
  return tensor.integers;
}

std::optional<float> one_number(const Tensor& tensor) {
  if (tensor.size() != 1) return std::nullopt;
  return tensor.whole ? static_cast<float>(tensor.integers[0]) : tensor.reals[0];
}

std::pair<long long, long long> range_of(long long type) {
  switch (type) {
    case 2:
      return {0, 255};
    case 3:
      return {-128, 127};
    case 4:
      return {0, 65535};
    case 5:
      return {-32768, 32767};
    default:
      return {-2147483648LL, 2147483647LL};
  }
}

Tensor transposed(const Tensor& tensor, std::span<const long long> order) {
  const std::size_t rank = tensor.extents.size();
  std::vector<std::size_t> strides(rank, 1);
  for (std::size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(tensor.extents[i]);
  Tensor result{.name = tensor.name, .extents = {}, .whole = tensor.whole, .integers = {}, .reals = {}};
  std::vector<std::size_t> steps;
  for (const long long axis : order) {
    result.extents.push_back(tensor.extents[static_cast<std::size_t>(axis)]);
    steps.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  std::vector<long long> place(rank, 0);
  std::size_t from = 0;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (tensor.whole) {
      result.integers.push_back(tensor.integers[from]);
    } else {
      result.reals.push_back(tensor.reals[from]);
    }
    for (std::size_t axis = rank; axis-- > 0;) {
      from += steps[axis];
      if (++place[axis] < result.extents[axis]) break;
      from -= steps[axis] * static_cast<std::size_t>(result.extents[axis]);
      place[axis] = 0;
    }
  }
  return result;
}

Result<std::vector<long long>> resolve_shape(std::span<const long long> from, std::span<const long long> shape,
                                             bool allow_zero) {
  std::vector<long long> extents(shape.begin(), shape.end());
  std::ptrdiff_t open = -1;
  unsigned long long known = 1;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 0 && !allow_zero && i < from.size()) extents[i] = from[i];
    if (extents[i] == -1 && open < 0) {
      open = static_cast<std::ptrdiff_t>(i);
    } else if (extents[i] <= 0) {
      return fail(text::onnx_shape_extent);
    } else {
      known *= std::min<unsigned long long>(static_cast<unsigned long long>(extents[i]), kMaxFile);
      if (known > kMaxFile * 4) return fail(text::onnx_shape_large);
    }
  }
  const unsigned long long all = count_of(from);
  if (open >= 0) {
    if (all % known != 0) return fail(text::onnx_shape_values);
    extents[static_cast<std::size_t>(open)] = static_cast<long long>(all / known);
    known = all;
  }
  if (known != all || extents.size() > 8) return fail(text::onnx_shape_values);
  return extents;
}

Result<std::vector<long long>> squeezed(std::span<const long long> extents, std::span<const long long> axes) {
  std::vector<bool> gone(extents.size(), false);
  for (const long long value : axes) {
    const auto axis = normal_axis(value, extents.size());
    if (!axis || extents[static_cast<std::size_t>(*axis)] != 1) return fail(text::onnx_squeeze);
    gone[static_cast<std::size_t>(*axis)] = true;
  }
  std::vector<long long> result;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const bool goes = axes.empty() ? extents[i] == 1 : gone[i];
    if (!goes) result.push_back(extents[i]);
  }
  return result;
}

Result<std::vector<long long>> unsqueezed(std::span<const long long> extents, std::span<const long long> axes) {
  const std::size_t rank = extents.size() + axes.size();
  std::vector<bool> fresh(rank, false);
  if (rank > 8) return fail(text::onnx_unsqueeze_many);
  for (const long long value : axes) {
    const auto axis = normal_axis(value, rank);
    if (!axis || fresh[static_cast<std::size_t>(*axis)]) return fail(text::onnx_unsqueeze);
    fresh[static_cast<std::size_t>(*axis)] = true;
  }
  std::vector<long long> result;
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) result.push_back(fresh[i] ? 1 : extents[next++]);
  return result;
}

Result<std::vector<long long>> axes_of(const NodeView& node, std::span<const Tensor* const> inputs) {
  if (inputs.size() > 1 && inputs[1] != nullptr) return whole_list(*inputs[1]);
  if (node.has_input(1)) return fail(text::onnx_axes_computed, {{"node", node.words()}});
  return node.integers("axes");
}

Result<std::vector<Cut>> cuts_of(const NodeView& node, std::span<const Tensor* const> inputs,
                                 std::span<const long long> extents) {
  std::vector<long long> lists[4];  // starts, ends, axes, steps
  if (node.opset() < 10) {
    lists[0] = node.integers("starts");
    lists[1] = node.integers("ends");
    lists[2] = node.integers("axes");
  } else {
    for (std::size_t i = 0; i < 4; ++i) {
      if (!node.has_input(i + 1)) continue;
      if (inputs.size() <= i + 1 || inputs[i + 1] == nullptr)
        return fail(text::onnx_bounds_computed, {{"node", node.words()}});
      auto list = whole_list(*inputs[i + 1]);
      if (!list) return std::unexpected(list.error());
      lists[i] = std::move(*list);
    }
  }
  const auto& [starts, ends, axes, steps] = lists;
  constexpr long long kFar = 1LL << 40;
  std::vector<Cut> cuts;
  const bool fits = starts.size() == ends.size() && starts.size() <= extents.size() &&
                    (axes.empty() || axes.size() == starts.size()) && (steps.empty() || steps.size() == starts.size());
  if (!fits) return fail(text::onnx_bounds, {{"node", node.words()}});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = normal_axis(axes.empty() ? static_cast<long long>(i) : axes[i], extents.size());
    const long long step = steps.empty() ? 1 : steps[i];
    if (!axis || step == 0 || step < -kFar || step > kFar) return fail(text::onnx_slice, {{"node", node.words()}});
    const long long extent = extents[static_cast<std::size_t>(*axis)];
    // Backwards the last place is the first and the end lies before place 0.
    const long long first = step > 0 ? 0 : -1;
    const auto place = [&](long long at, long long least) {
      return std::clamp(at < 0 ? std::max(at, -extent - 1) + extent : at, least, extent + first);
    };
    const long long from = place(starts[i], 0);
    const long long way = (place(ends[i], first) - from) * (step > 0 ? 1 : -1);
    const long long by = step > 0 ? step : -step;
    cuts.push_back({*axis, from, step, way > 0 ? (way - 1) / by + 1 : 0});
  }
  return cuts;
}

}  // namespace weightroom::onnx
