#pragma once

#include <optional>
#include <string>
#include <string_view>

// Paths as archives have them.
namespace weightroom::io {

// Whether a part of it is "..".
[[nodiscard]] bool climbs(std::string_view path);

// Folder by folder between single slashes, without "."; ".." goes back. Nothing where that leaves the top.
[[nodiscard]] std::optional<std::string> tidy(std::string_view path);

}  // namespace weightroom::io
