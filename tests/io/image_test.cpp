#include "io/image.h"

#include <array>

#include "io/picture_check.h"
#include "io/picture_testing.h"

namespace weightroom::io {
namespace {

using testing::bmp_of;
using testing::Bytes;
using testing::bytes_from;
using testing::bytes_of;
using testing::expect_near;
using testing::golden_picture;
using testing::png_of;

void expect_quadrants(const Image& image, int tolerance) {
  ASSERT_EQ(image.width, 16);
  ASSERT_EQ(image.height, 16);
  expect_near(image, 3, 3, 255, 0, 0, tolerance);
  expect_near(image, 12, 3, 0, 255, 0, tolerance);
  expect_near(image, 3, 12, 0, 0, 255, tolerance);
  expect_near(image, 12, 12, 255, 255, 0, tolerance);
}

TEST(DecodeJpeg, BaselineSubsampledProgressive) {
  for (const char* name : {"baseline.jpg", "subsampled.jpg", "progressive.jpg"}) {
    const auto image = decode_image(golden_picture(name));
    ASSERT_TRUE(image) << name << ": " << testing::message_of(image);
    expect_quadrants(*image, 6);
  }
}

TEST(DecodeJpeg, GreyBecomesThreeEqualChannels) {
  const auto image = decode_image(golden_picture("grey.jpg"));
  ASSERT_TRUE(image) << testing::message_of(image);
  expect_near(*image, 3, 3, 76, 76, 76, 1);
  expect_near(*image, 12, 12, 226, 226, 226, 1);
}

TEST(DecodeJpeg, CmykAndYcck) {
  Bytes cmyk = golden_picture("cmyk.jpg");
  const auto image = decode_image(cmyk);
  ASSERT_TRUE(image) << testing::message_of(image);
  expect_quadrants(*image, 2);

  // The same bytes declared as YCCK; what Pillow (libjpeg-turbo) makes of them.
  const std::size_t at = testing::text_of(cmyk).find("Adobe");
  Bytes ycck = cmyk;
  ycck[at + 11] = std::byte{2};
  const auto other = decode_image(ycck);
  ASSERT_TRUE(other);
  expect_near(*other, 3, 3, 179, 0, 227, 2);
  expect_near(*other, 12, 3, 255, 207, 30, 2);
  expect_near(*other, 3, 12, 77, 255, 255, 2);

  // Without Adobe's marker (its letters spoilt) four channels are still CMYK.
  cmyk[at] = std::byte{'B'};
  const auto plain = decode_image(cmyk);
  ASSERT_TRUE(plain);
  EXPECT_EQ(*plain, *image);
}

TEST(DecodeJpeg, TurnsAsExifSays) {
  const Image stored = testing::blocks();
  const Bytes jpeg = encode_jpeg(stored, 95);
  const auto upright = decode_image(jpeg);
  ASSERT_TRUE(upright);
  const int right = stored.width - 1;
  const int bottom = stored.height - 1;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool little : {true, false}) {
      const auto shown = decode_image(testing::with_orientation(jpeg, orientation, little));
      ASSERT_TRUE(shown) << testing::message_of(shown);
      ASSERT_EQ(shown->width, orientation < 5 ? 32 : 48);
      ASSERT_EQ(shown->height, orientation < 5 ? 48 : 32);
      for (int y = 0; y <= bottom; ++y) {
        for (int x = 0; x <= right; ++x) {
          // Where EXIF 2.32 (tag 0x0112) puts the stored pixel (x,y): "row 0 is the visual top, column 0 the visual
          // left"...
          const std::array<std::array<int, 2>, 9> place{{{},
                                                         {x, y},
                                                         {right - x, y},
                                                         {right - x, bottom - y},
                                                         {x, bottom - y},
                                                         {y, x},
                                                         {bottom - y, x},
                                                         {bottom - y, right - x},
                                                         {y, right - x}}};
          const auto [to_x, to_y] = place[static_cast<std::size_t>(orientation)];
          const std::uint8_t* a = upright->pixel(x, y);
          const std::uint8_t* b = shown->pixel(to_x, to_y);
          ASSERT_TRUE(a[0] == b[0] && a[1] == b[1] && a[2] == b[2])
              << "orientation " << orientation << " at " << x << "," << y;
        }
      }
    }
  }
}

TEST(DecodeJpeg, ADamagedExifBlockTurnsNothing) {
  const Bytes jpeg = encode_jpeg(testing::blocks(), 90);
  const auto upright = decode_image(jpeg);
  for (const int orientation : {0, 9, 65535}) {
    const auto shown = decode_image(testing::with_orientation(jpeg, orientation));
    ASSERT_TRUE(shown);
    EXPECT_EQ(*shown, *upright);
  }
  const Bytes whole = testing::with_orientation(jpeg, 6);
  // Its directory moved, its count of rows raised, its type changed, its block cut: never a fault, never a turn.
  for (const auto& [at, value] :
       {std::pair{16U, 0xFFU}, std::pair{17U, 0xFFU}, std::pair{19U, 0xFFU}, std::pair{36U, 4U}}) {
    Bytes bad = whole;
    bad[at] = static_cast<std::byte>(value);
    EXPECT_TRUE(decode_image(bad)) << at;
  }
  for (std::size_t size = 0; size < 40; ++size) {
    const Bytes tiff = Bytes(whole.begin() + 12, whole.begin() + 12 + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(exif_orientation(tiff), size >= 34 ? 6 : 1) << size;
  }
}

TEST(DecodePng, SixteenBits) {
  // Two pixels of RGB: 0xFF80, 0x0001, 0x7FFF and 0x1234, 0xABCD, 0xFFFF.
  const auto image = decode_image(
      png_of(2, 1, 16, 2, bytes_from({0, 0xFF, 0x80, 0, 1, 0x7F, 0xFF, 0x12, 0x34, 0xAB, 0xCD, 0xFF, 0xFF})));
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{0xFF, 0, 0x7F, 0x12, 0xAB, 0xFF}));
  const auto grey = decode_image(png_of(2, 1, 16, 0, bytes_from({0, 0x80, 0x10, 0xFF, 0xFF})));
  ASSERT_TRUE(grey);
  EXPECT_EQ(grey->rgb, (std::vector<std::uint8_t>{0x80, 0x80, 0x80, 255, 255, 255}));
  // Grey with alpha: black at half strength over white.
  const auto alpha = decode_image(png_of(1, 1, 16, 4, bytes_from({0, 0, 0, 0x80, 0})));
  ASSERT_TRUE(alpha);
  EXPECT_EQ(alpha->rgb, (std::vector<std::uint8_t>{127, 127, 127}));
}

TEST(DecodePng, AlphaLiesOverWhite) {
  const auto image = decode_image(png_of(3, 1, 8, 6, bytes_from({0, 10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 51})));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{10, 20, 30, 255, 255, 255, 204, 224, 244}));
}

TEST(DecodePng, PaletteAndItsTransparency) {
  const Bytes palette = bytes_from({1, 2, 3, 200, 100, 50});
  const auto plain = decode_image(png_of(4, 1, 1, 3, bytes_from({0, 0b01010000}), palette));
  ASSERT_TRUE(plain) << testing::message_of(plain);
  EXPECT_EQ(plain->rgb, (std::vector<std::uint8_t>{1, 2, 3, 200, 100, 50, 1, 2, 3, 200, 100, 50}));
  const auto clear = decode_image(png_of(2, 1, 1, 3, bytes_from({0, 0b01000000}), palette, bytes_from({0})));
  ASSERT_TRUE(clear);
  EXPECT_EQ(clear->rgb, (std::vector<std::uint8_t>{255, 255, 255, 200, 100, 50}));
}

TEST(DecodeBmp, BothWaysUpAndPalette) {
  const auto image = decode_image(bmp_of(1, 2, 24, bytes_from({3, 2, 1, 0, 30, 20, 10, 0})));
  ASSERT_TRUE(image) << testing::message_of(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{10, 20, 30, 1, 2, 3}));
  const auto from_top = decode_image(bmp_of(1, -2, 24, bytes_from({3, 2, 1, 0, 30, 20, 10, 0})));
  ASSERT_TRUE(from_top);
  EXPECT_EQ(from_top->rgb, (std::vector<std::uint8_t>{1, 2, 3, 10, 20, 30}));
  const auto palette = decode_image(bmp_of(2, 1, 8, bytes_from({1, 0, 0, 0}), bytes_from({9, 8, 7, 0, 6, 5, 4, 0})));
  ASSERT_TRUE(palette) << testing::message_of(palette);
  EXPECT_EQ(palette->rgb, (std::vector<std::uint8_t>{4, 5, 6, 7, 8, 9}));
  EXPECT_REFUSED(decode_image(bmp_of(2, 1, 8, bytes_from({1, 0, 0, 0}), bytes_from({9, 8, 7, 0}), 1)), "run-length");
}

TEST(DecodeGif, FirstFrame) {
  for (const char* name : {"palette.gif", "interlaced.gif"}) {
    const auto image = decode_image(golden_picture(name));
    ASSERT_TRUE(image) << name << ": " << testing::message_of(image);
    expect_quadrants(*image, 0);
  }
  const auto animated = decode_image(golden_picture("animated.gif"));
  ASSERT_TRUE(animated) << testing::message_of(animated);
  expect_near(*animated, 3, 3, 255, 0, 0, 0);
  expect_near(*animated, 12, 12, 255, 255, 255, 0);  // transparent, over white
}

// Every prefix of every kind of file is refused, and by a sentence.
TEST(DecodeImage, WhatWasCutShortIsRefused) {
  std::vector<Bytes> files;
  for (const char* name :
       {"baseline.jpg", "subsampled.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "palette.gif", "interlaced.gif"}) {
    files.push_back(golden_picture(name));
  }
  files.push_back(encode_png(testing::blocks()));
  files.push_back(bmp_of(1, 2, 24, bytes_from({3, 2, 1, 0, 30, 20, 10, 0})));
  for (const Bytes& file : files) {
    ASSERT_TRUE(decode_image(file));
    // The GIF's last byte ends the file, not the picture.
    const std::size_t whole = picture_format(file) == PictureFormat::gif ? file.size() - 1 : file.size();
    for (std::size_t size = 0; size < whole; ++size) {
      const auto image = decode_image(std::span(file).first(size));
      ASSERT_FALSE(image) << size << " of " << file.size();
      ASSERT_TRUE(image.error().message().ends_with('.'));
    }
    EXPECT_REFUSED(decode_image(std::span(file).first(whole - 1)), "cut short");
    EXPECT_REFUSED(decode_image(std::span(file).first(whole / 2)), "cut short");
  }
}

TEST(DecodeImage, SaysWhatIsNoPicture) {
  EXPECT_REFUSED(decode_image({}), "0 bytes");
  EXPECT_REFUSED(decode_image(bytes_of("Hello, this is text")), "not a picture");
  EXPECT_REFUSED(decode_image(bytes_of("\xFF")), "not a picture");
  EXPECT_REFUSED(decode_image(bytes_of("BMW is a car")), "not a picture");
}

TEST(DecodeImage, NamesFormatsItDoesNotRead) {
  EXPECT_REFUSED(decode_image(golden_picture("photo.webp")), "WebP");
  EXPECT_REFUSED(decode_image(bytes_of(std::string_view("\0\0\0\x1C"
                                                        "ftypavif\0\0\0\0",
                                                        16))),
                 "AVIF");
  EXPECT_REFUSED(decode_image(bytes_of(std::string_view("\0\0\0\x1C"
                                                        "ftypheic\0\0\0\0",
                                                        16))),
                 "HEIC");
  EXPECT_REFUSED(decode_image(bytes_of(std::string_view("II*\0\x08\0\0\0", 8))), "TIFF");
  EXPECT_REFUSED(decode_image(bytes_of("\xFF\x0A....")), "JPEG XL");
  EXPECT_REFUSED(decode_image(bytes_of("<svg xmlns='http://www.w3.org/2000/svg'/>")), "SVG");
  EXPECT_REFUSED(decode_image(bytes_of("%PDF-1.7")), "PDF");
  EXPECT_EQ(picture_format(golden_picture("photo.webp")), PictureFormat::webp);
}

TEST(DecodeImage, ChecksTheSizeBeforeItDecodes) {
  EXPECT_REFUSED(decode_image(png_of(20000, 20000, 8, 2, bytes_from({0}))), "20,000 x 20,000");
  EXPECT_REFUSED(decode_image(png_of(0, 5, 8, 2, bytes_from({0}))), "no pixels");
  EXPECT_REFUSED(decode_image(png_of(40000, 1, 8, 2, bytes_from({0}))), "40,000 x 1");
  EXPECT_REFUSED(decode_image(png_of(0x80000000U, 0x80000000U, 8, 2, bytes_from({0}))), "too large");
  EXPECT_REFUSED(decode_image(bmp_of(30000, 30000, 24, bytes_from({0}))), "30,000 x 30,000");
  EXPECT_REFUSED(decode_image(bmp_of(1, INT32_MIN, 24, bytes_from({0}))), "too large");
  EXPECT_REFUSED(decode_image(bmp_of(3, 5, 24, bytes_from({0}))), "cut short");
  Bytes gif = golden_picture("palette.gif");
  gif[7] = gif[9] = std::byte{0xFF};
  EXPECT_REFUSED(decode_image(gif), "65,296 x 65,296");
  Bytes jpeg = golden_picture("baseline.jpg");
  const std::size_t frame = testing::text_of(jpeg).find("\xFF\xC0");
  jpeg[frame + 5] = jpeg[frame + 7] = std::byte{0xFF};
  EXPECT_REFUSED(decode_image(jpeg), "65,296 x 65,296");
  // 4,112 x 4,112 would be read, but not out of 657 bytes.
  jpeg[frame + 5] = jpeg[frame + 7] = std::byte{0x10};
  EXPECT_REFUSED(decode_image(jpeg), "cut short");
}

TEST(DecodeImage, RefusesDamage) {
  Bytes png = encode_png(testing::blocks());
  png[60] ^= std::byte{1};
  EXPECT_REFUSED(decode_image(png), "checksum");
  // A valid checksum over too few bytes of pixels.
  EXPECT_REFUSED(decode_image(png_of(5, 5, 8, 2, bytes_from({0, 1, 2, 3}))), "damaged");
  const Bytes jpeg = golden_picture("baseline.jpg");
  const std::size_t table = testing::text_of(jpeg).find("\xFF\xC4");
  Bytes many = jpeg;
  many[table + 8] = std::byte{255};  // more codes than the segment holds
  EXPECT_REFUSED(decode_image(many), "damaged");
  Bytes arithmetic = jpeg;
  arithmetic[testing::text_of(jpeg).find("\xFF\xC0") + 1] = std::byte{0xC9};
  EXPECT_REFUSED(decode_image(arithmetic), "arithmetic");
  Bytes twelve = jpeg;
  twelve[testing::text_of(jpeg).find("\xFF\xC0") + 4] = std::byte{12};
  EXPECT_REFUSED(decode_image(twelve), "12 bits");
  EXPECT_REFUSED(decode_image(bytes_of("\xFF\xD8\xFF\xD9")), "damaged");
}

// stb_image leaves colours that the palette lacks as it found them; see CMakeLists.txt at src/io/stb.cpp.
TEST(DecodeImage, AColourThatThePaletteLacksIsBlack) {
  const auto bmp = decode_image(bmp_of(2, 1, 8, bytes_from({200, 0, 0, 0}), bytes_from({9, 8, 7, 0})));
  ASSERT_TRUE(bmp);
  EXPECT_EQ(bmp->rgb, (std::vector<std::uint8_t>{0, 0, 0, 7, 8, 9}));
  const auto png = decode_image(png_of(2, 1, 8, 3, bytes_from({0, 200, 0}), bytes_from({7, 8, 9})));
  ASSERT_TRUE(png);
  EXPECT_THAT(png->rgb, ::testing::AnyOf(std::vector<std::uint8_t>{0, 0, 0, 7, 8, 9},
                                         std::vector<std::uint8_t>{255, 255, 255, 7, 8, 9}));
}

TEST(DecodeImage, RefusesAJpegOfAThousandScans) {
  const Bytes jpeg = golden_picture("progressive.jpg");
  const std::string text = testing::text_of(jpeg);
  const std::size_t last = text.rfind("\xFF\xDA");
  const Bytes scan(jpeg.begin() + static_cast<std::ptrdiff_t>(last), jpeg.end() - 2);
  Bytes bomb(jpeg.begin(), jpeg.end() - 2);
  for (int i = 0; i < 1000; ++i) bomb.insert(bomb.end(), scan.begin(), scan.end());
  bomb.insert(bomb.end(), jpeg.end() - 2, jpeg.end());
  EXPECT_REFUSED(decode_image(bomb), "scans");
  const Bytes grey = golden_picture("grey.jpg");
  const std::size_t only = testing::text_of(grey).rfind("\xFF\xDA");
  Bytes twice(grey.begin(), grey.end() - 2);
  twice.insert(twice.end(), grey.begin() + static_cast<std::ptrdiff_t>(only), grey.end());
  EXPECT_REFUSED(decode_image(twice), "damaged");
}

TEST(EncodeImage, PngIsLosslessAndJpegIsClose) {
  const Image image = testing::blocks();
  const auto png = decode_image(encode_png(image));
  ASSERT_TRUE(png);
  EXPECT_EQ(*png, image);
  const auto jpeg = decode_image(encode_jpeg(image, 95));
  ASSERT_TRUE(jpeg);
  expect_near(*jpeg, 8, 8, 250, 10, 10, 4);
  EXPECT_LT(encode_jpeg(image, 20).size(), encode_jpeg(image, 95).size());
}

TEST(ImageFromRgba, ChecksItsBytes) {
  const std::vector<std::uint8_t> pixels{255, 0, 0, 255, 0, 0, 0, 0};
  const auto image = image_from_rgba(2, 1, pixels);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rgb, (std::vector<std::uint8_t>{255, 0, 0, 255, 255, 255}));
  EXPECT_REFUSED(image_from_rgba(2, 2, pixels), "number of bytes");
  EXPECT_REFUSED(image_from_rgba(-2, -1, pixels), "negative");
  EXPECT_REFUSED(image_from_rgba(0, 0, {}), "no pixels");
}

TEST(ClaimedExtent, IsReadFromTheHeadsOfWhatTheBrowserDecodes) {
  const auto claimed = [](const std::string& file) {
    const auto extent = claimed_extent(std::as_bytes(std::span(file)));
    return extent ? std::pair(extent->width, extent->height) : std::pair<std::uint64_t, std::uint64_t>{0, 0};
  };
  const auto webp = [](const std::string& chunk) { return std::string("RIFF\x30\x00\x00\x00WEBP", 12) + chunk; };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  // 16,383 x 2: fourteen bits of each, less one, from the low end.
  EXPECT_EQ(claimed(webp(std::string("VP8L\x0a\x00\x00\x00\x2f\xfe\x7f\x00\x00", 13))), Pair(16383, 2));
  EXPECT_EQ(claimed(webp(std::string("VP8 \x0a\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x80\x02\xe0\x01", 18))),
            Pair(640, 480));
  EXPECT_EQ(claimed(webp(std::string("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x1f\x4e\x00\x1f\x4e\x00", 18))),
            Pair(20000, 20000));
  const std::string box("\x00\x00\x00\x14ispe\x00\x00\x00\x00", 12);
  const std::string tile = box + std::string("\x00\x00\x02\x00\x00\x00\x02\x00", 8);
  const std::string whole = box + std::string("\x00\x00\x4e\x20\x00\x00\x00\x10", 8);
  const std::string head = std::string("\x00\x00\x00\x1c", 4) + "ftypavif" + std::string(16, '\0');
  EXPECT_EQ(claimed(head + whole + tile), Pair(20000, 16));
  EXPECT_EQ(claimed(head), Pair(0, 0));
  EXPECT_EQ(claimed(webp("VP8X")), Pair(1, 1));  // cut short: the browser will say so
  EXPECT_EQ(claimed("GIF89a"), Pair(0, 0));
}

}  // namespace
}  // namespace weightroom::io
