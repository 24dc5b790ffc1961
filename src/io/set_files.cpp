#include "io/set_files.h"

#include <algorithm>

#include <strings/dataset.h>

#include "base/language.h"
#include "io/idx_files.h"
#include "io/picture_format.h"
#include "io/text.h"

namespace weightroom::io {

std::string unread_format(std::span<const std::byte> bytes) {
  switch (picture_format(bytes)) {
    case PictureFormat::unknown:
    case PictureFormat::jpeg:
    case PictureFormat::png:
    case PictureFormat::gif:
    case PictureFormat::bmp:
      return {};
    default:
      return std::string(format_name(picture_format(bytes)));
  }
}

Result<LabelledSet> set_of_files(const std::vector<std::string>& paths, std::shared_ptr<const FileSource> files,
                                 std::string_view split, Grouping grouping, std::vector<std::string> class_names) {
  auto named = idx_set(paths, *files, split, false, class_names);
  if (!named) return std::unexpected(named.error());
  if (*named) return std::move(**named);
  auto set = grouping == Grouping::classes ? arrange_set(paths) : arrange_pictures(paths);
  if (set) {
    set->source = std::move(files);
  } else if (std::ranges::none_of(paths, [](const std::string& path) { return picture_ending(path) != nullptr; })) {
    auto others = idx_set(paths, *files, split, true, std::move(class_names));
    if (!others) return std::unexpected(others.error());
    if (*others) return std::move(**others);
  }
  return set;
}

void note_lost_links(const std::vector<std::string>& links, LabelledSet& set) {
  constexpr std::size_t kLinksListed = 300;  // bytes
  // Those that are called as pictures are counted among them.
  std::vector<std::string> names;
  for (const std::string& link : links) {
    if (picture_ending(link) == nullptr) names.push_back(in_quotes(link));
  }
  if (!names.empty())
    set.notices.push_back(
        tr(text::dataset_links_lost, {{"n", names.size()}, {"names", base::list_of_some(names, kLinksListed)}}));
}

}  // namespace weightroom::io
