#include "io/labels.h"

#include <gtest/gtest.h>

#include "io/io_testing.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

using Labels = std::vector<std::string>;

Result<Labels> parsed(std::string_view text) { return parse_labels(as_bytes(text)); }

TEST(Labels, OneALine) {
  EXPECT_EQ(parsed("cat\ndog\n").value(), (Labels{"cat", "dog"}));
  EXPECT_EQ(parsed("\xEF\xBB\xBF cat \r\n\r\n\tgolden retriever\r\nK\xC3\xA4se").value(),
            (Labels{"cat", "golden retriever", "K\xC3\xA4se"}));
  EXPECT_EQ(parsed("a\tb").value(), (Labels{"a b"})) << "a column of a table";
}

TEST(Labels, RefusesWhatIsNoList) {
  EXPECT_REFUSED(parsed(""), "no name");
  EXPECT_REFUSED(parsed(" \n\r\n"), "no name");
  EXPECT_REFUSED(parsed(std::string_view("a\0b", 3)), "not UTF-8 text");
  // Not UTF-8: a lone continuation, a longer form than need be, a surrogate, beyond Unicode, cut short.
  for (const char* text : {"\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"})
    EXPECT_REFUSED(parsed(text), "UTF-8");
  EXPECT_REFUSED(parsed("a\n" + std::string(kLongestLabel + 1, 'x')), "Name 2");
  EXPECT_TRUE(parsed(std::string(kLongestLabel, 'x')));
  std::string many;
  for (std::size_t i = 0; i <= kMostLabels; ++i) many += "x\n";
  EXPECT_REFUSED(parsed(many), "100,000");
}

TEST(Labels, AClassIsFoundByItsNameOrItsNumber) {
  const Labels labels{"cat", "2", "dog"};
  EXPECT_EQ(find_class(labels, "dog").value(), 2);
  EXPECT_EQ(find_class(labels, "0").value(), 0);
  EXPECT_EQ(find_class(labels, "2").value(), 1) << "a name before a number";
  EXPECT_EQ(testing::message_of(find_class(labels, "cow")), "The model has no class 'cow'; it has cat, 2, dog.");
  EXPECT_EQ(testing::message_of(find_class(labels, "")), "The model has no class ''; it has cat, 2, dog.");
  EXPECT_EQ(testing::message_of(find_class(labels, "3")),
            "There is no class number 3: the model has 3 classes, counted from 0.");
  EXPECT_REFUSED(find_class(labels, "-1"), "no class number -1");
  EXPECT_REFUSED(find_class(labels, "1 "), "no class '1 '");
  EXPECT_REFUSED(find_class(labels, "99999999999999999999"), "no class '99999999999999999999'");
  const Labels many(1000, "goldfish");
  EXPECT_LT(testing::message_of(find_class(many, "cow")).size(), 300U);
  EXPECT_REFUSED(find_class(many, "cow"), "goldfish and 980 more.");
}

}  // namespace
}  // namespace weightroom::io
