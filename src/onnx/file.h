#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// An ONNX file as it is written (onnx.proto of https://github.com/onnx/onnx, IR versions 3 to 13), before anybody asks
// what it means. Strings and numbers are copied; nothing points into the file.
namespace weightroom::onnx {

inline constexpr std::size_t kMaxFile = base::kMostModelBytes;

// A tensor of the file: whole numbers (INT*, UINT*, BOOL) widened to 64 bits, real ones (FLOAT, DOUBLE, FLOAT16,
// BFLOAT16) to or from float.
struct Tensor {
  std::string name;
  std::vector<long long> extents;
  bool whole = false;
  std::vector<long long> integers;  // where `whole`
  std::vector<float> reals;         // otherwise
  long long type = 0;               // TensorProto.DataType; 0 of what is computed here
  // Why its numbers are not here (words, a type that no net computes with): told where something reads it.
  std::optional<Error> unread = std::nullopt;

  [[nodiscard]] std::size_t size() const { return whole ? integers.size() : reals.size(); }
};

struct Graph;

struct Attribute {
  std::vector<long long> integers;  // of INT one
  std::vector<float> reals;         // of FLOAT one
  std::string text;
  std::vector<Tensor> tensors;  // of TENSOR one
  std::vector<Graph> graphs;    // of GRAPH one: a branch of an If
};

struct Node {
  std::string name;
  std::string op;      // "Conv"
  std::string domain;  // "" for ONNX's own
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;
};

struct Value {
  std::string name;
  long long type = 0;              // TensorProto.DataType; 0 where the file does not say
  std::vector<long long> extents;  // -1 where the file leaves one open
  bool has_shape = false;
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
};

struct File : Graph {
  long long ir_version = 0;
  long long opset = 0;  // of ONNX's own domain; 0 where none is named
  std::string producer;
  std::map<std::string, std::string> metadata;
};

// Files with weights that lie beside an ONNX file, by the location that it names: every export since PyTorch 2.9 has
// one, "net.onnx.data".
using Beside = std::map<std::string, std::vector<std::byte>>;

// Refuses by a sentence: more than 100 MB (with the files beside it), what is no protobuf or no ONNX model, a tensor
// whose numbers do not fill its shape, or lie in a file that is not there, or beyond its end.
[[nodiscard]] Result<File> parse_onnx(std::span<const std::byte> bytes, const Beside& beside = {});

// The locations of the files beside it that hold its weights, each once: relative, and in no folder above. Refuses by a
// sentence what is no ONNX model, and a location that leads out of the folder.
[[nodiscard]] Result<std::vector<std::string>> files_beside(std::span<const std::byte> bytes);
// The sentence for one of them that is not there.
[[nodiscard]] Error not_beside(const std::string& location);

}  // namespace weightroom::onnx
