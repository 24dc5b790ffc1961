#include "io/dataset.h"

#include "io/dataset_testing.h"

namespace weightroom::io {
namespace {

using namespace testing;

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

TEST(ArrangePictures, TakesThemWhereverTheyLie) {
  const auto set = arrange_pictures({"b.jpg", "./a/z/1.png", "notes.txt", ".git/x.png", "a//2.webp", "../up.png"});
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(set->class_names, (Names{""}));
  EXPECT_EQ(split_names(*set), (Names{""}));
  EXPECT_EQ(item_names(set->splits[0]), (Names{"a/2.webp", "a/z/1.png", "b.jpg"}));
  EXPECT_EQ(set->splits[0].items[1].index, 1U);
  EXPECT_REFUSED(arrange_pictures({"notes.txt"}), "no pictures");
  const auto tar = testing::tar_of({{"a/b/1.png", flat(10)}, {"2.png", flat(20)}});
  const auto archive = set_from_tar(Bytes(tar), {}, Grouping::none);
  ASSERT_TRUE(archive) << testing::message_of(archive);
  EXPECT_EQ(item_names(archive->splits[0]), (Names{"2.png", "a/b/1.png"}));
  EXPECT_EQ(archive->picture(archive->splits[0].items[1])->rgb[0], 10);
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
                                "dog/Thumbs.db", "./dog//b.bmp", "__MACOSX/cat/a.jpg", "@eaDir/cat/a.jpg"});
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(item_names(set->splits[0]), (Names{"cat/a.jpg", "dog/b.bmp"}));
}

// The class of each picture, by name, and what was said.
std::string arranged(const std::vector<std::string>& paths) {
  const auto set = arrange_set(paths);
  if (!set) return set.error().message();
  std::string out;
  for (const SetSplit& split : set->splits) {
    for (const SetItem& item : split.items) {
      out += split.name + (split.name.empty() ? "" : ":") + set->class_names[static_cast<std::size_t>(item.label)] +
             "=" + item.name + " ";
    }
  }
  for (const std::string& notice : set->notices) out += "| " + notice;
  return out;
}

TEST(ArrangeSet, WhatLiesDeeperBelongsToTheClassAboveIt) {
  EXPECT_EQ(
      arranged({"blue/0.png", "red/0.png", "red/more/9.png", "red/more/yet/8.png"}),
      "blue=blue/0.png red=red/0.png red=red/more/9.png red=red/more/yet/8.png | 2 pictures lie in folders within "
      "their class's folder and count for that class, such as 'red/more/9.png'.");
  EXPECT_EQ(arranged({"blue/0.png", "red/more/9.png"}),
            "blue=blue/0.png red=red/more/9.png | 1 picture lies in a folder within its class's folder and counts for "
            "that class: 'red/more/9.png'.");
  EXPECT_EQ(arranged({"s/train/red/0.png", "s/train/red/x/1.png", "s/val/blue/0.png"}),
            "train:red=red/0.png train:red=red/x/1.png val:blue=blue/0.png | 1 picture lies in a folder within its "
            "class's folder and counts for that class: 's/train/red/x/1.png'.");
}

TEST(ArrangeSet, FoldersCalledAlikeAreNotTheClasses) {
  EXPECT_EQ(
      arranged({"n1/images/1.png", "n2/images/2.png"}),
      "n1=n1/images/1.png n2=n2/images/2.png | 2 pictures lie in folders within their class's folder and count for "
      "that class, such as 'n1/images/1.png'.");
  EXPECT_EQ(arranged({"s/train/n1/images/1.png", "s/train/n2/images/2.png"}),
            "train:n1=n1/images/1.png train:n2=n2/images/2.png | 2 pictures lie in folders within their class's folder "
            "and count for that class, such as 's/train/n1/images/1.png'.");
}

TEST(ArrangeSet, PicturesBesideTheClassesAreNamed) {
  EXPECT_EQ(arranged({"cover.png", "red/0.png", "blue/0.png"}),
            "blue=blue/0.png red=red/0.png | 1 picture lies in no class's folder and was left out: 'cover.png'.");
  EXPECT_EQ(arranged({"s/cover.png", "s/back.png", "s/red/0.png", "s/blue/0.png"}),
            "s:blue=blue/0.png s:red=red/0.png | 2 pictures lie in no class's folder and were left out, such as "
            "'s/cover.png'.");
  EXPECT_EQ(arranged({"train/cover.png", "train/red/0.png", "val/blue/0.png"}),
            "train:red=red/0.png val:blue=blue/0.png | 1 picture lies in no class's folder and was left out: "
            "'train/cover.png'.");
  EXPECT_EQ(arranged({"a/red/0.png", "b/blue/0.png", "cover.png"}),
            "a:red=red/0.png b:blue=blue/0.png | 1 picture lies in no class's folder and was left out: 'cover.png'.");
}

TEST(ArrangeSet, NamesOfClassesAreComposed) {
  const auto set = arrange_set({"re\u0301d/0.png", "r\u00E9d/1.png", "bla\u030A/0.png"});
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(set->class_names, (Names{"bl\u00E5", "r\u00E9d"}));
  EXPECT_EQ(item_names(set->splits[0]), (Names{"bl\u00E5/0.png", "r\u00E9d/0.png", "r\u00E9d/1.png"}));
}

TEST(ArrangeSet, EndingsOfPictures) {
  for (const char* name : {"a.jpg", "a.JPEG", "a.jpe", "a.jfif", "a.png", "a.bmp", "a.dib", "a.gif"})
    EXPECT_STREQ(picture_ending(name), "") << name;
  EXPECT_STREQ(picture_ending("a.b.WebP"), "WebP");
  EXPECT_STREQ(picture_ending("a.tif"), "TIFF");
  for (const char* name : {"Thumbs.db", "a.txt", "png", ".png", "a.png.txt", "a."})
    EXPECT_EQ(picture_ending(name), nullptr);
}

TEST(ArrangeSet, RefusesWhatIsAmbiguous) {
  EXPECT_REFUSED(arrange_set({}), "no pictures");
  EXPECT_REFUSED(arrange_set({"a.txt"}), "no pictures");
  EXPECT_REFUSED(arrange_set({"a.jpg"}), "lies in none");
  EXPECT_REFUSED(arrange_set({"cat/a.jpg", "train/dog/b.jpg"}), "uneven");
  EXPECT_REFUSED(arrange_set({"cat/a.jpg", "dog/b.jpg", "all/dog/c.jpg"}), "uneven");
  EXPECT_REFUSED(arrange_set({"train/n1/images/a.jpg", "train/n2/images/b.jpg", "val/images/c.jpg"}), "uneven");
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
    const auto loaded =
        load_split(*set, **split, {.channels = 3, .height = 8, .width = 8, .invert = false, .threads = threads});
    ASSERT_TRUE(loaded) << testing::message_of(loaded);
    const nn::LabelledImages* images = &loaded->images;
    EXPECT_EQ(loaded->unread.words(*images), "");
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
  EXPECT_EQ(grey->images.sample_bytes(), 16U);
  EXPECT_EQ(grey->images.sample(2)[15], 235);
  EXPECT_REFUSED(load_split(*set, **split, {.channels = 2, .height = 4, .width = 4, .invert = false, .threads = 1}),
                 "1 or 3 channels");
}

TEST(SetFromTar, WhatCannotBeReadIsCountedAndTheRestRead) {
  const auto words = [](std::vector<testing::TarFile> files) {
    const auto set = set_from_tar(testing::tar_of(files));
    return set ? unread_words(*set) : set.error().message();
  };
  const Bytes webp = bytes_of(std::string_view("RIFF\x1A\0\0\0WEBPVP8L", 16));
  EXPECT_EQ(words({{"cat/1.png", flat(1)}, {"dog/1.png", flat(1)}}), "2: ");
  EXPECT_EQ(words({{"cat/1.png", flat(1)}, {"dog/b.webp", bytes_of("none")}}),
            "1: 1 of 2 pictures cannot be read here: WebP. No picture of the class 'dog' could be read.");
  EXPECT_EQ(words({{"cat/1.png", flat(1)}, {"cat/2.png", webp}, {"cat/3.webp", webp}, {"cat/4.tif", {}}}),
            "1: 3 of 4 pictures cannot be read here: WebP (2), TIFF (1).");
  EXPECT_EQ(
      words({{"cat/1.png", flat(1)}, {"cat/2.webp", flat(2)}, {"dog/1.png", bytes_of("none")}, {"dog/2.png", {}}}),
      "2: 2 of 4 pictures cannot be read here: damaged ('dog/1.png', 'dog/2.png'). No picture of the class 'dog' "
      "could be read.");
  EXPECT_EQ(words({{"a/1.png", {}}, {"a/2.png", {}}, {"a/3.png", {}}, {"a/4.png", {}}, {"a/5.png", flat(1)}}),
            "1: 4 of 5 pictures cannot be read here: damaged ('a/1.png', 'a/2.png', 'a/3.png' ...).");
  EXPECT_EQ(words({{"a/1.png", flat(1)}, {"a/2.png", {}, '1', "a/1.png"}, {"b/3.png", {}, '2', "../a/1.png"}}), "3: ");
  EXPECT_EQ(words({{"a/1.png", flat(1)}, {"a/2.png", {}, '1', "a/none"}, {"a/3.png", {}, 'S'}}),
            "1: 2 of 3 pictures cannot be read here: link that leads nowhere in the set ('a/2.png'), stored as sparse "
            "in the tar ('a/3.png').");
  EXPECT_EQ(words({{"a/1.png", {}}, {"b/2.webp", {}}}),
            "None of the set's 2 pictures can be read here: damaged ('a/1.png'), WebP (1).");
  EXPECT_EQ(words({{"a/1.webp", {}}}), "The set's only picture cannot be read here: WebP.");
  EXPECT_REFUSED(set_from_tar(bytes_of("no tar")), "not a tar");
}

TEST(SetFromTar, LinksThatLeadNowhereAreNamed) {
  const auto set = set_from_tar(testing::tar_of({{"a/1.png", flat(1)}, {"red", {}, '2', "/home/pictures/red"}}));
  ASSERT_TRUE(set) << testing::message_of(set);
  EXPECT_EQ(set->notices, (Names{"1 link leads nowhere inside the set and was not followed: 'red'."}));
}

TEST(SetFromTar, TheSamePicturesOnAnyNumberOfThreads) {
  std::vector<testing::TarFile> files;
  for (int i = 0; i < 300; ++i)
    files.push_back({"a/" + std::to_string(1000 + i) + ".png", i % 7 == 3 ? Bytes() : flat(i % 256)});
  const auto set = set_from_tar(testing::tar_of(files));
  ASSERT_TRUE(set);
  std::vector<nn::LabelledImages> all;
  for (const int threads : {1, 2, 5}) {
    auto loaded = load_split(*set, set->splits[0], {.channels = 1, .height = 8, .width = 8, .threads = threads});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->unread.count(), 43U);
    EXPECT_EQ(unread_words(*set, threads), unread_words(*set, 1));
    all.push_back(std::move(loaded->images));
  }
  for (const nn::LabelledImages& images : all) {
    EXPECT_EQ(images.count(), 257U);
    EXPECT_EQ(images.names, all[0].names);
    EXPECT_EQ(images.pixels, all[0].pixels);
  }
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
  EXPECT_EQ(test->images.labels, (std::vector<int>{1, 2}));
  EXPECT_EQ(test->images.names, (Names{"00000", "00001"}));
  EXPECT_EQ(test->images.sample(1)[7], 10);
  const auto train = load_split(*set, **choose_split(*set, "train"),
                                {.channels = 3, .height = 4, .width = 4, .invert = false, .threads = 1});
  ASSERT_TRUE(train);
  EXPECT_EQ(train->images.sample(2)[47], 20);
}

TEST(SetFromIdx, LabelsFromOne) {
  const auto set =
      set_from_idx({{"train", idx_images(2, 4), idx_labels({3, 1})}, {"test", idx_images(1, 4), idx_labels({2})}});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->class_names, (Names{"1", "2", "3"}));
  EXPECT_EQ(set->splits[0].items[0].label, 1);
  EXPECT_EQ(set->splits[1].items[0].label, 2);
  EXPECT_EQ(find_labels(set->class_names, {"A", "B", "C"}), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(matching_words(set->class_names, set->native, {"A", "B", "C"}),
            "The labels of the IDX files begin at 1, which was taken for the first class.");
  EXPECT_EQ(find_labels(set->class_names, {"none", "A", "B", "C"}), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(matching_words(set->class_names, set->native, {"none", "A", "B", "C"}), "");
}

TEST(SetFromIdx, TransposedPictures) {
  // One picture of 2 rows and 3 columns as it is to be seen, stored column by column.
  const auto set = set_from_idx(
      {{"", bytes_from({0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 2, 1, 4, 2, 5, 3, 6}), idx_labels({0}), true}});
  ASSERT_TRUE(set) << testing::message_of(set);
  const auto picture = set->picture(set->splits[0].items[0]);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->width, 3);
  EXPECT_EQ(picture->height, 2);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(picture->rgb[static_cast<std::size_t>(i) * 3], i + 1);
  EXPECT_EQ(set->notices, (Names{"EMNIST's pictures are stored on their side: rows and columns were swapped."}));
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

}  // namespace
}  // namespace weightroom::io
