#include "onnx/tensor.h"

#include <algorithm>
#include <bit>
#include <charconv>
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

// "offset" or "length": a number of bytes, or `fallback` where it is not said.
std::optional<std::uint64_t> bytes_said(const RawTensor& raw, const char* key, std::uint64_t fallback) {
  const auto at = raw.external.find(key);
  if (at == raw.external.end()) return fallback;
  std::uint64_t value = 0;
  const char* end = at->second.data() + at->second.size();
  const auto [stop, error] = std::from_chars(at->second.data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

// The `size` bytes of a tensor that lie in another file.
Result<std::span<const std::byte>> bytes_elsewhere(const RawTensor& raw, const std::string& who, std::size_t size,
                                                   const Beside& beside) {
  const auto named = raw.external.find("location");
  const std::string location = named == raw.external.end() ? "" : named->second;
  if (!stays_beside(location)) return fail(text::onnx_file_outside, {{"file", io::in_quotes(location)}});
  const auto file = beside.find(location);
  if (file == beside.end()) return std::unexpected(not_beside(location));
  const auto offset = bytes_said(raw, "offset", 0);
  const auto length = bytes_said(raw, "length", size);
  const std::uint64_t all = file->second.size();
  if (!offset || !length || *length != size || *offset > all || all - *offset < size)
    return fail(text::onnx_file_range, {{"tensor", who}, {"file", io::in_quotes(location)}, {"n", all}});
  return std::span(file->second).subspan(static_cast<std::size_t>(*offset), size);
}

}  // namespace

bool stays_beside(std::string_view location) {
  if (location.empty() || location.front() == '/') return false;
  std::string_view step;
  for (std::string_view rest = location; !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    step = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (step.empty() || step == "..") return false;
  }
  // A drive, another system's folders, and what no name of a file has.
  return step != "." && location.back() != '/' &&
         std::ranges::none_of(location, [](char ch) { return ch == '\\' || ch == ':' || (ch >= 0 && ch < ' '); });
}

Result<Tensor> decode_tensor(const RawTensor& raw, const Beside& beside) {
  const std::string who = raw.name.empty() ? tr(text::onnx_tensor_unnamed)
                                           : tr(text::onnx_tensor_named, {{"name", io::in_quotes(raw.name)}});
  const std::size_t width = width_of(raw.type);
  if (width == 0) {
    Tensor tensor;
    tensor.name = raw.name;
    tensor.unread = Error{text::onnx_tensor_type, {{"tensor", who}, {"type", raw.type}}};
    return tensor;
  }
  if (raw.extents.size() > 8) return fail(text::onnx_tensor_rank, {{"tensor", who}});
  const auto count = count_of(raw.extents);
  if (!count) return fail(text::onnx_tensor_shape, {{"tensor", who}});
  Tensor tensor{.name = raw.name, .extents = raw.extents, .whole = is_whole(raw.type), .integers = {}, .reals = {}};
  tensor.type = raw.type;
  std::span<const std::byte> bytes = raw.bytes;
  if (raw.elsewhere) {
    const auto found = bytes_elsewhere(raw, who, *count * width, beside);
    if (!found) return std::unexpected(found.error());
    bytes = *found;
  }
  if (!raw.has_bytes && !raw.elsewhere) {
    decode_listed(raw, tensor);
  } else if (bytes.size() == *count * width && raw.type == kOnnxFloat) {
    tensor.reals.resize(*count);
    if (*count > 0) std::memcpy(tensor.reals.data(), bytes.data(), bytes.size());
  } else if (bytes.size() == *count * width) {
    if (tensor.whole) tensor.integers.reserve(*count);
    if (!tensor.whole) tensor.reals.reserve(*count);
    for (std::size_t i = 0; i < *count; ++i) {
      const std::byte* at = bytes.data() + i * width;
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
