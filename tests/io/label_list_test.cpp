// The list of names read in slices is what a JSON parser makes of it.
#include "io/label_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/json.h"

namespace weightroom::io {
namespace {

using Names = std::vector<std::string>;

Result<Names> read(std::string_view json) {
  LabelList list(json);
  while (!list.step()) {
  }
  return list.take();
}

TEST(LabelList, IsWhatTheParserReads) {
  for (const std::string_view json : {R"(["a"])", R"(["a","b c","é"])", R"([""])", R"(["a",""])", R"(["","a"])",
                                      R"(["",""])", R"([])", R"([ "a" , "b" ])", R"(["a\",\"b"])", R"(["a\\","b"])",
                                      R"(["\u00e9","b"])", R"(["[\"","\"]"])", R"(["a,b","c"])"}) {
    const auto names = read(json);
    ASSERT_TRUE(names) << json;
    EXPECT_EQ(*names, Json::parse(json).get<Names>()) << json;
  }
}

TEST(LabelList, RefusesWhatIsNone) {
  for (const std::string_view json : {R"(["a""b"])", R"(["a",1,"b"])", R"(["a"],["b"])", R"({"a":"b"})", "", "[",
                                      R"(["a","b])", "[\"a\nb\"]", R"(["a", "b","])", R"([["a","b"]])"}) {
    EXPECT_FALSE(read(json)) << json;
  }
}

TEST(LabelList, OfVeryManyNamesIsReadInSlices) {
  Names names;
  for (int i = 0; i < 100'000; ++i) names.push_back("class " + std::to_string(i));
  const std::string json = json_text(Json(names));
  LabelList list(json);
  int slices = 1;
  while (!list.step()) ++slices;
  EXPECT_GE(slices, 20);
  const auto read = list.take();
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, names);
}

}  // namespace
}  // namespace weightroom::io
