#include "io/file_kind.h"

#include <algorithm>
#include <array>
#include <optional>

#include "io/gzip.h"
#include "io/idx.h"
#include "io/picture_format.h"
#include "io/safetensors.h"
#include "io/tar.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

using namespace std::string_view_literals;

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
    case PictureFormat::jpeg_2000:
      return FileKind::other_picture;
  }
  return std::nullopt;
}

struct Mark {
  std::size_t at;
  std::string_view bytes;
  FileKind kind;
};
// By which formats begin. The longer ones of a kind say more than a file's name does.
constexpr std::array kFileMarks{
    Mark{0, "\x89HDF\r\n\x1A\n"sv, FileKind::keras},
    Mark{4, "TFL3"sv, FileKind::tflite},
    Mark{4, "ORTM"sv, FileKind::ort},
    Mark{0, "GGUF"sv, FileKind::other_model},
    Mark{0, "\x93NUMPY"sv, FileKind::numpy},
    Mark{0, "version https://git-lfs"sv, FileKind::lfs_pointer},
    Mark{4, "ftyp"sv, FileKind::film},  // pictures of this family are known by then
    Mark{4, "moov"sv, FileKind::film},
    Mark{4, "mdat"sv, FileKind::film},
    Mark{4, "wide"sv, FileKind::film},
    Mark{0, "\x1A\x45\xDF\xA3"sv, FileKind::film},  // Matroska, WebM
    Mark{8, "AVI LIST"sv, FileKind::film},
    Mark{8, "WAVEfmt "sv, FileKind::film},
    Mark{0, "OggS\0"sv, FileKind::film},
    Mark{0, "FLV\1"sv, FileKind::film},
    Mark{0, "\0\0\1\xBA"sv, FileKind::film},
    Mark{0, "\x30\x26\xB2\x75\x8E\x66"sv, FileKind::film},
    Mark{0, "fLaC\0"sv, FileKind::film},
    Mark{0, "ID3"sv, FileKind::film},
    Mark{0, "%PDF-"sv, FileKind::document},
    Mark{0, "%!PS"sv, FileKind::document},
    Mark{0, "{\\rtf"sv, FileKind::document},
    Mark{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, FileKind::document},
    Mark{0, "Rar!\x1A\x07"sv, FileKind::archive},
    Mark{0, "7z\xBC\xAF\x27\x1C"sv, FileKind::archive},
    Mark{0, "\xFD\x37zXZ\0"sv, FileKind::archive},
    Mark{0, "BZh"sv, FileKind::archive},
    Mark{0, "\x28\xB5\x2F\xFD"sv, FileKind::archive},
};

// What a zip holds, by the name of the first file in it.
FileKind zip_kind(std::string_view name, std::span<const std::byte> bytes) {
  const std::string_view first = bytes.size() < 30 ? ""sv : beginning(bytes.subspan(30), le16(bytes, 26));
  if (first.ends_with("data.pkl") || name.ends_with(".pt") || name.ends_with(".pth")) return FileKind::pickle;
  if (first.ends_with(".npy")) return FileKind::numpy;
  if (name.ends_with(".keras") || first == "model.weights.h5") return FileKind::keras;
  const bool office = first == "[Content_Types].xml" || first == "mimetype" || first.starts_with("_rels/") ||
                      first.starts_with("word/") || first.starts_with("docProps/");
  return office ? FileKind::document : FileKind::zip;
}

// Its length as a safetensors file's would be none.
bool is_pickle(std::span<const std::byte> bytes) {
  return bytes.size() >= 8 && u8(bytes, 0) == 0x80 && u8(bytes, 1) >= 2 && u8(bytes, 1) <= 5 &&
         le64(bytes, 0) > bytes.size();
}

std::optional<FileKind> marked_kind(std::string_view name, std::span<const std::byte> bytes) {
  for (const Mark& mark : kFileMarks) {
    if (has_at(bytes, mark.at, mark.bytes)) return mark.kind;
  }
  if (has_at(bytes, 0, "PK\x03\x04") || has_at(bytes, 0, "PK\x05\x06")) return zip_kind(name, bytes);
  if (is_pickle(bytes)) return FileKind::pickle;
  if (is_gzip(bytes)) return FileKind::gzip;
  return std::nullopt;
}

// A text's kind, by the first of it. Every file of a history says its format early.
std::optional<FileKind> text_kind(std::string_view name, std::span<const std::byte> bytes) {
  std::string_view text = beginning(bytes, 4096);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  if (text.starts_with('<')) {
    std::string lower(text.substr(0, 1024));
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const char* mark : {"<!doctype html", "<html", "<head", "<body"}) {
      if (lower.contains(mark)) return FileKind::web_page;
    }
  }
  const bool object = text.starts_with('{');
  if (text.substr(0, 200).contains(kHistoryFormat) && (object || name.ends_with(".json"))) return FileKind::history;
  if (!object) return std::nullopt;
  if (text.contains("\"modelTopology\"") || text.contains("\"weightsManifest\"")) return FileKind::tfjs;
  // The net of a recipe is a word; a class may be called so too, and have a number.
  const std::size_t net = text.find("\"net\"");
  if (net == text.npos) return std::nullopt;
  const std::size_t value = text.find_first_not_of(": \t\r\n", net + 5);
  return value != text.npos && text[value] == '"' ? std::optional(FileKind::recipe) : std::nullopt;
}

struct Ending {
  std::string_view name;
  FileKind kind;
};
constexpr std::array kEndings{
    Ending{".safetensors", FileKind::model},
    Ending{".onnx", FileKind::onnx},
    Ending{".tar", FileKind::tar},
    Ending{".txt", FileKind::labels},
    Ending{".labels", FileKind::labels},
    Ending{".names", FileKind::labels},
    Ending{".csv", FileKind::labels},
    Ending{".tsv", FileKind::labels},
    Ending{".h5", FileKind::keras},
    Ending{".hdf5", FileKind::keras},
    Ending{".keras", FileKind::keras},
    Ending{".tflite", FileKind::tflite},
    Ending{".pb", FileKind::tensorflow},
    Ending{".ckpt", FileKind::pickle},
    Ending{".pt", FileKind::pickle},
    Ending{".pth", FileKind::pickle},
    Ending{".pkl", FileKind::pickle},
    Ending{".ort", FileKind::ort},
    Ending{".mlmodel", FileKind::other_model},
    Ending{".caffemodel", FileKind::other_model},
    Ending{".pdmodel", FileKind::other_model},
    Ending{".mnn", FileKind::other_model},
};

std::optional<FileKind> named_kind(std::string_view name) {
  const auto* ending = std::ranges::find_if(kEndings, [&](const Ending& e) { return name.ends_with(e.name); });
  return ending == kEndings.end() ? std::nullopt : std::optional(ending->kind);
}

// ir_version, field 1 as a varint, comes first in what every exporter of ONNX writes.
bool begins_as_onnx(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && u8(bytes, 0) == 0x08 && u8(bytes, 1) >= 1 && u8(bytes, 1) <= 32;
}

// No control characters but those of lines.
bool reads_as_text(std::span<const std::byte> bytes) {
  const std::string_view text = beginning(bytes, 4096);
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  });
}

FileKind text_without_name(std::span<const std::byte> bytes) {
  if (!reads_as_text(bytes)) return FileKind::unknown;
  const char first = beginning(bytes, 1)[0];
  return first == '{' || first == '[' ? FileKind::labels : FileKind::text;
}

}  // namespace

FileKind kind_of(std::string_view name, std::span<const std::byte> bytes) {
  if (const auto kind = safetensors_kind(bytes)) return *kind;
  // Before pictures: an archive whose first folder is called "BMW" begins as a BMP does.
  if (begins_as_tar(bytes)) return FileKind::tar;
  if (const auto kind = picture_kind(bytes)) return *kind;
  if (const int rank = idx_rank(bytes); rank > 0) return rank == 3 ? FileKind::idx_pictures : FileKind::idx_labels;
  if (const auto kind = text_kind(name, bytes)) return *kind;
  if (const auto kind = marked_kind(name, bytes)) return *kind;
  if (const auto kind = named_kind(name)) return *kind;
  if (begins_as_onnx(bytes)) return FileKind::onnx;  // two bytes say less than a name
  return text_without_name(bytes);
}

}  // namespace weightroom::io
