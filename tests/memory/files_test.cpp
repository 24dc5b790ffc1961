// What files take on their way in. What stb_image asks malloc for while it decodes one picture is not counted.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "io/crc32.h"
#include "io/dataset.h"
#include "io/file.h"
#include "io/file_kind.h"
#include "io/io_testing.h"
#include "lab/bench_model.h"
#include "memory/counting.h"

namespace weightroom {
namespace {

using io::testing::Bytes;
using lab::testing::Bench;
using memory::Watch;

io::Image noise(int width, int height, std::uint64_t seed) {
  base::Rng rng(seed, "noise");
  io::Image image{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(rng.next() & 0xFFU));
  return image;
}

// A set of so many bytes: JPEG pictures of 40 x 40 and PNG of 24 x 24, some two kilobytes each, in ten classes.
Bytes tar_of_pictures(std::size_t size) {
  std::vector<Bytes> pictures;
  for (std::uint64_t k = 0; k < 20; ++k) {
    pictures.push_back(k % 2 == 0 ? io::encode_jpeg(noise(40, 40, k), 80) : io::encode_png(noise(24, 24, k)));
  }
  Bytes tar;
  tar.reserve(size);
  for (std::size_t i = 0;; ++i) {
    char path[64];
    std::snprintf(path, sizeof path, "pictures/class %zu/picture_%07zu.%s", i % 10, i, i % 2 == 0 ? "jpg" : "png");
    Bytes one = io::testing::tar_of({{path, pictures[i % pictures.size()]}});
    one.resize(one.size() - 1024);  // the two empty blocks that end an archive
    if (tar.size() + one.size() + 1024 > size) break;
    tar.insert(tar.end(), one.begin(), one.end());
  }
  tar.resize(size);
  return tar;
}

TEST(Memory, ADroppedTarIsHeldOnce) {
  constexpr std::size_t kSize = 300 * 1024 * 1024;
  Bench bench;
  Bytes tar = tar_of_pictures(kSize);
  const Watch watch(kSize);
  ASSERT_TRUE(bench.lab.open_file("set.tar", std::move(tar)).has_value());
  bench.settle();
  const auto& labelled = bench.lab.document().labelled;
  ASSERT_NE(labelled, nullptr);
  EXPECT_EQ(labelled->images.count(), document::kMostMeasured);
  EXPECT_GT(labelled->whole, 50'000U);
  EXPECT_EQ(watch.copies_made(), 0);
  EXPECT_LT(watch.peak() / kSize, 0.2) << "besides the archive itself";
}

// Nothing is kept for pictures that are none but their names.
TEST(Memory, ATarOfEmptyPicturesTakesLittleMoreThanItself) {
  constexpr std::size_t kCount = 100'000;
  Bytes tar;
  {
    std::vector<io::testing::TarFile> files;
    for (std::size_t i = 0; i < kCount; ++i)
      files.push_back({"c" + std::to_string(i % 10) + "/" + std::to_string(i) + ".png", {}});
    tar = io::testing::tar_of(files);
  }
  const std::size_t size = tar.size();  // 51 MB
  const Watch watch(size);
  const auto set = io::set_from_tar(std::move(tar));
  ASSERT_TRUE(set);
  EXPECT_FALSE(io::load_split(*set, set->splits[0], {.threads = 2}));
  EXPECT_LT(watch.peak() / static_cast<double>(size), 1.0) << "besides the archive itself";
}

// The two files of MNIST's form: 100 MB of pictures of 28 x 28, and their labels.
TEST(Memory, DroppedIdxFilesAreHeldOnce) {
  constexpr std::uint32_t kCount = 130'000;
  const auto head = [](std::initializer_list<std::uint32_t> extents) {
    Bytes bytes{std::byte{0}, std::byte{0}, std::byte{8}, static_cast<std::byte>(extents.size())};
    std::size_t size = 4 + 4 * extents.size();
    std::size_t values = 1;
    for (const std::uint32_t extent : extents) {
      for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<std::byte>(extent >> shift & 0xFFU));
      values *= extent;
    }
    bytes.reserve(size + values);
    bytes.resize(size + values);
    return bytes;
  };
  Bench bench;
  Bytes images = head({kCount, 28, 28});
  Bytes labels = head({kCount});
  std::fill(labels.begin() + 8, labels.end(), std::byte{5});  // none of the model's classes: nothing is measured
  const auto size = static_cast<double>(images.size());
  const Watch watch(images.size());
  ASSERT_TRUE(bench.lab.open_file("images.idx", std::move(images)).has_value());
  ASSERT_TRUE(bench.lab.open_file("labels.idx", std::move(labels)).has_value());
  bench.settle();
  ASSERT_NE(bench.lab.document().labelled, nullptr);
  EXPECT_EQ(bench.lab.document().labelled->whole, kCount);
  EXPECT_EQ(watch.copies_made(), 0);
  EXPECT_LT(watch.peak() / size, 0.2) << "besides the files themselves";
}

// Layers of eleven million weights, which fp16 does not hold.
TEST(Memory, ADroppedModelIsNotCopiedAndLetGo) {
  nn::GraphSpec spec;
  spec.input = {3, 16, 16};
  spec.nodes = {{"flat", "flatten", {"input"}, {}},
                {"wide", "linear", {"flat"}, {{"out_features", 14'000LL}}},
                {"fc", "linear", {"wide"}, {{"out_features", 2LL}}}};
  Bytes file;
  {
    nn::Model model;
    model.name = "wide";
    model.graph = nn::Graph::build(spec).value();
    model.weights = nn::initial_weights(*model.graph, 3);
    model.labels = {"left", "right"};
    file = io::write_model(model, io::Store::full);
  }
  Bench bench;
  const std::size_t size = file.size();
  const Watch watch(size);
  ASSERT_TRUE(bench.lab.open_file("wide.safetensors", std::move(file)).has_value());
  EXPECT_EQ(bench.lab.document().model->name, "wide");
  EXPECT_EQ(watch.copies_made(), 0);
  // The weights thrice, of which once in the room that the file left.
  EXPECT_LT(watch.peak() / static_cast<double>(size), 2.5) << "besides the file itself";
}

TEST(Memory, ADroppedPictureIsNotCopiedAndLetGo) {
  Bench bench;
  Bytes file = io::encode_png(noise(700, 500, 1));
  const std::size_t size = file.size();
  const Watch watch(size);
  ASSERT_TRUE(bench.lab.open_file("noise.png", std::move(file)).has_value());
  EXPECT_EQ(bench.lab.document().picture->name, "noise.png");
  EXPECT_EQ(watch.copies_made(), 0);
  // Three bytes a pixel, which is what noise takes as a file, packed and as rows, then as rows and as a picture; and
  // four as it is drawn.
  EXPECT_LT(watch.peak() / static_cast<double>(size), 2.4) << "besides the file itself";
}

// The command line's road: the file's last byte is found without room for as much again.
TEST(Memory, AFileIsReadIntoItsOwnSize) {
  const auto path = std::filesystem::temp_directory_path() / "weightroom_memory_test.bin";
  constexpr std::size_t kSize = 40'000'000;
  ASSERT_TRUE(io::write_file(path.string(), Bytes(kSize, std::byte{7})).has_value());
  const Watch watch(kSize);
  const auto bytes = io::read_file(path.string());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), kSize);
  EXPECT_LT(watch.peak() / kSize, 1.1);
  std::filesystem::remove(path);
}

// An IDX file of 240 MB of zeros in a gzip of 1.5 MB: said what it is by a few kilobytes.
TEST(Memory, AGzipBombCostsNothingToTell) {
  constexpr std::uint32_t kRuns = 930'048;  // so that no byte of the head is above 143
  constexpr std::uint32_t kValues = 1 + kRuns * 258;
  std::vector<unsigned> head{0, 0, 8, 1};
  for (const unsigned shift : {24U, 16U, 8U, 0U}) head.push_back(kValues >> shift & 0xFFU);
  Bytes file;
  for (const int byte : {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3}) file.push_back(static_cast<std::byte>(byte));
  unsigned held_bits = 0;
  int count = 0;
  const auto put = [&](unsigned code, int bits) {  // Huffman codes go from their highest bit on
    for (int bit = bits - 1; bit >= 0; --bit) {
      held_bits |= (code >> bit & 1U) << count;
      if (++count < 8) continue;
      file.push_back(static_cast<std::byte>(held_bits));
      held_bits = 0;
      count = 0;
    }
  };
  put(0b110, 3);                                                         // the last block, of fixed codes
  for (const unsigned byte : head) put(0x30 + byte, 8);                  // literals up to 143
  put(0x30, 8);                                                          // the zero that all others repeat
  for (std::uint32_t i = 0; i < kRuns; ++i) put(0b1100'0101'00000, 13);  // 258 times the byte before
  put(0, 7);
  put(0, 7);
  const std::uint32_t size = 8 + kValues;
  for (const std::uint32_t word : {0U, size}) {
    for (const unsigned shift : {0U, 8U, 16U, 24U}) file.push_back(static_cast<std::byte>(word >> shift & 0xFFU));
  }
  const Watch watch(size);
  EXPECT_EQ(io::kind_of("zeros.gz", file), io::FileKind::idx_labels);
  EXPECT_LT(watch.peak(), 300'000.0);
}

}  // namespace
}  // namespace weightroom
