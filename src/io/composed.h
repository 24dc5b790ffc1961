#pragma once

#include <string>
#include <string_view>

namespace weightroom::io {

// The text with its letters and the marks that follow them joined, "e" and U+0301 to "é" (Unicode's NFC): macOS names
// folders in the other way, and both are the same name. Of Latin, Greek and Cyrillic letters, marks one after another
// as long as each joins; all else, such as Hangul's jamo, stays as it is, and so do bytes that are no UTF-8.
[[nodiscard]] std::string composed(std::string_view text);

}  // namespace weightroom::io
