#include "io/gzip.h"

#include <algorithm>
#include <limits>

#include <strings/gzip.h>

#include "io/crc32.h"
#include "io/stb.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kMostMembers = 100'000;

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

struct Unpacked {
  std::vector<std::byte> bytes;  // the first `size` count, the others are room
  std::size_t size;
  std::uint64_t possible;  // of so long a file
  std::uint64_t most;      // that is allowed
};

// A stream, of a length that nothing says for sure: room is made until it is enough. Its own bytes; `out` grows.
Result<std::size_t> inflate_member(std::span<const std::byte> packed, Unpacked& out) {
  constexpr std::size_t kMostBlock = 65'535;  // which is written as a whole or not at all
  while (true) {
    const auto room = std::span(out.bytes).subspan(out.size);
    const Inflated got = inflate_into(room, packed);
    if (got.whole) {
      out.size += got.bytes;
      return got.read;
    }
    if (got.bytes + kMostBlock < room.size() || out.bytes.size() > out.possible) return fail(text::gzip_damaged);
    if (out.bytes.size() > out.most) return fail(text::gzip_more, {{"most", out.most}});
    const std::uint64_t wanted = out.bytes.size() + std::max(out.bytes.size() / 2, 2 * kMostBlock);
    // + 1: to notice that there is more.
    out.bytes.resize(static_cast<std::size_t>(std::min({wanted, out.possible + 1, out.most + 1})));
  }
}

// Takes the first member off `bytes`.
Status unpack_member(std::span<const std::byte>& bytes, Unpacked& out) {
  if (const auto part = packed_part(bytes); !part) return std::unexpected(part.error());
  const auto packed = bytes.subspan(*header_bytes(bytes));
  const std::size_t first = out.size;
  // The trailer goes along: stb_image 2.27 takes the end of its input for an error where fewer than 16 bits are left,
  // even if the last symbol needs only them.
  const auto read = inflate_member(packed, out);
  if (!read) return std::unexpected(read.error());
  if (out.size > out.most) return fail(text::gzip_more, {{"most", out.most}});
  if (*read > packed.size() || packed.size() - *read < 8) return gzip_cut_short();
  const auto member = std::span(out.bytes).subspan(first, out.size - first);
  if (le32(packed, *read + 4) != static_cast<std::uint32_t>(member.size())) return fail(text::gzip_length);
  if (le32(packed, *read) != crc32(member)) return fail(text::gzip_checksum);
  bytes = packed.subspan(*read + 8);
  return {};
}

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) { return has_at(bytes, 0, "\x1F\x8B"); }

Result<std::vector<std::byte>> gunzip(std::span<const std::byte> bytes, std::uint64_t most) {
  if (const auto part = packed_part(bytes); !part) return std::unexpected(part.error());
  constexpr auto kMostInt = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
  most = std::min(most, kMostInt - 1);
  // DEFLATE makes at most 1,032 bytes of one, so a claim past that is a lie and nothing is allocated for it.
  const std::uint64_t claimed = le32(bytes, bytes.size() - 4);
  const std::uint64_t possible = bytes.size() * std::uint64_t{1032};
  if (claimed > most) return fail(text::gzip_too_large, {{"n", claimed}, {"most", most}});
  if (claimed > possible) return fail(text::gzip_length);

  // Of one member all that there is, and room to notice that there is more.
  Unpacked out{std::vector<std::byte>(static_cast<std::size_t>(claimed) + 1), 0, possible, most};
  std::size_t members = 0;
  do {
    if (++members > kMostMembers) return fail(text::gzip_members, {{"n", kMostMembers}});
    if (auto ok = unpack_member(bytes, out); !ok) return std::unexpected(ok.error());
  } while (is_gzip(bytes));
  if (std::ranges::any_of(bytes, [](std::byte b) { return b != std::byte{0}; })) return fail(text::gzip_damaged);
  out.bytes.resize(out.size);
  return std::move(out.bytes);
}

Result<std::vector<std::byte>> gunzip_prefix(std::span<const std::byte> bytes, std::size_t count) {
  // A block that is stored as it is comes as a whole or not at all, and is as long as this at most.
  constexpr std::size_t kMostBlock = 65'535;
  constexpr std::size_t kMostInput = std::size_t{1} << 17;
  std::vector<std::byte> out(count + kMostBlock);
  std::size_t size = 0;
  std::size_t looked_at = 0;  // of the file: members may be empty without end
  do {
    if (const auto part = packed_part(bytes); !part) return std::unexpected(part.error());
    bytes = bytes.subspan(*header_bytes(bytes));
    const auto packed = bytes.first(std::min(bytes.size(), kMostInput));  // the trailer too, as above
    const Inflated got = inflate_into(std::span(out).subspan(size), packed);
    size += got.bytes;
    if (!got.whole && size < count) return fail(text::gzip_damaged);
    if (!got.whole || bytes.size() - std::min(bytes.size(), got.read) < 8) break;
    bytes = bytes.subspan(got.read + 8);
    looked_at += got.read + 18;
  } while (size < count && looked_at < kMostInput && is_gzip(bytes));
  out.resize(std::min(count, size));
  return out;
}

}  // namespace weightroom::io
