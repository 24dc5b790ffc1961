// The size a picture file claims, asked before anybody begins to decode it.
#include <algorithm>

#include "io/picture_format.h"

namespace weightroom::io {
namespace {

std::uint64_t byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return at < bytes.size() ? std::to_integer<std::uint64_t>(bytes[at]) : 0;
}

// Little-endian, missing bytes as zero.
std::uint64_t little(std::span<const std::byte> bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | byte_at(bytes, at + static_cast<std::size_t>(i));
  return value;
}

std::uint64_t big(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

std::uint64_t big32(std::span<const std::byte> bytes, std::size_t at) { return big(bytes, at, 4); }

bool says(std::span<const std::byte> bytes, std::size_t at, std::string_view word) {
  return at + word.size() <= bytes.size() &&
         std::ranges::equal(bytes.subspan(at, word.size()), std::as_bytes(std::span(word)));
}

// ITU-T T.81: the frame header (SOF0 to SOF15 without DHT, JPG and DAC), behind segments that say how long they are.
ClaimedExtent jpeg_extent(std::span<const std::byte> bytes) {
  std::size_t at = 2;
  while (at + 9 < bytes.size()) {
    if (byte_at(bytes, at) != 0xFF) return {};
    const std::uint64_t marker = byte_at(bytes, at + 1);
    if (marker == 0xFF) {  // a fill byte
      ++at;
      continue;
    }
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC)
      return {big(bytes, at + 7, 2), big(bytes, at + 5, 2)};
    at += 2 + static_cast<std::size_t>(std::max<std::uint64_t>(2, big(bytes, at + 2, 2)));
  }
  return {};
}

// Rows from the bottom have a positive height, rows from the top a negative one; OS/2's first header has 16 bits each.
ClaimedExtent bmp_extent(std::span<const std::byte> bytes) {
  if (little(bytes, 14, 4) == 12) return {little(bytes, 18, 2), little(bytes, 20, 2)};
  const auto height = static_cast<std::int32_t>(static_cast<std::uint32_t>(little(bytes, 22, 4)));
  return {little(bytes, 18, 4), static_cast<std::uint64_t>(height < 0 ? -static_cast<std::int64_t>(height) : height)};
}

// RFC 9649: the first chunk is the lossy frame, the lossless one, or the extended header.
ClaimedExtent webp_extent(std::span<const std::byte> bytes) {
  constexpr std::uint64_t k14 = (1U << 14) - 1;
  if (says(bytes, 12, "VP8X")) return {little(bytes, 24, 3) + 1, little(bytes, 27, 3) + 1};
  if (says(bytes, 12, "VP8L")) {
    const std::uint64_t sizes = little(bytes, 21, 4);
    return {(sizes & k14) + 1, (sizes >> 14 & k14) + 1};
  }
  if (says(bytes, 12, "VP8 ")) return {little(bytes, 26, 2) & k14, little(bytes, 28, 2) & k14};
  return {};
}

// ISO/IEC 23008-12: each item has a box 'ispe'; that of the whole picture is the largest (a grid is made of tiles).
ClaimedExtent item_extent(std::span<const std::byte> bytes) {
  constexpr std::size_t kHead = 1U << 20;  // where the boxes of a still picture stand, ahead of its data
  ClaimedExtent largest;
  const std::size_t end = std::min(bytes.size(), kHead);
  for (std::size_t at = 4; at + 16 <= end; ++at) {
    if (!says(bytes, at, "ispe")) continue;
    const ClaimedExtent claimed{big32(bytes, at + 8), big32(bytes, at + 12)};
    if (claimed.width * claimed.height >= largest.width * largest.height) largest = claimed;
  }
  return largest;
}

}  // namespace

std::optional<ClaimedExtent> claimed_extent(std::span<const std::byte> bytes) {
  const PictureFormat format = picture_format(bytes);
  ClaimedExtent claimed;
  if (format == PictureFormat::jpeg) claimed = jpeg_extent(bytes);
  if (format == PictureFormat::png) claimed = {big32(bytes, 16), big32(bytes, 20)};
  if (format == PictureFormat::gif) claimed = {little(bytes, 6, 2), little(bytes, 8, 2)};
  if (format == PictureFormat::bmp) claimed = bmp_extent(bytes);
  if (format == PictureFormat::webp) claimed = webp_extent(bytes);
  if (format == PictureFormat::avif || format == PictureFormat::heic) claimed = item_extent(bytes);
  if (claimed.width == 0 || claimed.height == 0) return std::nullopt;
  return claimed;
}

}  // namespace weightroom::io
