#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

// Zip archives (PKWARE, APPNOTE.TXT 6.3.10) of files that are stored or deflated.
namespace weightroom::io {

struct ZipEntry {
  enum class What : std::uint8_t {
    file,
    packed,  // encrypted, or by another method than deflate
    link,    // a symbolic one: never followed
  };
  std::string path;                   // folders between single slashes, no "." among them, in UTF-8
  std::span<const std::byte> packed;  // points into the archive; none but of a file
  std::uint64_t size = 0;             // unpacked, as the archive claims
  std::uint32_t crc = 0;
  bool deflated = false;
  What what = What::file;
};

// The files that the central directory lists, in its order; folders are passed over. Names without the mark of UTF-8
// are taken for it where they read so, else for code page 437, as Windows writes them. Something may stand before the
// archive, as in one that unpacks itself. Refuses by a sentence: not a zip, cut short, an entry that leaves the file, a
// path with "..", two files of one path, entries that lie over each other, a part of an archive of several, more than
// 200,000 entries.
[[nodiscard]] Result<std::vector<ZipEntry>> parse_zip(std::span<const std::byte> bytes);

// The file, its length and checksum verified. Refuses by a sentence: anything but a file, one that claims more than
// `most` bytes or more than deflate can have made of it, damage.
[[nodiscard]] Result<std::vector<std::byte>> unzip(const ZipEntry& entry, std::uint64_t most = std::uint64_t{1} << 28);
struct ZipFile {
  std::string path;
  std::span<const std::byte> bytes;
};
// The files stored as they are, in their order, with no times: the same files give the same bytes. At most 65,535 of
// them, and 4 GiB.
[[nodiscard]] std::vector<std::byte> write_zip(std::span<const ZipFile> files);

}  // namespace weightroom::io
