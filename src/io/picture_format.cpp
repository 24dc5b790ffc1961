#include "io/picture_format.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <strings/image.h>

#include "base/limits.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::uint64_t kMostSide = 32'768;

struct Brand {
  std::string_view name;
  PictureFormat format;
};
// ISO base media files: the major brand after "ftyp".
constexpr std::array<Brand, 8> kBrands{{{"avif", PictureFormat::avif},
                                        {"avis", PictureFormat::avif},
                                        {"heic", PictureFormat::heic},
                                        {"heix", PictureFormat::heic},
                                        {"heim", PictureFormat::heic},
                                        {"heis", PictureFormat::heic},
                                        {"hevc", PictureFormat::heic},
                                        {"hevx", PictureFormat::heic}}};

// ISO/IEC 14496-12: the major brand at 8, a version, and the brands that the file agrees with, up to the end of the
// box. mif1 and msf1 say no more than that it holds pictures (ISO/IEC 23008-12): another brand says of which kind.
PictureFormat format_of_box(std::span<const std::byte> bytes) {
  constexpr std::size_t kMost = 64;
  const std::size_t end = std::min<std::size_t>({be32(bytes, 0), bytes.size(), kMost});
  for (std::size_t at = 8; at + 4 <= end; at += at == 8 ? 8 : 4) {
    for (const Brand& brand : kBrands) {
      if (has_at(bytes, at, brand.name)) return brand.format;
    }
  }
  const bool pictures = has_at(bytes, 8, "mif1") || has_at(bytes, 8, "msf1");
  return pictures ? PictureFormat::heic : PictureFormat::unknown;
}

}  // namespace

PictureFormat picture_format(std::span<const std::byte> bytes) {
  if (has_at(bytes, 0, "\xFF\xD8\xFF")) return PictureFormat::jpeg;
  if (has_at(bytes, 0, "\x89PNG\r\n\x1A\n")) return PictureFormat::png;
  if (has_at(bytes, 0, "GIF87a") || has_at(bytes, 0, "GIF89a")) return PictureFormat::gif;
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return PictureFormat::webp;
  if (has_at(bytes, 4, "ftyp")) {
    if (const PictureFormat format = format_of_box(bytes); format != PictureFormat::unknown) return format;
  }
  if (has_at(bytes, 0, std::string_view("II*\0", 4)) || has_at(bytes, 0, std::string_view("MM\0*", 4))) {
    return PictureFormat::tiff;
  }
  if (has_at(bytes, 0, "\xFF\x0A") || has_at(bytes, 4, "JXL \r\n\x87\n")) return PictureFormat::jpeg_xl;
  if (has_at(bytes, 0, "\xFF\x4F\xFF\x51") || has_at(bytes, 4, "jP  \r\n\x87\n")) return PictureFormat::jpeg_2000;
  if (has_at(bytes, 0, "8BPS")) return PictureFormat::psd;
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
    case PictureFormat::jpeg_2000:
      return "JPEG 2000";
    case PictureFormat::svg:
      return "SVG";
    case PictureFormat::psd:
      return "Photoshop";
    case PictureFormat::ico:
      return "ICO";
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

}  // namespace weightroom::io
