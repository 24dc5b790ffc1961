// set_from_zip: a labelled set out of a zip that is held as it came.
#include <algorithm>

#include "io/set_files.h"
#include "io/zip.h"

namespace weightroom::io {
namespace {

class ZipSource final : public FileSource {
 public:
  ZipSource(std::vector<std::byte> archive, std::vector<ZipEntry> entries)
      : archive_(std::move(archive)), entries_(std::move(entries)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override {
    const auto bytes = unzip(entries_[index]);
    if (!bytes) return std::unexpected(bytes.error());
    return decode_image(*bytes);
  }
  [[nodiscard]] std::vector<std::byte> file(std::size_t index) const override {
    auto bytes = unzip(entries_[index]);
    return bytes ? std::move(*bytes) : std::vector<std::byte>();
  }
  [[nodiscard]] std::string obstacle(std::size_t index) const override {
    if (entries_[index].what == ZipEntry::What::link) return "link";
    if (entries_[index].what != ZipEntry::What::file) return "packed";
    const auto bytes = unzip(entries_[index]);
    return bytes ? unread_format(*bytes) : "";
  }
  [[nodiscard]] Result<std::vector<std::byte>> begin(std::size_t index, std::size_t most) const override {
    auto bytes = unzip(entries_[index]);
    if (bytes && bytes->size() > most) bytes->resize(most);
    return bytes;
  }

 private:
  std::vector<std::byte> archive_;  // moving a vector moves no bytes: the entries still point into it
  std::vector<ZipEntry> entries_;
};

}  // namespace

Result<LabelledSet> set_from_zip(std::vector<std::byte>&& archive, std::string_view split, Grouping grouping) {
  auto entries = parse_zip(archive);
  if (!entries) return std::unexpected(entries.error());
  std::vector<std::string> paths;
  std::vector<std::string> lost;
  for (const ZipEntry& entry : *entries) {
    if (entry.what == ZipEntry::What::link) lost.push_back(entry.path);
    paths.push_back(entry.path);
  }
  auto set =
      set_of_files(paths, std::make_shared<ZipSource>(std::move(archive), std::move(*entries)), split, grouping, {});
  if (set) note_lost_links(lost, *set);
  return set;
}

}  // namespace weightroom::io
