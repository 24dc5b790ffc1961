#include "io/tar.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <strings/tar.h>

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
  for (std::size_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? std::uint64_t{' '} : u8(header, i);
  const auto stored = number(header, 148, 8);
  return stored.has_value() && *stored == sum;
}

// Rows "LENGTH KEY=VALUE\n" of a pax header. Only the path and the size matter here.
struct Pax {
  std::optional<std::string> path;
  std::optional<std::uint64_t> size;
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
    if (key == "path") pax.path = std::string(value);
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

bool climbs(std::string_view path) {
  return path == ".." || path.starts_with("../") || path.ends_with("/..") || path.contains("/../");
}

struct Reader {
  std::span<const std::byte> bytes;
  std::size_t at = 0;
  std::vector<TarEntry> entries;
  std::optional<std::string> long_name;
  Pax pax;

  Status take(Block header) {
    const char type = static_cast<char>(header[156]);
    const bool extension = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    auto size = number(header, 124, 12);
    if (!extension && pax.size) size = pax.size;
    if (!size) return fail(text::tar_size);
    at += kBlock;
    if (*size > bytes.size() - at) return fail(text::tar_cut_short);
    const auto data = bytes.subspan(at, static_cast<std::size_t>(*size));
    at += data.size();
    at += std::min((kBlock - data.size() % kBlock) % kBlock, bytes.size() - at);
    if (type == 'x' && !read_pax(as_text(data), pax)) return fail(text::tar_header);
    if (type == 'L') long_name = std::string(field(data, 0, data.size()));
    if (extension) return {};
    if (type == '0' || type == '\0' || type == '7') {
      if (auto ok = add(header, data); !ok) return ok;
    }
    long_name.reset();
    pax = {};
    return {};
  }

  Status add(Block header, std::span<const std::byte> data) {
    std::string path = pax.path ? *pax.path : long_name ? *long_name : path_of(header);
    while (path.starts_with("./")) path.erase(0, 2);
    if (path.size() > kMostPath) return fail(text::tar_long_path, {{"n", kMostPath}});
    if (climbs(path)) return fail(text::tar_climbs, {{"path", in_quotes(path)}});
    if (path.ends_with('/')) return {};  // a folder as old tars write it
    if (entries.size() == kMostEntries) return fail(text::tar_many, {{"n", kMostEntries}});
    entries.push_back({std::move(path), data});
    return {};
  }
};

}  // namespace

Result<std::vector<TarEntry>> parse_tar(std::span<const std::byte> bytes) {
  if (bytes.empty()) return fail(text::tar_empty);
  Reader reader;
  reader.bytes = bytes;
  while (bytes.size() - reader.at >= kBlock) {
    const Block header = bytes.subspan(reader.at, kBlock);
    if (std::ranges::all_of(header, [](std::byte b) { return b == std::byte{0}; })) return std::move(reader.entries);
    if (!checksum_fits(header)) return fail(reader.at == 0 ? text::tar_none : text::tar_checksum);
    if (auto ok = reader.take(header); !ok) return std::unexpected(ok.error());
  }
  if (reader.at == 0) return fail(text::tar_none);
  // An archive that stops between two files looks whole but for the empty block that ends every one.
  return fail(text::tar_cut_short);
}

bool begins_as_tar(std::span<const std::byte> bytes) {
  return has_at(bytes, 257, "ustar") || (bytes.size() >= kBlock && checksum_fits(bytes.first(kBlock)));
}

}  // namespace weightroom::io
