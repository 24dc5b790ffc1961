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

const Labels kFour{"cat", "dog", "bird", "fish"};

TEST(Labels, ListsAndObjectsOfJsonAndPython) {
  for (
      const char* text : {
          R"(["cat", "dog", "bird", "fish"])",
          "['cat', 'dog',\n 'bird', 'fish',]",
          R"({"0": "cat", "1": "dog", "2": "bird", "3": "fish"})",
          R"({"3": "fish", "1": "dog", "0": "cat", "2": "bird"})",
          R"({"cat": 0, "fish": 3, "dog": 1, "bird": 2})",
          "{0: 'cat',\n 1: 'dog',\n 2: 'bird',\n 3: 'fish'}",
          "{0: 'cat', 1: \"dog\", 2: 'bird', 3: 'fish'}",
          "\xEF\xBB\xBF{0: 'cat',\r\n 1: 'dog',\r\n 2: 'bird',\r\n 3: 'fish',}\r\n\r\n",
          R"({"0": ["n01", "cat"], "1": ["n02", "dog"], "2": ["n03", "bird"], "3": ["n04", "fish"]})",
          R"([["n01", "cat"], ["n02", "dog"], ["n03", "bird"], ["n04", "fish"]])",
          R"({"architectures": ["x"], "id2label": {"0": "cat", "1": "dog", "2": "bird", "3": "fish"}, "n": 1.5, "b": true})",
          R"({"labels": ["cat", "dog", "bird", "fish"]})",
      }) {
    const auto labels = parsed(text);
    ASSERT_TRUE(labels) << text << testing::message_of(labels);
    EXPECT_EQ(*labels, kFour) << text;
  }
  EXPECT_EQ(parsed(R"(["K\u00e4se", "\ud83d\ude00", "a\"b", "c\\d", "e\nf"])").value(),
            (Labels{"K\xC3\xA4se", "\xF0\x9F\x98\x80", "a\"b", "c\\d", "e f"}));
  EXPECT_EQ(parsed(R"(["it's", 'say "x"', 'it\'s'])").value(), (Labels{"it's", "say \"x\"", "it's"}));
  EXPECT_EQ(parsed("{0: 'tench, Tinca tinca', 1: \"jack-o'-lantern\"}").value(),
            (Labels{"tench, Tinca tinca", "jack-o'-lantern"}));
}

TEST(Labels, BracketsThatHoldNoNames) {
  for (const char* text : {R"({"1": "cat", "2": "dog"})",  // from 1: which class is 0?
                           R"({"0": "cat", "2": "dog"})",  // a gap
                           R"({"0": "cat", "0": "dog"})",  // twice
                           R"({"0": "cat", "1": 5})", R"({"cat": 0.5, "dog": 1})", R"({"a": {"b": 1}})", "[1, 2, 3]",
                           "{}", "[\"a\"", "[\"a\" \"b\"]", "{\"a\"}", "[[[[[[[[\"a\"]]]]]]]]", "{0: 'cat', 1 'dog'}",
                           R"(["\ud83d"])", R"(["\uXYZW"])", "['a]", "[,]"}) {
    const auto labels = parsed(text);
    EXPECT_FALSE(labels) << text;
  }
  EXPECT_REFUSED(parsed(R"({"1": "cat", "2": "dog"})"), "no list of class names");
  EXPECT_REFUSED(parsed("[]"), "no name");
  EXPECT_REFUSED(parsed(R"(["a", ""])"), "Name 2");
  EXPECT_REFUSED(parsed(R"(["a\u0007"])"), "UTF-8");
  EXPECT_REFUSED(parsed("[\"" + std::string(kLongestLabel + 1, 'x') + "\"]"), "Name 1");
  // A name may begin with a bracket.
  EXPECT_EQ(parsed("[unknown]\ncat\n").value(), (Labels{"[unknown]", "cat"}));
  EXPECT_EQ(parsed("{none}\ncat").value(), (Labels{"{none}", "cat"}));
}

TEST(Labels, NumberedLines) {
  for (const char* text :
       {"0 cat\n1 dog\n2 bird\n3 fish\n", "0: cat\n1: dog\n2: bird\n3: fish", "0,cat\n1,dog\n2,bird\n3,fish",
        "1. cat\n2. dog\n3. bird\n4. fish", "0\tcat\r\n1\tdog\r\n2\tbird\r\n3\tfish\r\n",
        "0: 'cat',\n1: 'dog',\n2: 'bird',\n3: 'fish',", "3,fish\n1,dog\n0,cat\n2,bird\n",
        "cat,0\nfish,3\nbird,2\ndog,1\n", "index,name\n0,cat\n1,dog\n2,bird\n3,fish\n",
        "name;id\n\"cat\";0\n\"dog\";1\nbird;2\nfish;3\n"}) {
    const auto labels = parsed(text);
    ASSERT_TRUE(labels) << text << testing::message_of(labels);
    EXPECT_EQ(*labels, kFour) << text;
  }
  EXPECT_EQ(parsed("0,\"tench, Tinca tinca\"\n1,\"a \"\"b\"\"\"").value(), (Labels{"tench, Tinca tinca", "a \"b\""}));
  // Numbers that are names, or that are not in order, stay.
  for (const Labels& plain :
       {Labels{"0", "1", "2"}, Labels{"0 cat", "2 dog"}, Labels{"0 cat", "dog"}, Labels{"7up", "8ball"},
        Labels{"5 cat", "6 dog"}, Labels{"0 cat"}, Labels{"a,b", "c,d"}, Labels{"cat, tabby", "dog, hound"},
        Labels{"0th", "1st", "2nd"}, Labels{"cat,1", "dog,1"}}) {
    std::string text;
    for (const std::string& label : plain) text += label + "\n";
    EXPECT_EQ(parsed(text).value(), plain);
  }
}

TEST(Labels, OtherFilesAreNamed) {
  EXPECT_REFUSED(parse_labels(testing::bytes_of("%PDF-1.7\n\xE2\xE3")), "a document");
  EXPECT_REFUSED(parse_labels(testing::bytes_of(std::string_view("PK\x03\x04\0\0", 6))), "zip");
  EXPECT_REFUSED(parsed(R"({"modelTopology": {}, "weightsManifest": []})"), "TensorFlow.js");
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
