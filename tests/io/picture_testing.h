#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "io/crc32.h"
#include "io/image.h"
#include "io/io_testing.h"

// Pictures built by hand for the tests of io.
namespace weightroom::io::testing {

inline void put_be(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}
inline void put_le(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
}
inline void put_text(Bytes& out, std::string_view text) {
  const Bytes more = bytes_of(text);
  out.insert(out.end(), more.begin(), more.end());
}

// A gzip of bytes that are stored as they are.
inline Bytes stored_gzip(const Bytes& bytes) {
  constexpr std::size_t kBlock = 50'000;
  Bytes out = bytes_of(std::string_view("\x1F\x8B\x08\0\0\0\0\0\0\x03", 10));
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::size_t size = std::min(kBlock, bytes.size() - at);
    out.push_back(at + size == bytes.size() ? std::byte{1} : std::byte{0});
    put_le(out, static_cast<std::uint32_t>(size | (size ^ 0xFFFFU) << 16U), 4);
    out.insert(out.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
               bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  put_le(out, crc32(bytes), 4);
  put_le(out, static_cast<std::uint32_t>(bytes.size()), 4);
  return out;
}

// tests/golden/pictures, see make_pictures.py there.
inline Bytes golden_picture(const std::string& name) {
  std::ifstream in(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/pictures/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return bytes_of(std::string(std::istreambuf_iterator<char>(in), {}));
}

inline void put_chunk(Bytes& png, std::string_view type, const Bytes& data) {
  put_be(png, static_cast<std::uint32_t>(data.size()), 4);
  const std::size_t at = png.size();
  put_text(png, type);
  png.insert(png.end(), data.begin(), data.end());
  put_be(png, crc32(std::span(png).subspan(at)), 4);
}

// zlib's format with the bytes stored as they are (one block, so at most 65,535 of them).
inline Bytes zlib_stored(const Bytes& raw) {
  Bytes out = bytes_of("\x78\x01\x01");
  put_le(out, static_cast<std::uint32_t>(raw.size()), 2);
  put_le(out, static_cast<std::uint32_t>(raw.size()) ^ 0xFFFFU, 2);
  out.insert(out.end(), raw.begin(), raw.end());
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::byte byte : raw) {
    a = (a + static_cast<std::uint32_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  put_be(out, b << 16U | a, 4);
  return out;
}

// rows: each with its leading filter byte.
inline Bytes png_of(std::uint32_t width, std::uint32_t height, int depth, int colour, const Bytes& rows,
                    const Bytes& palette = {}, const Bytes& transparency = {}) {
  Bytes png = bytes_of("\x89PNG\r\n\x1A\n");
  Bytes head;
  put_be(head, width, 4);
  put_be(head, height, 4);
  for (const int value : {depth, colour, 0, 0, 0}) put_be(head, static_cast<std::uint32_t>(value), 1);
  put_chunk(png, "IHDR", head);
  if (!palette.empty()) put_chunk(png, "PLTE", palette);
  if (!transparency.empty()) put_chunk(png, "tRNS", transparency);
  put_chunk(png, "IDAT", zlib_stored(rows));
  put_chunk(png, "IEND", {});
  return png;
}

inline Bytes bytes_from(std::initializer_list<int> values) {
  Bytes out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

// A BMP with the 40-byte header; `pixels` as stored (bottom row first where height > 0, rows of a multiple of 4 bytes).
inline Bytes bmp_of(std::int32_t width, std::int32_t height, int bits, const Bytes& pixels, const Bytes& palette = {},
                    int compression = 0) {
  Bytes bmp = bytes_of("BM");
  const auto offset = static_cast<std::uint32_t>(54 + palette.size());
  put_le(bmp, offset + static_cast<std::uint32_t>(pixels.size()), 4);
  put_le(bmp, 0, 4);
  put_le(bmp, offset, 4);
  put_le(bmp, 40, 4);
  put_le(bmp, static_cast<std::uint32_t>(width), 4);
  put_le(bmp, static_cast<std::uint32_t>(height), 4);
  put_le(bmp, 1, 2);
  put_le(bmp, static_cast<std::uint32_t>(bits), 2);
  put_le(bmp, static_cast<std::uint32_t>(compression), 4);
  for (int i = 0; i < 5; ++i) put_le(bmp, 0, 4);
  bmp.insert(bmp.end(), palette.begin(), palette.end());
  bmp.insert(bmp.end(), pixels.begin(), pixels.end());
  return bmp;
}

// The JPEG with an EXIF segment that holds this orientation behind its start marker.
inline Bytes with_orientation(const Bytes& jpeg, int orientation, bool little = true) {
  Bytes exif = bytes_of(std::string_view("Exif\0\0", 6));
  const auto put = [&](std::uint32_t value, int bytes) {
    little ? put_le(exif, value, bytes) : put_be(exif, value, bytes);
  };
  put_text(exif, little ? "II" : "MM");
  put(42, 2);
  put(8, 4);
  put(2, 2);  // two rows: ImageWidth, Orientation
  for (const auto& [tag, value] : {std::pair{0x0100U, 16U}, std::pair{0x0112U, static_cast<unsigned>(orientation)}}) {
    put(tag, 2);
    put(3, 2);
    put(1, 4);
    put(value, 2);
    put(0, 2);
  }
  put(0, 4);
  Bytes out(jpeg.begin(), jpeg.begin() + 2);
  put_be(out, 0xFFE1, 2);
  put_be(out, static_cast<std::uint32_t>(exif.size() + 2), 2);
  out.insert(out.end(), exif.begin(), exif.end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

// A picture of two columns and three rows of 16 x 16 blocks, each of one colour of its own.
inline Image blocks() {
  Image image{32, 48, {}};
  constexpr int kColours[6][3] = {{250, 10, 10},  {10, 250, 10},  {10, 10, 250},
                                  {240, 240, 20}, {20, 240, 240}, {128, 128, 128}};
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 32; ++x) {
      for (const int value : kColours[y / 16 * 2 + x / 16]) image.rgb.push_back(static_cast<std::uint8_t>(value));
    }
  }
  return image;
}

inline void expect_near(const Image& image, int x, int y, int r, int g, int b, int tolerance) {
  const std::uint8_t* p = image.pixel(x, y);
  EXPECT_NEAR(p[0], r, tolerance) << "red at " << x << "," << y;
  EXPECT_NEAR(p[1], g, tolerance) << "green at " << x << "," << y;
  EXPECT_NEAR(p[2], b, tolerance) << "blue at " << x << "," << y;
}

// tests/golden/pictures: red, green, blue and yellow.
inline void expect_quadrants(const Image& image, int tolerance) {
  ASSERT_EQ(image.width, 16);
  ASSERT_EQ(image.height, 16);
  expect_near(image, 3, 3, 255, 0, 0, tolerance);
  expect_near(image, 12, 3, 0, 255, 0, tolerance);
  expect_near(image, 3, 12, 0, 0, 255, tolerance);
  expect_near(image, 12, 12, 255, 255, 0, tolerance);
}

}  // namespace weightroom::io::testing
