#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../io/picture_testing.h"
#include "io/safetensors.h"
#include "io/text.h"
#include "lab/bench_model.h"
#include "onnx/file_testing.h"

namespace weightroom::lab {
namespace {

using io::testing::Bytes;
using io::testing::bytes_of;
using nlohmann::json;
using testing::Bench;
using testing::state_of;

constexpr const char* kNoPicture = "This is not a picture: it is none of JPEG, PNG, BMP, GIF, WebP, AVIF and HEIC.";

Bytes bare_weights() {
  static const std::vector<float> values{1.0F};
  return io::write_safetensors({{"w", io::Dtype::f32, {1}, values}}, {});
}

struct Refusal {
  std::string name;
  std::string content;
  std::string sentence;
};

// An ONNX model and the file of its weights, dropped together in either order of arrival, or one after the other.
TEST(Files, AnOnnxModelOpensWithTheFileOfItsWeights) {
  onnx::testing::FileRow row = onnx::testing::kGood;
  row.tensors[0].elsewhere = {{"location", "net.onnx.data"}};
  const std::string model = onnx::testing::file_text(row);
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  const auto bytes = std::as_bytes(std::span(values));
  Bench bench;
  const json before = state_of(bench);
  ASSERT_TRUE(bench.lab.open_file("net.onnx", bytes_of(model)));
  EXPECT_EQ(state_of(bench)["error"], before["error"]) << "the other may be on its way";
  bench.lab.files_ended();
  EXPECT_THAT(bench.lab.error(),
              ::testing::HasSubstr("'net.onnx': The ONNX model keeps its weights in a second file, 'net.onnx.data'"));
  EXPECT_EQ(state_of(bench)["model"], before["model"]);
  bench.lab.files_ended();
  ASSERT_TRUE(bench.lab.open_file("net.onnx.data", Bytes(bytes.begin(), bytes.end())));
  bench.lab.files_ended();
  EXPECT_EQ(bench.lab.error(), "");
  EXPECT_EQ(bench.lab.document().model->weights, values);
  // By itself it says what it is.
  EXPECT_FALSE(bench.lab.open_file("other.onnx.data", Bytes(bytes.begin(), bytes.end())));
  EXPECT_THAT(bench.lab.error(), ::testing::HasSubstr("drop the .onnx file together with it"));
}

// One sentence for each, from the reader that its name or content leads to; nothing else changes.
TEST(Files, AreRefusedByWhoeverCanSayWhy) {
  const std::vector<Refusal> rows{
      {"x.jpg", "this is no picture",
       "This is a text, not a picture or model. A list of class names should end in .txt, with one name per line."},
      {"x", "", "The picture file is empty (0 bytes)."},
      {"x.pdf", "%PDF-1.7",
       "This is a document, not a picture or model. Save the pictures in it as PNG or JPEG and open those."},
      {"x.webp", "RIFF....WEBP",
       "This is a picture in the format WebP, which is not read here. Save it as PNG or JPEG and open that."},
      {"x.tar", "this is no archive", "This is not a tar archive."},
      {"x.tar", "", "The tar archive is empty (0 bytes)."},
      {"x.tar", "PK\x03\x04", "The zip archive was cut short."},
      {"x.zip", std::string("PK\x05\x06", 4) + std::string(18, '\0'),
       "This is a zip archive. Unpack it and open the files in it."},
      {"x.onnx", "this is no model",
       "This is not an ONNX model, or it is damaged: it does not read as a protobuf message."},
      {"x.safetensors", "", "The file is empty (0 bytes)."},
      {"x.safetensors", "PK\x03\x04 of a zip, which is longer than the least that one can be",
       "The zip archive was cut short."},
      {"x.pt", "PK\x03\x04 of a zip",
       "This is a PyTorch file (a pickle, .pt or .pth), which can run code when opened and is not read. Export the "
       "model to ONNX with torch.onnx.export, or save its state_dict as safetensors."},
      {"x.tar.gz", "\x1F\x8B\x08 and so on", "This is a gzip file. Unpack it and open what is in it."},
      {"x.idx", std::string("\0\0\x08\x01\0\0\0\x05shrt", 12), kNoPicture},
      {"x.txt", "\xFF\xFE", "This is not UTF-8 text; class names belong in a text file, one per line."},
      {"x.txt", "", "The text file holds no names; it should hold the class names, one per line."},
      {"x.json", "{}",
       "This is no list of class names: in brackets, names should be a list, or have the numbers of their classes, "
       "each from 0 up once."},
      {"x.h5", "\x89HDF\r\n\x1A\n",
       "This is a Keras model (HDF5 or .keras). Convert it to ONNX, for instance with tf2onnx, and open that."},
      {"x.onnx", "<!doctype html>",
       "This is a web page (HTML), not the file itself; perhaps the download needs a login. Download the file again "
       "and open that."},
      {"x", "\1\2\3", kNoPicture},
      {"x.json", R"({"net":"conv 8; gap; fc"})",
       "This is a training recipe. It is read by the command line: weightroom train --recipe."},
      {"x.json", R"({"format":"weightroom-history"})", "The history is of a version that this program does not know."},
  };
  Bench bench;
  json before = state_of(bench);
  for (const Refusal& row : rows) {
    const auto opened = bench.open_file(row.name, io::as_bytes(row.content));
    ASSERT_FALSE(opened.has_value()) << row.name;
    EXPECT_EQ(opened.error().message(), row.sentence) << row.name;
    json after = state_of(bench);
    EXPECT_EQ(after["error"], "'" + row.name + "': " + row.sentence);
    EXPECT_EQ(after["model"], before["model"]);
    EXPECT_EQ(after["picture"], before["picture"]);
  }
}

// Bytes past a file's head are looked at once it is opened, and by then the sentence is about what it is.
TEST(Files, ADamagedHalfOfASetIsRefusedAtOnce) {
  Bench bench;
  Bytes raw = io::testing::bytes_from({0, 0, 8, 1, 0, 0, 0, 2, 1, 0});
  Bytes packed = bytes_of(std::string_view("\x1F\x8B\x08\0\0\0\0\0\0\x03\x01\x0A\0\xF5\xFF", 15));
  packed.insert(packed.end(), raw.begin(), raw.end());
  io::testing::put_le(packed, io::crc32(raw), 4);
  io::testing::put_le(packed, 10, 4);
  Bytes damaged = packed;
  damaged[24] ^= std::byte{1};
  EXPECT_FALSE(bench.open_file("labels.gz", damaged).has_value());
  EXPECT_EQ(bench.lab.error(), "'labels.gz': The gzip file is damaged or was cut short: its checksum does not fit.");
  EXPECT_EQ(bench.lab.notice(), "");
  ASSERT_TRUE(bench.open_file("labels.gz", packed).has_value());
  EXPECT_EQ(bench.lab.notice(), "'labels.gz' holds labels: open the file with their pictures too.");
  EXPECT_EQ(bench.lab.error(), "");
}

TEST(Files, ContentCountsMoreThanTheName) {
  Bench bench;
  const Bytes png = io::encode_png(testing::test_picture());
  for (const char* name : {"photo.onnx", "photo.safetensors", "photo.tar", "photo.txt", "photo.json", "photo"}) {
    ASSERT_TRUE(bench.open_file(name, png).has_value()) << name;
    EXPECT_EQ(bench.lab.document().picture->name, name);
  }
  ASSERT_TRUE(bench.open_file("model", io::write_model(testing::small_model("other"))).has_value());
  EXPECT_EQ(bench.lab.document().model->name, "other");
  ASSERT_TRUE(bench.open_file("set.jpg", io::testing::tar_of({{"BMW/1.png", png}, {"Audi/1.png", png}})).has_value());
  bench.settle();
  ASSERT_NE(bench.lab.document().labelled, nullptr);
  EXPECT_EQ(bench.lab.document().labelled->images.class_names, (std::vector<std::string>{"Audi", "BMW"}));
}

// While the first model is on its way only a model can be opened.
TEST(Files, BeforeThereIsAModel) {
  Lab lab([](const FileRequest&) {}, [](const std::string&, std::span<const std::byte>) {});
  lab.use_opener(opener::open_here);
  lab.start();
  const Bytes png = io::encode_png(testing::test_picture());
  EXPECT_TRUE(lab.open_file("a.png", Bytes(png)).has_value());
  EXPECT_EQ(lab.error(), "The model is still loading.");
  EXPECT_FALSE(lab.open_file("set.tar", io::testing::tar_of({{"a/1.png", png}})).has_value());
  EXPECT_EQ(lab.error(),
            "'set.tar': This is a tar archive, a labelled set perhaps. Open a model, then drop the set on it.");
  EXPECT_FALSE(lab.open_file("bare.safetensors", bare_weights()).has_value());
  EXPECT_NE(lab.error().find("holds weights (1 tensor) but no network"), std::string::npos) << lab.error();
  ASSERT_TRUE(lab.open_file("mine.safetensors", io::write_model(testing::small_model("mine"))).has_value());
  ASSERT_TRUE(lab.has_document());
  EXPECT_FALSE(lab.open_file("bare.safetensors", bare_weights()).has_value());
  EXPECT_NE(lab.error().find("do not fit the open architecture"), std::string::npos) << lab.error();
}

}  // namespace
}  // namespace weightroom::lab
