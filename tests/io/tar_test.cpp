#include "io/tar.h"

#include <map>

#include "io/io_testing.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_of;
using testing::fix_checksum;
using testing::tar_of;

void set_field(Bytes& tar, std::size_t at, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) tar[at + i] = static_cast<std::byte>(text[i]);
  fix_checksum(tar, at / 512 * 512);
}

std::string pax_row(const std::string& row) {
  for (std::size_t length = row.size() + 3;; ++length) {
    const std::string out = std::to_string(length) + " " + row + "\n";
    if (out.size() == length) return out;
  }
}

TEST(Tar, ReadsFilesInOrder) {
  const Bytes tar = tar_of(
      {{"./set/b", bytes_of("two")}, {"set/", {}, '5'}, {"set/a", {}}, {"set/link", {}, '2'}, {"c", Bytes(512)}});
  const auto entries = parse_tar(tar);
  ASSERT_TRUE(entries) << testing::message_of(entries);
  ASSERT_EQ(entries->size(), 4U);
  EXPECT_EQ((*entries)[0].path, "set/b");
  EXPECT_EQ(testing::text_of((*entries)[0].bytes), "two");
  EXPECT_EQ((*entries)[1].path, "set/a");
  EXPECT_EQ((*entries)[2].bytes.size(), 512U);
  EXPECT_EQ((*entries)[3].path, "set/link");
  EXPECT_EQ((*entries)[3].what, TarEntry::What::lost_link);
}

// What an archive holds, by path: the text of a file, "?" of a lost link, "#" of what is sparse.
std::map<std::string, std::string> contents(const Bytes& tar) {
  const auto entries = parse_tar(tar);
  EXPECT_TRUE(entries) << testing::message_of(entries);
  std::map<std::string, std::string> out;
  if (!entries) return out;
  for (const TarEntry& entry : *entries) {
    const bool is_new = out.emplace(entry.path, entry.what == TarEntry::What::lost_link ? "?"
                                                : entry.what == TarEntry::What::sparse  ? "#"
                                                                                        : testing::text_of(entry.bytes))
                            .second;
    EXPECT_TRUE(is_new) << entry.path;
  }
  return out;
}
using Contents = std::map<std::string, std::string>;

TEST(Tar, FollowsLinksToFiles) {
  EXPECT_EQ(contents(tar_of({{"s/b/2", {}, '2', "../a/1"},
                             {"s/a/1", bytes_of("one")},
                             {"s/b/3", {}, '1', "s/a/1"},
                             {"s/b/4", {}, '1', "./s/b/2"},
                             {"s/b/5", {}, '2', "./4"},
                             {"s/b/6", {}, '2', "7"},
                             {"s/b/7", {}, '2', "6"},
                             {"s/b/8", {}, '2', "../../../a/1"},
                             {"s/b/9", {}, '2', "/s/a/1"},
                             {"s/b/10", {}, '1', "s/a/none"}})),
            (Contents{{"s/a/1", "one"},
                      {"s/b/2", "one"},
                      {"s/b/3", "one"},
                      {"s/b/4", "one"},
                      {"s/b/5", "one"},
                      {"s/b/6", "?"},
                      {"s/b/7", "?"},
                      {"s/b/8", "?"},
                      {"s/b/9", "?"},
                      {"s/b/10", "?"}}));
}

TEST(Tar, FollowsLinksToFolders) {
  EXPECT_EQ(contents(tar_of({{"train/red", {}, '2', "../data/red"},
                             {"data/red", {}, '2', "all/r"},
                             {"data/all/r/1", bytes_of("one")},
                             {"data/all/r/deep/2", bytes_of("two")},
                             {"data/all/rest", bytes_of("none")},
                             {"data/all/r/round", {}, '2', ".."},
                             {"far", {}, '2', "train/red/1"}})),
            (Contents{{"data/all/r/1", "one"},
                      {"data/all/r/deep/2", "two"},
                      {"data/all/rest", "none"},
                      {"data/all/r/round", "?"},
                      {"data/red/1", "one"},
                      {"data/red/deep/2", "two"},
                      {"data/red/round", "?"},
                      {"train/red/1", "one"},
                      {"train/red/deep/2", "two"},
                      {"train/red/round", "?"},
                      {"far", "one"}}));
  EXPECT_EQ(contents(tar_of({{"a/x", {}, '2', "../b"}, {"b/y", {}, '2', "../a"}, {"b/1", bytes_of("one")}})),
            (Contents{{"b/1", "one"}, {"a/x", "?"}, {"b/y", "?"}}))
      << "round and round";
  EXPECT_EQ(contents(tar_of({{"train/red", {}, '2', "../data/red"},
                             {"data/red", {}, '2', "all/r"},
                             {"data/all/r/1", bytes_of("one")},
                             {"data/all/r/deep/2", bytes_of("two")},
                             {"far", {}, '2', "train/red/1"}})),
            (Contents{{"data/all/r/1", "one"},
                      {"data/all/r/deep/2", "two"},
                      {"data/red/1", "one"},
                      {"data/red/deep/2", "two"},
                      {"train/red/1", "one"},
                      {"train/red/deep/2", "two"},
                      {"far", "one"}}));
}

TEST(Tar, LinksOfFewBytesDoNotGrowWithoutEnd) {
  std::vector<testing::TarFile> files;
  for (int i = 0; i < 1000; ++i) files.push_back({"all/" + std::to_string(i), {}});
  for (int i = 0; i < 150; ++i) files.push_back({"l" + std::to_string(i), {}, '2', "all"});
  EXPECT_REFUSED(parse_tar(tar_of(files)), "more than 100,000 files");
}

TEST(Tar, LongLinks) {
  const std::string name = std::string(150, 'd') + "/file";
  const Bytes gnu = tar_of({{"././@LongLink", bytes_of(name + '\0'), 'L'},
                            {"short", bytes_of("x")},
                            {"././@LongLink", bytes_of(name + '\0'), 'K'},
                            {"link", {}, '1', "cut"}});
  EXPECT_EQ(contents(gnu), (Contents{{name, "x"}, {"link", "x"}}));
  const Bytes pax = tar_of({{"head", bytes_of(pax_row("path=" + name)), 'x'},
                            {"short", bytes_of("x")},
                            {"head", bytes_of(pax_row("linkpath=" + name)), 'x'},
                            {"link", {}, '2', "cut"}});
  EXPECT_EQ(contents(pax), (Contents{{name, "x"}, {"link", "x"}}));
}

TEST(Tar, SparseFilesAreNamed) {
  // GNU's old way: the map goes on in a block of its own, the data behind it.
  Bytes old = tar_of({{"hole", Bytes(1024, std::byte{'x'}), 'S'}, {"after", bytes_of("y")}});
  set_field(old, 124, "00000001000");  // 512: the block behind the header is the map's
  set_field(old, 482, "\1");
  old[512 + 504] = std::byte{0};
  EXPECT_EQ(contents(old), (Contents{{"hole", "#"}, {"after", "y"}}));
  const Bytes pax = tar_of({{"head", bytes_of(pax_row("GNU.sparse.major=1") + pax_row("GNU.sparse.name=real")), 'x'},
                            {"GNUSparseFile.0/real", Bytes(512)},
                            {"after", bytes_of("y")}});
  EXPECT_EQ(contents(pax), (Contents{{"real", "#"}, {"after", "y"}}));
}

TEST(Tar, LongNames) {
  const std::string name = std::string(150, 'd') + "/" + std::string(90, 'f') + ".jpg";
  const Bytes gnu =
      tar_of({{"././@LongLink", bytes_of(name + '\0'), 'L'}, {"short", bytes_of("x")}, {"after", bytes_of("y")}});
  const auto entries = parse_tar(gnu);
  ASSERT_TRUE(entries);
  EXPECT_EQ((*entries)[0].path, name);
  EXPECT_EQ((*entries)[1].path, "after");

  const Bytes pax = tar_of({{"global", bytes_of(pax_row("path=no")), 'g'},
                            {"head", bytes_of(pax_row("mtime=1.5") + pax_row("path=" + name)), 'x'},
                            {"short", bytes_of("x")},
                            {"after", bytes_of("y")}});
  const auto more = parse_tar(pax);
  ASSERT_TRUE(more) << testing::message_of(more);
  EXPECT_EQ((*more)[0].path, name);
  EXPECT_EQ((*more)[1].path, "after");

  Bytes ustar = tar_of({{"file", bytes_of("x")}});
  set_field(ustar, 345, "deep/folder");
  EXPECT_EQ((*parse_tar(ustar))[0].path, "deep/folder/file");
}

TEST(Tar, SizesInOtherForms) {
  Bytes tar = tar_of({{"a", bytes_of("12345")}});
  set_field(tar, 124, "         5  ");
  ASSERT_TRUE(parse_tar(tar));
  EXPECT_EQ((*parse_tar(tar))[0].bytes.size(), 5U);
  set_field(tar, 124, std::string_view("\x80\0\0\0\0\0\0\0\0\0\0\x05", 12));
  EXPECT_EQ((*parse_tar(tar))[0].bytes.size(), 5U);
  set_field(tar, 124, std::string_view("\x80\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12));
  EXPECT_REFUSED(parse_tar(tar), "size is not a number");
  set_field(tar, 124, std::string_view("\x80\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12));
  EXPECT_REFUSED(parse_tar(tar), "cut short");
  set_field(tar, 124, std::string_view("77777777777\0", 12));
  EXPECT_REFUSED(parse_tar(tar), "cut short");
  set_field(tar, 124, "0000000000x");
  EXPECT_REFUSED(parse_tar(tar), "size is not a number");
}

TEST(Tar, RefusesWhatIsNone) {
  EXPECT_REFUSED(parse_tar({}), "0 bytes");
  EXPECT_REFUSED(parse_tar(bytes_of("short")), "not a tar");
  EXPECT_REFUSED(parse_tar(Bytes(2000, std::byte{7})), "not a tar");
  Bytes tar = tar_of({{"a", bytes_of("1")}, {"b", bytes_of("2")}});
  tar[1024] ^= std::byte{1};
  EXPECT_REFUSED(parse_tar(tar), "checksum");
}

TEST(Tar, RefusesPathsThatLeaveTheirFolder) {
  for (const char* path : {"../a", "a/../../b", "a/..", ".."}) {
    EXPECT_REFUSED(parse_tar(tar_of({{path, bytes_of("x")}})), "leaves its own folder");
  }
  EXPECT_TRUE(parse_tar(tar_of({{"a..b/..c", bytes_of("x")}})));
}

TEST(Tar, RefusesBadExtendedHeaders) {
  for (const char* row : {"99 path=x\n", "5 x\n", "path=x\n", "0 path=x\n", "10 path=xy",
                          "99999999999999999999 path=x\n", "13 size=12x3\n", "7 abc\n\n"}) {
    const auto result = parse_tar(tar_of({{"head", bytes_of(row), 'x'}, {"a", bytes_of("x")}}));
    EXPECT_REFUSED(result, "extended header");
  }
  EXPECT_REFUSED(parse_tar(tar_of({{"head", bytes_of(pax_row("size=999999999999")), 'x'}, {"a", bytes_of("x")}})),
                 "cut short");
}

TEST(Tar, CutShort) {
  const Bytes tar = tar_of({{"a", Bytes(700)}, {"b", Bytes(10)}});
  // As GNU tar: whole where it ends behind a file, with empty blocks or without, and where the last block is not
  // padded.
  const std::size_t first = 512 + 700;
  const std::size_t second = 512 + 1024 + 512 + 10;
  for (std::size_t size = 1; size < tar.size(); ++size) {
    const auto entries = parse_tar(std::span(tar).first(size));
    if ((size >= first && size <= 512 + 1024) || size >= second) {
      ASSERT_TRUE(entries) << size;
      EXPECT_EQ(entries->size(), size >= second ? 2U : 1U);
    } else {
      EXPECT_REFUSED(entries, size < 512 ? "not a tar" : "cut short");
    }
  }
}

TEST(Tar, ChecksumsOfSignedBytes) {
  Bytes tar = tar_of({{"caf\xE9", bytes_of("x")}});
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? 32U : static_cast<unsigned>(tar[i]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum - 256);
  for (std::size_t i = 0; i < 7; ++i) tar[148 + i] = static_cast<std::byte>(digits[i]);
  EXPECT_TRUE(parse_tar(tar));
}

}  // namespace
}  // namespace weightroom::io
