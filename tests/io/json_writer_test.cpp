#include "io/json_writer.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/json.h"

namespace weightroom::io {
namespace {

TEST(JsonWriter, WritesEveryKindOfValueInTheOrderGiven) {
  JsonWriter json{{"z", 1},
                  {"a", nullptr},
                  {"text", "say \"hi\"\n"},
                  {"yes", true},
                  {"empty", JsonWriter::object()},
                  {"inner", JsonWriter{{"list", std::vector<int>{1, -2, 3}}, {"none", JsonWriter::array()}}}};
  json.put("mixed", JsonWriter::array({1, "two", JsonWriter()}));
  EXPECT_EQ(json.text(),
            R"({"z":1,"a":null,"text":"say \"hi\"\n","yes":true,"empty":{},"inner":{"list":[1,-2,3],"none":[]},)"
            R"("mixed":[1,"two",null]})");
}

TEST(JsonWriter, NumbersReadBackAsTheSameFloatAndExactOnesAsTheSameDouble) {
  for (const float value : {0.1F, 1.0F / 3.0F, 1e-30F, 3.4e38F, -16777217.0F, 0.0F}) {
    EXPECT_EQ(nlohmann::json::parse(JsonWriter(value).text()).get<float>(), value);
  }
  EXPECT_EQ(nlohmann::json::parse(JsonWriter::exact(0.1).text()).get<double>(), 0.1);
  EXPECT_EQ(nlohmann::json::parse(JsonWriter::exact(1.0 / 3.0).text()).get<double>(), 1.0 / 3.0);
  EXPECT_NE(nlohmann::json::parse(JsonWriter(1.0 / 3.0).text()).get<double>(), 1.0 / 3.0);
  EXPECT_EQ(JsonWriter(0.1F).text(), "0.100000001");
  EXPECT_EQ(JsonWriter(std::uint64_t{123456789012}).text(), "123456789012");
}

TEST(JsonWriter, WhatJsonHasNoWordForIsNull) {
  EXPECT_EQ(JsonWriter(std::numeric_limits<double>::infinity()).text(), "null");
  EXPECT_EQ(JsonWriter(std::numeric_limits<float>::quiet_NaN()).text(), "null");
  EXPECT_EQ(JsonWriter::exact(std::numeric_limits<double>::quiet_NaN()).text(), "null");
  EXPECT_EQ(JsonWriter::text_or_null("").text(), "null");
  EXPECT_EQ(JsonWriter::text_or_null("x").text(), "\"x\"");
  EXPECT_EQ(JsonWriter::place_or_null(-1).text(), "null");
  EXPECT_EQ(JsonWriter::place_or_null(0).text(), "0");
}

TEST(JsonWriter, WritesEveryCharacterAsATreeOfValuesDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "b";
    EXPECT_EQ(JsonWriter(text).text(), json_text(Json(text))) << byte;
    JsonWriter object = JsonWriter::object();
    object.put(text, 1);
    EXPECT_EQ(object.text(), "{" + json_text(Json(text)) + ":1}") << byte;
  }
  const std::vector<std::string> words{"", "Äpfel", "雪", "a \"word\" and \\", "\n\n", "tab\t"};
  for (const std::string& text : words) EXPECT_EQ(JsonWriter(text).text(), json_text(Json(text)));
  EXPECT_EQ(JsonWriter(words).text(), json_text(Json(words)));
}

TEST(JsonWriter, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(JsonWriter(std::string("a\xFFz")).text(), "\"a\xEF\xBF\xBDz\"");
  JsonWriter json = JsonWriter::object();
  json.put("a \"name\"\xFF", 1);
  EXPECT_EQ(json.text(), "{\"a \\\"name\\\"\xEF\xBF\xBD\":1}");
}

}  // namespace
}  // namespace weightroom::io
