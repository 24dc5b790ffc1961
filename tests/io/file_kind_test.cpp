#include "io/file_kind.h"

#include <algorithm>

#include "io/picture_testing.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_from;
using testing::bytes_of;

FileKind kind_of_text(std::string_view name, std::string_view text) { return kind_of(name, as_bytes(text)); }

// A safetensors file of one tensor whose header is padded with spaces to so many bytes.
Bytes tensors(std::size_t header, const std::string& metadata = "") {
  std::string text = "{" + (metadata.empty() ? "" : R"("__metadata__":)" + metadata + ",") +
                     R"("w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  text.resize(std::max(text.size(), header), ' ');
  return testing::safetensors(text, 4);
}

// Of the first of these bytes alone: what comes after is not looked at.
Bytes gzipped(const Bytes& raw) {
  Bytes out = bytes_of(std::string_view("\x1F\x8B\x08\0\0\0\0\0\0\x03", 10));
  const Bytes zlib = testing::zlib_stored(raw);
  out.insert(out.end(), zlib.begin() + 2, zlib.end() - 4);
  testing::put_le(out, crc32(raw), 4);
  testing::put_le(out, static_cast<std::uint32_t>(raw.size()), 4);
  return out;
}

Bytes idx(int rank, int count) {
  Bytes out = bytes_from({0, 0, 8, rank, 0, 0, 0, count});
  for (int axis = 1; axis < rank; ++axis) testing::put_be(out, 2, 4);
  out.resize(out.size() + static_cast<std::size_t>(rank == 1 ? count : rank == 3 ? count * 4 : count * 2));
  return out;
}

TEST(FileKind, IsToldByWhatIsInAFileWhateverItIsCalled) {
  for (const char* name : {"", "a", "a.jpg", "a.safetensors", "a.onnx", "a.tar", "a.txt", "a.json", "a.gz"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(kind_of(name, tensors(0)), FileKind::weights);
    EXPECT_EQ(kind_of(name, tensors(0, R"({"weightroom":"1"})")), FileKind::model);
    EXPECT_EQ(kind_of(name, testing::tar_of({{"set/cat/1.png", bytes_of("x")}})), FileKind::tar);
    for (const char* picture : {"grey.jpg", "animated.gif"})
      EXPECT_EQ(kind_of(name, testing::golden_picture(picture)), FileKind::picture) << picture;
    EXPECT_EQ(kind_of_text(name, "\x89PNG\r\n\x1a\n"), FileKind::picture) << "and be it cut short";
    EXPECT_EQ(kind_of(name, testing::golden_picture("photo.webp")), FileKind::browser_picture);
    EXPECT_EQ(kind_of_text(name, "%PDF-1.7"), FileKind::other_picture);
    EXPECT_EQ(kind_of(name, idx(3, 5)), FileKind::idx_pictures);
    EXPECT_EQ(kind_of(name, idx(1, 5)), FileKind::idx_labels);
    EXPECT_EQ(kind_of(name, gzipped(idx(3, 5))), FileKind::idx_pictures);
    EXPECT_EQ(kind_of(name, gzipped(idx(1, 5))), FileKind::idx_labels);
    EXPECT_EQ(kind_of_text(name, "{\n \"format\": \"weightroom-history\",\n"), FileKind::history);
  }
}

TEST(FileKind, IsToldByTheNameWhereTheContentSaysNothing) {
  for (const char* text : {"", "cat\ndog\n", "PK\x03\x04 zip", "\x1F\x8B\x08 gzip", "\x80\x02 pickle", "{\"net\":1}"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(kind_of_text("a.safetensors", text), FileKind::model);
    EXPECT_EQ(kind_of_text("a.onnx", text), FileKind::onnx);
    EXPECT_EQ(kind_of_text("a.tar", text), FileKind::tar);
    for (const char* name : {"a.txt", "a.names", "a.labels"}) EXPECT_EQ(kind_of_text(name, text), FileKind::labels);
  }
  EXPECT_EQ(kind_of_text("a.json", " weightroom-history "), FileKind::history);
  EXPECT_EQ(kind_of_text("cat.jpg", "cat"), FileKind::unknown);
  EXPECT_EQ(kind_of_text("", ""), FileKind::unknown);
}

TEST(FileKind, NamesWhatIsNotOpened) {
  EXPECT_EQ(kind_of_text("a.pt", "PK\x03\x04 and so on"), FileKind::zip);
  EXPECT_EQ(kind_of_text("a.pth", "\x80\x02\x8A\x0Al\xFC\x9C\x46"), FileKind::pickle);
  EXPECT_EQ(kind_of_text("a.pth", "\x80\x06\x8A\x0Al\xFC\x9C\x46"), FileKind::unknown) << "a protocol there is not";
  EXPECT_EQ(kind_of(".tar.gz", gzipped(testing::tar_of({{"a", bytes_of("x")}}))), FileKind::gzip);
  EXPECT_EQ(kind_of("", idx(2, 5)), FileKind::unknown);
  EXPECT_EQ(kind_of("", gzipped(idx(2, 5))), FileKind::gzip);
  EXPECT_EQ(kind_of_text("mine.json", "{\n  \"name\": \"mine\",\n  \"net\": \"conv 16; gap; fc\"}"), FileKind::recipe);
  EXPECT_EQ(kind_of_text("mine.json", "{\"network\": 1}"), FileKind::unknown);
}

TEST(FileKind, OnnxBeginsWithItsVersion) {
  EXPECT_EQ(kind_of_text("download", "\x08\x07\x12\x07pytorch"), FileKind::onnx);
  EXPECT_EQ(kind_of_text("download", "\x08\x7F\x12\x07pytorch"), FileKind::unknown);
  EXPECT_EQ(kind_of_text("download", "\x08\x07"), FileKind::unknown);
  EXPECT_EQ(kind_of_text("a.safetensors", "\x08\x07\x12\x07pytorch"), FileKind::model) << "two bytes say little";
}

// Each of these was once taken for something else.
TEST(FileKind, MarksThatLookAlike) {
  // A GIF of 123 rows has '{' as its ninth byte, as a safetensors file does.
  EXPECT_EQ(kind_of_text("a.gif", std::string_view("GIF89a\x0A\0{\0\0\0", 12)), FileKind::picture);
  // A header of 65,536 bytes begins as an icon does, one of 2,815 as a JPEG XL picture.
  EXPECT_EQ(kind_of("a.safetensors", tensors(65'536)), FileKind::weights);
  EXPECT_EQ(kind_of("a.safetensors", tensors(2'815)), FileKind::weights);
  // An archive of a folder of cars begins as a BMP does; one of the oldest kind has no mark but its checksum.
  Bytes tar = testing::tar_of({{"BMW", bytes_of("x")}});
  EXPECT_EQ(kind_of("", tar), FileKind::tar);
  std::fill(tar.begin() + 257, tar.begin() + 265, std::byte{0});
  testing::fix_checksum(tar, 0);
  EXPECT_EQ(kind_of("", tar), FileKind::tar);
  tar[0] = std::byte{'b'};
  EXPECT_EQ(kind_of("", tar), FileKind::unknown) << "its checksum does not fit";
}

TEST(FileKind, ADamagedFileStaysWhatItWas) {
  Bytes model = tensors(0, R"({"weightroom":"1"})");
  model.resize(model.size() - 1);
  EXPECT_EQ(kind_of("", model), FileKind::model);
  EXPECT_EQ(kind_of("", std::span(model).first(20)), FileKind::model);
  const Bytes whole = idx(3, 5);
  EXPECT_EQ(kind_of("", std::span(whole).first(whole.size() - 1)), FileKind::unknown);
  Bytes packed = gzipped(whole);
  packed[packed.size() - 8] ^= std::byte{1};  // the checksum
  EXPECT_EQ(kind_of("", packed), FileKind::idx_pictures);
  packed[packed.size() - 4] ^= std::byte{1};  // the length
  EXPECT_EQ(kind_of("", packed), FileKind::gzip);
}

}  // namespace
}  // namespace weightroom::io
