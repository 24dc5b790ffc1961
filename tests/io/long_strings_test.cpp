// JSON whose strings are long is read as any other: beside the library's own parser, which reads all of it by itself.
#include "io/long_strings.h"

#include <gtest/gtest.h>
#include <strings/json.h>

#include "base/rng.h"
#include "io/json.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kLong = 1U << 14U;

Json parsed(const std::string& text) {
  const auto json = parse_json(text, text::json_labels);
  EXPECT_TRUE(json) << json.error().message();
  return json ? *json : Json();
}

std::string refusal(const std::string& text) {
  const auto json = parse_json(text, text::json_labels);
  EXPECT_FALSE(json);
  return json ? "" : json.error().message();
}

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += piece;
  return out;
}

TEST(LongStrings, AreTakenOutAndPutBack) {
  const std::string list = repeated(R"(\"a name\",)", kLong);
  const std::string text =
      R"({"short":"x","labels":")" + list + R"(","n":[1,")" + repeated("ü€𝄞", kLong) + R"(","y"]})";
  LongStrings strings(text);
  while (!strings.step()) continue;
  EXPECT_EQ(strings.rest(), R"({"short":"x","labels":"","n":[1,"","y"]})");
  EXPECT_EQ(strings.place(3), 3U);
  EXPECT_EQ(text.substr(strings.place(strings.rest().find(",\"n\"")), 4), ",\"n\"");
  EXPECT_EQ(text.substr(strings.place(strings.rest().find(",\"y\"")), 4), ",\"y\"");
  EXPECT_EQ(parsed(text), Json::parse(text));
}

// A string over many slices, cut within escapes and characters too.
TEST(LongStrings, AreReadInSlices) {
  const std::string inside = repeated(R"(\"ü€𝄞\n)", 40 * kLong);
  for (const std::size_t before : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 10U, 11U, 12U}) {
    const std::string text = "[" + std::string(before, ' ') + "\"" + inside + "\"]";
    LongStrings strings(text);
    int steps = 1;
    while (!strings.step()) ++steps;
    EXPECT_GT(steps, 4);
    EXPECT_EQ(strings.rest(), "[" + std::string(before, ' ') + "\"\"]");
    EXPECT_EQ(parsed(text), Json::parse(text));
  }
}

TEST(LongStrings, ShortTextsAreLeftAlone) {
  const std::string text = R"(["a","b"])";
  LongStrings strings(text);
  EXPECT_TRUE(strings.step());
  EXPECT_EQ(strings.rest(), text);
  EXPECT_EQ(strings.rest().data(), text.data());
}

// Pieces of all kinds, right and wrong, in names and values: the same value, or a refusal on both sides.
TEST(LongStrings, ReadAsTheLibraryDoes) {
  const std::string_view pieces[] = {"plain text ",
                                     R"(\"\\\/\b\f\n\r\t)",
                                     R"(\u00e9\ud834\udd1e)",
                                     "é",
                                     "€",
                                     "𝄞",
                                     "\x7F",
                                     "\x1F",
                                     "\xC3",
                                     "\xC0\x80",
                                     "\xE0\x80\x80",
                                     "\xED\xA0\x80",
                                     "\xF4\x90\x80\x80",
                                     "\xF5\x80\x80\x80",
                                     "\x80",
                                     R"(\x)",
                                     R"(\u12)",
                                     R"(\ud834)"};
  base::Rng rng(1, "pieces");
  int right = 0;
  constexpr int kTexts = 400;
  for (int i = 0; i < kTexts; ++i) {
    // Half of the texts of pieces that may stand in a string.
    const std::uint32_t kinds = i % 2 == 0 ? 7 : std::size(pieces);
    const auto string = [&] {
      std::string inside = repeated("0123456789", rng.below(2) == 0 ? 10 : kLong);
      for (std::uint32_t k = rng.below(4); k > 0; --k) {
        const std::size_t at =
            rng.below(3) == 0 ? inside.size() : 10 * (rng.below(static_cast<std::uint32_t>(inside.size())) / 10);
        inside.insert(at, pieces[rng.below(kinds)]);
      }
      return "\"" + inside + "\"";
    };
    const std::string text = "{" + string() + ":" + string() + ",\"b\":[" + string() + ",{\"c\":" + string() + "}]}";
    const Json wanted = Json::parse(text, nullptr, false);
    const auto json = parse_json(text, text::json_labels);
    ASSERT_EQ(json.has_value(), !wanted.is_discarded()) << text;
    if (!json) continue;
    ++right;
    EXPECT_EQ(*json, wanted);
  }
  EXPECT_GT(right, kTexts / 4);
}

// The number in a sentence, without the commas it is written with.
std::size_t number_in(const std::string& sentence) {
  std::string digits;
  for (const char c : sentence) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits.empty() ? 0 : std::stoul(digits);
}

TEST(LongStrings, AMistakeIsToldWhereItStands) {
  const auto text = [](std::size_t bytes) { return R"({"a":")" + std::string(bytes, 'x') + R"(","b":?})"; };
  const std::size_t whole = number_in(refusal(text(kLong - 1)));  // too short to be taken out
  EXPECT_GT(whole, kLong);
  EXPECT_EQ(number_in(refusal(text(kLong))), whole + 1);
  EXPECT_GT(number_in(refusal("{\"a\":\"" + std::string(kLong, 'x'))), kLong) << "no end";
}

}  // namespace
}  // namespace weightroom::io
