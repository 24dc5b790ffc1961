#include "base/language.h"

#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <strings/base.h>
#include <strings/language.h>
#include <strings/list.h>
#include <strings/operation.h>
#include <strings/params.h>

#include "base/result.h"

namespace weightroom::base {
namespace {

std::vector<unsigned char> pseudo_table() {
  std::ifstream in(std::string(WEIGHTROOM_BINARY_DIR) + "/strings/pseudo.bin", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class LanguageTest : public testing::Test {
 protected:
  ~LanguageTest() override { use_english(); }
};

TEST_F(LanguageTest, PutsArgumentsByNameInAnyOrder) {
  EXPECT_EQ(tr(text::params_not_whole, {{"value", "0.5"}, {"title", "SmoothGrad"}, {"name", "samples"}}),
            "The parameter 'samples' of SmoothGrad must be a whole number, not 0.5.");
}

TEST_F(LanguageTest, LeavesAPlaceholderWithoutArgumentInSight) {
  EXPECT_EQ(tr(text::base_percent, {{"another", "5"}}), "{value} %");
}

TEST_F(LanguageTest, AnArgumentWithBracesIsNoPlaceholder) {
  EXPECT_EQ(tr(text::params_unknown_of_none, {{"title", "{name}"}, {"name", "{title}"}}),
            "{name} has no parameter '{title}'; it has none.");
}

TEST_F(LanguageTest, AnErrorKeepsWhatItWasMadeOf) {
  Error kept;
  {
    const std::string name = "a name that is longer than any small string is";
    kept = fail(text::params_unknown_of_none, {{"title", "LIME"}, {"name", name}}).error();
  }
  EXPECT_EQ(kept.message(), "LIME has no parameter 'a name that is longer than any small string is'; it has none.");
  EXPECT_EQ(name_of(kept.key), "params.unknown_of_none");
}

TEST_F(LanguageTest, AnErrorWithinAnErrorAndASentenceWithinASentence) {
  const Error inner = fail(text::base_not_a_number, {}).error();
  const Error outer = fail(text::base_percent, {{"value", inner}}).error();
  EXPECT_EQ(outer.message(), tr(text::base_percent, {{"value", tr(text::base_not_a_number)}}));
  EXPECT_EQ(tr(text::base_percent, {{"value", text::base_not_a_number}}), "not a number %");
}

TEST_F(LanguageTest, NumbersAreGroupedAndTheirMinusIsAsWideAsAPlus) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
  EXPECT_EQ(tr(text::base_bytes, {{"value", -1234}}), "−1,234 B");
  EXPECT_EQ(tr(text::base_bytes, {{"value", std::numeric_limits<std::int64_t>::min()}}),
            "−9,223,372,036,854,775,808 B");
  EXPECT_EQ(decimal(-0.25, 2), "−0.25");
  EXPECT_EQ(decimal(-0.001, 2), "0.00");
  EXPECT_EQ(decimal(123456.0, 2), "1.23e+05");
  EXPECT_EQ(decimal(-1e-9, 0), "0");
  EXPECT_EQ(decimal(std::numeric_limits<double>::quiet_NaN(), 2), "not a number");
  EXPECT_EQ(decimal(-std::numeric_limits<double>::infinity(), 2), "−∞");
  EXPECT_EQ(short_number(-2e-5), "−2e-05");
  EXPECT_EQ(short_number(0.3149), "0.31");
  EXPECT_EQ(short_number(0.0), "0");
  EXPECT_EQ(percent(0.934), "93.4 %");
  EXPECT_EQ(percent(0.0), "0.0 %");
  EXPECT_EQ(percent(0.0004), "< 0.1 %");
  EXPECT_EQ(percent(0.5, 0), "50 %");
  EXPECT_EQ(bytes_text(0), "–");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(61'440), "61.4 KB");
  EXPECT_EQ(bytes_text(317'416), "317 KB");
  EXPECT_EQ(bytes_text(1'319'104), "1.32 MB");
}

TEST_F(LanguageTest, ListsAreJoinedAsTheLanguageDoes) {
  EXPECT_EQ(list_of(std::vector<std::string>{}, text::list_or), "");
  EXPECT_EQ(list_of(std::vector<std::string>{"a"}, text::list_or), "a");
  EXPECT_EQ(list_of(std::vector<std::string>{"a", "b"}, text::list_or), "a or b");
  EXPECT_EQ(list_of(std::vector<std::string>{"a", "b", "c"}, text::list_and), "a, b and c");
}

TEST_F(LanguageTest, ThePluralFormIsChosenByTheNumberN) {
  EXPECT_EQ(tr(text::operation_quantise_words, {{"n", 1}}), "quantised to 1 bit per weight");
  EXPECT_EQ(tr(text::operation_quantise_words, {{"n", 0}}), "quantised to 0 bits per weight");
  EXPECT_EQ(tr(text::operation_quantise_words, {{"n", 1200}}), "quantised to 1,200 bits per weight");
}

TEST_F(LanguageTest, AnotherLanguageSaysEverythingItsOwnWay) {
  ASSERT_TRUE(use_language(pseudo_table()));
  EXPECT_EQ(tr(text::base_not_a_number), "[ñöt á ñúmbér žéň ]");
  EXPECT_EQ(decimal(-1.5, 1), "−1,5");
  EXPECT_EQ(grouped(1234567), "1’234’567");
  EXPECT_TRUE(tr(text::operation_quantise_words, {{"n", 1}}).starts_with("[qúáñtîš"));
  const Error error = fail(text::params_unknown_of_none, {{"title", "LIME"}, {"name", "x"}}).error();
  EXPECT_EQ(error.message().front(), '[');
  use_english();
  EXPECT_EQ(error.message(), "LIME has no parameter 'x'; it has none.");
}

TEST_F(LanguageTest, WhatALanguageLacksIsSaidInEnglish) {
  const auto english = english_table();
  std::vector<unsigned char> table(english.begin(), english.end());
  const std::string_view sentence = "not a number";
  const auto at = std::search(table.begin(), table.end(), sentence.begin(), sentence.end());
  ASSERT_NE(at, table.end());
  table.erase(at, at + static_cast<std::ptrdiff_t>(sentence.size()));
  ASSERT_TRUE(use_language(table));
  EXPECT_EQ(tr(text::base_not_a_number), "not a number");
}

TEST_F(LanguageTest, ATableOfOtherKeysIsRefusedAndNothingChanges) {
  const std::vector<unsigned char> table = pseudo_table();
  ASSERT_TRUE(use_language(table));
  const std::string before = tr(text::base_not_a_number);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, table.size() / 2, table.size() - 1}) {
    EXPECT_FALSE(use_language(std::span(table).first(size))) << size;
    EXPECT_EQ(tr(text::base_not_a_number), before);
  }
  std::vector<unsigned char> longer = table;
  longer.insert(longer.begin(), {'x', 0});
  EXPECT_FALSE(use_language(longer));
}

TEST_F(LanguageTest, EveryKeyHasASentenceAndANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const KeyName& key : key_names()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_FALSE(form_of(Text{key.key}, 2).empty()) << key.name;
  }
  EXPECT_EQ(name_of(Text{0xFFFF}), "");
}

// With what is not a category of a language, a form is still found.
TEST_F(LanguageTest, FilipinoHasOneFormForNumbersThatEndIn469) {
  // Checked on the rule of CLDR: one: v = 0 and i = 1,2,3 or v = 0 and i % 10 != 4,6,9.
  const auto english = english_table();
  std::string table(english.begin(), english.end());
  const std::string code("en\0,\0", 5);
  const std::size_t at = table.find(code);
  ASSERT_NE(at, std::string::npos);
  table.replace(at, 2, "fil");
  ASSERT_TRUE(use_language({reinterpret_cast<const unsigned char*>(table.data()), table.size()}));
  const auto said = [](int n) { return tr(text::operation_quantise_words, {{"n", n}}); };
  for (const int n : {1, 2, 3, 5, 7, 8, 10, 11, 25}) EXPECT_EQ(said(n).find("bits"), std::string::npos) << n;
  for (const int n : {4, 6, 9, 14, 26, 109}) EXPECT_NE(said(n).find("bits"), std::string::npos) << n;
}

}  // namespace
}  // namespace weightroom::base
