#include "io/tar.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <strings/tar.h>

#include "io/archive_path.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMostEntries = 2'000'000;
constexpr std::size_t kMostPath = 4096;

using Block = std::span<const std::byte>;

// Text up to the first zero.
std::string_view field(Block header, std::size_t at, std::size_t size) {
  const std::string_view text = as_text(header.subspan(at, size));
  return text.substr(0, text.find('\0'));
}

// Octal digits between optional spaces, or (GNU) a big-endian number behind a byte 0x80.
std::optional<std::uint64_t> number(Block header, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  if (u8(header, at) == 0x80) {
    for (std::size_t i = 1; i < size; ++i) {
      if (value > std::numeric_limits<std::uint64_t>::max() >> 8U) return std::nullopt;
      value = value << 8U | u8(header, at + i);
    }
    return value;
  }
  std::string_view text = field(header, at, size);
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  for (const char c : text) {  // at most 12 digits of 3 bits
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3U | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool checksum_fits(Block header) {
  std::uint64_t sum = 0;
  std::uint64_t above = 0;  // bytes that count 256 less where they are taken as signed, as some old programs did
  for (std::size_t i = 0; i < kBlock; ++i) {
    sum += i >= 148 && i < 156 ? std::uint64_t{' '} : u8(header, i);
    above += (i < 148 || i >= 156) && u8(header, i) > 127 ? 1U : 0U;
  }
  const auto stored = number(header, 148, 8);
  return stored.has_value() && (*stored == sum || *stored + 256 * above == sum);
}

// Rows "LENGTH KEY=VALUE\n" of a pax header, as far as they matter here.
struct Pax {
  std::optional<std::string> path;
  std::optional<std::string> link;
  std::optional<std::uint64_t> size;
  bool sparse = false;
};

std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool read_pax(std::string_view text, Pax& pax) {
  while (!text.empty() && text.front() != '\0') {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) return false;
    const auto length = decimal(text.substr(0, space));
    if (!length || *length < space + 2 || *length > text.size()) return false;
    std::string_view row = text.substr(space + 1, static_cast<std::size_t>(*length) - space - 1);
    if (!row.ends_with('\n')) return false;
    row.remove_suffix(1);
    const std::size_t equals = row.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = row.substr(0, equals);
    const std::string_view value = row.substr(equals + 1);
    if (key == "path" && !pax.sparse) pax.path = std::string(value);
    if (key == "linkpath") pax.link = std::string(value);
    if (key.starts_with("GNU.sparse.")) pax.sparse = true;
    if (key == "GNU.sparse.name") pax.path = std::string(value);  // "path" is a made-up one then
    if (key == "size") {
      pax.size = decimal(value);
      if (!pax.size) return false;
    }
    text.remove_prefix(static_cast<std::size_t>(*length));
  }
  return true;
}

std::string path_of(Block header) {
  std::string path(field(header, 0, 100));
  const std::string_view prefix = field(header, 345, 155);
  // GNU's own layout keeps times where ustar has the prefix.
  if (has_at(header, 257, std::string_view("ustar\0", 6)) && !prefix.empty()) path = std::string(prefix) + "/" + path;
  return path;
}

// An extended header, which is about the entry after it. Other letters than the known ones are files, by POSIX.
bool is_extension(char type) { return std::string_view("xXgLK").contains(type); }
bool is_file(char type) { return !std::string_view("123456SDMNV").contains(type); }

struct BlockReader {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
  std::vector<TarEntry> entries;
  std::vector<TarLink> links;
  std::optional<std::string> long_name;
  std::optional<std::string> long_link;
  Pax pax;

  Status take(Block header) {
    const char type = static_cast<char>(header[156]);
    auto size = number(header, 124, 12);
    if (!is_extension(type) && pax.size) size = pax.size;
    if (type == '1' || type == '2') size = 0;  // some programs write the size of what it leads to
    if (!size) return fail(text::tar_size);
    at += kBlock;
    if (type == 'S' && !pass_sparse_map(header)) return fail(text::tar_cut_short);
    if (*size > bytes.size() - at) return fail(text::tar_cut_short);
    const auto data = bytes.subspan(at, static_cast<std::size_t>(*size));
    at += data.size();
    at += std::min((kBlock - data.size() % kBlock) % kBlock, bytes.size() - at);
    if ((type == 'x' || type == 'X') && !read_pax(as_text(data), pax)) return fail(text::tar_header);
    if (type == 'L') long_name = std::string(field(data, 0, data.size()));
    if (type == 'K') long_link = std::string(field(data, 0, data.size()));
    if (is_extension(type)) return {};
    if (auto ok = add(header, type, data); !ok) return ok;
    long_name.reset();
    long_link.reset();
    pax = {};
    return {};
  }

  // GNU's own way: the map of the holes goes on in blocks behind the header.
  bool pass_sparse_map(Block header) {
    bool more = u8(header, 482) != 0;
    while (more) {
      if (bytes.size() - at < kBlock) return false;
      more = u8(bytes, at + 504) != 0;
      at += kBlock;
    }
    return true;
  }

  Status add(Block header, char type, std::span<const std::byte> data) {
    const bool link = type == '1' || type == '2';
    const bool sparse = type == 'S' || pax.sparse;
    if (!link && !sparse && !is_file(type)) return {};
    const std::string stored = pax.path ? *pax.path : long_name ? *long_name : path_of(header);
    if (stored.size() > kMostPath) return fail(text::tar_long_path, {{"n", kMostPath}});
    if (climbs(stored)) return fail(text::tar_climbs, {{"path", in_quotes(stored)}});
    if (stored.ends_with('/')) return {};  // a folder as old tars write it
    if (entries.size() + links.size() == kMostEntries) return fail(text::tar_many, {{"n", kMostEntries}});
    std::string path = *tidy(stored);  // which does not climb
    if (link) {
      add_link(header, type, std::move(path));
    } else if (sparse) {
      entries.push_back({std::move(path), {}, TarEntry::What::sparse});
    } else {
      entries.push_back({std::move(path), data});
    }
    return {};
  }

  // A hard link's target is as an entry's path is, a symbolic one's as seen from its own folder.
  void add_link(Block header, char type, std::string path) {
    std::string target = pax.link ? *pax.link : long_link ? *long_link : std::string(field(header, 157, 100));
    if (target.size() > kMostPath || (type == '2' && target.starts_with('/'))) target.clear();
    if (type == '2' && !target.empty() && path.contains('/')) target.insert(0, path.substr(0, path.rfind('/') + 1));
    links.push_back({std::move(path), tidy(target).value_or("")});
  }
};

}  // namespace

Result<std::vector<TarEntry>> parse_tar(std::span<const std::byte> bytes) {
  if (bytes.empty()) return fail(text::tar_empty);
  BlockReader reader;
  reader.bytes = bytes;
  while (reader.at < bytes.size()) {
    const Block header = bytes.subspan(reader.at, std::min(kBlock, bytes.size() - reader.at));
    const bool empty = std::ranges::all_of(header, [](std::byte b) { return b == std::byte{0}; });
    if (empty && (header.size() == kBlock || reader.at > 0)) break;
    if (header.size() < kBlock) return fail(reader.at == 0 ? text::tar_none : text::tar_cut_short);
    if (!checksum_fits(header)) return fail(reader.at == 0 ? text::tar_none : text::tar_checksum);
    if (auto ok = reader.take(header); !ok) return std::unexpected(ok.error());
  }
  if (auto ok = follow_links(reader.entries, std::move(reader.links)); !ok) return std::unexpected(ok.error());
  return std::move(reader.entries);
}

bool begins_as_tar(std::span<const std::byte> bytes) {
  return has_at(bytes, 257, "ustar") || (bytes.size() >= kBlock && checksum_fits(bytes.first(kBlock)));
}

}  // namespace weightroom::io
