#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weightroom::io {

// CRC-32 of gzip and PNG (RFC 1952, section 8).
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace weightroom::io
