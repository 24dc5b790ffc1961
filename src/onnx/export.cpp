#include "onnx/export.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "io/json_writer.h"
#include "io/model_file.h"
#include "onnx/export_node.h"

namespace weightroom::onnx {
namespace {

using onnx::Exported;
using onnx::pbf_writer;

constexpr long long kIrVersion = 8;
constexpr long long kOpset = 17;

void add_value(pbf_writer& graph, int field, const std::string& name, const nn::Shape& shape) {
  pbf_writer value(graph, static_cast<protozero::pbf_tag_type>(field));
  value.add_string(1, name);
  pbf_writer type(value, 2);
  pbf_writer tensor(type, 1);
  tensor.add_int32(1, onnx::kFloats);
  pbf_writer extents(tensor, 2);
  for (int axis = 0; axis < shape.rank(); ++axis) {
    pbf_writer extent(extents, 1);
    if (axis == 0) {
      extent.add_string(2, "N");
    } else {
      extent.add_int64(1, shape[axis]);
    }
  }
}

// The node that makes two classes of the answer's one number: it is left out, as others write such a net. -1: none.
int one_number_node(const nn::Graph& graph) {
  const nn::Node& logits = graph.nodes()[static_cast<std::size_t>(graph.logits())];
  const bool is = graph.answer() == nn::Answer::sigmoid && logits.op != nullptr && logits.op->name == "binary";
  return is ? graph.logits() : -1;
}

void write_graph(pbf_writer& graph, const nn::Model& model, std::span<const std::span<const float>> weights,
                 std::span<const int> left_out) {
  const auto& nodes = model.graph->nodes();
  std::vector<std::string> values{"input"};  // what each node's output is called
  const int number = one_number_node(*model.graph);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    std::vector<std::string> inputs;
    for (const int from : nodes[i].inputs) inputs.push_back(values[static_cast<std::size_t>(from)]);
    if (static_cast<int>(i) == number || std::ranges::find(left_out, static_cast<int>(i)) != left_out.end()) {
      values.push_back(inputs.at(0));
      continue;
    }
    Exported e(graph, *model.graph, nodes[i], std::move(inputs), weights);
    onnx::write_node(e);
    values.push_back(e.output());
  }
  // The answer goes by one name in every file.
  Exported::Node(graph, "Identity", "answer", {values.back()}, "answer");
  graph.add_string(2, model.name);
  add_value(graph, 11, "input", nodes.front().output);
  const nn::Shape& answer = nodes.back().output;
  add_value(graph, 12, "answer", number > 0 ? nn::Shape{answer[0], 1} : answer);
}

}  // namespace

std::vector<std::byte> write_onnx(const nn::Model& model, std::span<const std::span<const float>> weights,
                                  std::span<const int> left_out) {
  CHECK(weights.size() == model.graph->weights().size());
  std::string bytes;
  pbf_writer file(bytes);
  file.add_int64(1, kIrVersion);
  file.add_string(2, "weightroom");
  {
    pbf_writer graph(file, 7);
    write_graph(graph, model, weights, left_out);
  }
  {
    pbf_writer opset(file, 8);
    opset.add_string(1, "");
    opset.add_int64(2, kOpset);
  }
  const std::pair<const char*, std::string> rows[] = {{"labels", io::JsonWriter(model.labels).text()},
                                                      {"preprocessing", io::preprocessing_text(model.preprocessing)},
                                                      {"title", model.title},
                                                      {"provenance", model.provenance}};
  for (const auto& [key, value] : rows) {
    if (value.empty()) continue;
    pbf_writer row(file, 14);
    row.add_string(1, key);
    row.add_string(2, value);
  }
  const auto all = std::as_bytes(std::span(bytes));
  return {all.begin(), all.end()};
}

std::vector<std::byte> write_onnx(const nn::Model& model) { return write_onnx(model, io::tensors_of(model)); }

}  // namespace weightroom::onnx
