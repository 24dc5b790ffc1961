#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

inline constexpr std::size_t kMostLabels = 100'000;
inline constexpr std::size_t kLongestLabel = 200;  // bytes

// The names of classes in UTF-8: one a line, where empty lines and blanks around a name do not count; lines that all
// have the number of their class before the name, or in another column; or the forms of labels_forms.h. Refuses by a
// sentence: no text, no name, brackets that hold no names, a name longer than 200 bytes, more than 100,000 names.
[[nodiscard]] Result<std::vector<std::string>> parse_labels(std::span<const std::byte> bytes);

// The class of this name, or of this number. Refuses by a sentence that says which there are.
[[nodiscard]] Result<int> find_class(const std::vector<std::string>& labels, std::string_view name);

// A name fit to be shown: UTF-8 of at most kLongestLabel bytes, no control characters, not empty.
[[nodiscard]] bool is_label(std::string_view text);

}  // namespace weightroom::io
