#include "base/base64.h"

#include <gtest/gtest.h>

namespace weightroom::base {
namespace {

std::vector<std::uint8_t> bytes(std::string_view text) { return {text.begin(), text.end()}; }

// RFC 4648, section 10.
TEST(Base64, WritesAndReadsTheVectorsOfItsStandard) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, coded] : kVectors) {
    EXPECT_EQ(to_base64(bytes(plain)), coded);
    const auto back = from_base64(coded);
    ASSERT_TRUE(back.has_value()) << coded;
    EXPECT_EQ(*back, bytes(plain));
  }
}

TEST(Base64, HoldsEveryByte) {
  std::vector<std::uint8_t> all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_base64(to_base64(all)).value(), all);
}

TEST(Base64, RefusesWhatIsNone) {
  for (const std::string_view text : {"Zg=", "Z", "Zg==Zg==", "Z===", "====", "Zm9*", "Zm 9", "Zh==", "Zm9="}) {
    const auto read = from_base64(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().message(), "The text is not base64.");
  }
}

}  // namespace
}  // namespace weightroom::base
