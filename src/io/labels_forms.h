#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weightroom::io {

// The names of a list or an object in JSON, or of a list or dict as Python prints it: in order; by number, where the
// numbers are 0 to n - 1; or the number by name. A name may be the last word of a list, ["n01440764", "tench"], and the
// names may stand under "id2label", "labels", "classes", "class_names" or "names". Nothing where it is none of these.
[[nodiscard]] std::optional<std::vector<std::string>> labels_in_brackets(std::string_view text);

// The names of lines that are all numbered, or have two columns of which one is the number; nothing of other lines.
[[nodiscard]] std::optional<std::vector<std::string>> labels_in_lines(const std::vector<std::string>& lines);

}  // namespace weightroom::io
