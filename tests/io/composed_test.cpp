#include "io/composed.h"

#include <gtest/gtest.h>

namespace weightroom::io {
namespace {

// Both forms of each word as Unicode has them (NFD, NFC).
TEST(Composed, LatinGreekAndCyrillic) {
  const std::pair<const char*, const char*> words[] = {
      {"plain words", "plain words"},
      {"", ""},
      {"bla\u030A", "bl\u00E5"},
      {"re\u0301d", "r\u00E9d"},
      {"gru\u0308n", "gr\u00FCn"},
      {"e\u0323\u0302", "\u1EC7"},             // Vietnamese: two marks
      {"o\u031B\u0301", "\u1EDB"},             // a horn and an acute
      {"u\u0308\u0304", "\u01D6"},             // the mark of a mark
      {"\u0438\u0306", "\u0439"},              // Cyrillic short i
      {"\u0415\u0308", "\u0401"},              // Yo
      {"\u03B1\u0301", "\u03AC"},              // Greek alpha with tonos
      {"\u03B1\u0313\u0342\u0345", "\u1F86"},  // with three marks
      {"\u1F71", "\u03AC"},                    // another spelling of one letter
      {"x\u0301y", "x\u0301y"},                // there is no such letter
      {"\u0301a", "\u0301a"},                  // a mark of nothing
      {"\u65E5\u672C", "\u65E5\u672C"},
      {"\U0001F408", "\U0001F408"},
  };
  for (const auto& [apart, joined] : words) {
    EXPECT_EQ(composed(apart), joined);
    EXPECT_EQ(composed(joined), joined);
  }
}

TEST(Composed, BytesThatAreNoTextStay) {
  for (const char* bytes :
       {"caf\xE9", "\xC3", "\xC0\x80", "\xE0\x80\xAF", "\xFF\xFEx", "a\xCC", "\xE1\xBB", "\xED\xA0\x80"})
    EXPECT_EQ(composed(bytes), bytes);
}

}  // namespace
}  // namespace weightroom::io
