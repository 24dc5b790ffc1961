#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

// The whole file. Refuses by a sentence with the path: not there, a folder, not readable, more than `most` bytes.
[[nodiscard]] Result<std::vector<std::byte>> read_file(const std::string& path,
                                                       std::uint64_t most = std::uint64_t{1} << 32);

// Written beside the target and renamed over it: a reader sees the old file or the new one, never half of one. Of a
// link the file behind it is replaced; a device or a pipe is written straight into.
[[nodiscard]] Status write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace weightroom::io
