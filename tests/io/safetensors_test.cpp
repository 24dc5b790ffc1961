#include "io/safetensors.h"

#include <array>
#include <bit>
#include <string>

#include "io/io_testing.h"

namespace weightroom::io {
namespace {

using testing::bytes_of;
using testing::safetensors;
using testing::with_length;

std::string row(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return "{\"dtype\":\"" + std::string(dtype) + "\",\"shape\":" + std::string(shape) +
         ",\"data_offsets\":" + std::string(offsets) + "}";
}

// The header's length and the vectors of the reference's own tests (safetensors/src/tensor.rs).
TEST(Safetensors, RefusesAWrongLength) {
  EXPECT_REFUSED(parse_safetensors({}), "0 bytes");
  EXPECT_REFUSED(parse_safetensors(bytes_of(std::string_view("\0\0\0\0", 4))), "too short");
  EXPECT_REFUSED(parse_safetensors(bytes_of("<\xFF\xFF\xFF\xFF\xFF\xFF\xFF{\"a\"}")), "too large");
  EXPECT_REFUSED(parse_safetensors(bytes_of(std::string_view("<\0\0\0\0\0\0\0", 8))), "cut short");
  EXPECT_REFUSED(parse_safetensors(with_length(kMaxHeaderBytes + 1, std::string(kMaxHeaderBytes + 1, ' '))),
                 "too large");
}

TEST(Safetensors, RefusesAHeaderThatIsNoObject) {
  EXPECT_REFUSED(parse_safetensors(with_length(1, "\xFF")), "not valid JSON");
  EXPECT_REFUSED(parse_safetensors(with_length(1, "{")), "not valid JSON");
  EXPECT_REFUSED(parse_safetensors(with_length(2, "[]")), "not a JSON object");
  EXPECT_REFUSED(parse_safetensors(with_length(4, "{}{}")), "not valid JSON");
  EXPECT_REFUSED(parse_safetensors(with_length(0, "")), "not valid JSON");
  const std::string deep = "{\"a\":" + std::string(50'000, '[') + std::string(50'000, ']') + "}";
  EXPECT_REFUSED(parse_safetensors(safetensors(deep, 0)), "nested deeper");
}

TEST(Safetensors, AcceptsWhiteSpaceAroundTheHeader) {
  EXPECT_TRUE(parse_safetensors(with_length(7, "{}     ")));
  EXPECT_TRUE(parse_safetensors(with_length(9, "\t\n  {}   ")));
}

TEST(Safetensors, ReadsScalarsAndEmptyTensors) {
  const testing::Bytes bytes =
      safetensors("{\"b\":" + row("F32", "[2,0]", "[4,4]") + ",\"a\":" + row("F32", "[]", "[0,4]") + "}", 4);
  const auto file = parse_safetensors(bytes);
  ASSERT_TRUE(file) << testing::message_of(file);
  ASSERT_EQ(file->tensors.size(), 2U);
  EXPECT_EQ(file->tensors[0].name, "a");
  EXPECT_TRUE(file->tensors[0].shape.empty());
  EXPECT_EQ(values_of(file->tensors[0]), std::vector<float>{0.0F});
  EXPECT_TRUE(values_of(file->tensors[1]).empty());
  EXPECT_EQ(file->find("c"), nullptr);
  EXPECT_TRUE(parse_safetensors(safetensors("{\"test\":" + row("F32", "[2,0]", "[0,0]") + "}", 0)));
}

TEST(Safetensors, RefusesBytesAfterTheLastTensor) {
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"a\":" + row("F32", "[1]", "[0,4]") + "}", 5)),
                 "goes on for 1 byte after");
  EXPECT_REFUSED(parse_safetensors(safetensors("{}", 9)), "goes on for 9 bytes");
}

TEST(Safetensors, RefusesATensorThatLeavesTheFile) {
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"a\":" + row("F32", "[2]", "[0,8]") + "}", 7)),
                 "'a' reaches past the end");
  EXPECT_REFUSED(parse_safetensors(safetensors(
                     "{\"a\":" + row("F32", "[1]", "[18446744073709551612,18446744073709551615]") + "}", 4)),
                 "'a'");
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"a\":" + row("F32", "[1073741824]", "[0,4294967296]") + "}", 0)),
                 "past the end");
}

TEST(Safetensors, RefusesAShapeThatDoesNotMatchItsBytes) {
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"test\":" + row("F32", "[2,2]", "[0,4]") + "}", 4)),
                 "'test' has a shape that needs 16 bytes");
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"test\":" + row("F32", "[2]", "[8,0]") + "}", 8)),
                 "ends before it begins");
}

TEST(Safetensors, RefusesAShapeWhoseProductOverflows) {
  EXPECT_REFUSED(
      parse_safetensors(safetensors("{\"test\":" + row("F32", "[2,18446744073709551614]", "[0,16]") + "}", 16)),
      "overflows");
  // 2^63 values of 4 bytes; and 2^32 x 2^32, which is 0 in 64 bits.
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"test\":" + row("F32", "[9223372036854775808]", "[0,0]") + "}", 0)),
                 "overflows");
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"test\":" + row("F32", "[4294967296,4294967296]", "[0,0]") + "}", 0)),
                 "overflows");
}

TEST(Safetensors, RefusesOverlapsAndHoles) {
  std::string ten = "{";
  for (int i = 0; i < 10; ++i) ten += (i ? ",\"" : "\"") + std::to_string(i) + "\":" + row("F32", "[2,2]", "[0,16]");
  EXPECT_REFUSED(parse_safetensors(safetensors(ten + "}", 16)), "overlaps");
  const auto two = [](std::string_view first, std::string_view second) {
    return "{\"a\":" + row("F32", "[2]", first) + ",\"b\":" + row("F32", "[2]", second) + "}";
  };
  EXPECT_TRUE(parse_safetensors(safetensors(two("[8,16]", "[0,8]"), 16)));
  EXPECT_REFUSED(parse_safetensors(safetensors(two("[0,8]", "[4,12]"), 12)), "'b' overlaps");
  EXPECT_REFUSED(parse_safetensors(safetensors(two("[0,8]", "[9,17]"), 17)), "'b' leaves a hole");
  EXPECT_REFUSED(parse_safetensors(safetensors(two("[1,9]", "[9,17]"), 17)), "'a' leaves a hole");
}

TEST(Safetensors, RefusesTheSameNameTwiceAtAnyLevel) {
  const std::string one = row("F32", "[1]", "[0,4]");
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"a\":" + one + ",\"a\":" + one + "}", 4)), "'a' twice");
  EXPECT_REFUSED(
      parse_safetensors(safetensors(R"({"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}})", 4)),
      "'dtype' twice");
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"__metadata__":{"k":"1","k":"2"}})", 0)), "'k' twice");
  // The same name in other letters of JSON.
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"a\":" + one + ",\"\\u0061\":" + one + "}", 4)), "'a' twice");
}

TEST(Safetensors, RefusesTypesItDoesNotReadByName) {
  for (const char* dtype : {"F4", "F6_E2M3", "F8_E8M0", "C64", "f32", "Q8"}) {
    EXPECT_REFUSED(parse_safetensors(safetensors("{\"t\":" + row(dtype, "[1]", "[0,1]") + "}", 1)),
                   std::string("'") + dtype + "'");
  }
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"t":{"dtype":32,"shape":[1],"data_offsets":[0,4]}})", 4)),
                 "not a word");
}

// Beside weights there are masks, indices and weights of one byte; each byte's meaning from the format's own text.
TEST(Safetensors, ReadsEveryTypeOfWholeBytes) {
  struct Row {
    const char* dtype;
    std::vector<int> bytes;
    std::vector<float> values;
    bool fractions;
  };
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<Row> rows{
      {"BOOL", {0, 1}, {0, 1}, false},
      {"U8", {0, 255}, {0, 255}, false},
      {"I8", {1, 255}, {1, -1}, false},
      {"U16", {1, 2}, {513}, false},
      {"I16", {254, 255}, {-2}, false},
      {"U32", {0, 0, 0, 128}, {2147483648.0F}, false},
      {"I32", {255, 255, 255, 255}, {-1}, false},
      {"U64", {0, 0, 0, 0, 0, 0, 0, 128}, {9223372036854775808.0F}, false},
      {"I64", {254, 255, 255, 255, 255, 255, 255, 255}, {-2}, false},
      {"F8_E4M3", {0x38, 0xB8, 0x7E, 0x01, 0x08, 0x00, 0x45}, {1, -1, 448, 0x1p-9F, 0x1p-6F, 0, 3.25F}, true},
      {"F8_E5M2", {0x3C, 0x7B, 0x01, 0x7C, 0xC1}, {1, 57344, 0x1p-16F, inf, -2.5F}, true}};
  for (const Row& row_of : rows) {
    const std::string size = std::to_string(row_of.bytes.size());
    const std::string header =
        "{\"t\":" + row(row_of.dtype, "[" + std::to_string(row_of.values.size()) + "]", "[0," + size + "]") + "}";
    testing::Bytes bytes = safetensors(header, row_of.bytes.size());
    for (std::size_t i = 0; i < row_of.bytes.size(); ++i)
      bytes[bytes.size() - row_of.bytes.size() + i] = static_cast<std::byte>(row_of.bytes[i]);
    const auto file = parse_safetensors(bytes);
    ASSERT_TRUE(file) << row_of.dtype << ": " << file.error().message();
    EXPECT_EQ(values_of(file->tensors[0]), row_of.values) << row_of.dtype;
    EXPECT_EQ(has_fractions(file->tensors[0].dtype), row_of.fractions) << row_of.dtype;
  }
}

TEST(Safetensors, TakesIntegersAsIntegers) {
  for (const char* shape : {"[1.0]", "[-1]", "[\"1\"]", "[1e0]", "[18446744073709551616]", "[null]", "7", "{}"}) {
    EXPECT_REFUSED(parse_safetensors(safetensors("{\"t\":" + row("F32", shape, "[0,4]") + "}", 4)), "'t' has a shape");
  }
  // 2^53 + 1 would be 2^53 in a double.
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"t\":" + row("F16", "[9007199254740993]", "[0,4]") + "}", 4)),
                 "18,014,398,509,481,986 bytes");
}

TEST(Safetensors, RefusesIncompleteRows) {
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"t":{"shape":[1],"data_offsets":[0,4]}})", 4)), "'t' lacks dtype");
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"t":{"dtype":"F32","data_offsets":[0,4]}})", 4)), "'t' lacks shape");
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"t":{"dtype":"F32","shape":[1]}})", 4)), "'t' lacks data_offsets");
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"t\":" + row("F32", "[1]", "[0]") + "}", 4)), "not two numbers");
  EXPECT_REFUSED(parse_safetensors(safetensors("{\"t\":[]}", 0)), "not described by an object");
  EXPECT_REFUSED(
      parse_safetensors(safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"pickle":1}})", 4)),
      "'pickle'");
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"__metadata__":{"k":1}})", 0)), "'k', which is not text");
  EXPECT_REFUSED(parse_safetensors(safetensors(R"({"__metadata__":"x"})", 0)), "not an object");
}

TEST(Safetensors, RefusesTooManyTensors) {
  std::string header = "{";
  for (std::size_t i = 0; i <= kMaxTensors + 1; ++i) {
    header += (i ? ",\"" : "\"") + std::to_string(i) + "\":" + row("F32", "[0]", "[0,0]");
  }
  EXPECT_REFUSED(parse_safetensors(safetensors(header + "}", 0)), "10,000 is the most");
}

TEST(Safetensors, ANameFromTheFileCannotSpoilTheSentence) {
  const std::string name = std::string(300, 'x') + "\\n\\u0000\\u001b[31m";
  const auto file = parse_safetensors(safetensors("{\"" + name + "\":" + row("C64", "[1]", "[0,8]") + "}", 1));
  ASSERT_FALSE(file);
  EXPECT_LT(file.error().message().size(), 250U);
  const auto control = parse_safetensors(safetensors("{\"\\u001b[31m\":" + row("C64", "[1]", "[0,8]") + "}", 1));
  EXPECT_THAT(testing::message_of(control), ::testing::HasSubstr("'?[31m'"));
}

TEST(Safetensors, WritesInOrderWithPaddingAndReadsBack) {
  const std::vector<float> wide{1.5F, -2.25F, 1e-30F};
  const std::vector<float> narrow{0.5F, 65504.0F};
  const std::map<std::string, std::string, std::less<>> metadata{{"note", "\"quoted\"\n\xC3\xA9"}};
  const std::vector<SafetensorsOutput> tensors{{"b", Dtype::f16, {2, 1}, narrow},
                                               {"z", Dtype::f32, {3}, wide},
                                               {"a", Dtype::bf16, {2}, narrow},
                                               {"y", Dtype::f32, {1, 3}, wide}};
  const auto bytes = write_safetensors(tensors, metadata);
  EXPECT_EQ(bytes, write_safetensors({tensors[3], tensors[2], tensors[1], tensors[0]}, metadata))
      << "whatever the order";
  const std::size_t header = static_cast<std::size_t>(bytes[0]) + 256 * static_cast<std::size_t>(bytes[1]);
  EXPECT_EQ(header % 8, 0U);
  EXPECT_EQ(bytes[8], std::byte{'{'});
  const auto file = parse_safetensors(bytes);
  ASSERT_TRUE(file) << testing::message_of(file);
  ASSERT_EQ(file->tensors.size(), 4U);
  EXPECT_EQ(file->tensors[0].name, "y");
  EXPECT_EQ(file->tensors[1].name, "z");
  EXPECT_EQ(file->tensors[2].name, "a");
  EXPECT_EQ(file->tensors[3].name, "b");
  EXPECT_EQ(file->metadata, metadata);
  EXPECT_EQ(values_of(file->tensors[1]), wide);
  EXPECT_EQ(values_of(file->tensors[3]), narrow);
  EXPECT_EQ(file->tensors[3].shape, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_TRUE(parse_safetensors(write_safetensors({}, {})));
}

TEST(Safetensors, EveryPrefixOfAFileIsRefused) {
  const std::vector<float> values{1.0F, 2.0F};
  const auto bytes = write_safetensors({{"a", Dtype::f32, {2}, values}}, {{"k", "v"}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_safetensors(std::span(bytes).first(size))) << size;
  }
}

}  // namespace
}  // namespace weightroom::io
