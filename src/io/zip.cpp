#include "io/zip.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <strings/zip.h>

#include "base/sort.h"
#include "io/archive_path.h"
#include "io/crc32.h"
#include "io/stb.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kMostZipEntries = 200'000;
constexpr std::size_t kMostZipPath = 4096;
constexpr std::size_t kZipEndSize = 22;     // of the end of central directory record, without its comment
constexpr std::size_t kEnd64Size = 56;      // of the one of 64 bits
constexpr std::size_t kLocatorSize = 20;    // which says where that one is
constexpr std::size_t kDirectorySize = 46;  // of an entry in the central directory, without its texts
constexpr std::size_t kLocalSize = 30;      // of the header before a file
constexpr std::uint16_t kEncrypted = 1U;    // flags of an entry
constexpr std::uint16_t kUtf8 = 1U << 11U;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
// DEFLATE makes at most 1,032 bytes of one: a claim past that is a lie, and nothing is allocated for it.
constexpr std::uint64_t kMostOfOne = 1032;

// The characters of code page 437 from 0x80 on; for lines and blocks, which no name has, '_'.
constexpr std::string_view kPage437 =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»________________________________________________αßΓπΣσµτΦΘΩδ∞φε∩≡±"
    "≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";

bool goes_on(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Character `place` of them.
std::string_view of_page_437(std::size_t place) {
  std::size_t at = 0;
  const auto end_of = [](std::size_t from) {
    do ++from;
    while (from < kPage437.size() && goes_on(kPage437[from]));
    return from;
  };
  for (; place > 0; --place) at = end_of(at);
  return kPage437.substr(at, end_of(at) - at);
}

// Whether the bytes are UTF-8 without what the standard forbids (longer forms, halves of pairs).
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() < length) return false;
    for (std::size_t i = 1; i < length; ++i) {
      if (!goes_on(text[i])) return false;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[1]) : 0U;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) || (first == 0xF0 && second < 0x90) ||
        (first == 0xF4 && second >= 0x90))
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string name_of(std::string_view stored, std::uint16_t flags) {
  std::string name;
  if ((flags & kUtf8) != 0 || is_utf8(stored)) {
    name = stored;
  } else {
    for (const char c : stored) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x80) {
        name += c;
      } else {
        name += of_page_437(byte - 0x80U);
      }
    }
  }
  std::ranges::replace(name, '\\', '/');  // as some programs of Windows have it
  return name;
}

// Where the central directory is, and how many entries it lists.
struct Directory {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  std::uint64_t before = 0;  // bytes that stand before the archive: all its places are counted from there
};

Result<Directory> directory_of(std::span<const std::byte> bytes) {
  // The record lies at the very end, but for a comment that it knows the length of.
  constexpr std::size_t kMostComment = 65'535;
  const auto without_end = [&] {
    return has_at(bytes, 0, "PK\x03\x04") ? fail(text::zip_cut_short) : fail(text::zip_none);
  };
  if (bytes.size() < kZipEndSize) return without_end();
  std::size_t end = bytes.size() - kZipEndSize;
  const std::size_t least = end - std::min(end, kMostComment);
  while (!(has_at(bytes, end, "PK\x05\x06") && end + kZipEndSize + le16(bytes, end + 20) <= bytes.size())) {
    if (end == least) return without_end();
    --end;
  }
  Directory found{.at = le32(bytes, end + 16), .size = le32(bytes, end + 12), .count = le16(bytes, end + 10)};
  if (le16(bytes, end + 4) != le16(bytes, end + 6) || le16(bytes, end + 8) != le16(bytes, end + 10))
    return fail(text::zip_damaged);
  std::uint64_t behind = end;  // the directory ends here
  if (end >= kLocatorSize && has_at(bytes, end - kLocatorSize, "PK\x06\x07")) {
    if (end < kLocatorSize + kEnd64Size) return fail(text::zip_damaged);
    // Where the locator says is no good where something stands before the archive; it is the record before it.
    const std::size_t wide = end - kLocatorSize - kEnd64Size;
    if (!has_at(bytes, wide, "PK\x06\x06")) return fail(text::zip_damaged);
    found = {.at = le64(bytes, wide + 48), .size = le64(bytes, wide + 40), .count = le64(bytes, wide + 32)};
    behind = wide;
  }
  if (found.size > behind || found.at > behind - found.size) return fail(text::zip_cut_short);
  found.before = behind - found.size - found.at;
  found.at += found.before;
  if (found.count > kMostZipEntries) return fail(text::zip_many, {{"n", kMostZipEntries}});
  return found;
}

// The file's own bytes, behind a header that repeats some of what the directory says.
std::optional<std::span<const std::byte>> packed_at(std::span<const std::byte> bytes, std::uint64_t local,
                                                    std::uint64_t size) {
  if (bytes.size() < kLocalSize || local > bytes.size() - kLocalSize) return std::nullopt;
  const auto at = static_cast<std::size_t>(local);
  if (!has_at(bytes, at, "PK\x03\x04")) return std::nullopt;
  const std::size_t from = at + kLocalSize + le16(bytes, at + 26) + le16(bytes, at + 28);
  if (from > bytes.size() || size > bytes.size() - from) return std::nullopt;
  return bytes.subspan(from, static_cast<std::size_t>(size));
}

bool is_link(std::span<const std::byte> entry) {
  constexpr std::uint8_t kUnix = 3;
  constexpr std::uint32_t kKind = 0xF000;
  return u8(entry, 5) == kUnix && (le32(entry, 38) >> 16U & kKind) == 0xA000;
}

// Adds an entry of the directory, of which `stored` is the name, unless it is a folder.
Status add_entry(std::span<const std::byte> bytes, std::span<const std::byte> entry, std::string_view stored,
                 std::uint64_t before, std::vector<ZipEntry>& to) {
  const std::uint16_t flags = le16(entry, 8);
  const std::string name = name_of(stored, flags);
  if (name.size() > kMostZipPath) return fail(text::zip_damaged);
  if (climbs(name)) return fail(text::zip_climbs, {{"path", in_quotes(name)}});
  std::string path = *tidy(name);
  if (name.ends_with('/') || path.empty()) return {};
  ZipEntry& made = to.emplace_back();
  made.path = std::move(path);
  made.size = le32(entry, 24);
  made.crc = le32(entry, 16);
  const std::uint16_t method = le16(entry, 10);
  made.deflated = method == kDeflated;
  if ((flags & kEncrypted) != 0 || (method != kStored && method != kDeflated)) made.what = ZipEntry::What::packed;
  if (is_link(entry)) made.what = ZipEntry::What::link;
  if (made.what != ZipEntry::What::file) return {};
  const auto packed = packed_at(bytes, le32(entry, 42) + before, le32(entry, 20));
  if (!packed) return fail(text::zip_cut_short);
  made.packed = *packed;
  if (!made.deflated && made.packed.size() != made.size) return fail(text::zip_damaged);
  return {};
}

// No file's bytes are another's, and no path is there twice: readers differ on which of two they see.
Status check_apart(const std::vector<ZipEntry>& entries) {
  std::vector<std::span<const std::byte>> parts;
  std::vector<std::string_view> paths;
  for (const ZipEntry& entry : entries) {
    paths.push_back(entry.path);
    if (!entry.packed.empty()) parts.push_back(entry.packed);
  }
  base::sort(paths);
  if (const auto twice = std::ranges::adjacent_find(paths); twice != paths.end())
    return fail(text::zip_twice, {{"path", in_quotes(*twice)}});
  base::sort(parts, [](const auto& a, const auto& b) { return a.data() < b.data(); });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i - 1].data() + parts[i - 1].size() > parts[i].data()) return fail(text::zip_overlap);
  }
  return {};
}

// stb_image 2.27 takes the end of its input for an error where fewer than 16 bits are left, even if the last symbol
// needs only them.
std::vector<std::byte> with_rest(std::span<const std::byte> packed) {
  std::vector<std::byte> copy(packed.begin(), packed.end());
  copy.resize(packed.size() + 4);
  return copy;
}

}  // namespace

Result<std::vector<ZipEntry>> parse_zip(std::span<const std::byte> bytes) {
  const auto directory = directory_of(bytes);
  if (!directory) return std::unexpected(directory.error());
  auto rest = bytes.subspan(static_cast<std::size_t>(directory->at), static_cast<std::size_t>(directory->size));
  std::vector<ZipEntry> entries;
  for (std::uint64_t i = 0; i < directory->count; ++i) {
    if (rest.size() < kDirectorySize || !has_at(rest, 0, "PK\x01\x02")) return fail(text::zip_damaged);
    const std::size_t name = le16(rest, 28);
    const std::size_t whole = kDirectorySize + name + le16(rest, 30) + le16(rest, 32);
    if (whole > rest.size()) return fail(text::zip_damaged);
    if (auto ok = add_entry(bytes, rest, as_text(rest.subspan(kDirectorySize, name)), directory->before, entries); !ok)
      return std::unexpected(ok.error());
    rest = rest.subspan(whole);
  }
  if (auto apart = check_apart(entries); !apart) return std::unexpected(apart.error());
  return entries;
}

Result<std::vector<std::byte>> unzip(const ZipEntry& entry, std::uint64_t most) {
  const auto path = [&] { return in_quotes(entry.path); };
  if (entry.what != ZipEntry::What::file) return fail(text::zip_method, {{"path", path()}});
  most = std::min<std::uint64_t>(most, std::numeric_limits<int>::max() - 1);
  if (entry.size > most) return fail(text::zip_large, {{"path", path()}, {"n", entry.size}, {"most", most}});
  const auto size = static_cast<std::size_t>(entry.size);
  std::vector<std::byte> out;
  if (!entry.deflated) {
    out.assign(entry.packed.begin(), entry.packed.end());
  } else {
    if (entry.size > entry.packed.size() * kMostOfOne) return fail(text::zip_file, {{"path", path()}});
    out.resize(size + 1);  // one more, to notice that there is more
    const Inflated got = inflate_into(out, with_rest(entry.packed));
    if (!got.whole || got.bytes != size) return fail(text::zip_file, {{"path", path()}});
    out.resize(size);
  }
  if (crc32(out) != entry.crc) return fail(text::zip_file, {{"path", path()}});
  return out;
}

}  // namespace weightroom::io
