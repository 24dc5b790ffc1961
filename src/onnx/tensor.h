#pragma once

#include <string_view>

#include "onnx/file.h"

namespace weightroom::onnx {

// A TensorProto field by field: its numbers stand in one of five places.
struct RawTensor {
  std::string name;
  std::vector<long long> extents;
  long long type = 0;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<long long> integers;   // int32_data (FLOAT16 and BFLOAT16 as bits too), int64_data or uint64_data
  std::span<const std::byte> bytes;  // raw_data: little-endian, not aligned
  bool has_bytes = false;
  bool elsewhere = false;                       // its numbers lie in another file:
  std::map<std::string, std::string> external;  // "location", and "offset" and "length" where they are said
};

// Refuses by a sentence numbers that do not fill the shape, or that another file does not have where they should be. A
// type that is no number leaves a tensor that is `unread`.
[[nodiscard]] Result<Tensor> decode_tensor(const RawTensor& raw, const Beside& beside);

// A file's place that leads to no folder above or elsewhere: "net.onnx.data", "weights/0.bin".
[[nodiscard]] bool stays_beside(std::string_view location);

}  // namespace weightroom::onnx
