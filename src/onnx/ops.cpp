#include "onnx/ops.h"

#include <algorithm>
#include <utility>

#include <strings/onnx.h>

namespace weightroom::onnx {
namespace {

// "features.0.weight" belongs to "features.0"; "onnx::Conv_193" says nothing.
std::string layer_of(const std::string& weight) {
  const auto dot = weight.find_last_of('.');
  if (dot == std::string::npos || dot == 0 || weight.find("::") != std::string::npos) return {};
  return weight.substr(0, dot);
}

// "/features/features.3/squeeze/Conv", as PyTorch writes it, says each step twice: "features.3.squeeze.Conv".
std::string path_words(const std::string& name) {
  std::vector<std::string> steps;
  std::string step;
  for (const char ch : name + "/") {
    if (ch != '/') {
      step += ch;
      continue;
    }
    if (!steps.empty() && step.starts_with(steps.back() + ".")) steps.pop_back();
    if (!step.empty()) steps.push_back(std::exchange(step, {}));
  }
  std::string words;
  for (const std::string& part : steps) words += (words.empty() ? "" : ".") + part;
  return words;
}

bool is_any_of(const std::string& op, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* name) { return op == name; });
}

// The same numbers for each of several pictures, one behind the other.
bool same_for_all(const Tensor& tensor, std::size_t pictures) {
  if (pictures < 2 || tensor.whole) return false;  // 0: there are others
  const std::size_t size = tensor.reals.size() / pictures;
  for (std::size_t i = size; i < tensor.reals.size(); ++i) {
    if (tensor.reals[i] != tensor.reals[i - size]) return false;
  }
  return true;
}

}  // namespace

const Tensor* Translation::constant(std::size_t i) const {
  return has(i) && inputs[i]->constant ? &*inputs[i]->constant : nullptr;
}

std::vector<float> Translation::take(std::size_t i) const {
  CHECK(constant(i) != nullptr);
  std::vector<float>& values = inputs[i]->constant->reals;
  return readers[i] == 1 ? std::exchange(values, {}) : values;
}

Result<Known> Translation::add_over(const std::vector<Known>& from, const std::string& op, nn::Attributes attributes,
                                    std::vector<std::vector<float>> weights, const std::string& weight) const {
  std::string name = layer_of(weight);
  if (name.empty()) {
    name = path_words(node.node().name);
    // Weights go by their module's name, as PyTorch calls them: "features.0.weight", not "features.0.Conv.weight".
    if (const std::string ending = "." + node.op(); !weights.empty() && name.ends_with(ending))
      name.resize(name.size() - ending.size());
  }
  if (name.empty()) name = op;
  auto known = builder.add(name, op, from, std::move(attributes), std::move(weights));
  if (!known) return refuse(known.error());
  return known;
}

Result<Known> Translation::add(const std::string& op, nn::Attributes attributes,
                               std::vector<std::vector<float>> weights, const std::string& weight) const {
  return add_over({*inputs[0]}, op, std::move(attributes), std::move(weights), weight);
}

std::unexpected<Error> Translation::refuse(const Error& why) const {
  return fail(text::onnx_does_not_fit, {{"node", node.words()}, {"why", why}});
}

Result<Known> Translation::reshape(const Known& from, std::span<const long long> extents) const {
  if (extents.empty() || extents[0] != 1) return refuse(text::onnx_batch_mixed);
  if (extents.size() > nn::Shape::kMaxRank) return refuse(text::onnx_many_axes);
  const auto now = from.shape.extents();
  if (std::ranges::equal(extents, now)) return from;
  if (extents.size() == 2 && now.size() > 2) return add_over({from}, "flatten");
  if (extents.size() == 1) return refuse(text::onnx_batch_alone);
  return add_over({from}, "reshape", {{"shape", std::vector<long long>(extents.begin() + 1, extents.end())}});
}

Result<Known> Translation::reshape_to(const Known& from, std::span<const long long> extents) const {
  // For one picture any order of axes is right in which its values follow each other as before: the batch's extent of 1
  // is looked for where it was, then anywhere.
  const auto is_one = [&](int axis) {
    return axis >= 0 && axis < static_cast<int>(extents.size()) && extents[static_cast<std::size_t>(axis)] == 1;
  };
  int batch = is_one(0) ? 0 : from.batch_axis;
  if (!is_one(batch)) {
    const auto one = std::ranges::find(extents, 1);
    batch = one == extents.end() ? Known::kHidden : static_cast<int>(one - extents.begin());
  }
  std::vector<long long> ours(extents.begin(), extents.end());
  if (batch != Known::kHidden) ours.erase(ours.begin() + batch);
  ours.insert(ours.begin(), 1);
  auto known = reshape(from, ours);
  if (known) known->batch_axis = batch;
  return known;
}

Result<Known> Translation::hidden(const Known& from) const {
  if (from.batch_axis == Known::kHidden) return from;
  std::vector<long long> extents = from.extents();
  extents.insert(extents.begin(), 1);
  auto known = reshape(from, extents);
  if (known) known->batch_axis = Known::kHidden;
  return known;
}

Result<std::vector<Known>> Translation::aligned() const {
  std::vector<Known> all(inputs.size());
  std::optional<int> place;
  bool same = true;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!flows(i)) continue;
    all[i] = *inputs[i];
    same = same && place.value_or(all[i].batch_axis) == all[i].batch_axis;
    place = all[i].batch_axis;
  }
  for (std::size_t i = 0; !same && i < inputs.size(); ++i) {
    if (!flows(i)) continue;
    auto known = hidden(all[i]);
    if (!known) return std::unexpected(known.error());
    all[i] = std::move(*known);
  }
  return all;
}

Result<Known> Translation::flowing(std::size_t i, const Known& known, const Known& like) const {
  if (!has(i)) return refuse(text::onnx_input_missing);
  if (!inputs[i]->constant) {
    if (known.shape.rank() != like.shape.rank())
      return refuse({text::onnx_ranks_differ, {{"shape", known.shape.text()}}});
    return known;
  }
  const Tensor& tensor = *inputs[i]->constant;
  const int rank = like.rank();
  const auto count = static_cast<int>(tensor.extents.size());
  if (count > rank || like.shape.rank() < 2) return refuse(text::onnx_constant_rank);
  std::vector<long long> shape(static_cast<std::size_t>(like.shape.rank() - 1), 1);
  std::size_t pictures = 1;
  for (int axis = 0; axis < count; ++axis) {
    const long long extent = tensor.extents[static_cast<std::size_t>(axis)];
    const int at = rank - count + axis;
    if (at != like.batch_axis) {
      shape[static_cast<std::size_t>(like.axis(at) - 1)] = extent;
      continue;
    }
    if (extent == 1) continue;
    pictures = extent == builder.batch() && at == 0 ? static_cast<std::size_t>(extent) : 0;
    if (!same_for_all(tensor, pictures)) return refuse(text::onnx_constant_batch);
  }
  std::vector<float> values = tensor.reals;
  for (const long long value : tensor.integers) values.push_back(static_cast<float>(value));
  values.resize(values.size() / pictures);
  // One number written into the file is part of a formula, and what meets the picture before any layer is how it is
  // read (mean and deviation); any other tensor is the model's to learn.
  nn::Attributes attributes{{"shape", shape}};
  if (values.size() == 1 || builder.of_picture_alone(like.node)) attributes.set("fixed", 1LL);
  std::string name = tensor.name.find("::") == std::string::npos ? tensor.name : "";
  if (name.empty()) name = path_words(node.node().name) + ".constant";
  auto made = builder.add(name, "parameter", {}, std::move(attributes), {std::move(values)});
  if (!made) return refuse(made.error());
  made->batch_axis = like.batch_axis;
  return made;
}

const OpRow* find_translation(const std::string& op) {
  for (const auto rows : {layer_rows(), value_rows(), layout_rows(), more_rows(), size_rows()}) {
    for (const OpRow& row : rows) {
      if (op == row.op) return &row;
    }
  }
  return nullptr;
}

Translated translate(const OpRow& row, const Translation& translation) {
  const std::string& op = translation.node.op();
  bool whole = false;
  std::optional<Quantised> quantised;
  for (std::size_t i = 0; i < translation.inputs.size(); ++i) {
    if (!translation.flows(i)) continue;
    const Known& input = *translation.inputs[i];
    if (input.batch_axis != 0 && row.batch == Batch::first) return translation.refuse(text::onnx_batch_first);
    whole = whole || input.whole;
    if (input.quantised) quantised = input.quantised;
  }
  // Here they would give fractions.
  if (whole && is_any_of(op, {"Div", "Pow", "Reciprocal", "Sqrt", "ReduceMean"}))
    return translation.refuse(text::onnx_whole_division);
  const bool moves = is_any_of(op, {"MaxPool", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity",
                                    "Slice", "Split", "Gather", "Shape"});
  if (quantised && !moves && op != "DequantizeLinear") return translation.refuse(text::onnx_quantised_inside);
  auto made = row.translate(translation);
  for (std::size_t i = 0; made && i < made->size(); ++i) {
    Known& known = (*made)[i];
    if (known.constant) continue;
    if (row.batch == Batch::kept) known.batch_axis = translation.inputs[0]->batch_axis;
    if (whole && op != "Cast") known.whole = true;
    if (quantised && moves) known.quantised = quantised;
  }
  return made;
}

}  // namespace weightroom::onnx
