#include "io/zip.h"

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "io/crc32.h"
#include "io/dataset.h"
#include "io/file.h"
#include "io/text.h"
#include "io_testing.h"

namespace weightroom::io {
namespace {

using testing::Bytes;

// An archive as Python's zipfile wrote it (tests/fuzz/seeds/zips.py).
Bytes archive(const std::string& name) {
  auto bytes = read_file(std::filesystem::path(WEIGHTROOM_SOURCE_DIR) / "tests/fuzz/corpus/zip" / name);
  EXPECT_TRUE(bytes) << name;
  return bytes ? *bytes : Bytes();
}

// Paths and what they hold.
std::map<std::string, Bytes> files_of(const Bytes& bytes) {
  std::map<std::string, Bytes> files;
  const auto entries = parse_zip(bytes);
  EXPECT_TRUE(entries) << testing::message_of(entries);
  if (!entries) return files;
  for (const ZipEntry& entry : *entries) {
    const auto file = unzip(entry);
    EXPECT_TRUE(file) << testing::message_of(file);
    if (file) files.emplace(entry.path, *file);
  }
  return files;
}

TEST(Zip, ReadsWhatPythonWrites) {
  const auto stored = files_of(archive("stored"));
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored.begin()->first, "cat/1.bmp");
  EXPECT_EQ(stored.begin()->second.size(), 58U);
  for (const char* name : {"two_classes", "streamed", "comment", "comment_with_mark", "behind_a_program", "wide",
                           "wide_behind_a_program", "folders_listed", "modes"})
    EXPECT_EQ(files_of(archive(name)), stored) << name;
  const auto longer = files_of(archive("long"));
  ASSERT_EQ(longer.at("cat/long.bmp").size(), 256U * 40U);
  for (std::size_t i = 0; i < 256 * 40; ++i)
    ASSERT_EQ(longer.at("cat/long.bmp")[i], static_cast<std::byte>(i & 0xFFU)) << i;
  EXPECT_EQ(files_of(archive("level_1")).at("cat/long.bmp"), longer.at("cat/long.bmp"));
  EXPECT_TRUE(files_of(archive("no_blocks")).at("cat/empty.bmp").empty());
  EXPECT_EQ(files_of(archive("one_byte")).at("cat/1.bmp"), testing::bytes_of("a"));
  EXPECT_TRUE(files_of(archive("empty")).empty());
}

TEST(Zip, NamesAreUtf8OrCodePage437) {
  EXPECT_TRUE(files_of(archive("utf8")).contains("k\xC3\xA4se/1.bmp"));
  EXPECT_TRUE(files_of(archive("page_437")).contains("k\xC3\xA4se/1.bmp"));
  EXPECT_TRUE(files_of(archive("unmarked_utf8")).contains("k\xC3\xA4se/1.bmp"));
  EXPECT_TRUE(files_of(archive("backslashes")).contains("cat/1.bmp"));
  EXPECT_TRUE(files_of(archive("from_the_top")).contains("at/1.bmp"));
  EXPECT_TRUE(files_of(archive("point")).contains("a/1.bmp"));
}

TEST(Zip, RefusesByASentence) {
  const auto refused = [](const char* name, const char* words) {
    const Bytes bytes = archive(name);
    EXPECT_REFUSED(parse_zip(bytes), words);
  };
  refused("climbs", "leaves its own folder");
  refused("twice", "two files 'cat/1.bmp'");
  refused("over_each_other", "lie over each other");
  refused("two_parts", "damaged");
  refused("no_entry_mark", "damaged");
  refused("name_most", "damaged");
  refused("extra_most", "damaged");
  refused("starts_late", "cut short");
  refused("starts_elsewhere", "cut short");
  refused("no_local_mark", "cut short");
  refused("packed_most", "cut short");
  refused("stored_claims_more", "damaged");
  refused("directory_late", "cut short");
  refused("directory_large", "cut short");
  refused("cut_in_file", "cut short");
  refused("cut_in_directory", "cut short");
  refused("wide_count", "more than 200,000 files");
  refused("wide_without_record", "damaged");
  refused("many", "damaged");
  EXPECT_REFUSED(parse_zip(testing::bytes_of("no zip at all, however long it may be")), "not a zip");
  EXPECT_REFUSED(parse_zip({}), "not a zip");
}

TEST(Zip, AFileIsRefusedByItselfAndTheOthersAreRead) {
  const auto first = [](const char* name, const char* words) {
    const Bytes bytes = archive(name);
    const auto entries = parse_zip(bytes);
    ASSERT_TRUE(entries) << name;
    EXPECT_REFUSED(unzip((*entries)[0]), words);
    if (entries->size() > 1 && std::string(name) != "bzip2") EXPECT_TRUE(unzip((*entries)[1])) << name;
  };
  first("encrypted", "encrypted");
  first("bzip2", "packed in another way");
  first("links", "a link, or");
  first("wrong_sum", "damaged");
  first("claims_more", "damaged");
  first("claims_less", "damaged");
  first("claims_most", "is the most");
  first("damaged_block", "damaged");
  const Bytes zeros = archive("zeros");
  EXPECT_REFUSED(unzip((*parse_zip(zeros))[0], 1000), "1,000 is the most");
}

TEST(Zip, WhatIsWrittenIsReadAgainAndTheSameFilesGiveTheSameBytes) {
  const Bytes first = testing::bytes_of("first");
  const Bytes second(70'000, std::byte{7});
  const std::vector<ZipFile> files{{"images/k\xC3\xA4se/1.jpg", first}, {"project.json", second}, {"empty", {}}};
  const Bytes bytes = write_zip(files);
  EXPECT_EQ(bytes, write_zip(files));
  const auto read = files_of(bytes);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read.at("images/k\xC3\xA4se/1.jpg"), first);
  EXPECT_EQ(read.at("project.json"), second);
  EXPECT_TRUE(read.at("empty").empty());
  EXPECT_TRUE(files_of(write_zip({})).empty());
}

TEST(Zip, IsALabelledSetAsATarIs) {
  for (const char* name : {"two_classes", "stored", "macos"}) {
    const auto set = set_from_zip(archive(name));
    ASSERT_TRUE(set) << testing::message_of(set);
    EXPECT_EQ(set->class_names, (std::vector<std::string>{"cat", "dog"}));
    ASSERT_EQ(set->splits.size(), 1U);
    EXPECT_EQ(set->splits[0].items.size(), 2U);
    EXPECT_TRUE(set->picture(set->splits[0].items[0]));
  }
  EXPECT_EQ(set_from_zip(archive("below_a_folder"))->splits.size(), 2U);
  EXPECT_REFUSED(set_from_zip(archive("empty")), "holds no pictures");
  // What cannot be read is counted, and by what is in the way.
  const auto locked = set_from_zip(archive("encrypted"));
  ASSERT_TRUE(locked);
  const auto loaded = load_split(*locked, locked->splits[0], {.channels = 3, .height = 1, .width = 1});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->images.count(), 1U);
  EXPECT_EQ(loaded->unread.words(loaded->images),
            "1 of 2 pictures cannot be read here: encrypted, or packed in a way that is not read here ('cat/1.bmp'). "
            "No picture of the class 'cat' could be read.");
}

}  // namespace
}  // namespace weightroom::io
