// The part of the labelled sets that knows a file system.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include <strings/dataset.h>
#include <strings/file.h>

#include "io/file.h"
#include "io/file_kind.h"
#include "io/set_files.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 2'000'000;
constexpr std::size_t kDeepestFolder = 64;  // folders within folders, so that links cannot lead round and round

class FolderSource final : public FileSource {
 public:
  // `lost`: those of the paths that are links which are not followed, in byte order.
  FolderSource(std::string root, std::vector<std::string> paths, std::vector<std::string> lost)
      : root_(std::move(root)), paths_(std::move(paths)), lost_(std::move(lost)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override {
    const auto bytes = begin(index, std::numeric_limits<std::size_t>::max());
    if (!bytes) return std::unexpected(bytes.error());
    return decode_image(*bytes);
  }
  [[nodiscard]] std::string obstacle(std::size_t index) const override {
    if (is_lost(index)) return "link";
    const auto bytes = begin(index, std::numeric_limits<std::size_t>::max());
    return bytes ? unread_format(*bytes) : "locked";
  }
  [[nodiscard]] Result<std::vector<std::byte>> begin(std::size_t index, std::size_t most) const override {
    const std::string path = root_ + "/" + paths_[index];
    if (is_lost(index)) return fail(text::file_unreadable, {{"path", in_quotes(path)}});
    if (most == std::numeric_limits<std::size_t>::max()) return read_file(path);
    std::ifstream in(path, std::ios::binary);
    std::vector<std::byte> bytes(most);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(most));
    if (in.bad() || (in.fail() && !in.eof())) return fail(text::file_unreadable, {{"path", in_quotes(path)}});
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
  }

 private:
  [[nodiscard]] bool is_lost(std::size_t index) const { return std::ranges::binary_search(lost_, paths_[index]); }

  std::string root_;
  std::vector<std::string> paths_;
  std::vector<std::string> lost_;
};

// The files of a folder, of its folders, and of what symbolic links in it lead to inside of it.
struct Found {
  fs::path root;  // without links
  std::vector<std::string> paths;
  std::vector<std::string> lost;  // links that lead nowhere in it
  std::size_t folders = 0;        // looked into

  Status walk(const fs::path& folder, const std::string& prefix, std::size_t depth) {
    std::error_code error;
    ++folders;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end; it.increment(error))
      entries.push_back(*it);
    for (const fs::directory_entry& entry : entries) {
      const std::string name = prefix + entry.path().filename().generic_string();
      if (paths.size() + lost.size() + folders >= kMostFiles)
        return fail(text::dataset_many_files, {{"folder", in_quotes(root.string())}, {"n", kMostFiles}});
      const bool link = entry.is_symlink(error);
      if (link && !leads_inside(entry.path(), folder)) {
        lost.push_back(name);
      } else if (entry.is_directory(error)) {
        if (depth == kDeepestFolder) return fail(text::dataset_unreadable, {{"path", in_quotes(name)}});
        // Under Node a folder is not read by the name of a link to it.
        const fs::path inside = link ? fs::canonical(entry.path(), error) : entry.path();
        if (auto ok = walk(inside, name + "/", depth + 1); !ok) return ok;
      } else if (entry.is_regular_file(error)) {
        paths.push_back(name);
      }
    }
    return {};
  }

  // A link to a folder that it lies in would lead round and round.
  bool leads_inside(const fs::path& link, const fs::path& folder) const {
    std::error_code error;
    const fs::path target = fs::canonical(link, error);
    if (error || !is_in(target, root)) return false;
    return !fs::is_directory(target, error) || !is_in(fs::canonical(folder, error), target);
  }

  static bool is_in(const fs::path& path, const fs::path& folder) {
    return std::ranges::mismatch(folder, path).in1 == folder.end();
  }
};

Result<LabelledSet> open_folder(const std::string& folder, std::string_view split, Grouping grouping) {
  Found found{fs::canonical(folder), {}, {}, 0};
  if (auto ok = found.walk(found.root, "", 0); !ok) return std::unexpected(ok.error());
  // Pictures that only a link names are counted as such.
  std::vector<std::string> paths = std::move(found.paths);
  for (const std::string& link : found.lost) {
    if (picture_ending(link) != nullptr) paths.push_back(link);
  }
  std::ranges::sort(paths);
  std::ranges::sort(found.lost);
  const auto source = std::make_shared<FolderSource>(folder, paths, found.lost);
  std::string words = found.root.string();
  for (char& c : words) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool fashion = words.contains("fashion") && words.contains("mnist");
  auto set =
      set_of_files(paths, source, split, grouping, fashion ? fashion_mnist_classes() : std::vector<std::string>{});
  if (set) note_lost_links(found.lost, *set);
  return set;
}

}  // namespace

Result<LabelledSet> open_dataset(const std::string& path, std::string_view split, Grouping grouping) {
  try {
    std::error_code error;
    if (fs::is_directory(path, error)) return open_folder(path, split, grouping);
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(bytes.error());
    if (kind_of("", *bytes) == FileKind::zip) return set_from_zip(std::move(*bytes), split, grouping);
    bytes = unpacked(std::move(*bytes));
    if (!bytes) return std::unexpected(bytes.error());
    const FileKind kind = kind_of("", *bytes);
    const auto refusal = kind == FileKind::tar ? std::nullopt : refusal_of(kind);
    if (refusal) return fail(text::dataset_other, {{"path", in_quotes(path)}, {"why", *refusal}});
    return set_from_tar(std::move(*bytes), split, grouping);
  } catch (const std::exception&) {
    return fail(text::dataset_unreadable, {{"path", in_quotes(path)}});
  }
}

}  // namespace weightroom::io
