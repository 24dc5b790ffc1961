// The first frame of a GIF (CompuServe, 87a and 89a) on its screen.
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <strings/image.h>

#include "io/picture_decode.h"
#include "io/picture_format.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

struct GifFrame {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool interlaced = false;
  int clear = -1;                                          // the colour that is transparent, or none
  std::array<std::array<std::uint8_t, 3>, 256> colours{};  // black where the palette has none
  unsigned code_bits = 0;                                  // of one pixel
  std::vector<std::byte> packed{};                         // what the blocks hold, joined
  bool cut = false;                                        // the file ends within the blocks
};

struct GifWalk {
  std::span<const std::byte> bytes;
  std::size_t at = 0;

  [[nodiscard]] bool has(std::size_t count) const { return bytes.size() - at >= count; }
};

// A palette of 2 to 256 colours, where the flags say that there is one.
bool take_palette(GifWalk& walk, unsigned flags, GifFrame& frame) {
  if ((flags & 0x80U) == 0) return true;
  const std::size_t size = 3U * (2U << (flags & 7U));
  if (!walk.has(size)) return false;
  frame.colours = {};
  std::memcpy(frame.colours.data(), walk.bytes.data() + walk.at, size);
  walk.at += size;
  return true;
}

// Blocks of up to 255 bytes, each after its length, up to one of none. False where the file ends before.
bool take_blocks(GifWalk& walk, std::vector<std::byte>* out) {
  while (walk.has(1)) {
    const std::size_t length = u8(walk.bytes, walk.at++);
    if (length == 0) return true;
    const auto block = walk.bytes.subspan(walk.at, std::min(length, walk.bytes.size() - walk.at));
    if (out != nullptr) out->insert(out->end(), block.begin(), block.end());
    walk.at += block.size();
  }
  return false;
}

bool take_extension(GifWalk& walk, GifFrame& frame) {
  if (!walk.has(2)) return false;
  const bool control = u8(walk.bytes, walk.at + 1) == 0xF9;
  walk.at += 2;
  std::vector<std::byte> data;
  if (!take_blocks(walk, control ? &data : nullptr)) return false;
  if (data.size() >= 4) frame.clear = (u8(data, 0) & 1U) != 0 ? u8(data, 3) : -1;
  return true;
}

Status take_frame(GifWalk& walk, GifFrame& frame) {
  if (!walk.has(10)) return cut_short("GIF");
  frame.x = le16(walk.bytes, walk.at + 1);
  frame.y = le16(walk.bytes, walk.at + 3);
  frame.width = le16(walk.bytes, walk.at + 5);
  frame.height = le16(walk.bytes, walk.at + 7);
  const unsigned flags = u8(walk.bytes, walk.at + 9);
  frame.interlaced = (flags & 0x40U) != 0;
  walk.at += 10;
  if (!take_palette(walk, flags, frame) || !walk.has(1)) return cut_short("GIF");
  frame.code_bits = u8(walk.bytes, walk.at++);
  if (frame.code_bits < 1 || frame.code_bits > 8) return damaged("GIF");
  frame.cut = !take_blocks(walk, &frame.packed);
  return {};
}

// LZW with codes of growing width, lowest bit first. A table that is full stays as it is until a clear code comes.
class GifCodes {
 public:
  explicit GifCodes(const GifFrame& frame)
      : packed_(frame.packed), clear_(1U << frame.code_bits), first_bits_(frame.code_bits + 1) {
    for (unsigned i = 0; i < clear_; ++i) last_[i] = first_[i] = static_cast<std::uint8_t>(i);
    std::fill_n(length_.begin(), clear_, std::uint16_t{1});
  }

  enum class End { full, early, damaged };
  End fill(std::span<std::uint8_t> out) {
    constexpr unsigned kNone = kCodes;
    unsigned before = kNone;
    restart();
    for (std::size_t at = 0; at < out.size();) {
      const int read = next();
      if (read < 0) return End::early;
      const auto code = static_cast<unsigned>(read);
      if (code == clear_) {
        restart();
        before = kNone;
        continue;
      }
      if (code == clear_ + 1) return End::early;
      const bool known = code < clear_ || (code > clear_ + 1 && code < count_);
      if (!known && (before == kNone || code != count_ || count_ == kCodes)) return End::damaged;
      if (before != kNone && count_ < kCodes) learn(before, first_[known ? code : before]);
      if (count_ == 1U << bits_ && bits_ < 12) ++bits_;
      at += put(code, out.subspan(at));
      before = code;
    }
    return End::full;
  }

 private:
  static constexpr unsigned kCodes = 4096;

  void restart() {
    count_ = clear_ + 2;
    bits_ = first_bits_;
  }

  int next() {
    while (have_ < bits_) {
      if (at_ == packed_.size()) return -1;
      buffer_ |= static_cast<unsigned>(u8(packed_, at_++)) << have_;
      have_ += 8;
    }
    const unsigned code = buffer_ & ((1U << bits_) - 1);
    buffer_ >>= bits_;
    have_ -= bits_;
    return static_cast<int>(code);
  }

  void learn(unsigned before, std::uint8_t last) {
    before_[count_] = static_cast<std::uint16_t>(before);
    first_[count_] = first_[before];
    last_[count_] = last;
    length_[count_] = static_cast<std::uint16_t>(length_[before] + 1);
    ++count_;
  }

  // The pixels that a code stands for, from the last one; what there is no room for is left out.
  std::size_t put(unsigned code, std::span<std::uint8_t> out) {
    const std::size_t length = length_[code];
    for (std::size_t i = length; i-- > 0; code = before_[code]) {
      if (i < out.size()) out[i] = last_[code];
    }
    return std::min(length, out.size());
  }

  std::span<const std::byte> packed_;
  unsigned clear_;
  unsigned first_bits_;
  unsigned count_ = 0;
  unsigned bits_ = 0;
  std::size_t at_ = 0;
  unsigned buffer_ = 0;
  unsigned have_ = 0;
  std::array<std::uint16_t, kCodes> before_{};
  std::array<std::uint16_t, kCodes> length_{};
  std::array<std::uint8_t, kCodes> first_{};
  std::array<std::uint8_t, kCodes> last_{};
};

// Where the rows of an interlaced frame lie, in the order in which they come.
std::vector<int> row_order(const GifFrame& frame) {
  std::vector<int> rows;
  constexpr std::array<std::array<int, 2>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  for (const auto& [first, step] : kPasses) {
    for (int y = frame.interlaced ? first : 0; y < frame.height; y += frame.interlaced ? step : 1) rows.push_back(y);
    if (!frame.interlaced) break;
  }
  return rows;
}

Result<GifFrame> find_frame(GifWalk& walk) {
  GifFrame frame;
  const unsigned flags = u8(walk.bytes, 10);
  walk.at = 13;
  if (!take_palette(walk, flags, frame)) return cut_short("GIF");
  while (walk.has(1)) {
    const unsigned kind = u8(walk.bytes, walk.at);
    if (kind == 0x21) {
      if (!take_extension(walk, frame)) break;
    } else if (kind == 0x2C) {
      if (auto ok = take_frame(walk, frame); !ok) return std::unexpected(ok.error());
      return frame;
    } else {
      return kind == 0x3B ? fail(text::image_gif_empty) : damaged("GIF");
    }
  }
  return cut_short("GIF");
}

void lay_frame(const GifFrame& frame, std::span<const std::uint8_t> indices, Image& image) {
  for (const int y : row_order(frame)) {
    std::uint8_t* out =
        image.rgb.data() + static_cast<std::size_t>(image.pixel(frame.x, frame.y + y) - image.rgb.data());
    for (int x = 0; x < frame.width; ++x, out += 3) {
      if (indices[static_cast<std::size_t>(x)] == frame.clear) continue;
      std::memcpy(out, frame.colours[indices[static_cast<std::size_t>(x)]].data(), 3);
    }
    indices = indices.subspan(static_cast<std::size_t>(frame.width));
  }
}

}  // namespace

Result<Image> decode_gif(std::span<const std::byte> bytes) {
  if (bytes.size() < 13) return cut_short("GIF");
  GifWalk walk{bytes};
  const auto frame = find_frame(walk);
  if (!frame) return std::unexpected(frame.error());
  if (frame->width == 0 || frame->height == 0) {
    return fail(text::image_no_area, {{"width", frame->width}, {"height", frame->height}});
  }
  // A frame that reaches beyond the screen makes it larger, in browsers too.
  const int width = std::max<int>(le16(bytes, 6), frame->x + frame->width);
  const int height = std::max<int>(le16(bytes, 8), frame->y + frame->height);
  if (auto ok = check_extent(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height)); !ok)
    return std::unexpected(ok.error());
  const std::size_t pixels = static_cast<std::size_t>(frame->width) * static_cast<std::size_t>(frame->height);
  // An empty screen costs nothing in the file, and all of its memory here.
  constexpr std::size_t kMostEmpty = 16'000'000;
  if (static_cast<std::size_t>(width) * static_cast<std::size_t>(height) - pixels > kMostEmpty) {
    return fail(
        text::image_gif_screen,
        {{"width", frame->width}, {"height", frame->height}, {"screen_width", width}, {"screen_height", height}});
  }
  // A code has at most twelve bits, and stands for at most 3,839 pixels.
  const auto wrong = [&] { return frame->cut ? cut_short("GIF") : damaged("GIF"); };
  if (pixels / 2560 > frame->packed.size()) return wrong();
  std::vector<std::uint8_t> indices(pixels);
  if (GifCodes(*frame).fill(indices) != GifCodes::End::full) return wrong();
  Image image = white_image(width, height);
  lay_frame(*frame, indices, image);
  return image;
}

}  // namespace weightroom::io
