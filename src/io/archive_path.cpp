#include "io/archive_path.h"

#include <algorithm>

namespace weightroom::io {

bool climbs(std::string_view path) {
  return path == ".." || path.starts_with("../") || path.ends_with("/..") || path.contains("/../");
}

std::optional<std::string> tidy(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part == "..") {
      if (out.empty()) return std::nullopt;
      out.resize(out.contains('/') ? out.rfind('/') : 0);
    } else if (!part.empty() && part != ".") {
      if (!out.empty()) out += '/';
      out += part;
    }
  }
  return out;
}

}  // namespace weightroom::io
