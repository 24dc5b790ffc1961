#include <cstdint>

#include <strings/image.h>

#include "io/picture_check.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// Passes over one picture that a JPEG may ask for: an ordinary progressive one has about ten.
constexpr int kMostScans = 64;

std::unexpected<Error> jpeg_cut_short() { return fail(text::image_cut_short, {{"format", "JPEG"}}); }
std::unexpected<Error> damaged() { return fail(text::image_damaged, {{"format", "JPEG"}}); }

struct Walk {
  std::span<const std::byte> bytes;
  std::size_t at = 2;  // after the start-of-image marker
  PictureHead head;
  bool frame = false;
  bool progressive = false;
  int components = 0;
  bool adobe = false;
  bool exif = false;
  int scans = 0;
};

// stb_image 2.27 fills tables of 256 symbols with as many as the file counts, up to 4,080, and marks symbol 255 like
// "none". No 8-bit JPEG needs more than 176.
Status check_huffman(std::span<const std::byte> segment) {
  while (!segment.empty()) {
    if (segment.size() < 17) return damaged();
    std::size_t count = 0;
    for (std::size_t i = 1; i <= 16; ++i) count += u8(segment, i);
    if (count > 255 || segment.size() - 17 < count) return damaged();
    segment = segment.subspan(17 + count);
  }
  return {};
}

Status check_frame(Walk& walk, unsigned marker, std::span<const std::byte> segment) {
  if (marker > 0xC2) return fail(text::image_jpeg_kind);
  if (walk.frame || segment.size() < 6) return damaged();
  if (u8(segment, 0) != 8) return fail(text::image_jpeg_bits);
  const std::uint16_t height = be16(segment, 1);
  const std::uint16_t width = be16(segment, 3);
  if (auto ok = check_extent(width, height); !ok) return ok;
  walk.head.width = width;
  walk.head.height = height;
  // Every 8 x 8 block takes at least one bit, so this is generous. Without it a file of 1 KB could claim a million of
  // them, and stb_image would decode each from zeros.
  if (std::uint64_t{width} * height / 1024 > walk.bytes.size()) return jpeg_cut_short();
  walk.progressive = marker == 0xC2;
  walk.components = u8(segment, 5);
  walk.frame = true;
  return {};
}

Status take_segment(Walk& walk, unsigned marker, std::span<const std::byte> segment) {
  if (marker == 0xC4) return check_huffman(segment);
  if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC8 && marker != 0xCC) return check_frame(walk, marker, segment);
  if (marker == 0xE1 && !walk.exif && has_at(segment, 0, std::string_view("Exif\0\0", 6))) {
    walk.head.orientation = exif_orientation(segment.subspan(6));
    walk.exif = true;
  }
  if (marker == 0xEE && segment.size() >= 12 && has_at(segment, 0, std::string_view("Adobe\0", 6))) walk.adobe = true;
  return {};
}

// Past the coded pixels of a scan, to the marker that ends them: 0xFF before a zero is data, restart markers are too.
Status skip_scan(Walk& walk) {
  if (++walk.scans > kMostScans) return fail(text::image_jpeg_scans, {{"n", kMostScans}});
  // Without progression each channel comes once.
  if (!walk.progressive && walk.scans > walk.components) return damaged();
  const auto& bytes = walk.bytes;
  for (; bytes.size() - walk.at >= 2; ++walk.at) {
    if (u8(bytes, walk.at) != 0xFF) continue;
    const unsigned next = u8(bytes, walk.at + 1);
    if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) return {};
  }
  return jpeg_cut_short();
}

// The next marker, 0xD9 at the end of the picture.
Result<unsigned> next_marker(Walk& walk) {
  const auto& bytes = walk.bytes;
  // Some files have filling between segments; after the frame stb_image accepts none.
  while (walk.at < bytes.size() && u8(bytes, walk.at) != 0xFF) ++walk.at;
  while (walk.at < bytes.size() && u8(bytes, walk.at) == 0xFF) ++walk.at;
  if (walk.at >= bytes.size()) return jpeg_cut_short();
  return u8(bytes, walk.at++);
}

}  // namespace

Result<PictureHead> check_jpeg(std::span<const std::byte> bytes) {
  Walk walk;
  walk.bytes = bytes;
  while (true) {
    const auto marker = next_marker(walk);
    if (!marker) return std::unexpected(marker.error());
    if (*marker == 0xD9) break;
    if (*marker < 0xC0 || (*marker >= 0xD0 && *marker <= 0xD8)) return damaged();
    if (bytes.size() - walk.at < 2) return jpeg_cut_short();
    const std::size_t length = be16(bytes, walk.at);
    if (length < 2) return damaged();
    if (length > bytes.size() - walk.at) return jpeg_cut_short();
    const auto segment = bytes.subspan(walk.at + 2, length - 2);
    if (auto ok = take_segment(walk, *marker, segment); !ok) return std::unexpected(ok.error());
    walk.at += length;
    if (*marker == 0xDA) {
      if (!walk.frame) return damaged();
      if (auto ok = skip_scan(walk); !ok) return std::unexpected(ok.error());
    }
  }
  if (walk.scans == 0) return damaged();
  walk.head.plain_cmyk = walk.components == 4 && !walk.adobe;
  return walk.head;
}

// EXIF 2.32, 4.5: a TIFF header, then directory 0, rows of 12 bytes; orientation is tag 0x0112, a SHORT.
int exif_orientation(std::span<const std::byte> tiff) {
  const bool little = has_at(tiff, 0, "II");
  if (!little && !has_at(tiff, 0, "MM")) return 1;
  const auto read16 = [&](std::size_t at) { return little ? le16(tiff, at) : be16(tiff, at); };
  const auto read32 = [&](std::size_t at) { return little ? le32(tiff, at) : be32(tiff, at); };
  if (tiff.size() < 8 || read16(2) != 42) return 1;
  const std::uint64_t directory = read32(4);
  if (directory > tiff.size() || tiff.size() - directory < 2) return 1;
  auto at = static_cast<std::size_t>(directory);
  const std::size_t rows = read16(at);
  at += 2;
  for (std::size_t row = 0; row < rows && tiff.size() - at >= 12; ++row, at += 12) {
    if (read16(at) != 0x0112) continue;
    const unsigned value = read16(at + 8);
    return read16(at + 2) == 3 && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace weightroom::io
