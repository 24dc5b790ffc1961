#include "io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <tuple>

#include <strings/json.h>
#include <strings/safetensors.h>

#include "base/float16.h"
#include "base/language.h"
#include "base/sort.h"
#include "io/json.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<DtypeRow, 15> kDtypes{{{Dtype::f64, "F64", 8},
                                            {Dtype::i64, "I64", 8},
                                            {Dtype::u64, "U64", 8},
                                            {Dtype::f32, "F32", 4},
                                            {Dtype::i32, "I32", 4},
                                            {Dtype::u32, "U32", 4},
                                            {Dtype::f16, "F16", 2},
                                            {Dtype::bf16, "BF16", 2},
                                            {Dtype::i16, "I16", 2},
                                            {Dtype::u16, "U16", 2},
                                            {Dtype::i8, "I8", 1},
                                            {Dtype::u8, "U8", 1},
                                            {Dtype::boolean, "BOOL", 1},
                                            {Dtype::f8_e4m3, "F8_E4M3", 1},
                                            {Dtype::f8_e5m2, "F8_E5M2", 1}}};

// A sign, four bits of exponent, three of fraction; all ones is no number.
float e4m3_to_float(unsigned bits) {
  const unsigned exponent = bits >> 3U & 15U;
  const unsigned fraction = bits & 7U;
  if (exponent == 15 && fraction == 7) return std::numeric_limits<float>::quiet_NaN();
  constexpr float kStep = 0x1p-9F;  // between those without an exponent, 2^-6 / 8
  const float size = exponent == 0 ? static_cast<float>(fraction) * kStep
                                   : static_cast<float>((8U + fraction) << (exponent - 1U)) * kStep;
  return (bits & 128U) != 0 ? -size : size;
}

float value_at(Dtype dtype, std::span<const std::byte> at) {
  switch (dtype) {
    case Dtype::f64:
      return static_cast<float>(std::bit_cast<double>(le64(at, 0)));
    case Dtype::i64:
      return static_cast<float>(std::bit_cast<std::int64_t>(le64(at, 0)));
    case Dtype::u64:
      return static_cast<float>(le64(at, 0));
    case Dtype::f32:
      return std::bit_cast<float>(le32(at, 0));
    case Dtype::i32:
      return static_cast<float>(std::bit_cast<std::int32_t>(le32(at, 0)));
    case Dtype::u32:
      return static_cast<float>(le32(at, 0));
    case Dtype::f16:
      return base::half_to_float(le16(at, 0));
    case Dtype::bf16:
      return base::bfloat16_to_float(le16(at, 0));
    case Dtype::i16:
      return static_cast<float>(std::bit_cast<std::int16_t>(le16(at, 0)));
    case Dtype::u16:
      return static_cast<float>(le16(at, 0));
    case Dtype::i8:
      return static_cast<float>(std::to_integer<std::int8_t>(at[0]));
    case Dtype::u8:
    case Dtype::boolean:
      return static_cast<float>(std::to_integer<std::uint8_t>(at[0]));
    case Dtype::f8_e4m3:
      return e4m3_to_float(std::to_integer<unsigned>(at[0]));
    case Dtype::f8_e5m2:
      return base::half_to_float(static_cast<std::uint16_t>(std::to_integer<unsigned>(at[0]) << 8U));
  }
  return 0.0F;
}

// Where a tensor lies, before anybody has looked at the bytes: all in 64 bits, since wasm's size_t has 32.
struct Claim {
  SafetensorsEntry entry;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Of a key that says no more than which tensor it is.
std::unexpected<Error> refuse(Text key, std::string_view name) { return fail(key, {{"tensor", in_quotes(name)}}); }

Result<Dtype> read_dtype(std::string_view name, const Json& value) {
  if (!value.is_string()) return refuse(text::safetensors_type_word, name);
  const auto& word = value.get_ref<const std::string&>();
  for (const DtypeRow& row : kDtypes) {
    if (row.name == word) return row.dtype;
  }
  return fail(text::safetensors_type, {{"tensor", in_quotes(name)}, {"type", in_quotes(word)}});
}

Result<std::vector<std::uint64_t>> read_integers(std::string_view name, const Json& value, Text no_list,
                                                 Text no_number) {
  if (!value.is_array()) return refuse(no_list, name);
  std::vector<std::uint64_t> numbers;
  for (const Json& element : value) {
    if (!element.is_number_unsigned()) return refuse(no_number, name);
    numbers.push_back(element.get<std::uint64_t>());
  }
  return numbers;
}

// product(shape) * bytes of one value, or a sentence where that needs more than 64 bits.
Result<std::uint64_t> size_of(std::string_view name, const std::vector<std::uint64_t>& shape, Dtype dtype) {
  std::uint64_t size = dtype_bytes(dtype);
  for (const std::uint64_t extent : shape) {
    if (extent != 0 && size > std::numeric_limits<std::uint64_t>::max() / extent) {
      return refuse(text::safetensors_overflow, name);
    }
    size *= extent;
  }
  return size;
}

Result<Claim> read_claim(const std::string& name, const Json& value) {
  if (!value.is_object()) return refuse(text::safetensors_no_object, name);
  for (const auto& [key, unused] : value.items()) {
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      return fail(text::safetensors_field, {{"tensor", in_quotes(name)}, {"field", in_quotes(key)}});
    }
  }
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!value.contains(key)) return fail(text::safetensors_lacks, {{"tensor", in_quotes(name)}, {"field", key}});
  }
  const auto dtype = read_dtype(name, value["dtype"]);
  if (!dtype) return std::unexpected(dtype.error());
  auto shape = read_integers(name, value["shape"], text::safetensors_shape_list, text::safetensors_shape_numbers);
  if (!shape) return std::unexpected(shape.error());
  const auto offsets =
      read_integers(name, value["data_offsets"], text::safetensors_offsets_list, text::safetensors_offsets_numbers);
  if (!offsets) return std::unexpected(offsets.error());
  if (offsets->size() != 2) return refuse(text::safetensors_offsets_two, name);
  const auto size = size_of(name, *shape, *dtype);
  if (!size) return std::unexpected(size.error());
  Claim claim{{name, *dtype, std::move(*shape), {}}, (*offsets)[0], (*offsets)[1]};
  if (claim.end < claim.begin) return refuse(text::safetensors_reversed, name);
  if (claim.end - claim.begin != *size) {
    return fail(text::safetensors_size, {{"tensor", in_quotes(name)},
                                         {"needed", base::grouped(*size)},
                                         {"given", base::grouped(claim.end - claim.begin)}});
  }
  return claim;
}

Result<std::map<std::string, std::string, std::less<>>> read_metadata(const Json& value) {
  if (!value.is_object()) return fail(text::safetensors_metadata_object);
  std::map<std::string, std::string, std::less<>> metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) return fail(text::safetensors_metadata_text, {{"field", in_quotes(key)}});
    metadata.emplace(key, text.get<std::string>());
  }
  return metadata;
}

// The tensors must lie one after another from the first byte to the last: an overlap would let a small file claim
// any amount of memory, a hole would hide something else in it.
Status place(std::vector<Claim>& claims, std::span<const std::byte> data) {
  base::sort(claims, [](const Claim& a, const Claim& b) {
    return std::tie(a.begin, a.end, a.entry.name) < std::tie(b.begin, b.end, b.entry.name);
  });
  std::uint64_t at = 0;
  for (Claim& claim : claims) {
    if (claim.begin < at) return refuse(text::safetensors_overlap, claim.entry.name);
    if (claim.begin > at) return refuse(text::safetensors_hole, claim.entry.name);
    if (claim.end > data.size()) return refuse(text::safetensors_past_end, claim.entry.name);
    at = claim.end;
    claim.entry.bytes =
        data.subspan(static_cast<std::size_t>(claim.begin), static_cast<std::size_t>(claim.end - claim.begin));
  }
  if (at != data.size()) return fail(text::safetensors_goes_on, {{"n", data.size() - at}});
  return {};
}

Result<std::span<const std::byte>> find_header(std::span<const std::byte> bytes) {
  if (bytes.empty()) return fail(text::safetensors_empty);
  if (bytes.size() < 8) return fail(text::safetensors_short);
  const std::uint64_t length = le64(bytes, 0);
  if (length > kMaxHeaderBytes)
    return fail(text::safetensors_header_large, {{"bytes", base::grouped(length)}, {"most", kMaxHeaderBytes}});
  if (length > bytes.size() - 8) return fail(text::safetensors_header_cut, {{"bytes", length}});
  return bytes.subspan(8, static_cast<std::size_t>(length));
}

}  // namespace

std::string_view dtype_name(Dtype dtype) { return std::ranges::find(kDtypes, dtype, &DtypeRow::dtype)->name; }

bool has_fractions(Dtype dtype) {
  using enum Dtype;
  return dtype == f64 || dtype == f32 || dtype == f16 || dtype == bf16 || dtype == f8_e4m3 || dtype == f8_e5m2;
}

std::size_t dtype_bytes(Dtype dtype) { return std::ranges::find(kDtypes, dtype, &DtypeRow::dtype)->bytes; }

std::string shape_text(const SafetensorsEntry& tensor) {
  std::string text;
  for (const std::uint64_t extent : tensor.shape) text += (text.empty() ? "" : ",") + std::to_string(extent);
  return "(" + text + ")";
}

const SafetensorsEntry* SafetensorsFile::find(std::string_view name) const {
  const auto it = std::ranges::find(tensors, name, &SafetensorsEntry::name);
  return it == tensors.end() ? nullptr : &*it;
}

SafetensorsReading::SafetensorsReading(std::span<const std::byte> bytes)
    : bytes_(bytes), header_(as_text(find_header(bytes).value_or(std::span<const std::byte>{}))) {}

Result<SafetensorsFile> SafetensorsReading::take() {
  const auto header = find_header(bytes_);
  if (!header) return std::unexpected(header.error());
  const auto json = parse_json_object(header_, text::json_header, 4);
  if (!json) return std::unexpected(json.error());
  if (json->size() > kMaxTensors + 1) return fail(text::safetensors_many, {{"n", json->size()}, {"most", kMaxTensors}});
  SafetensorsFile file;
  std::vector<Claim> claims;
  for (const auto& [name, value] : json->items()) {
    if (name == "__metadata__") {
      auto metadata = read_metadata(value);
      if (!metadata) return std::unexpected(metadata.error());
      file.metadata = std::move(*metadata);
      continue;
    }
    auto claim = read_claim(name, value);
    if (!claim) return std::unexpected(claim.error());
    claims.push_back(std::move(*claim));
  }
  const auto placed = place(claims, bytes_.subspan(8 + header->size()));
  if (!placed) return std::unexpected(placed.error());
  for (Claim& claim : claims) file.tensors.push_back(std::move(claim.entry));
  return file;
}

Result<SafetensorsFile> parse_safetensors(std::span<const std::byte> bytes) {
  SafetensorsReading reading(bytes);
  while (!reading.step()) continue;
  return reading.take();
}

void values_of(const SafetensorsEntry& tensor, std::span<float> out) {
  const std::span<const std::byte> bytes = tensor.bytes;
  if (tensor.dtype == Dtype::f32 && std::endian::native == std::endian::little) {
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size_bytes());
    return;
  }
  const std::size_t each = dtype_bytes(tensor.dtype);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = value_at(tensor.dtype, bytes.subspan(i * each, each));
}

std::vector<float> values_of(const SafetensorsEntry& tensor) {
  std::vector<float> out(tensor.bytes.size() / dtype_bytes(tensor.dtype));
  values_of(tensor, out);
  return out;
}

}  // namespace weightroom::io
