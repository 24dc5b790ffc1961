#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

// An ONNX file as it is written (onnx.proto of https://github.com/onnx/onnx, IR versions 3 to 10), before anybody asks
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

  [[nodiscard]] std::size_t size() const { return whole ? integers.size() : reals.size(); }
};

struct Attribute {
  std::vector<long long> integers;  // of INT one
  std::vector<float> reals;         // of FLOAT one
  std::string text;
  std::vector<Tensor> tensors;  // of TENSOR one
  bool graph = false;           // a subgraph: not read
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
  std::vector<long long> extents;  // -1 where the file leaves one open
  bool has_shape = false;
};

struct File {
  long long ir_version = 0;
  long long opset = 0;  // of ONNX's own domain; 0 where none is named
  std::string producer;
  std::map<std::string, std::string> metadata;
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
};

// Refuses by a sentence: more than 100 MB, what is no protobuf or no ONNX model, a tensor whose numbers do not fill its
// shape, a type that is no number, weights kept in another file.
[[nodiscard]] Result<File> parse_onnx(std::span<const std::byte> bytes);

}  // namespace weightroom::onnx
