#pragma once

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "nn/graph.h"

// One node of our graph as nodes of an ONNX file. Field numbers and enumerators are those of onnx.proto
// (https://github.com/onnx/onnx).
namespace weightroom::onnx {

using protozero::pbf_writer;
using List = std::vector<long long>;

enum AttributeType : int { kFloat = 1, kInt = 2, kString = 3, kInts = 7 };
enum TensorType : int { kFloats = 1, kInt64s = 7 };

// Adds an initializer.
void add_tensor(pbf_writer& graph, const std::string& name, std::span<const long long> extents, TensorType type,
                std::span<const std::byte> bytes);

// A node of our graph on its way into the file; a formula may take several of the file's.
class Exported {
 public:
  Exported(pbf_writer& graph, const nn::Graph& net, const nn::Node& node, std::vector<std::string> inputs,
           std::span<const std::span<const float>> weights)
      : inputs(std::move(inputs)), node(node), graph_(graph), net_(net), weights_(weights) {}

  // A node of the file under construction: attributes are added, then its destructor closes it.
  class Node {
   public:
    Node(pbf_writer& graph, const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
         const std::string& output)
        : writer_(graph, 1) {
      for (const std::string& input : inputs) writer_.add_string(1, input);
      writer_.add_string(2, output);
      writer_.add_string(3, name);
      writer_.add_string(4, op);
    }
    Node& set(const char* name, long long value) {
      pbf_writer attribute(writer_, 5);
      attribute.add_string(1, name);
      attribute.add_int64(3, value);
      attribute.add_int32(20, kInt);
      return *this;
    }
    Node& set(const char* name, double value) {
      pbf_writer attribute(writer_, 5);
      attribute.add_string(1, name);
      attribute.add_float(2, static_cast<float>(value));
      attribute.add_int32(20, kFloat);
      return *this;
    }
    Node& set(const char* name, const std::string& value) {
      pbf_writer attribute(writer_, 5);
      attribute.add_string(1, name);
      attribute.add_bytes(4, value);
      attribute.add_int32(20, kString);
      return *this;
    }
    Node& set(const char* name, const List& values) {
      pbf_writer attribute(writer_, 5);
      attribute.add_string(1, name);
      for (const long long value : values) attribute.add_int64(8, value);
      attribute.add_int32(20, kInts);
      return *this;
    }

   private:
    pbf_writer writer_;
  };

  // The node whose output is ours.
  Node last(const std::string& op, const std::vector<std::string>& from) {
    return {graph_, op, node.name, from, output()};
  }
  // One before it: what it computes is named after `step`.
  Node before(const std::string& step, const std::string& op, const std::vector<std::string>& from) {
    return {graph_, op, node.name + "/" + step, from, node.name + "/" + step};
  }
  [[nodiscard]] std::string step(const std::string& name) const { return node.name + "/" + name; }
  [[nodiscard]] std::string output() const { return node.name + "/out"; }

  // Numbers that the op takes as inputs.
  std::string constant(const std::string& name, const List& values) {
    const std::array<long long, 1> extents{static_cast<long long>(values.size())};
    add_tensor(graph_, step(name), extents, kInt64s, std::as_bytes(std::span(values)));
    return step(name);
  }
  std::string numbers(const std::string& name, const std::vector<float>& values) {
    const std::array<long long, 1> extents{static_cast<long long>(values.size())};
    add_tensor(graph_, step(name), extents, kFloats, std::as_bytes(std::span(values)));
    return step(name);
  }
  std::string number(const std::string& name, double value) {
    const float real = static_cast<float>(value);
    add_tensor(graph_, step(name), {}, kFloats, std::as_bytes(std::span(&real, 1)));
    return step(name);
  }
  // Weight `i` of the node; `transposed`: the columns of the matrix as its rows.
  std::string weight(std::size_t i, bool transposed = false) {
    const auto place = static_cast<std::size_t>(node.weights[i]);
    const nn::GraphWeight& weight = net_.weights()[place];
    const auto shape = weight.shape.extents();
    List extents(shape.begin(), shape.end());
    std::span<const float> values = weights_[place];
    if (node.op->name == "parameter") extents.insert(extents.begin(), 1);  // one sample for all
    std::vector<float> turned;
    if (transposed) {
      const auto rows = static_cast<std::size_t>(extents[0]);
      const auto columns = static_cast<std::size_t>(extents[1]);
      turned.resize(values.size());
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c) turned[c * rows + r] = values[r * columns + c];
      values = turned;
      std::swap(extents[0], extents[1]);
    }
    add_tensor(graph_, weight.name, extents, kFloats, std::as_bytes(values));
    return weight.name;
  }
  [[nodiscard]] const nn::Shape& input_shape() const {
    return net_.nodes()[static_cast<std::size_t>(node.inputs[0])].output;
  }
  [[nodiscard]] std::size_t weights() const { return node.weights.size(); }

  [[nodiscard]] long long integer(const char* name, int fallback) const {
    return node.attributes.integer(name, fallback).value();
  }
  [[nodiscard]] double real(const char* name, double fallback) const {
    return node.attributes.real(name, fallback).value();
  }
  [[nodiscard]] List pair(const char* name, int fallback) const {
    const auto [first, second] = node.attributes.pair(name, fallback).value();
    return {first, second};
  }
  [[nodiscard]] List list(const char* name) const {
    const auto at = node.attributes.rows().find(name);
    if (at == node.attributes.rows().end()) return {};
    if (const auto* one = std::get_if<long long>(&at->second)) return {*one};
    return std::get<List>(at->second);
  }
  [[nodiscard]] std::string word(const char* name, const char* fallback) const {
    const auto at = node.attributes.rows().find(name);
    return at == node.attributes.rows().end() ? fallback : std::get<std::string>(at->second);
  }

  const std::vector<std::string> inputs;
  const nn::Node& node;

 private:
  pbf_writer& graph_;
  const nn::Graph& net_;
  std::span<const std::span<const float>> weights_;
};

// Writes the node as its op asks.
void write_node(Exported& e);

}  // namespace weightroom::onnx
