#include "io/file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include <strings/file.h>

#include "io/text.h"

namespace weightroom::io {

namespace fs = std::filesystem;

Result<std::vector<std::byte>> read_file(const std::string& path, std::uint64_t most) {
  // std::filesystem and streams may throw even where asked not to (a path that cannot be converted).
  try {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) return fail(text::file_none, {{"path", in_quotes(path)}});
    if (fs::is_directory(status)) return fail(text::file_is_folder, {{"path", in_quotes(path)}});
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(text::file_unreadable, {{"path", in_quotes(path)}});
    std::vector<std::byte> bytes;
    // In pieces: what the file system says of the size of a pipe or a device means nothing.
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    const std::uint64_t limit = std::min<std::uint64_t>(most, std::numeric_limits<std::size_t>::max() / 2);
    if (const auto size = fs::file_size(path, error); !error && size <= limit)
      bytes.reserve(static_cast<std::size_t>(size) + kPiece);  // the last piece finds out that there is no more
    while (in) {
      const std::size_t at = bytes.size();
      if (at > limit) return fail(text::file_too_large, {{"path", in_quotes(path)}, {"n", limit}});
      bytes.resize(at + kPiece);
      in.read(reinterpret_cast<char*>(bytes.data() + at), static_cast<std::streamsize>(kPiece));
      bytes.resize(at + static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) return fail(text::file_unreadable_to_end, {{"path", in_quotes(path)}});
    if (bytes.size() > limit) return fail(text::file_too_large, {{"path", in_quotes(path)}, {"n", limit}});
    return bytes;
  } catch (const std::exception&) {
    return fail(text::file_unreadable, {{"path", in_quotes(path)}});
  }
}

namespace {

// Where a name leads: into a device or a pipe, which are written straight into, or to a file, behind links, which is
// replaced as a whole.
struct Goal {
  std::string path;
  bool straight = false;
};

Goal goal_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const bool special = fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
  if (special || !fs::is_symlink(fs::symlink_status(path, error))) return {path, special};
  // What a process has open (/dev/stdout) is the file that it has, whatever has become of its name.
  const bool open_file = path.starts_with("/dev/") || path.starts_with("/proc/");
  const fs::path behind = open_file ? fs::path() : fs::canonical(path, error);
  return behind.empty() ? Goal{path, true} : Goal{behind.string(), false};
}

Status write_all(const std::string& to, std::span<const std::byte> bytes, const std::string& path) {
  std::ofstream out(to, std::ios::binary | std::ios::trunc);
  if (!out) return fail(text::file_no_folder, {{"path", in_quotes(path)}});
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.flush();
  if (!out) return fail(text::file_disk_full, {{"path", in_quotes(path)}});
  return {};
}

}  // namespace

Status write_file(const std::string& path, std::span<const std::byte> bytes) {
  try {
    std::error_code error;
    const Goal goal = goal_of(path);
    if (goal.straight) return write_all(path, bytes, path);
    const std::string partial = goal.path + ".part";
    if (auto written = write_all(partial, bytes, path); !written) {
      fs::remove(partial, error);
      return written;
    }
    fs::rename(partial, goal.path, error);
    if (!error) return {};
    fs::remove(partial, error);
  } catch (const std::exception&) {
  }
  return fail(text::file_unwritable, {{"path", in_quotes(path)}});
}

}  // namespace weightroom::io
