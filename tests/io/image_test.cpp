#include "io/image.h"

#include <array>

#include "io/picture_format.h"
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

// Every prefix of every kind of file is refused, and by a sentence, but where no pixel is missing: then it is read as
// the whole is.
TEST(DecodeImage, WhatWasCutShortIsRefused) {
  struct File {
    Bytes bytes;
    std::size_t behind;  // its pixels: the most that may be missing
  };
  std::vector<File> files;
  for (const char* name : {"baseline.jpg", "subsampled.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"})
    files.push_back({golden_picture(name), 2});
  for (const char* name : {"palette.gif", "interlaced.gif"}) files.push_back({golden_picture(name), 4});
  files.push_back({encode_png(testing::blocks()), 21});
  files.push_back({bmp_of(1, 2, 24, bytes_from({3, 2, 1, 0, 30, 20, 10, 0})), 1});
  for (const auto& [file, behind] : files) {
    const auto whole = decode_image(file);
    ASSERT_TRUE(whole);
    for (std::size_t size = 0; size < file.size(); ++size) {
      const auto image = decode_image(std::span(file).first(size));
      if (image) {
        ASSERT_GE(size + behind, file.size());
        ASSERT_EQ(*image, *whole);
      } else {
        ASSERT_TRUE(image.error().message().ends_with('.'));
      }
    }
    EXPECT_TRUE(decode_image(std::span(file).first(file.size() - 1)));
    EXPECT_REFUSED(decode_image(std::span(file).first(file.size() - behind - 1)), "cut short");
    EXPECT_REFUSED(decode_image(std::span(file).first(file.size() / 2)), "cut short");
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
  EXPECT_REFUSED(decode_image(bytes_of("%PDF-1.7")), "a document");
  EXPECT_EQ(picture_format(golden_picture("photo.webp")), PictureFormat::webp);
}

// mif1 says that there are pictures; another brand of the box says of which kind.
TEST(PictureFormat, OfABoxIsWhatItsBrandsSay) {
  const auto format = [](const std::string& brands) {
    const std::string box = "ftyp" + brands;
    const std::string file = std::string("\0\0\0", 3) + static_cast<char>(box.size() + 4) + box + "avif behind the box";
    return picture_format(bytes_of(file));
  };
  const std::string version(4, '\0');
  EXPECT_EQ(format("avif" + version), PictureFormat::avif);
  EXPECT_EQ(format("mif1" + version + "mif1avifmiaf"), PictureFormat::avif);
  EXPECT_EQ(format("mif1" + version + "mif1miafheic"), PictureFormat::heic);
  EXPECT_EQ(format("mif1" + version + "mif1"), PictureFormat::heic);
  EXPECT_EQ(format("isom" + version + "mp42"), PictureFormat::unknown);
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
  // 3,856 x 3,856 would be read in every build, but not out of 657 bytes.
  jpeg[frame + 5] = jpeg[frame + 7] = std::byte{0x0F};
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
  EXPECT_EQ(*decode_image(twice), *decode_image(grey)) << "the picture is whole before the second scan";
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

TEST(OverWhite, WhatIsClearIsWhite) {
  std::vector<std::uint8_t> rgb{1, 2, 3};
  append_over_white(std::vector<std::uint8_t>{255, 0, 0, 255, 0, 0, 0, 0, 100, 0, 255, 128}, rgb);
  EXPECT_EQ(rgb, (std::vector<std::uint8_t>{1, 2, 3, 255, 0, 0, 255, 255, 255, 177, 127, 255}));
}

TEST(BlockMeans, AreOfWholeBlocksHalvesUp) {
  Image image{5, 4, std::vector<std::uint8_t>(60)};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i * i % 251);
  std::vector<std::uint8_t> want;
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 2; ++x) {
      for (int c = 0; c < 3; ++c) {
        double sum = 0.0;
        for (const auto& [u, v] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}})
          sum += image.pixel(2 * x + u, 2 * y + v)[c];
        want.push_back(static_cast<std::uint8_t>(std::floor(sum / 4.0 + 0.5)));
      }
      want.push_back(255);
    }
  }
  std::vector<std::uint8_t> means;
  append_block_means(image, 2, 0, 1, means);
  append_block_means(image, 2, 1, 2, means);
  EXPECT_EQ(means, want);
  const Image thin{1, 4, {0, 0, 0, 10, 10, 10, 20, 20, 20, 31, 31, 31}};
  for (const auto& [side, mean] : {std::pair<int, std::uint8_t>{3, 10}, {9, 15}}) {
    means.clear();
    append_block_means(thin, side, 0, 1, means);
    EXPECT_EQ(means, (std::vector<std::uint8_t>{mean, mean, mean, 255}));
  }
}

TEST(ClaimedExtent, IsWhatTheDecoderGives) {
  for (const char* name : {"baseline.jpg", "palette.gif", "photo.webp"}) {
    const Bytes file = golden_picture(name);
    const auto claimed = claimed_extent(file);
    ASSERT_TRUE(claimed) << name;
    const auto image = decode_image(file);
    if (!image) continue;  // WebP
    EXPECT_EQ(claimed->width, static_cast<std::uint64_t>(image->width)) << name;
    EXPECT_EQ(claimed->height, static_cast<std::uint64_t>(image->height)) << name;
  }
  const Image wide{300, 7, std::vector<std::uint8_t>(3 * 300 * 7)};
  for (const Bytes& file : {encode_png(wide), encode_jpeg(wide, 50), bmp_of(300, 7, 24, {}), bmp_of(300, -7, 24, {})}) {
    const auto claimed = claimed_extent(file);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->width, 300U);
    EXPECT_EQ(claimed->height, 7U);
    for (std::size_t size = 0; size < std::min<std::size_t>(file.size(), 200); ++size)
      (void)claimed_extent(std::span(file).first(size));  // never past the end
  }
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
