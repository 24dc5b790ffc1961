#include "io/file_kind.h"

#include <algorithm>
#include <optional>

#include "io/gzip.h"
#include "io/idx.h"
#include "io/picture_check.h"
#include "io/safetensors.h"
#include "io/tar.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

std::string_view beginning(std::span<const std::byte> bytes, std::size_t most) {
  return as_text(bytes.first(std::min(bytes.size(), most)));
}

// Eight bytes of length, then a JSON object. That the length is none a file could have is the mark of a GIF, say, whose
// height has a byte '{' in this place. What begins so but cannot be read is a model that is damaged.
std::optional<FileKind> safetensors_kind(std::span<const std::byte> bytes) {
  constexpr std::uint64_t kMostLength = std::uint64_t{1} << 40;
  if (bytes.size() <= 8 || le64(bytes, 0) >= kMostLength) return std::nullopt;
  if (const auto file = parse_safetensors(bytes)) {
    return file->tensors.empty() || file->metadata.contains("weightroom") ? FileKind::model : FileKind::weights;
  }
  return bytes[8] == std::byte{'{'} ? std::optional(FileKind::model) : std::nullopt;
}

std::optional<FileKind> picture_kind(std::span<const std::byte> bytes) {
  switch (picture_format(bytes)) {
    case PictureFormat::unknown:
      return std::nullopt;
    case PictureFormat::jpeg:
    case PictureFormat::png:
    case PictureFormat::gif:
    case PictureFormat::bmp:
      return FileKind::picture;
    case PictureFormat::webp:
    case PictureFormat::avif:
    case PictureFormat::heic:
    case PictureFormat::tiff:
    case PictureFormat::jpeg_xl:
    case PictureFormat::ico:
      return FileKind::browser_picture;
    case PictureFormat::svg:
    case PictureFormat::psd:
    case PictureFormat::pdf:
      return FileKind::other_picture;
  }
  return std::nullopt;
}

bool is_history(std::string_view name, std::span<const std::byte> bytes) {
  const std::string_view text = beginning(bytes, 200);
  return text.contains(kHistoryFormat) && (name.ends_with(".json") || text.starts_with('{'));
}

bool is_recipe(std::span<const std::byte> bytes) {
  const std::string_view text = beginning(bytes, 4096);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' && text.contains("\"net\"");
}

// ir_version, field 1 as a varint, comes first in what every exporter of ONNX writes.
bool begins_as_onnx(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && u8(bytes, 0) == 0x08 && u8(bytes, 1) >= 1 && u8(bytes, 1) <= 32;
}

// Its length as a safetensors file's would be none.
bool is_pickle(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && u8(bytes, 0) == 0x80 && u8(bytes, 1) >= 2 && u8(bytes, 1) <= 5 &&
         le64(bytes, 0) > bytes.size();
}

}  // namespace

FileKind kind_of(std::string_view name, std::span<const std::byte> bytes) {
  if (const auto kind = safetensors_kind(bytes)) return *kind;
  // Before pictures: an archive whose first folder is called "BMW" begins as a BMP does.
  if (begins_as_tar(bytes)) return FileKind::tar;
  if (const auto kind = picture_kind(bytes)) return *kind;
  if (const int rank = idx_rank(bytes); rank > 0) return rank == 3 ? FileKind::idx_pictures : FileKind::idx_labels;
  if (is_history(name, bytes)) return FileKind::history;

  if (name.ends_with(".safetensors")) return FileKind::model;
  if (name.ends_with(".onnx") || begins_as_onnx(bytes)) return FileKind::onnx;  // two bytes say less than a name
  if (name.ends_with(".tar")) return FileKind::tar;
  if (name.ends_with(".txt") || name.ends_with(".labels") || name.ends_with(".names")) return FileKind::labels;

  // What is not opened as it is. A name that says what it ought to be leads to the reader whose sentence helps.
  if (has_at(bytes, 0, "PK\x03\x04")) return FileKind::zip;
  if (is_pickle(bytes)) return FileKind::pickle;
  if (is_gzip(bytes)) return FileKind::gzip;
  return is_recipe(bytes) ? FileKind::recipe : FileKind::unknown;
}

}  // namespace weightroom::io
