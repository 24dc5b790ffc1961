#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "io/picture_testing.h"

// JPEGs of blocks that are flat: of each 8 x 8 only the mean is coded.
namespace weightroom::io::testing {

struct FlatChannel {
  int across = 1;  // its sampling
  int down = 1;
  unsigned id = 1;
  // Its value, 0 to 255, at a column and row of blocks.
  int (*value)(int column, int row) = [](int, int) { return 128; };
};

struct FlatJpeg {
  int width = 16;
  int height = 16;
  std::vector<FlatChannel> channels;
  int restart = 0;  // units between restart markers
  bool interleaved = true;
  bool codes = true;  // Huffman tables
  bool quantisers = true;
  Bytes segments{};  // behind the start
};

// Annex K's tables: of DC the code and length for each size; of AC only "end of block", 1010 is all that is needed.
inline constexpr std::array<std::array<unsigned, 2>, 9> kSizeCodes{
    {{0, 2}, {2, 3}, {3, 3}, {4, 3}, {5, 3}, {6, 3}, {14, 4}, {30, 5}, {62, 6}}};

class JpegBits {
 public:
  void put(unsigned value, unsigned bits) {
    for (unsigned i = bits; i-- > 0;) {
      byte_ = byte_ << 1U | (value >> i & 1U);
      if (++have_ == 8) next();
    }
  }
  Bytes take() {
    while (have_ != 0) put(1, 1);
    return std::exchange(out_, {});
  }

 private:
  void next() {
    out_.push_back(static_cast<std::byte>(byte_));
    if (byte_ == 255) out_.push_back(std::byte{0});
    byte_ = have_ = 0;
  }
  Bytes out_;
  unsigned byte_ = 0;
  unsigned have_ = 0;
};

inline void put_mean(JpegBits& bits, int value, int& before) {
  const int now = value - 128;  // with a quantiser of 8: eight times the mean
  const int change = now - std::exchange(before, now);
  unsigned size = 0;
  while (std::abs(change) >> size != 0) ++size;
  bits.put(kSizeCodes[size][0], kSizeCodes[size][1]);
  bits.put(static_cast<unsigned>(change < 0 ? change + (1 << size) - 1 : change), size);
  bits.put(10, 4);
}

inline Bytes flat_jpeg(const FlatJpeg& jpeg) {
  Bytes out = bytes_from({0xFF, 0xD8});
  out.insert(out.end(), jpeg.segments.begin(), jpeg.segments.end());
  if (jpeg.quantisers) {
    for (const int value : {0xFF, 0xDB, 0, 67, 0}) put_be(out, static_cast<std::uint32_t>(value), 1);
    for (int i = 0; i < 64; ++i) put_be(out, 8, 1);
  }
  int across = 1;
  int down = 1;
  for (const FlatChannel& channel : jpeg.channels) {
    across = std::max(across, channel.across);
    down = std::max(down, channel.down);
  }
  const auto count = static_cast<std::uint32_t>(jpeg.channels.size());
  put_be(out, 0xFFC0, 2);
  put_be(out, 8 + 3 * count, 2);
  put_be(out, 8, 1);
  put_be(out, static_cast<std::uint32_t>(jpeg.height), 2);
  put_be(out, static_cast<std::uint32_t>(jpeg.width), 2);
  put_be(out, count, 1);
  for (const FlatChannel& channel : jpeg.channels) {
    put_be(out, channel.id, 1);
    put_be(out, static_cast<std::uint32_t>(channel.across * 16 + channel.down), 1);
    put_be(out, 0, 1);
  }
  if (jpeg.codes) {
    // From an encoder that writes with annex K's.
    const Bytes other = encode_jpeg({8, 8, std::vector<std::uint8_t>(192)}, 50);
    const std::size_t at = text_of(other).find("\xFF\xC4");
    const auto size =
        std::to_integer<std::ptrdiff_t>(other[at + 2]) * 256 + std::to_integer<std::ptrdiff_t>(other[at + 3]);
    out.insert(out.end(), other.begin() + static_cast<std::ptrdiff_t>(at),
               other.begin() + static_cast<std::ptrdiff_t>(at) + 2 + size);
  }
  if (jpeg.restart > 0) {
    put_be(out, 0xFFDD0004, 4);
    put_be(out, static_cast<std::uint32_t>(jpeg.restart), 2);
  }
  const auto blocks = [](int pixels, int step) { return (pixels + step - 1) / step; };
  const std::size_t scans = jpeg.interleaved ? 1 : jpeg.channels.size();
  for (std::size_t scan = 0; scan < scans; ++scan) {
    const std::size_t first = jpeg.interleaved ? 0 : scan;
    const std::size_t last = jpeg.interleaved ? jpeg.channels.size() : scan + 1;
    const bool alone = last - first == 1;
    const FlatChannel& one = jpeg.channels[first];
    const int columns = alone ? blocks(blocks(jpeg.width * one.across, across), 8) : blocks(jpeg.width, 8 * across);
    const int rows = alone ? blocks(blocks(jpeg.height * one.down, down), 8) : blocks(jpeg.height, 8 * down);
    put_be(out, 0xFFDA, 2);
    put_be(out, static_cast<std::uint32_t>(6 + 2 * (last - first)), 2);
    put_be(out, static_cast<std::uint32_t>(last - first), 1);
    for (std::size_t c = first; c < last; ++c) {
      put_be(out, jpeg.channels[c].id, 1);
      put_be(out, 0, 1);
    }
    put_be(out, 0x003F00, 3);
    JpegBits bits;
    std::vector<int> before(jpeg.channels.size());
    int units = 0;
    for (int unit = 0; unit < columns * rows; ++unit) {
      if (jpeg.restart > 0 && unit > 0 && unit % jpeg.restart == 0) {
        const Bytes coded = bits.take();
        out.insert(out.end(), coded.begin(), coded.end());
        put_be(out, 0xFFD0U + static_cast<std::uint32_t>(units++ % 8), 2);
        std::ranges::fill(before, 0);
      }
      for (std::size_t c = first; c < last; ++c) {
        const FlatChannel& channel = jpeg.channels[c];
        const int wide = alone ? 1 : channel.across;
        const int high = alone ? 1 : channel.down;
        for (int i = 0; i < wide * high; ++i)
          put_mean(bits, channel.value(unit % columns * wide + i % wide, unit / columns * high + i / wide), before[c]);
      }
    }
    const Bytes coded = bits.take();
    out.insert(out.end(), coded.begin(), coded.end());
  }
  put_be(out, 0xFFD9, 2);
  return out;
}

}  // namespace weightroom::io::testing
