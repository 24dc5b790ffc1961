#include "io/gzip.h"

#include "io/crc32.h"
#include "io/idx.h"
#include "io/picture_testing.h"

namespace weightroom::io {
namespace {

using testing::Bytes;
using testing::bytes_from;
using testing::bytes_of;

// gzip of "0123456789" twenty times (Python's gzip, level 9): its last symbol ends fewer than 16 bits before the end.
const Bytes kPacked =
    bytes_of(std::string_view("\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\x03\x33\x30\x34\x32\x36\x31\x35\x33\xB7\xB0\x34\x18"
                              "\xD2\x2C\x00\x40\xA3\x29\x41\xC8\x00\x00\x00",
                              33));

std::string digits() {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "0123456789";
  return text;
}

TEST(Gzip, UnpacksAndChecks) {
  const auto out = gunzip(kPacked);
  ASSERT_TRUE(out) << testing::message_of(out);
  EXPECT_EQ(testing::text_of(*out), digits());
  EXPECT_TRUE(is_gzip(kPacked));
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xCBF43926U);
}

TEST(Gzip, SkipsTheOptionalFields) {
  Bytes with_name(kPacked.begin(), kPacked.begin() + 10);
  with_name[3] = std::byte{4 | 8 | 16 | 2};
  testing::put_text(with_name, std::string_view("\x03\0abc"
                                                "name\0comment\0hh",
                                                5 + 5 + 8 + 2));
  with_name.insert(with_name.end(), kPacked.begin() + 10, kPacked.end());
  ASSERT_TRUE(gunzip(with_name)) << testing::message_of(gunzip(with_name));
  for (std::size_t size = 0; size < with_name.size(); ++size)
    EXPECT_FALSE(gunzip(std::span(with_name).first(size))) << size;
}

TEST(Gzip, RefusesDamage) {
  EXPECT_REFUSED(gunzip(bytes_of("plain text that is long enough")), "not a gzip");
  for (std::size_t at = 10; at < kPacked.size(); ++at) {
    Bytes bad = kPacked;
    bad[at] ^= std::byte{0x10};
    EXPECT_FALSE(gunzip(bad)) << at;
  }
  Bytes method = kPacked;
  method[2] = std::byte{7};
  EXPECT_REFUSED(gunzip(method), "method");
  Bytes flags = kPacked;
  flags[3] = std::byte{0x80};
  EXPECT_REFUSED(gunzip(flags), "flags");
  EXPECT_REFUSED(gunzip(kPacked, 100), "100 is the most");
  Bytes bomb = kPacked;
  bomb[bomb.size() - 1] = std::byte{0x0F};  // claims 240 MB
  EXPECT_REFUSED(gunzip(bomb), "length does not fit");
}

TEST(Gzip, SeveralMembersAreOneFile) {
  Bytes several = kPacked;
  for (int i = 0; i < 2; ++i) several.insert(several.end(), kPacked.begin(), kPacked.end());
  auto out = gunzip(several);
  ASSERT_TRUE(out) << testing::message_of(out);
  EXPECT_EQ(testing::text_of(*out), digits() + digits() + digits());
  const auto first = gunzip_prefix(several, 450);
  ASSERT_TRUE(first) << testing::message_of(first);
  EXPECT_EQ(testing::text_of(*first), (digits() + digits() + digits()).substr(0, 450));
  several.resize(several.size() + 100);  // as tapes are padded
  out = gunzip(several);
  ASSERT_TRUE(out) << testing::message_of(out);
  EXPECT_EQ(out->size(), 600U);
  several.push_back(std::byte{1});
  EXPECT_REFUSED(gunzip(several), "damaged");
  EXPECT_REFUSED(gunzip(std::span(several).first(99), 500), "more than 500 bytes");
  for (std::size_t size = 34; size < 66; ++size) EXPECT_FALSE(gunzip(std::span(several).first(size))) << size;
  several.resize(99);
  several[33 + 12] ^= std::byte{1};
  EXPECT_FALSE(gunzip(several));
}

// A member behind the first one that is much longer than anything says: 400,000 bytes, stored as they are.
TEST(Gzip, ALongMemberBehindAShortOne) {
  Bytes file = kPacked;
  Bytes text;
  for (std::uint64_t i = 0; i < 400'000; ++i) text.push_back(static_cast<std::byte>(i * i % 251));
  const Bytes second = testing::stored_gzip(text);
  file.insert(file.end(), second.begin(), second.end());
  file.insert(file.end(), kPacked.begin(), kPacked.end());
  const auto out = gunzip(file);
  ASSERT_TRUE(out) << testing::message_of(out);
  EXPECT_EQ(out->size(), 400'400U);
  EXPECT_TRUE(std::equal(text.begin(), text.end(), out->begin() + 200));
}

TEST(Gzip, PeeksAtTheFirstBytes) {
  for (const std::size_t count : {0U, 1U, 20U, 199U, 200U, 1000U}) {
    const auto out = gunzip_prefix(kPacked, count);
    ASSERT_TRUE(out) << testing::message_of(out);
    EXPECT_EQ(testing::text_of(*out), digits().substr(0, count)) << count;
  }
  // What comes after them may be anything.
  Bytes bad = kPacked;
  bad[bad.size() - 8] ^= std::byte{1};
  bad[bad.size() - 1] ^= std::byte{1};
  EXPECT_TRUE(gunzip_prefix(bad, 20));
  // Stored as they are, in a block longer than what is asked for.
  Bytes stored = bytes_of(std::string_view("\x1F\x8B\x08\0\0\0\0\0\0\x03\x01\xFF\xFF\0\0", 15));
  for (int i = 0; i < 65'535 + 8; ++i) stored.push_back(static_cast<std::byte>(i));
  const auto first = gunzip_prefix(stored, 3);
  ASSERT_TRUE(first) << testing::message_of(first);
  EXPECT_EQ(*first, bytes_from({0, 1, 2}));
  for (std::size_t size = 0; size < 40; ++size) EXPECT_FALSE(gunzip_prefix(std::span(stored).first(size), 3)) << size;
  EXPECT_REFUSED(gunzip_prefix(bytes_of("plain text that is long enough"), 3), "not a gzip");
  Bytes broken = kPacked;
  broken[10] = std::byte{0x07};  // a kind of block that there is not
  EXPECT_REFUSED(gunzip_prefix(broken, 3), "damaged");
}

TEST(Idx, ReadsAndRefuses) {
  const auto array = parse_idx(bytes_from({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}));
  ASSERT_TRUE(array) << testing::message_of(array);
  EXPECT_EQ(array->extents, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(array->values.size(), 6U);
  EXPECT_REFUSED(parse_idx({}), "not an IDX");
  EXPECT_REFUSED(parse_idx(bytes_from({1, 0, 8, 1, 0, 0, 0, 0})), "not an IDX");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 0x0D, 1, 0, 0, 0, 0})), "unsigned bytes");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 8, 0})), "dimensions");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 8, 9})), "dimensions");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 8, 2, 0, 0, 0, 2})), "cut short");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 8, 1, 0, 0, 0, 2, 1})), "cut short");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 8, 1, 0, 0, 0, 0, 1})), "goes on");
  EXPECT_REFUSED(parse_idx(bytes_from({0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255})),
                 "4 GB");
}

}  // namespace
}  // namespace weightroom::io
