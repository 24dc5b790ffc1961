#include "base/hash.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace weightroom::base {
namespace {

std::string hex_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish_hex();
}

// Vectors of FIPS 180-4 and NIST's CAVP.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(hex_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_of(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesOfAnySizeGiveTheSameDigest) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>('a' + i % 26);
  for (std::size_t length : {55U, 56U, 63U, 64U, 65U, 119U, 120U, 128U, 300U}) {
    const std::string whole = hex_of(std::string_view(text).substr(0, length));
    for (std::size_t piece : {1U, 7U, 63U, 64U, 100U}) {
      Sha256 hash;
      for (std::size_t at = 0; at < length; at += piece)
        hash.update(std::string_view(text).substr(at, std::min(piece, length - at)));
      EXPECT_EQ(hash.finish_hex(), whole) << length << " by " << piece;
    }
  }
}

TEST(Sha256, TakesFloatsAsLittleEndianBytes) {
  const std::array<float, 2> values = {1.0F, -2.0F};
  Sha256 floats;
  floats.update(std::span<const float>(values));
  using namespace std::string_view_literals;
  EXPECT_EQ(floats.finish_hex(), hex_of("\x00\x00\x80\x3f\x00\x00\x00\xc0"sv));
}

}  // namespace
}  // namespace weightroom::base
