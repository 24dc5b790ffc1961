#include "io/dataset.h"

#include <filesystem>

#include "io/file.h"
#include "io/picture_testing.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_from;
using testing::bytes_of;

namespace fs = std::filesystem;

// A flat grey picture of the given level.
Bytes flat(int level, int size = 8) {
  Image image{size, size,
              std::vector<std::uint8_t>(static_cast<std::size_t>(size * size * 3), static_cast<std::uint8_t>(level))};
  return encode_png(image);
}

std::vector<std::string> split_names(const LabelledSet& set) {
  std::vector<std::string> names;
  for (const SetSplit& split : set.splits) names.push_back(split.name);
  return names;
}

std::vector<std::string> item_names(const SetSplit& split) {
  std::vector<std::string> names;
  for (const SetItem& item : split.items) names.push_back(item.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(ArrangeSet, TheSplitIsTheLevelAboveTheClasses) {
  const auto set = arrange_set(
      {"s/val/train/b.jpg", "s/train/cat/a.jpg", "s/train/train/z.JPG", "s/train/train/a.jpeg", "s/val/cat/c.png"});
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(set->class_names, (Names{"cat", "train"}));
  EXPECT_EQ(split_names(*set), (Names{"train", "val"}));
  EXPECT_EQ(item_names(set->splits[0]), (Names{"cat/a.jpg", "train/a.jpeg", "train/z.JPG"}));
  EXPECT_EQ(set->splits[0].items[1].label, 1);
  EXPECT_EQ(set->splits[0].items[1].index, 3U);
  EXPECT_EQ(item_names(set->splits[1]), (Names{"cat/c.png", "train/b.jpg"}));
}

TEST(ArrangeSet, AClassMayBeCalledLikeASplit) {
  const auto set = arrange_set({"train/a.jpg", "val/a.jpg", "cat/b.jpg"});
  ASSERT_TRUE(set);
  EXPECT_EQ(split_names(*set), (Names{""}));
  EXPECT_EQ(set->class_names, (Names{"cat", "train", "val"}));
  EXPECT_REFUSED(choose_split(*set, "train"), "its folders are the classes");
  EXPECT_TRUE(choose_split(*set, ""));
}

TEST(ArrangeSet, OneFolderAboveTheClassesIsTheOnlySplit) {
  const auto set = arrange_set({"val/train/a.jpg", "val/cat/a.jpg"});
  ASSERT_TRUE(set);
  EXPECT_EQ(split_names(*set), (Names{"val"}));
  EXPECT_EQ((*choose_split(*set, ""))->name, "val");
  EXPECT_EQ((*choose_split(*set, "val"))->name, "val");
  EXPECT_REFUSED(choose_split(*set, "train"), "only 'val'");
}

TEST(ArrangeSet, LeavesOutWhatIsNoPicture) {
  const auto set = arrange_set({"cat/a.jpg", "cat/._a.jpg", "cat/readme.txt", ".git/x/y.jpg", "README.md", "cat/.jpg",
                                "dog/Thumbs.db", "./dog//b.bmp"});
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(item_names(set->splits[0]), (Names{"cat/a.jpg", "dog/b.bmp"}));
}

TEST(ArrangeSet, RefusesWhatIsAmbiguous) {
  EXPECT_REFUSED(arrange_set({}), "no pictures");
  EXPECT_REFUSED(arrange_set({"a.txt"}), "no pictures");
  EXPECT_REFUSED(arrange_set({"a.jpg"}), "lies in none");
  EXPECT_REFUSED(arrange_set({"cat/a.jpg", "train/dog/b.jpg"}), "uneven");
  EXPECT_REFUSED(arrange_set({"s/train/cat/a.jpg", "t/train/cat/b.jpg"}), "more levels of folders");
  EXPECT_REFUSED(arrange_set({"cat/a.jpg", "cat/./a.jpg"}), "'cat/a.jpg' twice");
  const auto several = arrange_set({"train/cat/a.jpg", "val/cat/a.jpg"});
  ASSERT_TRUE(several);
  EXPECT_REFUSED(choose_split(*several, ""), "'train', 'val'");
  EXPECT_REFUSED(choose_split(*several, "test"), "only 'train', 'val'");
}

TEST(SetFromTar, LoadsASplitInOrder) {
  const auto set = set_from_tar(testing::tar_of({{"s/val/dog/2.png", flat(20)},
                                                 {"s/val/dog/1.png", flat(10)},
                                                 {"s/val/cat/9.png", flat(90, 5)},
                                                 {"s/train/cat/1.png", flat(1)}}));
  ASSERT_TRUE(set) << testing::message_of(set);
  const auto split = choose_split(*set, "val");
  ASSERT_TRUE(split);
  for (const int threads : {1, 3}) {
    const auto images =
        load_split(*set, **split, {.channels = 3, .height = 8, .width = 8, .invert = false, .threads = threads});
    ASSERT_TRUE(images) << testing::message_of(images);
    EXPECT_EQ(images->names, (Names{"cat/9.png", "dog/1.png", "dog/2.png"}));
    EXPECT_EQ(images->labels, (std::vector<int>{0, 1, 1}));
    EXPECT_EQ(images->class_names, (Names{"cat", "dog"}));
    ASSERT_EQ(images->pixels.size(), 3U * 3 * 64);
    EXPECT_EQ(images->sample(0)[0], 90);
    EXPECT_EQ(images->sample(1)[100], 10);
    EXPECT_EQ(images->sample(2)[191], 20);
  }
  const auto grey = load_split(*set, **split, {.channels = 1, .height = 4, .width = 4, .invert = true, .threads = 1});
  ASSERT_TRUE(grey);
  EXPECT_EQ(grey->sample_bytes(), 16U);
  EXPECT_EQ(grey->sample(2)[15], 235);
  EXPECT_REFUSED(load_split(*set, **split, {.channels = 2, .height = 4, .width = 4, .invert = false, .threads = 1}),
                 "1 or 3 channels");
}

TEST(SetFromTar, NamesThePictureThatCannotBeRead) {
  const auto set =
      set_from_tar(testing::tar_of({{"cat/1.png", flat(1)}, {"dog/1.png", bytes_of("none")}, {"dog/2.png", {}}}));
  ASSERT_TRUE(set);
  EXPECT_REFUSED(load_split(*set, set->splits[0], {}), "'dog/1.png' in the set: This is a text, not a picture");
  EXPECT_REFUSED(set_from_tar(bytes_of("no tar")), "not a tar");
}

Bytes idx_images(int count, int side) {
  Bytes out = bytes_from({0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side});
  for (int i = 0; i < count; ++i)
    out.insert(out.end(), static_cast<std::size_t>(side * side), static_cast<std::byte>(i * 10));
  return out;
}
Bytes idx_labels(std::initializer_list<int> labels) {
  Bytes out = bytes_from({0, 0, 8, 1, 0, 0, 0, static_cast<int>(labels.size())});
  for (const int label : labels) out.push_back(static_cast<std::byte>(label));
  return out;
}

TEST(SetFromIdx, LoadsGreyPictures) {
  const auto set = set_from_idx(
      {{"train", idx_images(3, 4), idx_labels({2, 0, 1})}, {"test", idx_images(2, 4), idx_labels({1, 2})}});
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(split_names(*set), (Names{"test", "train"}));
  EXPECT_EQ(set->class_names, (Names{"0", "1", "2"}));
  const auto test = load_split(*set, **choose_split(*set, "test"),
                               {.channels = 1, .height = 4, .width = 4, .invert = false, .threads = 1});
  ASSERT_TRUE(test);
  EXPECT_EQ(test->labels, (std::vector<int>{1, 2}));
  EXPECT_EQ(test->names, (Names{"00000", "00001"}));
  EXPECT_EQ(test->sample(1)[7], 10);
  const auto train = load_split(*set, **choose_split(*set, "train"),
                                {.channels = 3, .height = 4, .width = 4, .invert = false, .threads = 1});
  ASSERT_TRUE(train);
  EXPECT_EQ(train->sample(2)[47], 20);
}

TEST(SetFromIdx, RefusesWhatDoesNotMatch) {
  EXPECT_REFUSED(set_from_idx({}), "no pictures");
  EXPECT_REFUSED(set_from_idx({{"train", idx_images(3, 4), idx_labels({2, 0})}}), "3 pictures and 2 labels");
  EXPECT_REFUSED(set_from_idx({{"train", idx_images(1, 4), idx_labels({2})}}, {"a", "b"}), "label 2");
  EXPECT_REFUSED(set_from_idx({{"train", idx_labels({1}), idx_labels({1})}}), "three dimensions");
  EXPECT_REFUSED(set_from_idx({{"train", idx_images(1, 4), idx_images(1, 4)}}), "not a list");
  EXPECT_REFUSED(set_from_idx({{"train", idx_images(0, 4), idx_labels({})}}), "no pictures");
  EXPECT_REFUSED(set_from_idx({{"train", idx_images(1, 0), idx_labels({0})}}), "0 x 0");
}

TEST(MatchLabels, ByWordOrByNumber) {
  const Names model{"Cat", "school bus", "train"};
  EXPECT_EQ(*match_labels({"cat", "train"}, model), (std::vector<int>{0, 2}));
  EXPECT_EQ(*match_labels({"school_bus"}, model), (std::vector<int>{1}));
  EXPECT_EQ(*match_labels({"0", "1", "2"}, model), (std::vector<int>{0, 1, 2}));
  EXPECT_REFUSED(match_labels({"cat", "dog"}, model), "no class 'dog'");
  EXPECT_REFUSED(match_labels({"0", "3"}, model), "no class '3'");
  EXPECT_EQ(*match_labels({"1", "0"}, {"0", "1"}), (std::vector<int>{1, 0}));
}

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
    const auto images = load_split(*set, **choose_split(*set, "val"),
                                   {.channels = 1, .height = 8, .width = 8, .invert = false, .threads = 1});
    ASSERT_TRUE(images);
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

TEST_F(OnDisk, SaysWhatIsWrongWithThePath) {
  EXPECT_REFUSED(open_dataset(at("nowhere")), "There is no file");
  EXPECT_REFUSED(open_dataset(at("")), "no pictures");
  put("a.zip", bytes_of("PK\x03\x04"));
  EXPECT_REFUSED(open_dataset(at("a.zip")), "zip");
  put("a.tar.gz", bytes_of("\x1F\x8B\x08"));
  EXPECT_REFUSED(open_dataset(at("a.tar.gz")), "gzip");
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
