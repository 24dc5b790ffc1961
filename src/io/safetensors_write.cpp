#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/float16.h"
#include "io/json.h"
#include "io/safetensors.h"

namespace weightroom::io {
namespace {

void put(std::vector<std::byte>& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}

void put_values(std::vector<std::byte>& out, const SafetensorsOutput& tensor) {
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
    }
  }
}

}  // namespace

std::vector<std::byte> write_safetensors(std::vector<SafetensorsOutput> tensors,
                                         const std::map<std::string, std::string, std::less<>>& metadata) {
  std::ranges::sort(tensors, [](const SafetensorsOutput& a, const SafetensorsOutput& b) {
    const std::size_t wide_a = dtype_bytes(a.dtype);
    const std::size_t wide_b = dtype_bytes(b.dtype);
    return wide_a != wide_b ? wide_a > wide_b : a.name < b.name;
  });
  // Written in this order by hand: nlohmann::json would sort the tensors by name.
  std::string header = "{";
  if (!metadata.empty()) {
    Json object = Json::object();
    for (const auto& [key, value] : metadata) object[key] = value;
    header += "\"__metadata__\":" + json_text(object);
  }
  std::uint64_t at = 0;
  for (const SafetensorsOutput& tensor : tensors) {
    std::uint64_t count = 1;
    for (const std::uint64_t extent : tensor.shape) count *= extent;
    CHECK(count == tensor.values.size());
    const std::uint64_t end = at + count * dtype_bytes(tensor.dtype);
    if (header.size() > 1) header += ',';
    header += json_text(tensor.name) + ":{\"dtype\":\"" + std::string(dtype_name(tensor.dtype)) +
              "\",\"shape\":" + json_text(Json(tensor.shape)) + ",\"data_offsets\":" + json_text(Json{at, end}) + "}";
    at = end;
  }
  header += '}';
  header.append((8 - header.size() % 8) % 8, ' ');
  std::vector<std::byte> out;
  out.reserve(8 + header.size() + static_cast<std::size_t>(at));
  put(out, header.size(), 8);
  for (const char c : header) out.push_back(static_cast<std::byte>(c));
  for (const SafetensorsOutput& tensor : tensors) put_values(out, tensor);
  return out;
}

}  // namespace weightroom::io
