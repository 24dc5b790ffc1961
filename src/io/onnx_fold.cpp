#include "io/onnx_fold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "io/text.h"

namespace weightroom::io::onnx {
namespace {

constexpr std::size_t kMostValues = kMaxFile / 4;  // no constant may grow beyond what a file could hold, in floats

using Inputs = std::span<const Tensor* const>;
using Outputs = Result<std::vector<Tensor>>;

std::unexpected<Error> misfit(const NodeView& node) {
  return fail("The constants of " + node.words() + " do not go together.");
}

std::unexpected<Error> too_large(const NodeView& node) {
  return fail(node.words() + " makes the constants of the file too large.");
}

Outputs one(Tensor tensor) {
  std::vector<Tensor> outputs;
  outputs.push_back(std::move(tensor));
  return outputs;
}

Tensor whole_tensor(std::vector<long long> extents, std::vector<long long> values) {
  return {.name = {}, .extents = std::move(extents), .whole = true, .integers = std::move(values), .reals = {}};
}

// The same values under other extents.
Outputs reshaped(const Tensor& tensor, std::vector<long long> extents) {
  Tensor result = tensor;
  result.extents = std::move(extents);
  return one(std::move(result));
}

// Calls copy(to, from) for every value of the result: `from` by the index that pick(place) gives.
template <class Pick>
Tensor picked(const Tensor& tensor, std::vector<long long> extents, const Pick& pick) {
  Tensor result{.name = {}, .extents = std::move(extents), .whole = tensor.whole, .integers = {}, .reals = {}};
  const std::size_t count = count_of(result.extents);
  std::vector<long long> place(result.extents.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = pick(std::as_const(place));
    if (tensor.whole) {
      result.integers.push_back(tensor.integers[from]);
    } else {
      result.reals.push_back(tensor.reals[from]);
    }
    for (std::size_t axis = place.size(); axis-- > 0;) {
      if (++place[axis] < result.extents[axis]) break;
      place[axis] = 0;
    }
  }
  return result;
}

std::vector<std::size_t> strides_of(std::span<const long long> extents) {
  std::vector<std::size_t> strides(extents.size(), 1);
  for (std::size_t i = extents.size(); i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::size_t>(extents[i]);
  return strides;
}

// The tensor repeated along axes of extent 1 until it has `extents`.
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

Outputs fold_pair(const NodeView& node, const Tensor& a, const Tensor& b) {
  if (a.whole != b.whole) return misfit(node);
  const auto extents = common_extents(a.extents, b.extents, node);
  if (!extents) return std::unexpected(extents.error());
  auto left = expanded(a, *extents, node);
  if (!left) return std::unexpected(left.error());
  const auto right = expanded(b, *extents, node);
  if (!right) return std::unexpected(right.error());
  const std::string& op = node.op();
  for (std::size_t i = 0; i < left->integers.size(); ++i) {
    // As unsigned, where an overflow wraps: these are numbers out of a file.
    const auto x = static_cast<unsigned long long>(left->integers[i]);
    const auto y = static_cast<unsigned long long>(right->integers[i]);
    const long long xs = left->integers[i];
    const long long ys = right->integers[i];
    const bool divides = ys != 0 && !(ys == -1 && xs == std::numeric_limits<long long>::min());
    if ((op == "Div" || op == "Mod") && !divides) return misfit(node);
    long long& out = left->integers[i];
    if (op == "Add") out = static_cast<long long>(x + y);
    if (op == "Sub") out = static_cast<long long>(x - y);
    if (op == "Mul") out = static_cast<long long>(x * y);
    if (op == "Div") out = xs / ys;
    if (op == "Mod") out = ((xs % ys) + ys) % ys;
    if (op == "Min") out = std::min(xs, ys);
    if (op == "Max") out = std::max(xs, ys);
    if (op == "Equal") out = static_cast<long long>(xs == ys);
    if (op == "Pow") return misfit(node);
  }
  for (std::size_t i = 0; i < left->reals.size(); ++i) {
    const float x = left->reals[i];
    const float y = right->reals[i];
    float& out = left->reals[i];
    if (op == "Add") out = x + y;
    if (op == "Sub") out = x - y;
    if (op == "Mul") out = x * y;
    if (op == "Div") out = x / y;
    if (op == "Min") out = std::min(x, y);
    if (op == "Max") out = std::max(x, y);
    if (op == "Pow" && y == 2.0F) out = x * x;
    if ((op == "Pow" && y != 2.0F) || op == "Mod" || op == "Equal") return misfit(node);
  }
  return one(std::move(*left));
}

Outputs fold_each(const NodeView& node, const Tensor& x) {
  Tensor result = x;
  const std::string& op = node.op();
  for (long long& value : result.integers) {
    if (op == "Neg" && value == std::numeric_limits<long long>::min()) return misfit(node);
    if (op == "Neg") value = -value;
    if (op == "Not") value = value == 0 ? 1 : 0;
    if (op == "Sqrt") return misfit(node);
  }
  for (float& value : result.reals) {
    if (op == "Neg") value = -value;
    if (op == "Sqrt") value = std::sqrt(value);
    if (op == "Floor") value = std::floor(value);
    if (op == "Ceil") value = std::ceil(value);
    if (op == "Not") return misfit(node);
  }
  return one(std::move(result));
}

Outputs fold_cast(const NodeView& node, const Tensor& x) {
  const long long to = node.integer("to", 1);
  const bool real = to == 1 || to == 10 || to == 11 || to == 16;
  Tensor result{.name = {}, .extents = x.extents, .whole = !real, .integers = {}, .reals = {}};
  for (const long long value : x.integers) {
    if (real) {
      result.reals.push_back(static_cast<float>(value));
    } else {
      result.integers.push_back(to == 9 ? static_cast<long long>(value != 0) : value);
    }
  }
  for (const float value : x.reals) {
    if (real) {
      result.reals.push_back(value);
      continue;
    }
    if (!(std::abs(value) < 9.0e18F)) return misfit(node);
    result.integers.push_back(to == 9 ? static_cast<long long>(value != 0.0F) : static_cast<long long>(value));
  }
  return one(std::move(result));
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
    if (std::abs(bound->integers[0]) > kFar) return misfit(node);
  }
  if (by == 0) return misfit(node);
  const long long way = last.integers[0] - first.integers[0];
  const long long count = std::max(0LL, (way + by + (by > 0 ? -1 : 1)) / by);
  if (static_cast<std::size_t>(count) > kMostValues) return too_large(node);
  std::vector<long long> values;
  for (long long i = 0; i < count; ++i) values.push_back(first.integers[0] + i * by);
  return one(whole_tensor({count}, std::move(values)));
}

Outputs fold_where(const NodeView& node, const Tensor& which, const Tensor& a, const Tensor& b) {
  if (!which.whole || a.whole != b.whole) return misfit(node);
  auto extents = common_extents(a.extents, b.extents, node);
  if (extents) extents = common_extents(*extents, which.extents, node);
  if (!extents) return std::unexpected(extents.error());
  const auto condition = expanded(which, *extents, node);
  if (!condition) return std::unexpected(condition.error());
  auto yes = expanded(a, *extents, node);
  if (!yes) return std::unexpected(yes.error());
  const auto no = expanded(b, *extents, node);
  if (!no) return std::unexpected(no.error());
  for (std::size_t i = 0; i < condition->integers.size(); ++i) {
    if (condition->integers[i] != 0) continue;
    if (yes->whole) {
      yes->integers[i] = no->integers[i];
    } else {
      yes->reals[i] = no->reals[i];
    }
  }
  return one(std::move(*yes));
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
  std::ranges::sort(sorted);
  bool right = sorted.size() == x.extents.size();
  for (std::size_t i = 0; right && i < sorted.size(); ++i) right = sorted[i] == static_cast<long long>(i);
  if (!right) return misfit(node);
  return one(transposed(x, order));
}

bool is_one_of(const std::string& op, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* name) { return op == name; });
}

}  // namespace

std::optional<Outputs> fold(const NodeView& node, Inputs inputs) {
  const std::string& op = node.op();
  const auto there = [&](std::size_t count) {
    if (inputs.size() < count) return false;
    return std::all_of(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(count),
                       [](const Tensor* input) { return input != nullptr; });
  };
  const auto with = [&](std::size_t count, const auto& act) -> Outputs {
    return there(count) ? act() : Outputs(misfit(node));
  };
  if (is_one_of(op, {"Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Pow", "Equal"}))
    return with(2, [&] { return fold_pair(node, *inputs[0], *inputs[1]); });
  if (is_one_of(op, {"Neg", "Not", "Sqrt", "Floor", "Ceil"}))
    return with(1, [&] { return fold_each(node, *inputs[0]); });
  if (is_one_of(op, {"Identity", "Dropout"})) return with(1, [&] { return one(*inputs[0]); });
  if (is_one_of(op, {"Reshape", "Expand", "Squeeze", "Unsqueeze"}))
    return with(1, [&] { return fold_to_shape(node, inputs); });
  if (op == "Cast") return with(1, [&] { return fold_cast(node, *inputs[0]); });
  if (op == "Concat") return fold_concat(node, inputs);
  if (op == "Gather") return with(2, [&] { return fold_gather(node, *inputs[0], *inputs[1]); });
  if (op == "Slice") return with(1, [&] { return fold_slice(node, inputs); });
  if (op == "Transpose") return with(1, [&] { return fold_transpose(node, *inputs[0]); });
  if (op == "ConstantOfShape") return with(1, [&] { return fold_filled(node, *inputs[0]); });
  if (op == "Range") return with(3, [&] { return fold_range(node, *inputs[0], *inputs[1], *inputs[2]); });
  if (op == "Where") return with(3, [&] { return fold_where(node, *inputs[0], *inputs[1], *inputs[2]); });
  if (op == "Shape")
    return with(
        1, [&] { return one(whole_tensor({static_cast<long long>(inputs[0]->extents.size())}, inputs[0]->extents)); });
  return std::nullopt;
}

}  // namespace weightroom::io::onnx
