#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

// A file in a tar archive.
struct TarEntry {
  enum class What : std::uint8_t {
    file,       // or a link that leads to one
    lost_link,  // leads to nothing in the archive, or out of it
    sparse,     // stored with holes: left out
  };
  std::string path;                  // folders between single slashes, no "." among them
  std::span<const std::byte> bytes;  // points into the archive; none but of a file
  What what = What::file;
};

// The files of a ustar, GNU or pax archive that lies in `bytes`, in their order, and behind them the links: hard and
// symbolic ones are followed within the archive, those to folders with all that lies there. Folders and devices are
// passed over, and nothing is ever written anywhere. As GNU tar does, an archive may lack the empty blocks that end it.
// Refuses by a sentence: not a tar, a header whose checksum does not fit, a size that is no number or leaves the file,
// a path with "..", more than 2,000,000 entries, links to folders that lead to more than 100,000 files.
[[nodiscard]] Result<std::vector<TarEntry>> parse_tar(std::span<const std::byte> bytes);

// By the mark that all but the oldest archives bear, or by the checksum of its first header.
[[nodiscard]] bool begins_as_tar(std::span<const std::byte> bytes);

// A link as the archive has it: both paths as those of entries, from the top of the archive.
struct TarLink {
  std::string path;
  std::string target;  // empty: it leads out of the archive
};
// Adds what the links lead to.
[[nodiscard]] Status follow_links(std::vector<TarEntry>& entries, std::vector<TarLink> links);

}  // namespace weightroom::io
