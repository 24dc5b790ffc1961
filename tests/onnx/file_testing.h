#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "io/text.h"
#include "onnx/import.h"

// ONNX files written message by message, for what no exporter would write.
namespace weightroom::onnx::testing {

using protozero::pbf_writer;

struct TensorRow {
  std::string name;
  std::vector<std::int64_t> extents;
  std::vector<float> values;
  int type = 1;
  std::vector<std::pair<std::string, std::string>> elsewhere = {};  // its place in another file
};

struct NodeRow {
  std::string op;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> attributes = {};
  std::string domain = {};
  std::vector<std::pair<std::string, std::string>> words = {};
  std::vector<std::pair<std::string, float>> reals = {};
  std::vector<std::pair<std::string, std::string>> graphs = {};  // written by graph_text()
  bool named = true;
};

inline std::string tensor_text(const TensorRow& row) {
  std::string text;
  pbf_writer tensor(text);
  tensor.add_packed_int64(1, row.extents.begin(), row.extents.end());
  tensor.add_int32(2, row.type);
  for (const auto& [key, value] : row.elsewhere) {
    pbf_writer entry(tensor, 13);
    entry.add_string(1, key);
    entry.add_string(2, value);
  }
  if (!row.elsewhere.empty()) {
    tensor.add_int32(14, 1);
  } else if (row.type == 1) {
    tensor.add_packed_float(4, row.values.begin(), row.values.end());
  } else {
    std::vector<std::int64_t> whole(row.values.begin(), row.values.end());
    tensor.add_packed_int64(7, whole.begin(), whole.end());
  }
  tensor.add_string(8, row.name);
  return text;
}

inline std::string node_text(const NodeRow& row) {
  std::string text;
  pbf_writer node(text);
  for (const auto& name : row.inputs) node.add_string(1, name);
  for (const auto& name : row.outputs) node.add_string(2, name);
  if (row.named) node.add_string(3, row.outputs[0] + "_node");
  node.add_string(4, row.op);
  for (const auto& [name, values] : row.attributes) {
    pbf_writer attribute(node, 5);
    attribute.add_string(1, name);
    if (values.size() == 1) {
      attribute.add_int64(3, values[0]);
    } else {
      attribute.add_packed_int64(8, values.begin(), values.end());
    }
  }
  for (const auto& [name, word] : row.words) {
    pbf_writer attribute(node, 5);
    attribute.add_string(1, name);
    attribute.add_bytes(4, word);
  }
  for (const auto& [name, real] : row.reals) {
    pbf_writer attribute(node, 5);
    attribute.add_string(1, name);
    attribute.add_float(2, real);
  }
  for (const auto& [name, graph] : row.graphs) {
    pbf_writer attribute(node, 5);
    attribute.add_string(1, name);
    attribute.add_message(6, graph);
  }
  if (!row.domain.empty()) node.add_string(7, row.domain);
  return text;
}

inline void add_value(pbf_writer& graph, protozero::pbf_tag_type tag, const std::string& name,
                      const std::vector<std::int64_t>& extents, int kind = 1) {
  pbf_writer value(graph, tag);
  value.add_string(1, name);
  pbf_writer type(value, 2);
  pbf_writer tensor(type, 1);
  tensor.add_int32(1, kind);
  pbf_writer shape(tensor, 2);
  for (const std::int64_t extent : extents) {
    pbf_writer dimension(shape, 1);
    if (extent > 0) {
      dimension.add_int64(1, extent);
    } else {
      dimension.add_string(2, "N");
    }
  }
}

struct FileRow {
  std::vector<NodeRow> nodes;
  std::vector<TensorRow> tensors = {};
  std::vector<std::int64_t> input = {0, 3, 4, 4};
  std::int64_t opset = 13;
  std::vector<std::string> outputs = {"y"};
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::vector<std::pair<std::string, int>> more_inputs = {};  // by name and type, without axes
  std::vector<int> output_types = {};
};

// A branch of an If.
inline std::string graph_text(const std::vector<NodeRow>& nodes, const std::vector<std::string>& outputs,
                              const std::vector<TensorRow>& tensors = {}) {
  std::string text;
  pbf_writer graph(text);
  for (const NodeRow& node : nodes) graph.add_message(1, node_text(node));
  for (const TensorRow& tensor : tensors) graph.add_message(5, tensor_text(tensor));
  for (const std::string& name : outputs) add_value(graph, 12, name, {});
  return text;
}

inline std::string file_text(const FileRow& row) {
  std::string text;
  {
    pbf_writer model(text);
    model.add_int64(1, 8);
    {
      pbf_writer graph(model, 7);
      for (const NodeRow& node : row.nodes) graph.add_message(1, node_text(node));
      for (const TensorRow& tensor : row.tensors) graph.add_message(5, tensor_text(tensor));
      add_value(graph, 11, "x", row.input);
      for (const auto& [name, type] : row.more_inputs) add_value(graph, 11, name, {}, type);
      for (std::size_t i = 0; i < row.outputs.size(); ++i)
        add_value(graph, 12, row.outputs[i], {}, i < row.output_types.size() ? row.output_types[i] : 1);
    }
    {
      pbf_writer opset(model, 8);
      opset.add_string(1, "");
      opset.add_int64(2, row.opset);
    }
    for (const auto& [key, value] : row.metadata) {
      pbf_writer entry(model, 14);
      entry.add_string(1, key);
      entry.add_string(2, value);
    }
  }
  return text;
}

inline Result<nn::Model> imported(const FileRow& row, const OnnxOptions& options = {}, OpenReport* report = nullptr) {
  return import_onnx(io::as_bytes(file_text(row)), "net", options, report);
}

inline std::string refusal(const FileRow& row) {
  const auto model = imported(row);
  return model ? "accepted" : model.error().message();
}

// A layer that every net below ends in.
inline const TensorRow kWeight{"fc.weight", {2, 3}, {1, 2, 3, 4, 5, 6}};
inline const NodeRow kPool{"GlobalAveragePool", {"x"}, {"p"}};
inline const NodeRow kFlat{"Flatten", {"p"}, {"f"}};
inline const NodeRow kLinear{"Gemm", {"f", "fc.weight"}, {"y"}, {{"transB", {1}}}};
inline const FileRow kGood{{kPool, kFlat, kLinear}, {kWeight}};

}  // namespace weightroom::onnx::testing
