#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/float16.h"
#include "base/sort.h"
#include "io/json_writer.h"
#include "io/safetensors.h"

namespace weightroom::io {
namespace {

void put(std::vector<std::byte>& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

void put_values(std::vector<std::byte>& out, const SafetensorsOutput& tensor) {
  if (tensor.values.empty()) {
    out.insert(out.end(), tensor.bytes.begin(), tensor.bytes.end());
    return;
  }
  if (tensor.dtype == Dtype::f32 && std::endian::native == std::endian::little) {
    const auto bytes = std::as_bytes(tensor.values);
    out.insert(out.end(), bytes.begin(), bytes.end());
    return;
  }
  for (const float value : tensor.values) {
    switch (tensor.dtype) {
      case Dtype::f64:
        put(out, std::bit_cast<std::uint64_t>(static_cast<double>(value)), 8);
        break;
      case Dtype::i64:
        put(out, static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), 8);
        break;
      case Dtype::f32:
        put(out, std::bit_cast<std::uint32_t>(value), 4);
        break;
      case Dtype::f16:
        put(out, base::float_to_half(value), 2);
        break;
      case Dtype::bf16:
        put(out, base::float_to_bfloat16(value), 2);
        break;
      default:
        CHECK(false);  // nothing writes these but as bytes, above
    }
  }
}

// Largest value type first, then by name.
void sort(std::vector<SafetensorsOutput>& tensors) {
  base::sort(tensors, [](const SafetensorsOutput& a, const SafetensorsOutput& b) {
    const std::size_t wide_a = dtype_bytes(a.dtype);
    const std::size_t wide_b = dtype_bytes(b.dtype);
    return wide_a != wide_b ? wide_a > wide_b : a.name < b.name;
  });
}

std::uint64_t count_of(const SafetensorsOutput& tensor) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : tensor.shape) count *= extent;
  return count;
}

std::string metadata_text(const FileMetadata& metadata) {
  JsonWriter object = JsonWriter::object();
  for (const auto& [key, value] : metadata) object.put(key, value);
  return object.text();
}

// Not padded; and how many bytes of values follow it.
std::pair<std::string, std::uint64_t> header_of(const std::vector<SafetensorsOutput>& sorted,
                                                const FileMetadata& metadata) {
  JsonWriter header = JsonWriter::object();
  if (!metadata.empty()) header.put("__metadata__", JsonWriter::raw(metadata_text(metadata)));
  std::uint64_t at = 0;
  for (const SafetensorsOutput& tensor : sorted) {
    const std::uint64_t end = at + count_of(tensor) * dtype_bytes(tensor.dtype);
    header.put(tensor.name, JsonWriter{{"dtype", dtype_name(tensor.dtype)},
                                       {"shape", tensor.shape},
                                       {"data_offsets", JsonWriter::array({at, end})}});
    at = end;
  }
  return {header.text(), at};
}

std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }

}  // namespace

std::vector<std::byte> write_safetensors(std::vector<SafetensorsOutput> tensors, const FileMetadata& metadata) {
  sort(tensors);
  for (const SafetensorsOutput& tensor : tensors) {
    CHECK(tensor.values.empty() ? count_of(tensor) * dtype_bytes(tensor.dtype) == tensor.bytes.size()
                                : count_of(tensor) == tensor.values.size());
  }
  auto [header, bytes] = header_of(tensors, metadata);
  header.resize(padded(header.size()), ' ');
  std::vector<std::byte> out;
  out.reserve(8 + header.size() + static_cast<std::size_t>(bytes));
  put(out, header.size(), 8);
  for (const char c : header) out.push_back(static_cast<std::byte>(c));
  for (const SafetensorsOutput& tensor : tensors) put_values(out, tensor);
  return out;
}

std::size_t safetensors_bytes(std::vector<SafetensorsOutput> tensors, const FileMetadata& metadata, std::size_t more) {
  CHECK(more == 0 || !metadata.empty());
  sort(tensors);
  const auto [header, bytes] = header_of(tensors, metadata);
  return 8 + padded(header.size() + more) + static_cast<std::size_t>(bytes);
}

std::size_t metadata_bytes(const FileMetadata& metadata) {
  return metadata.empty() ? 0 : metadata_text(metadata).size() - 1;  // a comma for the braces
}

}  // namespace weightroom::io
