#include "io/file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include "io/text.h"

namespace weightroom::io {

namespace fs = std::filesystem;

Result<std::vector<std::byte>> read_file(const std::string& path, std::uint64_t most) {
  // std::filesystem and streams may throw even where asked not to (a path that cannot be converted).
  try {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) return fail("There is no file " + in_quotes(path) + ".");
    if (fs::is_directory(status)) return fail(in_quotes(path) + " is a folder, not a file.");
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail("The file " + in_quotes(path) + " cannot be read.");
    std::vector<std::byte> bytes;
    // In pieces: what the file system says of the size of a pipe or a device means nothing.
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    const std::uint64_t limit = std::min<std::uint64_t>(most, std::numeric_limits<std::size_t>::max() / 2);
    if (const auto size = fs::file_size(path, error); !error && size <= limit)
      bytes.reserve(static_cast<std::size_t>(size) + kPiece);  // the last piece finds out that there is no more
    while (in) {
      const std::size_t at = bytes.size();
      if (at > limit) return fail("The file " + in_quotes(path) + " is larger than " + grouped(limit) + " bytes.");
      bytes.resize(at + kPiece);
      in.read(reinterpret_cast<char*>(bytes.data() + at), static_cast<std::streamsize>(kPiece));
      bytes.resize(at + static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) return fail("The file " + in_quotes(path) + " cannot be read to its end.");
    if (bytes.size() > limit)
      return fail("The file " + in_quotes(path) + " is larger than " + grouped(limit) + " bytes.");
    return bytes;
  } catch (const std::exception&) {
    return fail("The file " + in_quotes(path) + " cannot be read.");
  }
}

Status write_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::string partial = path + ".part";
  try {
    std::error_code error;
    {
      std::ofstream out(partial, std::ios::binary | std::ios::trunc);
      if (!out)
        return fail("The file " + in_quotes(path) + " cannot be written: its folder is not there or is read-only.");
      out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
      out.flush();
      if (!out) {
        out.close();
        fs::remove(partial, error);
        return fail("The file " + in_quotes(path) + " cannot be written to its end: the disk may be full.");
      }
    }
    fs::rename(partial, path, error);
    if (!error) return {};
    fs::remove(partial, error);
  } catch (const std::exception&) {
  }
  return fail("The file " + in_quotes(path) + " cannot be written.");
}

}  // namespace weightroom::io
