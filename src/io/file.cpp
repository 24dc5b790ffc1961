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

Status write_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::string partial = path + ".part";
  try {
    std::error_code error;
    {
      std::ofstream out(partial, std::ios::binary | std::ios::trunc);
      if (!out) return fail(text::file_no_folder, {{"path", in_quotes(path)}});
      out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      out.flush();
      if (!out) {
        out.close();
        fs::remove(partial, error);
        return fail(text::file_disk_full, {{"path", in_quotes(path)}});
      }
    }
    fs::rename(partial, path, error);
    if (!error) return {};
    fs::remove(partial, error);
  } catch (const std::exception&) {
  }
  return fail(text::file_unwritable, {{"path", in_quotes(path)}});
}

}  // namespace weightroom::io
