#include "io/picture_check.h"

#include <array>
#include <cstdint>

#include <strings/image.h>

#include "base/limits.h"
#include "io/crc32.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::uint64_t kMostSide = 32'768;

struct Brand {
  std::string_view name;
  PictureFormat format;
};
// ISO base media files: the major brand after "ftyp".
constexpr std::array<Brand, 10> kBrands{{{"avif", PictureFormat::avif},
                                         {"avis", PictureFormat::avif},
                                         {"heic", PictureFormat::heic},
                                         {"heix", PictureFormat::heic},
                                         {"heim", PictureFormat::heic},
                                         {"heis", PictureFormat::heic},
                                         {"hevc", PictureFormat::heic},
                                         {"hevx", PictureFormat::heic},
                                         {"mif1", PictureFormat::heic},
                                         {"msf1", PictureFormat::heic}}};

std::unexpected<Error> cut_short(const char* format) { return fail(text::image_cut_short, {{"format", format}}); }

std::unexpected<Error> damaged(const char* format) { return fail(text::image_damaged, {{"format", format}}); }

}  // namespace

PictureFormat picture_format(std::span<const std::byte> bytes) {
  if (has_at(bytes, 0, "\xFF\xD8\xFF")) return PictureFormat::jpeg;
  if (has_at(bytes, 0, "\x89PNG\r\n\x1A\n")) return PictureFormat::png;
  if (has_at(bytes, 0, "GIF87a") || has_at(bytes, 0, "GIF89a")) return PictureFormat::gif;
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return PictureFormat::webp;
  if (has_at(bytes, 4, "ftyp")) {
    for (const Brand& brand : kBrands) {
      if (has_at(bytes, 8, brand.name)) return brand.format;
    }
  }
  if (has_at(bytes, 0, std::string_view("II*\0", 4)) || has_at(bytes, 0, std::string_view("MM\0*", 4))) {
    return PictureFormat::tiff;
  }
  if (has_at(bytes, 0, "\xFF\x0A") || has_at(bytes, 4, "JXL \r\n\x87\n")) return PictureFormat::jpeg_xl;
  if (has_at(bytes, 0, "8BPS")) return PictureFormat::psd;
  if (has_at(bytes, 0, "%PDF-")) return PictureFormat::pdf;
  if (has_at(bytes, 0, std::string_view("\0\0\1\0", 4))) return PictureFormat::ico;
  // Last, since two letters say little: the two reserved words of a BMP are zero in every file we have seen.
  if (has_at(bytes, 0, "BM") && bytes.size() >= 10 && le32(bytes, 6) == 0) return PictureFormat::bmp;
  const std::string_view start = as_text(bytes.first(std::min<std::size_t>(bytes.size(), 512)));
  if (start.starts_with("<svg") || (start.starts_with("<?xml") && start.contains("<svg"))) return PictureFormat::svg;
  return PictureFormat::unknown;
}

std::string_view format_name(PictureFormat format) {
  switch (format) {
    case PictureFormat::jpeg:
      return "JPEG";
    case PictureFormat::png:
      return "PNG";
    case PictureFormat::gif:
      return "GIF";
    case PictureFormat::bmp:
      return "BMP";
    case PictureFormat::webp:
      return "WebP";
    case PictureFormat::avif:
      return "AVIF";
    case PictureFormat::heic:
      return "HEIC";
    case PictureFormat::tiff:
      return "TIFF";
    case PictureFormat::jpeg_xl:
      return "JPEG XL";
    case PictureFormat::svg:
      return "SVG";
    case PictureFormat::psd:
      return "Photoshop";
    case PictureFormat::ico:
      return "ICO";
    case PictureFormat::pdf:
      return "PDF";
    case PictureFormat::unknown:
      break;
  }
  return "unknown";
}

Status check_extent(std::uint64_t width, std::uint64_t height) {
  if (width == 0 || height == 0) return fail(text::image_no_area, {{"width", width}, {"height", height}});
  if (width <= kMostSide && height <= kMostSide && width * height <= base::kMostPixels) return {};
  return fail(text::image_too_large,
              {{"width", width}, {"height", height}, {"million", base::kMostPixels / 1'000'000}, {"side", kMostSide}});
}

Result<PictureHead> check_png(std::span<const std::byte> bytes) {
  PictureHead head;
  std::size_t at = 8;
  bool first = true;
  while (true) {
    if (bytes.size() - at < 12) return cut_short("PNG");
    const std::uint32_t length = be32(bytes, at);
    if (first) {
      if (!has_at(bytes, at + 4, "IHDR") || length != 13 || bytes.size() - at < 25) return damaged("PNG");
      const std::uint64_t width = be32(bytes, at + 8);
      const std::uint64_t height = be32(bytes, at + 12);
      if (auto ok = check_extent(width, height); !ok) return std::unexpected(ok.error());
      head.width = static_cast<int>(width);
      head.height = static_cast<int>(height);
    }
    if (length > bytes.size() - at - 12) return cut_short("PNG");
    // A critical chunk has a capital first letter; a fault in another one (a comment) spoils no pixel.
    const bool critical = (u8(bytes, at + 4) & 0x20U) == 0;
    if (critical && crc32(bytes.subspan(at + 4, length + 4)) != be32(bytes, at + 8 + length)) {
      return fail(text::image_png_checksum);
    }
    if (has_at(bytes, at + 4, "IEND")) return head;
    at += 12 + static_cast<std::size_t>(length);
    first = false;
  }
}

Result<PictureHead> check_gif(std::span<const std::byte> bytes) {
  if (bytes.size() < 13) return cut_short("GIF");
  const std::uint16_t width = le16(bytes, 6);
  const std::uint16_t height = le16(bytes, 8);
  if (auto ok = check_extent(width, height); !ok) return std::unexpected(ok.error());
  const auto table_bytes = [](unsigned flags) -> std::size_t {
    return (flags & 0x80U) != 0 ? 3U * (2U << (flags & 7U)) : 0U;
  };
  std::size_t at = 13 + table_bytes(u8(bytes, 10));
  while (at < bytes.size()) {
    const unsigned kind = u8(bytes, at);
    bool frame = false;
    if (kind == 0x21) {  // extension: a label, then blocks
      at += 2;
    } else if (kind == 0x2C) {
      if (bytes.size() - at < 11) return cut_short("GIF");
      at += 10 + table_bytes(u8(bytes, at + 9)) + 1;
      frame = true;
    } else {
      return kind == 0x3B ? fail(text::image_gif_empty) : damaged("GIF");
    }
    while (at < bytes.size() && u8(bytes, at) != 0) at += 1 + static_cast<std::size_t>(u8(bytes, at));
    if (at >= bytes.size()) return cut_short("GIF");
    ++at;
    if (frame) return PictureHead{width, height};
  }
  return cut_short("GIF");
}

Result<PictureHead> check_bmp(std::span<const std::byte> bytes) {
  if (bytes.size() < 26) return cut_short("BMP");
  const std::uint64_t offset = le32(bytes, 10);
  const bool old = le32(bytes, 14) == 12;
  if (!old && bytes.size() < 54) return cut_short("BMP");
  const std::uint64_t width = old ? le16(bytes, 18) : le32(bytes, 18);
  const auto rows = static_cast<std::int32_t>(old ? le16(bytes, 20) : le32(bytes, 22));
  const std::uint64_t height =
      rows < 0 ? static_cast<std::uint64_t>(-static_cast<std::int64_t>(rows)) : static_cast<std::uint64_t>(rows);
  const std::uint64_t bits = le16(bytes, old ? 24 : 28);
  if (auto ok = check_extent(width, height); !ok) return std::unexpected(ok.error());
  if (!old && (le32(bytes, 30) == 1 || le32(bytes, 30) == 2)) {
    return fail(text::image_bmp_runs);
  }
  if (offset > bytes.size() || (width * bits + 31) / 32 * 4 * height > bytes.size() - offset) return cut_short("BMP");
  return PictureHead{static_cast<int>(width), static_cast<int>(height)};
}

}  // namespace weightroom::io
