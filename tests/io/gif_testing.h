#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/picture_testing.h"

// GIFs built by hand for the tests of io.
namespace weightroom::io::testing {

// LZW as GIF has it. A table that is full is cleared, or kept to the end (`deferred`).
inline Bytes lzw(const std::vector<int>& pixels, unsigned bits, bool deferred = false) {
  const int clear = 1 << bits;
  Bytes out;
  unsigned held = 0;
  unsigned have = 0;
  unsigned width = bits + 1;
  const auto put = [&](int code) {
    held |= static_cast<unsigned>(code) << have;
    for (have += width; have >= 8; have -= 8, held >>= 8U) out.push_back(static_cast<std::byte>(held & 0xFFU));
  };
  std::map<std::pair<int, int>, int> table;
  int next = clear + 2;
  put(clear);
  int code = -1;
  for (const int pixel : pixels) {
    const auto found = table.find({code, pixel});
    if (code < 0 || found != table.end()) {
      code = code < 0 ? pixel : found->second;
      continue;
    }
    put(code);
    if (next < 4096) {
      table[{code, pixel}] = next++;
      if (next > 1 << width && width < 12) ++width;
    } else if (!deferred) {
      put(clear);
      table.clear();
      next = clear + 2;
      width = bits + 1;
    }
    code = pixel;
  }
  if (code >= 0) put(code);
  if (next == 1 << width && width < 12) ++width;
  put(clear + 1);
  if (have > 0) out.push_back(static_cast<std::byte>(held & 0xFFU));
  return out;
}

inline void put_blocks(Bytes& out, const Bytes& data) {
  for (std::size_t at = 0; at < data.size(); at += 255) {
    const std::size_t size = std::min<std::size_t>(255, data.size() - at);
    out.push_back(static_cast<std::byte>(size));
    out.insert(out.end(), data.begin() + static_cast<std::ptrdiff_t>(at),
               data.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  out.push_back(std::byte{0});
}

struct GifPart {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  std::vector<int> pixels{};
  unsigned bits = 4;
  Bytes palette{};
  bool interlaced = false;
  int clear = -1;
  bool deferred = false;
};

inline void put_part(Bytes& out, const GifPart& part) {
  if (part.clear >= 0) {
    for (const int value : {0x21, 0xF9, 4, 1, 0, 0, part.clear, 0}) put_le(out, static_cast<std::uint32_t>(value), 1);
  }
  put_le(out, 0x2C, 1);
  for (const int value : {part.x, part.y, part.width, part.height}) put_le(out, static_cast<std::uint32_t>(value), 2);
  unsigned flags = part.interlaced ? 0x40 : 0;
  for (unsigned i = 0; i < 8; ++i) {
    if (part.palette.size() == 3U * (2U << i)) flags |= 0x80U | i;
  }
  put_le(out, flags, 1);
  out.insert(out.end(), part.palette.begin(), part.palette.end());
  put_le(out, part.bits, 1);
  put_blocks(out, lzw(part.pixels, part.bits, part.deferred));
}

inline Bytes gif_of(int width, int height, const std::vector<GifPart>& parts, const Bytes& palette,
                    int background = 0) {
  Bytes out = bytes_of("GIF89a");
  put_le(out, static_cast<std::uint32_t>(width), 2);
  put_le(out, static_cast<std::uint32_t>(height), 2);
  unsigned flags = 0;
  for (unsigned i = 0; i < 8; ++i) {
    if (palette.size() == 3U * (2U << i)) flags = 0x80U | i;
  }
  put_le(out, flags, 1);
  put_le(out, static_cast<std::uint32_t>(background), 1);
  put_le(out, 0, 1);
  out.insert(out.end(), palette.begin(), palette.end());
  for (const GifPart& part : parts) put_part(out, part);
  put_le(out, 0x3B, 1);
  return out;
}

}  // namespace weightroom::io::testing
