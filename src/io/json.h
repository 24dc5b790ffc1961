#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "io/long_strings.h"

namespace weightroom::io {

using Json = nlohmann::json;

// Strict JSON: at most `max_depth` levels, no name twice in one object (parsers differ on which one wins, which is how
// a file shows one thing to one program and another to the next), integers kept as integers. `what` names the text in
// the sentence of an error: "The header of the file" (of the area json).
[[nodiscard]] Result<Json> parse_json(std::string_view text, Text what, int max_depth = 16);
// The same of a text whose long strings are known.
[[nodiscard]] Result<Json> parse_json(LongStrings& text, Text what, int max_depth = 16);
// The same of what must be an object.
[[nodiscard]] Result<Json> parse_json_object(std::string_view text, Text what, int max_depth = 16);
[[nodiscard]] Result<Json> parse_json_object(LongStrings& text, Text what, int max_depth = 16);

// The value as JSON text; bytes that are not UTF-8 become U+FFFD instead of throwing.
[[nodiscard]] std::string json_text(const Json& value);

// Every fraction in it with nine significant digits: enough to tell any two floats apart, and no more.
void round_to_nine_digits(nlohmann::ordered_json& json);

// `"...":` pieces by hand keep the shortest form of a float, which nlohmann::json (a double) would print at length.
[[nodiscard]] std::string float_text(float value);

}  // namespace weightroom::io
