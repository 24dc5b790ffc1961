#include "io/gzip.h"

#include <algorithm>
#include <limits>

#include <strings/gzip.h>

#include "io/crc32.h"
#include "io/stb.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

std::unexpected<Error> gzip_cut_short() { return fail(text::gzip_cut_short); }

// Bytes of the header, or nothing where the file ends in it.
Result<std::size_t> header_bytes(std::span<const std::byte> bytes) {
  const unsigned flags = u8(bytes, 3);
  if ((flags & 0xE0U) != 0) return fail(text::gzip_flags);
  std::size_t at = 10;
  if ((flags & 4U) != 0) {  // FEXTRA
    if (bytes.size() - at < 2) return gzip_cut_short();
    at += 2 + static_cast<std::size_t>(le16(bytes, at));
  }
  for (const unsigned text : {8U, 16U}) {  // FNAME, FCOMMENT: up to a zero
    if ((flags & text) == 0) continue;
    while (at < bytes.size() && u8(bytes, at) != 0) ++at;
    ++at;
  }
  if ((flags & 2U) != 0) at += 2;  // FHCRC
  if (at > bytes.size()) return gzip_cut_short();
  return at;
}

// What lies between header and trailer, both of which are there.
Result<std::span<const std::byte>> packed_part(std::span<const std::byte> bytes) {
  if (!is_gzip(bytes)) return fail(text::gzip_none);
  if (bytes.size() < 18) return gzip_cut_short();
  if (u8(bytes, 2) != 8) return fail(text::gzip_method);
  const auto header = header_bytes(bytes);
  if (!header) return std::unexpected(header.error());
  if (bytes.size() - *header < 8) return gzip_cut_short();
  return bytes.subspan(*header, bytes.size() - *header - 8);
}

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) { return has_at(bytes, 0, "\x1F\x8B"); }

Result<std::vector<std::byte>> gunzip(std::span<const std::byte> bytes, std::uint64_t most) {
  const auto part = packed_part(bytes);
  if (!part) return std::unexpected(part.error());
  const auto packed = *part;
  const std::uint32_t checksum = le32(bytes, bytes.size() - 8);
  const std::uint64_t size = le32(bytes, bytes.size() - 4);
  // DEFLATE makes at most 1,032 bytes of one, so a claim past that is a lie and nothing is allocated for it.
  if (size > most) return fail(text::gzip_too_large, {{"n", size}, {"most", most}});
  constexpr auto kMostInt = static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (size > packed.size() * std::uint64_t{1032} || size > kMostInt || packed.size() > kMostInt - 8) {
    return fail(text::gzip_length);
  }
  std::vector<std::byte> out(static_cast<std::size_t>(size) + 1);  // + 1: room to notice that there is more
  // The trailer goes along: stb_image 2.27 takes the end of its input for an error where fewer than 16 bits are left,
  // even if the last symbol needs only them.
  const int got = stbi_zlib_decode_noheader_buffer(reinterpret_cast<char*>(out.data()), static_cast<int>(out.size()),
                                                   reinterpret_cast<const char*>(packed.data()),
                                                   static_cast<int>(packed.size() + 8));
  out.resize(static_cast<std::size_t>(size));
  if (got < 0 || static_cast<std::uint64_t>(got) != size || crc32(out) != checksum) {
    return fail(text::gzip_checksum);
  }
  return out;
}

Result<std::vector<std::byte>> gunzip_prefix(std::span<const std::byte> bytes, std::size_t count) {
  const auto part = packed_part(bytes);
  if (!part) return std::unexpected(part.error());
  // A block that is stored as it is comes as a whole or not at all, and is as long as this at most.
  constexpr std::size_t kMostBlock = 65'535;
  constexpr std::size_t kMostInput = std::size_t{1} << 17;
  const auto packed = std::span(part->data(), std::min(part->size() + 8, kMostInput));  // the trailer too, as above
  std::vector<std::byte> out(count + kMostBlock);
  const Inflated got = inflate_into(out, packed);
  if (got.bytes < count && !got.whole) return fail(text::gzip_damaged);
  out.resize(std::min(count, got.bytes));
  return out;
}

}  // namespace weightroom::io
