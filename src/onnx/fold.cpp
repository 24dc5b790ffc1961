#include "onnx/fold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "io/text.h"
#include "onnx/fold_parts.h"

namespace weightroom::onnx {
namespace {

bool is_one_of(const std::string& op, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* name) { return op == name; });
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
    if (op == "Greater") out = static_cast<long long>(xs > ys);
    if (op == "Less") out = static_cast<long long>(xs < ys);
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
    if ((op == "Pow" && y != 2.0F) || is_one_of(op, {"Mod", "Equal", "Greater", "Less"})) return misfit(node);
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
  if (is_one_of(op, {"Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Pow", "Equal", "Greater", "Less"}))
    return with(2, [&] { return fold_pair(node, *inputs[0], *inputs[1]); });
  if (is_one_of(op, {"Neg", "Not", "Sqrt", "Floor", "Ceil"}))
    return with(1, [&] { return fold_each(node, *inputs[0]); });
  if (is_one_of(op, {"Identity", "Dropout"})) return with(1, [&] { return one(*inputs[0]); });
  if (is_one_of(op, {"Reshape", "Expand", "Squeeze", "Unsqueeze"}))
    return with(1, [&] { return fold_to_shape(node, inputs); });
  if (op == "Cast") return with(1, [&] { return fold_cast(node, *inputs[0]); });
  if (is_one_of(op, {"ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean"}))
    return with(1, [&] { return fold_reduce(node, inputs); });
  if (is_one_of(op, {"QuantizeLinear", "DequantizeLinear"}))
    return with(2, [&] { return fold_quantise(node, inputs); });
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

}  // namespace weightroom::onnx
