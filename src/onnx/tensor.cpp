#include "onnx/tensor.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

#include <strings/onnx.h>

#include "base/float16.h"
#include "io/text.h"

namespace weightroom::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is copied as it lies");

enum Type : long long {  // TensorProto.DataType
  kOnnxFloat = 1,
  kOnnxUint8 = 2,
  kOnnxInt8 = 3,
  kOnnxUint16 = 4,
  kOnnxInt16 = 5,
  kOnnxInt32 = 6,
  kOnnxInt64 = 7,
  kOnnxBool = 9,
  kOnnxFloat16 = 10,
  kOnnxDouble = 11,
  kOnnxUint32 = 12,
  kOnnxUint64 = 13,
  kOnnxBfloat16 = 16,
};

bool is_whole(long long type) {
  return type != kOnnxFloat && type != kOnnxFloat16 && type != kOnnxDouble && type != kOnnxBfloat16;
}

// Bytes of a value in raw_data; 0 for a type that is not read.
std::size_t width_of(long long type) {
  switch (type) {
    case kOnnxUint8:
    case kOnnxInt8:
    case kOnnxBool:
      return 1;
    case kOnnxUint16:
    case kOnnxInt16:
    case kOnnxFloat16:
    case kOnnxBfloat16:
      return 2;
    case kOnnxFloat:
    case kOnnxInt32:
    case kOnnxUint32:
      return 4;
    case kOnnxInt64:
    case kOnnxUint64:
    case kOnnxDouble:
      return 8;
    default:
      return 0;
  }
}

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

long long load_whole(long long type, const std::byte* at) {
  switch (type) {
    case kOnnxUint8:
    case kOnnxBool:
      return load<std::uint8_t>(at);
    case kOnnxInt8:
      return load<std::int8_t>(at);
    case kOnnxUint16:
      return load<std::uint16_t>(at);
    case kOnnxInt16:
      return load<std::int16_t>(at);
    case kOnnxInt32:
      return load<std::int32_t>(at);
    case kOnnxUint32:
      return load<std::uint32_t>(at);
    default:
      return load<std::int64_t>(at);  // beyond 2^63 a UINT64 turns negative: no extent is that large
  }
}

float load_real(long long type, const std::byte* at) {
  switch (type) {
    case kOnnxFloat16:
      return base::half_to_float(load<std::uint16_t>(at));
    case kOnnxBfloat16:
      return base::bfloat16_to_float(load<std::uint16_t>(at));
    case kOnnxDouble:
      return static_cast<float>(load<double>(at));
    default:
      return load<float>(at);
  }
}

// Number of values, or nothing where an extent is negative or there are more than the file could hold.
std::optional<std::size_t> count_of(const std::vector<long long>& extents) {
  unsigned long long count = 1;
  for (const long long extent : extents) {
    if (extent < 0) return std::nullopt;
    if (extent == 0) return 0;
    if (count > kMaxFile / static_cast<unsigned long long>(extent)) return std::nullopt;
    count *= static_cast<unsigned long long>(extent);
  }
  return static_cast<std::size_t>(count);
}

void decode_listed(const RawTensor& raw, Tensor& tensor) {
  if (tensor.whole) {
    tensor.integers = raw.integers;
  } else if (raw.type == kOnnxFloat) {
    tensor.reals = raw.floats;
  } else if (raw.type == kOnnxDouble) {
    std::ranges::transform(raw.doubles, std::back_inserter(tensor.reals),
                           [](double value) { return static_cast<float>(value); });
  } else {
    // Sixteen bits each, in int32_data.
    std::ranges::transform(raw.integers, std::back_inserter(tensor.reals), [&](long long bits) {
      const auto half = static_cast<std::uint16_t>(bits);
      return raw.type == kOnnxFloat16 ? base::half_to_float(half) : base::bfloat16_to_float(half);
    });
  }
}

}  // namespace

Result<Tensor> decode_tensor(const RawTensor& raw) {
  const std::string who = raw.name.empty() ? tr(text::onnx_tensor_unnamed)
                                           : tr(text::onnx_tensor_named, {{"name", io::in_quotes(raw.name)}});
  if (raw.elsewhere) return fail(text::onnx_tensor_elsewhere, {{"tensor", who}});
  const std::size_t width = width_of(raw.type);
  if (width == 0) return fail(text::onnx_tensor_type, {{"tensor", who}, {"type", raw.type}});
  if (raw.extents.size() > 8) return fail(text::onnx_tensor_rank, {{"tensor", who}});
  const auto count = count_of(raw.extents);
  if (!count) return fail(text::onnx_tensor_shape, {{"tensor", who}});
  Tensor tensor{.name = raw.name, .extents = raw.extents, .whole = is_whole(raw.type), .integers = {}, .reals = {}};
  if (!raw.has_bytes) {
    decode_listed(raw, tensor);
  } else if (raw.bytes.size() == *count * width && raw.type == kOnnxFloat) {
    tensor.reals.resize(*count);
    if (*count > 0) std::memcpy(tensor.reals.data(), raw.bytes.data(), raw.bytes.size());
  } else if (raw.bytes.size() == *count * width) {
    if (tensor.whole) tensor.integers.reserve(*count);
    if (!tensor.whole) tensor.reals.reserve(*count);
    for (std::size_t i = 0; i < *count; ++i) {
      const std::byte* at = raw.bytes.data() + i * width;
      if (tensor.whole) {
        tensor.integers.push_back(load_whole(raw.type, at));
      } else {
        tensor.reals.push_back(load_real(raw.type, at));
      }
    }
  }
  if (tensor.size() != *count) return fail(text::onnx_tensor_count, {{"tensor", who}, {"n", *count}});
  return tensor;
}

}  // namespace weightroom::onnx
