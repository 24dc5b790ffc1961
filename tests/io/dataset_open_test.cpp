// Labelled sets on a disk.
#include <filesystem>

#include "io/dataset_testing.h"
#include "io/file.h"

namespace weightroom::io {
namespace {

using namespace testing;

namespace fs = std::filesystem;

class OnDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(WEIGHTROOM_BINARY_DIR) / "tmp" / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  void put(const std::string& path, const Bytes& bytes) {
    fs::create_directories((root_ / path).parent_path());
    ASSERT_TRUE(write_file((root_ / path).string(), bytes));
  }
  std::string at(const std::string& path) { return (root_ / path).string(); }
  fs::path root_;
};

TEST_F(OnDisk, FolderTarAndTheirSplitsAreTheSameSet) {
  put("set/val/cat/1.png", flat(1));
  put("set/val/train/2.png", flat(2));
  put("set/train/train/3.png", flat(3));
  put("set/README", bytes_of("text"));
  put("set.tar",
      testing::tar_of(
          {{"set/train/train/3.png", flat(3)}, {"set/val/train/2.png", flat(2)}, {"set/val/cat/1.png", flat(1)}}));
  Names seen;
  for (const char* path : {"set", "set/", "set.tar"}) {
    const auto set = open_dataset(at(path));
    ASSERT_TRUE(set) << testing::message_of(set);
    const auto loaded = load_split(*set, **choose_split(*set, "val"),
                                   {.channels = 1, .height = 8, .width = 8, .invert = false, .threads = 1});
    ASSERT_TRUE(loaded);
    const nn::LabelledImages* images = &loaded->images;
    EXPECT_EQ(images->names, (Names{"cat/1.png", "train/2.png"}));
    EXPECT_EQ(images->sample(1)[0], 2);
    EXPECT_EQ(images->labels, (std::vector<int>{0, 1}));
  }
  const auto inner = open_dataset(at("set/val"));
  ASSERT_TRUE(inner);
  EXPECT_EQ(split_names(*inner), (Names{""}));
  EXPECT_EQ(inner->class_names, (Names{"cat", "train"}));
}

TEST_F(OnDisk, IdxFolder) {
  put("fashion-mnist/train-images-idx3-ubyte", idx_images(2, 4));
  put("fashion-mnist/train-labels-idx1-ubyte", idx_labels({9, 0}));
  const auto set = open_dataset(at("fashion-mnist/"));
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(split_names(*set), (Names{"train"}));
  EXPECT_EQ(set->class_names, fashion_mnist_classes());
  put("digits/t10k-images-idx3-ubyte", idx_images(2, 4));
  EXPECT_REFUSED(open_dataset(at("digits")), "not its labels");
}

TEST_F(OnDisk, IdxFilesOfOtherNames) {
  const Bytes images = idx_images(3, 4);
  const Bytes labels = idx_labels({2, 0, 1});
  const std::pair<const char*, const char*> names[] = {
      {"t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
      {"t10k-images-idx3-ubyte/t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte/t10k-labels-idx1-ubyte"},
      {"MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-labels-idx1-ubyte"},
      {"images/test.idx3", "labels/test.idx1"},
      {"test_pictures.idx3-ubyte", "truth-test.idx1-ubyte"},
      {"a.bin", "b.bin"},  // by what is in them
  };
  int k = 0;
  for (const auto& [of_images, of_labels] : names) {
    const std::string folder = "set" + std::to_string(k++) + "/";
    put(folder + of_images, images);
    put(folder + of_labels, labels);
    put(folder + "README.md", bytes_of("text"));
    const auto set = open_dataset(at(folder));
    ASSERT_TRUE(set) << of_images << ": " << testing::message_of(set);
    EXPECT_EQ(split_names(*set), (Names{k == 6 ? "" : "test"}));
    EXPECT_EQ(set->splits[0].items.size(), 3U);
    // And the same in a tar.
    const auto tar = set_from_tar(testing::tar_of({{of_images, images}, {of_labels, labels}}));
    ASSERT_TRUE(tar) << of_images << ": " << testing::message_of(tar);
    EXPECT_EQ(tar->splits[0].items.size(), 3U);
  }
}

TEST_F(OnDisk, FamiliesOfIdxFiles) {
  for (const std::string family : {"letters", "digits"}) {
    for (const std::string split : {"train", "test"}) {
      const int one = family == "letters" ? 1 : 0;
      put("emnist/emnist-" + family + "-" + split + "-images-idx3-ubyte", idx_images(2, 4));
      put("emnist/emnist-" + family + "-" + split + "-labels-idx1-ubyte", idx_labels({one, one + 1}));
    }
  }
  EXPECT_REFUSED(open_dataset(at("emnist")), "'emnist-digits-test', 'emnist-digits-train'");
  EXPECT_REFUSED(open_dataset(at("emnist"), "test"), "no split 'test'");
  const auto set = open_dataset(at("emnist"), "emnist-letters-test");
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(split_names(*set), (Names{"emnist-letters-test", "emnist-letters-train"}));
  EXPECT_EQ(set->class_names, (Names{"1", "2"}));
  EXPECT_EQ(set->notices.size(), 1U);
}

TEST_F(OnDisk, SymbolicLinks) {
  put("outside/1.png", flat(1));
  put("set/store/1.png", flat(1));
  put("set/blue/1.png", flat(2));
  const auto link = [&](const std::string& target, const std::string& path) {
    fs::create_symlink(target, root_ / path);
  };
  link("store", "set/red");
  link("../store/1.png", "set/blue/2.png");
  link("../../outside/1.png", "set/blue/3.png");
  link("none.png", "set/blue/4.png");
  link("..", "set/blue/round");
  link(at("outside"), "set/green");
  const auto set = open_dataset(at("set"));
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(item_names(set->splits[0]),
            (Names{"blue/1.png", "blue/2.png", "blue/3.png", "blue/4.png", "red/1.png", "store/1.png"}));
  EXPECT_EQ(set->notices, (Names{"2 links lead nowhere inside the set and were not followed: 'blue/round', 'green'."}));
  EXPECT_EQ(unread_words(*set),
            "4: 2 of 6 pictures cannot be read here: link that leads nowhere in the set ('blue/3.png', 'blue/4.png').");
}

TEST_F(OnDisk, SaysWhatIsWrongWithThePath) {
  EXPECT_REFUSED(open_dataset(at("nowhere")), "There is no file");
  EXPECT_REFUSED(open_dataset(at("")), "no pictures");
  put("a.zip", bytes_of("PK\x03\x04"));
  EXPECT_REFUSED(open_dataset(at("a.zip")), "zip");
  put("a.tar.gz", bytes_of("\x1F\x8B\x08"));
  EXPECT_REFUSED(open_dataset(at("a.tar.gz")), "gzip");
  put("set.tgz", testing::stored_gzip(testing::tar_of({{"a/1.png", flat(1)}, {"b/1.png", flat(1)}})));
  ASSERT_TRUE(open_dataset(at("set.tgz"))) << testing::message_of(open_dataset(at("set.tgz")));
  put("empty.tar", {});
  EXPECT_REFUSED(open_dataset(at("empty.tar")), "0 bytes");
}

TEST_F(OnDisk, FilesAreWrittenWholeOrNotAtAll) {
  put("f", bytes_of("old"));
  ASSERT_TRUE(write_file(at("f"), bytes_of("new")));
  EXPECT_EQ(testing::text_of(*read_file(at("f"))), "new");
  EXPECT_FALSE(fs::exists(at("f.part")));
  EXPECT_REFUSED(write_file(at("no/such/folder/f"), bytes_of("x")), "cannot be written");
  EXPECT_REFUSED(read_file(at("f"), 2), "larger than 2 bytes");
  EXPECT_REFUSED(read_file(at("")), "is a folder");
  EXPECT_REFUSED(read_file(at("gone")), "There is no file");
}

}  // namespace
}  // namespace weightroom::io
