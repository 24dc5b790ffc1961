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
    EXPECT_EQ(kind_of_text(name, "%PDF-1.7"), FileKind::document);
    EXPECT_EQ(kind_of_text(name, "<svg xmlns=''/>"), FileKind::other_picture);
    EXPECT_EQ(kind_of(name, idx(3, 5)), FileKind::idx_pictures);
    EXPECT_EQ(kind_of(name, idx(1, 5)), FileKind::idx_labels);
    EXPECT_EQ(kind_of(name, gzipped(idx(3, 5))), FileKind::idx_pictures);
    EXPECT_EQ(kind_of(name, gzipped(idx(1, 5))), FileKind::idx_labels);
    EXPECT_EQ(kind_of_text(name, "{\n \"format\": \"weightroom-history\",\n"), FileKind::history);
  }
}

TEST(FileKind, IsToldByTheNameWhereTheContentSaysNothing) {
  for (const char* text : {"", "cat\ndog\n", "\x80\x02", "{\"net\":1}"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(kind_of_text("a.safetensors", text), FileKind::model);
    EXPECT_EQ(kind_of_text("a.onnx", text), FileKind::onnx);
    EXPECT_EQ(kind_of_text("a.tar", text), FileKind::tar);
    for (const char* name : {"a.txt", "a.names", "a.labels"}) EXPECT_EQ(kind_of_text(name, text), FileKind::labels);
  }
  EXPECT_EQ(kind_of_text("a.json", " weightroom-history "), FileKind::history);
  EXPECT_EQ(kind_of_text("cat.jpg", "cat"), FileKind::text);
  EXPECT_EQ(kind_of_text("cat.jpg", "\x01\x02"), FileKind::unknown);
  EXPECT_EQ(kind_of_text("", ""), FileKind::unknown);
}

using namespace std::string_view_literals;

// A zip whose first file is called so.
std::string zip_of(std::string_view name) {
  std::string zip("PK\x03\x04", 4);
  zip += std::string(22, '\0');
  zip += static_cast<char>(name.size());
  zip += std::string(3, '\0');
  return zip + std::string(name) + "content";
}

struct Foreign {
  std::string content;
  FileKind kind;
  std::string_view says;  // and what can be done
};

std::vector<Foreign> foreign_files() {
  return {
      {"\x89HDF\r\n\x1A\n and so on", FileKind::keras, "tf2onnx"},
      {zip_of("archive/data.pkl"), FileKind::pickle, "torch.onnx.export"},
      {"\x80\x02\x8A\x0Al\xFC\x9C\x46", FileKind::pickle, "PyTorch"},
      {zip_of("cat/1.png"), FileKind::zip, "Unpack it"},
      {zip_of("weight.npy"), FileKind::numpy, "NumPy"},
      {zip_of("[Content_Types].xml"), FileKind::document, "document"},
      {zip_of("mimetype"), FileKind::document, "document"},
      {std::string("\x1C\0\0\0TFL3\0\0", 10), FileKind::tflite, "TensorFlow Lite"},
      {std::string("\x18\0\0\0ORTM\0\0", 10), FileKind::ort, "ONNX Runtime"},
      {R"({"format":"layers-model","modelTopology":{},"weightsManifest":[]})", FileKind::tfjs, "TensorFlow.js"},
      {"GGUF\3", FileKind::other_model, "Convert it to ONNX"},
      {"\x93NUMPY\1", FileKind::numpy, "NumPy"},
      {"version https://git-lfs.example/spec/v1\noid sha256:0\nsize 5\n", FileKind::lfs_pointer, "git lfs pull"},
      {"<!DOCTYPE html>\n<html></html>", FileKind::web_page, "web page"},
      {"\xEF\xBB\xBF\n <!-- a --> <HTML lang='en'>", FileKind::web_page, "Download"},
      {std::string("\0\0\0\x20", 4) + "ftypisom", FileKind::film, "film"},
      {std::string("\0\0\0\x14", 4) + "ftypqt  ", FileKind::film, "frame"},
      {"\x1A\x45\xDF\xA3\x9F", FileKind::film, "film"},
      {"RIFF\1\1\1\1AVI LIST", FileKind::film, "film"},
      {"%PDF-1.7", FileKind::document, "document"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 of old", FileKind::document, "document"},
      {"Rar!\x1A\x07\x01", FileKind::archive, "Unpack it"},
      {"7z\xBC\xAF\x27\x1C", FileKind::archive, "archive"},
  };
}

TEST(FileKind, NamesWhatIsNotOpened) {
  for (const Foreign& file : foreign_files()) {
    for (const char* name : {"", "a", "a.onnx", "a.safetensors", "a.jpg", "a.txt", "a.json", "a.tar"}) {
      EXPECT_EQ(kind_of_text(name, file.content), file.kind) << name << ": " << file.says;
    }
    const auto refusal = refusal_of(file.kind);
    ASSERT_TRUE(refusal);
    testing::expect_sentence(refusal->message(), file.says);
  }
  EXPECT_EQ(kind_of_text("a.pth", "\x80\x06\x8A\x0Al\xFC\x9C\x46"), FileKind::pickle) << "by its name";
  EXPECT_EQ(kind_of_text("", "\x80\x06\x8A\x0Al\xFC\x9C\x46"), FileKind::unknown) << "a protocol there is not";
  for (const char* name : {"a.pt", "a.pth"}) EXPECT_EQ(kind_of_text(name, zip_of("x")), FileKind::pickle);
  EXPECT_EQ(kind_of_text("a.keras", zip_of("config.json")), FileKind::keras);
  EXPECT_EQ(kind_of_text("a.h5", "\x01"), FileKind::keras);
  EXPECT_EQ(kind_of_text("saved_model.pb", "\x08\x01\x12\x80\x01\x0A\x10\x12\x0C"), FileKind::tensorflow);
  EXPECT_EQ(kind_of("a.tar.gz", gzipped(testing::tar_of({{"a", bytes_of("x")}}))), FileKind::gzip);
  EXPECT_EQ(kind_of("", idx(2, 5)), FileKind::unknown);
  EXPECT_EQ(kind_of("", gzipped(idx(2, 5))), FileKind::gzip);
  EXPECT_EQ(kind_of_text("mine.json", "{\n  \"name\": \"mine\",\n  \"net\": \"conv 16; gap; fc\"}"), FileKind::recipe);
}

TEST(FileKind, TellsTexts) {
  EXPECT_EQ(kind_of_text("", "some words\n"), FileKind::text);
  EXPECT_EQ(kind_of_text("README.md", "some words\n"), FileKind::text);
  for (const char* name : {"a.txt", "a.csv", "a.names"}) EXPECT_EQ(kind_of_text(name, "cat\n"), FileKind::labels);
  EXPECT_EQ(kind_of_text("classes.json", "[\"cat\"]"), FileKind::labels);
  EXPECT_EQ(kind_of_text("classes.json", "{\"0\": \"net\", \"net\": 1}"), FileKind::labels) << "a class, no recipe";
}

TEST(FileKind, ARefusalKnowsWhatWasWanted) {
  const Error otherwise = fail("It is damaged.").error();
  const auto zip = bytes_of(zip_of("x"));
  EXPECT_THAT(refusal_of("", zip, otherwise).message(), ::testing::HasSubstr("zip archive"));
  EXPECT_EQ(refusal_of("", zip, otherwise, {FileKind::zip}).message(), "It is damaged.");
  EXPECT_EQ(refusal_of("", bytes_of("\x01"), otherwise).message(), "It is damaged.");
  EXPECT_FALSE(refusal_of(FileKind::unknown));
  for (int kind = 1; kind <= static_cast<int>(FileKind::text); ++kind)
    testing::expect_sentence(refusal_of(static_cast<FileKind>(kind))->message(), "This");
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
