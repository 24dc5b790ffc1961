#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/long_strings.h"

// The safetensors format (https://github.com/huggingface/safetensors): 8 bytes little-endian N, N bytes of JSON that
// say name, type, shape and place of each tensor, then the values, row-major and little-endian.
namespace weightroom::io {

// The types of a header, but for those of less than a byte and the complex ones.
enum class Dtype { f64, i64, u64, f32, i32, u32, f16, bf16, i16, u16, i8, u8, boolean, f8_e4m3, f8_e5m2 };
inline constexpr std::string_view kPackingKey = "packing";  // in the metadata

[[nodiscard]] std::string_view dtype_name(Dtype dtype);  // "F16", as in a header
[[nodiscard]] std::size_t dtype_bytes(Dtype dtype);      // of one value
// Whether numbers of this type can be weights: fractions. Whole ones are counters, masks and indices beside them, or
// parts of a weight as our own metadata says (io/model_packing.h).
[[nodiscard]] bool has_fractions(Dtype dtype);

using FileMetadata = std::map<std::string, std::string, std::less<>>;

// One tensor of a parsed file. `bytes` points into what was parsed and holds exactly product(shape) values; rank 0 is a
// single value and an extent may be 0.
struct SafetensorsEntry {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;
};

[[nodiscard]] std::string shape_text(const SafetensorsEntry& tensor);  // "(12,3,3,3)"

struct SafetensorsFile {
  FileMetadata metadata;                  // "__metadata__"
  std::vector<SafetensorsEntry> tensors;  // in the order of their bytes

  [[nodiscard]] const SafetensorsEntry* find(std::string_view name) const;  // nullptr where there is none
};

inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{1} << 22;  // 100,000 classes; the reference takes 100 MB
inline constexpr std::size_t kMaxTensors = 10'000;

// Reads a whole file that lies in `bytes`, which must outlive the result. Nothing is believed before it is checked, and
// nothing is allocated for a number that the file claims. Refuses by a sentence: a header that is too short, too long
// or not JSON, a name twice in one object, a type this program does not read (F4, C64 and the like), a shape whose
// product overflows or does not match its bytes, tensors that overlap or leave holes, bytes before or after the
// tensors. Leading and trailing white space in the header is accepted, as in the reference. NaN and infinity pass.
[[nodiscard]] Result<SafetensorsFile> parse_safetensors(std::span<const std::byte> bytes);
// The same in slices, for headers that take longer than a frame.
class SafetensorsReading {
 public:
  explicit SafetensorsReading(std::span<const std::byte> bytes);

  bool step() { return header_.step(); }         // true once take() will not take long
  [[nodiscard]] Result<SafetensorsFile> take();  // once, at the end

 private:
  std::span<const std::byte> bytes_;
  LongStrings header_;
};

// The values as float: those of at most two bytes exactly, all others rounded to nearest. F8_E4M3 is the kind without
// infinities, F8_E5M2 a half with fewer digits (Micikevicius et al., "FP8 formats for deep learning", 2022).
[[nodiscard]] std::vector<float> values_of(const SafetensorsEntry& tensor);
void values_of(const SafetensorsEntry& tensor, std::span<float> out);  // out: exactly product(shape) floats

// A tensor to be written, as F32, F16 or BF16 (rounded to nearest even where it does not fit exactly), or its whole
// numbers as I64.
struct SafetensorsOutput {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::uint64_t> shape;
  std::span<const float> values;          // product(shape) of them
  std::span<const std::byte> bytes = {};  // in their place: as they are written
};

// The same tensors and metadata give the same bytes, whatever their order: largest value type first, then by name; the
// header padded with spaces so that the values start at a multiple of 8. Names must differ.
[[nodiscard]] std::vector<std::byte> write_safetensors(std::vector<SafetensorsOutput> tensors,
                                                       const FileMetadata& metadata);
// Of how many bytes: the tensors' values are not looked at.
// `more` of metadata, as metadata_bytes() counts it, stands in the header beside `metadata`.
[[nodiscard]] std::size_t safetensors_bytes(std::vector<SafetensorsOutput> tensors, const FileMetadata& metadata,
                                            std::size_t more = 0);
// What metadata adds to the header of a file that has some already.
[[nodiscard]] std::size_t metadata_bytes(const FileMetadata& metadata);

}  // namespace weightroom::io
