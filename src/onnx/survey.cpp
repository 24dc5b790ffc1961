#include "onnx/survey.h"

#include <algorithm>
#include <set>

#include <strings/onnx.h>

#include "io/text.h"

namespace weightroom::onnx {
namespace {

constexpr int kUsualSize = 224;
constexpr int kMostSide = 4096;

// The branches of an If, and whatever else a node has within it.
template <class Visit>
void for_graphs_of(const Node& node, const Visit& visit) {
  for (const auto& [name, attribute] : node.attributes) {
    for (const Graph& graph : attribute.graphs) visit(graph);
  }
}

// Every name that a node or something within it reads.
template <class Visit>
void for_read_names(const Node& node, const Visit& visit) {
  for (const std::string& name : node.inputs) visit(name);
  for_graphs_of(node, [&](const Graph& graph) {
    for (const Node& inner : graph.nodes) for_read_names(inner, visit);
    for (const Value& output : graph.outputs) visit(output.name);
  });
}

const Tensor* find_tensor(const Graph& graph, const std::string& name) {
  const auto at = std::ranges::find(graph.initializers, name, &Tensor::name);
  return at == graph.initializers.end() ? nullptr : &*at;
}

// What the layers say of a picture whose axes the file leaves open: the first convolution that reads it, perhaps by way
// of nodes that change no channel, knows how many it has.
struct Hint {
  long long channels = 0;      // 0: not known
  bool channels_last = false;  // it is turned first
};

Hint look_ahead(const File& file, const std::string& input) {
  Hint hint;
  std::set<std::string> same{input};
  for (const Node& node : file.nodes) {
    if (node.inputs.empty() || node.outputs.empty() || !same.contains(node.inputs[0])) continue;
    if (node.op == "Conv") {
      const Tensor* weight = node.inputs.size() > 1 ? find_tensor(file, node.inputs[1]) : nullptr;
      if (weight == nullptr || weight->extents.size() != 4) return hint;
      const auto group = node.attributes.find("group");
      const bool grouped = group != node.attributes.end() && !group->second.integers.empty();
      hint.channels = weight->extents[1] * (grouped ? std::clamp(group->second.integers[0], 1LL, 1LL << 20) : 1);
      return hint;
    }
    if (node.op == "Transpose") {
      const auto order = node.attributes.find("perm");
      if (order == node.attributes.end() || order->second.integers != std::vector<long long>{0, 3, 1, 2}) continue;
      hint.channels_last = true;
    }
    constexpr const char* kKeeping[] = {"Identity",
                                        "Cast",
                                        "Add",
                                        "Sub",
                                        "Mul",
                                        "Div",
                                        "Clip",
                                        "Pad",
                                        "BatchNormalization",
                                        "Transpose",
                                        "QuantizeLinear",
                                        "DequantizeLinear"};
    if (std::ranges::any_of(kKeeping, [&](const char* op) { return node.op == op; })) same.insert(node.outputs[0]);
  }
  return hint;
}

}  // namespace

const Value& answer_of(const File& file) {
  const auto real = [](const Value& value) {
    return value.type == 0 || value.type == 1 || value.type == 10 || value.type == 11 || value.type == 16;
  };
  const auto at = std::ranges::find_if(file.outputs, real);
  return at == file.outputs.end() ? file.outputs[0] : *at;
}

std::vector<bool> needed_nodes(const Graph& graph, const std::vector<std::string>& wanted) {
  std::vector<bool> needed(graph.nodes.size(), false);
  std::set<std::string> names(wanted.begin(), wanted.end());
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    needed[i] = std::ranges::any_of(node.outputs, [&](const std::string& name) { return names.contains(name); });
    if (needed[i]) for_read_names(node, [&](const std::string& name) { names.insert(name); });
  }
  return needed;
}

std::map<std::string, int> count_readers(const Graph& graph) {
  std::map<std::string, int> readers;
  for (const Node& node : graph.nodes) for_read_names(node, [&](const std::string& name) { ++readers[name]; });
  return readers;
}

Status check_names(const Graph& graph) {
  std::set<std::string> known;
  const auto add = [&](const std::string& name) -> Status {
    if (name.empty() || known.insert(name).second) return {};
    return fail(text::onnx_same_name, {{"name", io::in_quotes(name)}});
  };
  for (const Tensor& tensor : graph.initializers) {
    if (auto ok = add(tensor.name); !ok) return ok;
  }
  for (const Value& value : graph.inputs) known.insert(value.name);  // before IR version 4 constants are inputs too
  for (const Node& node : graph.nodes) {
    for (const std::string& name : node.outputs) {
      if (auto ok = add(name); !ok) return ok;
    }
  }
  return {};
}

Result<Input> find_input(const File& file, const std::vector<bool>& needed, const OnnxOptions& options) {
  std::set<std::string> constants;
  for (const Tensor& tensor : file.initializers) constants.insert(tensor.name);
  std::set<std::string> read;
  for (std::size_t i = 0; i < file.nodes.size(); ++i) {
    if (needed[i]) for_read_names(file.nodes[i], [&](const std::string& name) { read.insert(name); });
  }
  const Value* found = nullptr;
  bool any_read = false;
  for (const Value& value : file.inputs) {
    if (constants.contains(value.name)) continue;
    const bool is_read = read.contains(value.name);
    if (found != nullptr && is_read && any_read)
      return fail(text::onnx_many_inputs,
                  {{"first", io::in_quotes(found->name)}, {"second", io::in_quotes(value.name)}});
    if (found == nullptr || is_read) found = &value;  // one that nobody reads may stand beside it
    any_read = any_read || is_read;
  }
  if (found == nullptr) return fail(text::onnx_no_input);
  const auto& extents = found->extents;
  if (extents.size() != 4)
    return fail(text::onnx_input_rank, {{"input", io::in_quotes(found->name)}, {"axes", extents.size()}});
  const auto colours = [](long long extent) { return extent == 1 || extent == 3; };
  const Hint hint = look_ahead(file, found->name);
  const bool open = extents[1] < 0 && extents[3] < 0;
  const bool last = open ? hint.channels_last : !colours(extents[1]) && colours(extents[3]);
  Input input{found->name, {}, last, false, std::max(1LL, extents[0])};
  long long channels = extents[last ? 3 : 1];
  if (channels < 0) channels = hint.channels > 0 ? hint.channels : 3;
  if (!colours(channels)) return fail(text::onnx_input_channels, {{"channels", channels}});
  const auto side = [&](long long extent) {
    if (extent > 0) return extent;
    return static_cast<long long>(options.size > 0 ? options.size : kUsualSize);
  };
  const long long height = side(extents[last ? 1 : 2]);
  const long long width = side(extents[last ? 2 : 3]);
  input.open_size = extents[last ? 1 : 2] <= 0 || extents[last ? 2 : 3] <= 0;
  if (height > kMostSide || width > kMostSide) return fail(text::onnx_input_size, {{"most", kMostSide}});
  input.shape = {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
  return input;
}

}  // namespace weightroom::onnx
