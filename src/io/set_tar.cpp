// set_from_tar: a labelled set out of an archive that is held as it came.
#include <algorithm>

#include "io/set_files.h"
#include "io/tar.h"

namespace weightroom::io {
namespace {

class TarSource final : public FileSource {
 public:
  struct File {
    std::span<const std::byte> bytes;
    TarEntry::What what;
  };
  TarSource(std::vector<std::byte> archive, std::vector<File> files)
      : archive_(std::move(archive)), files_(std::move(files)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override { return decode_image(files_[index].bytes); }
  [[nodiscard]] std::vector<std::byte> file(std::size_t index) const override {
    return {files_[index].bytes.begin(), files_[index].bytes.end()};
  }
  [[nodiscard]] std::string obstacle(std::size_t index) const override {
    if (files_[index].what == TarEntry::What::lost_link) return "link";
    if (files_[index].what == TarEntry::What::sparse) return "sparse";
    return unread_format(files_[index].bytes);
  }
  [[nodiscard]] Result<std::vector<std::byte>> begin(std::size_t index, std::size_t most) const override {
    const auto part = files_[index].bytes.first(std::min(most, files_[index].bytes.size()));
    return std::vector<std::byte>(part.begin(), part.end());
  }

 private:
  std::vector<std::byte> archive_;  // moving a vector moves no bytes: the files still point into it
  std::vector<File> files_;
};

}  // namespace

Result<LabelledSet> set_from_tar(std::vector<std::byte>&& archive, std::string_view split, Grouping grouping) {
  std::vector<std::string> paths;
  std::vector<std::string> lost;
  std::vector<TarSource::File> files;
  {
    auto entries = parse_tar(archive);
    if (!entries) return std::unexpected(entries.error());
    paths.reserve(entries->size());
    files.reserve(entries->size());
    for (TarEntry& entry : *entries) {
      if (entry.what == TarEntry::What::lost_link) lost.push_back(entry.path);
      paths.push_back(std::move(entry.path));
      files.push_back({entry.bytes, entry.what});
    }
  }
  auto set =
      set_of_files(paths, std::make_shared<TarSource>(std::move(archive), std::move(files)), split, grouping, {});
  if (set) note_lost_links(lost, *set);
  return set;
}

}  // namespace weightroom::io
