#include "io/tar.h"

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
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[0].path, "set/b");
  EXPECT_EQ(testing::text_of((*entries)[0].bytes), "two");
  EXPECT_EQ((*entries)[1].path, "set/a");
  EXPECT_EQ((*entries)[2].bytes.size(), 512U);
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
  // Whole once the first empty block behind the files is there.
  const std::size_t whole = (512 + 1024) + (512 + 512) + 512;
  for (std::size_t size = 1; size < whole; ++size) {
    EXPECT_REFUSED(parse_tar(std::span(tar).first(size)), size < 512 ? "not a tar" : "cut short");
  }
  EXPECT_TRUE(parse_tar(std::span(tar).first(whole)));
  EXPECT_TRUE(parse_tar(tar));
}

}  // namespace
}  // namespace weightroom::io
