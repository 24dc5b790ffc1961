#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

// A regular file in a tar archive.
struct TarEntry {
  std::string path;                  // as stored, without a leading "./"
  std::span<const std::byte> bytes;  // points into the archive
};

// The regular files of a ustar, GNU or pax archive that lies in `bytes`, in their order; folders, links and devices are
// passed over, and nothing is ever written anywhere. Refuses by a sentence: not a tar, a header whose checksum does not
// fit, a size that is no number or leaves the file, a path with "..", more than 2,000,000 entries.
[[nodiscard]] Result<std::vector<TarEntry>> parse_tar(std::span<const std::byte> bytes);

// By the mark that all but the oldest archives bear, or by the checksum of its first header.
[[nodiscard]] bool begins_as_tar(std::span<const std::byte> bytes);

}  // namespace weightroom::io
