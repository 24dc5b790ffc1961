#pragma once

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
  bool elsewhere = false;  // in another file
};

// Refuses by a sentence a type that is no number, numbers that do not fill the shape, weights in another file.
[[nodiscard]] Result<Tensor> decode_tensor(const RawTensor& raw);

}  // namespace weightroom::onnx
