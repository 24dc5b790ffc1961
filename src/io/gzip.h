#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

[[nodiscard]] bool is_gzip(std::span<const std::byte> bytes);

// All gzip members (RFC 1952) one after another, as bgzip and `cat a.gz b.gz` make them, their lengths and checksums
// verified; zeros may follow. Refuses by a sentence: cut short, damaged, more than `most` bytes unpacked.
[[nodiscard]] Result<std::vector<std::byte>> gunzip(std::span<const std::byte> bytes,
                                                    std::uint64_t most = std::uint64_t{1} << 28);

// The first `count` bytes of what is packed, fewer where there are no more. What comes after them is neither unpacked
// nor checked: whatever the file claims, this costs a few kilobytes.
[[nodiscard]] Result<std::vector<std::byte>> gunzip_prefix(std::span<const std::byte> bytes, std::size_t count);

}  // namespace weightroom::io
