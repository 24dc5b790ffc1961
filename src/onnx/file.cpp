#include "onnx/file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

#include <protozero/pbf_reader.hpp>
#include <strings/onnx.h>

#include "io/text.h"
#include "onnx/message.h"
#include "onnx/tensor.h"

namespace weightroom::onnx {
namespace {

// What is asked of a file while it is read.
struct Wish {
  const Beside& beside;
  std::set<std::string>* locations = nullptr;  // wanted alone: no tensor is decoded then
  int depth = 0;                               // of graphs within graphs
};

std::pair<std::string, std::string> read_entry(Message message) {
  std::pair<std::string, std::string> entry;
  while (message.next()) {
    if (message.tag() == 1) {
      entry.first = message.text();
    } else if (message.tag() == 2) {
      entry.second = message.text();
    } else {
      message.skip();
    }
  }
  return entry;
}

// Where its numbers are, if they are in another file.
Tensor note_location(Message message, const Wish& wish) {
  std::string location;
  bool elsewhere = false;
  while (message.next()) {
    if (message.tag() == 13) {
      auto [key, value] = read_entry(message.message());
      if (key == "location") location = std::move(value);
    } else if (message.tag() == 14) {
      elsewhere = message.integer() == 1;
    } else {
      message.skip();
    }
  }
  if (!elsewhere) return {};
  if (!stays_beside(location)) throw Refusal{{text::onnx_file_outside, {{"file", io::in_quotes(location)}}}};
  wish.locations->insert(std::move(location));
  return {};
}

Tensor read_tensor(Message message, const Wish& wish) {
  if (wish.locations != nullptr) return note_location(std::move(message), wish);
  RawTensor raw;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        message.integers(raw.extents);
        break;
      case 2:
        raw.type = message.integer();
        break;
      case 4:
        message.reals(raw.floats);
        break;
      case 5:
        message.integers(raw.integers);
        break;  // int32_data
      case 7:
        message.integers(raw.integers);
        break;  // int64_data
      case 8:
        raw.name = message.text();
        break;
      case 9:
        raw.bytes = message.bytes();
        raw.has_bytes = true;
        break;
      case 10:
        message.doubles(raw.doubles);
        break;
      case 11:
        message.integers(raw.integers);
        break;  // uint64_data
      case 13:
        raw.external.insert(read_entry(message.message()));
        break;
      case 14:
        raw.elsewhere = message.integer() == 1;
        break;
      default:
        message.skip();
    }
  }
  auto tensor = decode_tensor(raw, wish.beside);
  if (!tensor) throw Refusal{tensor.error()};
  return std::move(*tensor);
}

Graph read_graph(Message message, Wish wish);

Attribute read_attribute(Message message, std::string& name, const Wish& wish) {
  Attribute attribute;
  long long type = 0;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        name = message.text();
        break;
      case 2:
        attribute.reals.push_back(message.real());
        break;
      case 3:
        attribute.integers.push_back(message.integer());
        break;
      case 4:
        attribute.text = message.text();
        break;
      case 5:
        attribute.tensors.push_back(read_tensor(message.message(), wish));
        break;
      case 6:
        attribute.graphs.push_back(read_graph(message.message(), wish));
        break;
      case 7:
        message.reals(attribute.reals);
        break;
      case 8:
        message.integers(attribute.integers);
        break;
      case 20:
        type = message.integer();
        break;
      default:
        message.skip();
    }
  }
  // Some writers leave out what is 0.
  if (type == 1 && attribute.reals.empty()) attribute.reals.push_back(0.0F);
  if (type == 2 && attribute.integers.empty()) attribute.integers.push_back(0);
  return attribute;
}

Node read_node(Message message, const Wish& wish) {
  Node node;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        node.inputs.push_back(message.text());
        break;
      case 2:
        node.outputs.push_back(message.text());
        break;
      case 3:
        node.name = message.text();
        break;
      case 4:
        node.op = message.text();
        break;
      case 5: {
        std::string name;
        Attribute attribute = read_attribute(message.message(), name, wish);
        node.attributes.insert_or_assign(std::move(name), std::move(attribute));
        break;
      }
      case 7:
        node.domain = message.text();
        break;
      default:
        message.skip();
    }
  }
  if (node.domain == "ai.onnx") node.domain.clear();
  return node;
}

// TypeProto.Tensor's shape: one message a dimension, with a number or a name.
void read_shape(Message shape, Value& value) {
  value.has_shape = true;
  while (shape.next(1)) {
    Message dimension = shape.message();
    long long extent = -1;
    while (dimension.next()) {
      if (dimension.tag() == 1) {
        extent = dimension.integer();
      } else {
        dimension.skip();
      }
    }
    value.extents.push_back(extent > 0 ? extent : -1);
  }
}

Value read_value(Message message) {
  Value value;
  while (message.next()) {
    if (message.tag() == 1) {
      value.name = message.text();
    } else if (message.tag() == 2) {
      Message type = message.message();
      while (type.next(1)) {
        Message tensor = type.message();
        while (tensor.next()) {
          if (tensor.tag() == 1) {
            value.type = tensor.integer();
          } else if (tensor.tag() == 2) {
            read_shape(tensor.message(), value);
          } else {
            tensor.skip();
          }
        }
      }
    } else {
      message.skip();
    }
  }
  return value;
}

Graph read_graph(Message message, Wish wish) {
  constexpr int kDeepest = 8;
  if (++wish.depth > kDeepest) throw Refusal{text::onnx_deep};
  Graph graph;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        graph.nodes.push_back(read_node(message.message(), wish));
        break;
      case 5:
        graph.initializers.push_back(read_tensor(message.message(), wish));
        break;
      case 11:
        graph.inputs.push_back(read_value(message.message()));
        break;
      case 12:
        graph.outputs.push_back(read_value(message.message()));
        break;
      case 15:
        throw Refusal{text::onnx_sparse};
      default:
        message.skip();
    }
  }
  return graph;
}

void read_opset(Message message, File& file) {
  std::string domain;
  long long version = 0;
  while (message.next()) {
    if (message.tag() == 1) {
      domain = message.text();
    } else if (message.tag() == 2) {
      version = message.integer();
    } else {
      message.skip();
    }
  }
  if (domain.empty() || domain == "ai.onnx") file.opset = version;
}

File read_model(Message message, const Wish& wish) {
  File file;
  bool graph = false;
  while (message.next()) {
    switch (message.tag()) {
      case 1:
        file.ir_version = message.integer();
        break;
      case 2:
        file.producer = message.text();
        break;
      case 7:
        if (graph) throw Refusal{text::onnx_two_graphs};
        graph = true;
        static_cast<Graph&>(file) = read_graph(message.message(), wish);
        break;
      case 8:
        read_opset(message.message(), file);
        break;
      case 14:
        file.metadata.insert(read_entry(message.message()));
        break;
      default:
        message.skip();
    }
  }
  if (!graph) throw Refusal{text::onnx_no_graph};
  return file;
}

Result<File> read_file(std::span<const std::byte> bytes, const Wish& wish) {
  try {
    return read_model(Message(pbf_reader(reinterpret_cast<const char*>(bytes.data()), bytes.size())), wish);
  } catch (const Refusal& refusal) {
    return std::unexpected(refusal.why);
  } catch (const protozero::exception&) {
    return fail(text::onnx_no_protobuf);
  }
}

}  // namespace

Result<File> parse_onnx(std::span<const std::byte> bytes, const Beside& beside) {
  std::size_t all = bytes.size();
  for (const auto& [location, file] : beside) all += file.size();
  if (all > kMaxFile) return fail(text::onnx_too_large, {{"megabytes", kMaxFile / 1'000'000}});
  return read_file(bytes, {.beside = beside});
}

Result<std::vector<std::string>> files_beside(std::span<const std::byte> bytes) {
  std::set<std::string> locations;
  const auto file = read_file(bytes, {.beside = {}, .locations = &locations});
  if (!file) return std::unexpected(file.error());
  return std::vector<std::string>(locations.begin(), locations.end());
}

Error not_beside(const std::string& location) { return {text::onnx_file_missing, {{"file", io::in_quotes(location)}}}; }

}  // namespace weightroom::onnx
