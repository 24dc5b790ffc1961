#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "io/crc32.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

// Mutations that set lengths and checksums right again: without them nearly every changed file would be turned away at
// the door, and what lies behind it would go untested. One input in four is left wrong.
namespace weightroom::fuzz {

// A safetensors file: only its header, or any of it, changes; the header's length then fits.
inline std::size_t mutate_safetensors(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::uint64_t length = 0;
  if (size >= 8) std::memcpy(&length, data, 8);
  if (seed % 4 == 0 || size < 8 || length > size - 8) return LLVMFuzzerMutate(data, size, most);
  const std::size_t room = most - (size - static_cast<std::size_t>(length));
  std::vector<std::uint8_t> header(data + 8, data + 8 + length);
  header.resize(std::max<std::size_t>(room, header.size()));
  const std::size_t mutated = LLVMFuzzerMutate(header.data(), static_cast<std::size_t>(length), room);
  const std::vector<std::uint8_t> values(data + 8 + length, data + size);
  std::memcpy(data + 8, header.data(), mutated);
  std::ranges::copy(values, data + 8 + mutated);
  const std::uint64_t now = mutated;
  std::memcpy(data, &now, 8);
  return 8 + mutated + values.size();
}

// The checksum of every chunk of a PNG.
inline void fix_png(std::uint8_t* data, std::size_t size) {
  if (size < 8 || std::memcmp(data, "\x89PNG\r\n\x1A\n", 8) != 0) return;
  for (std::size_t at = 8; size - at >= 12;) {
    const std::size_t length =
        std::size_t{data[at]} << 24 | std::size_t{data[at + 1]} << 16 | std::size_t{data[at + 2]} << 8 | data[at + 3];
    if (length > size - at - 12) return;
    const std::uint32_t crc = io::crc32(std::as_bytes(std::span(data + at + 4, length + 4)));
    for (std::size_t i = 0; i < 4; ++i) data[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    at += 12 + length;
  }
}

// The checksum of every header of a tar.
inline void fix_tar(std::uint8_t* data, std::size_t size) {
  for (std::size_t at = 0; at <= size && size - at >= 512;) {
    std::uint8_t* header = data + at;
    if (std::all_of(header, header + 512, [](std::uint8_t b) { return b == 0; })) return;
    std::memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += header[i];
    for (std::size_t i = 0; i < 6; ++i) header[148 + i] = static_cast<std::uint8_t>('0' + (sum >> (15 - 3 * i) & 7U));
    header[154] = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 124; i < 135; ++i) bytes = bytes * 8 + (header[i] & 7U);
    at += 512 + std::min<std::size_t>((bytes + 511) / 512 * 512, size);
  }
}

}  // namespace weightroom::fuzz
