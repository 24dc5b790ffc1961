// arrange_set: from the paths of the pictures to splits and classes.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include <strings/dataset.h>

#include "base/sort.h"
#include "io/dataset.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// Small, and without memory of its own: an archive may hold hundreds of thousands.
struct Picture {
  std::string_view split;  // the folder above the class's; empty where there is none
  std::string_view label;  // the folder it lies in
  std::string_view file;
  std::size_t depth = 0;  // folders above it
  std::size_t index = 0;
};

bool is_picture_name(std::string_view file) {
  constexpr std::array<std::string_view, 5> kEndings{".jpg", ".jpeg", ".png", ".bmp", ".gif"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) {
    return file.size() > ending.size() &&
           std::ranges::equal(file.substr(file.size() - ending.size()), ending, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  });
}

// The path in its parts; no folders and no file where it is hidden or no picture.
Picture take_apart(std::string_view path, std::size_t index) {
  Picture picture;
  picture.index = index;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.starts_with('.') && part != ".") return {};
    if (slash == std::string_view::npos) break;
    if (!part.empty() && part != ".") {
      picture.split = std::exchange(picture.label, part);
      ++picture.depth;
    }
    path.remove_prefix(slash + 1);
  }
  if (is_picture_name(path)) picture.file = path;
  return picture;
}

// The folder at a level, of those that take_apart counts.
std::string_view folder_at(std::string_view path, std::size_t level) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != "." && level-- == 0) return part;
    path.remove_prefix(slash + 1);
  }
}

// Refuses uneven depths, and folders above the splits that differ.
Status check_depths(const std::vector<Picture>& pictures, const std::vector<std::string>& paths) {
  const std::size_t depth = pictures.front().depth;
  for (const Picture& picture : pictures) {
    if (picture.depth == depth) continue;
    return fail(text::dataset_uneven,
                {{"first", in_quotes(paths[pictures.front().index])}, {"second", in_quotes(paths[picture.index])}});
  }
  if (depth == 0) return fail(text::dataset_no_folders, {{"picture", in_quotes(paths[pictures.front().index])}});
  for (std::size_t level = 0; level + 2 < depth; ++level) {
    const std::string_view first = folder_at(paths[pictures.front().index], level);
    for (const Picture& picture : pictures) {
      if (folder_at(paths[picture.index], level) == first) continue;
      return fail(text::dataset_deep, {{"picture", in_quotes(paths[picture.index])}});
    }
  }
  return {};
}

}  // namespace

Result<LabelledSet> arrange_set(const std::vector<std::string>& paths) {
  std::vector<Picture> pictures;
  pictures.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Picture picture = take_apart(paths[i], i);
    if (!picture.file.empty()) pictures.push_back(std::move(picture));
  }
  if (pictures.empty()) return fail(text::dataset_no_pictures);
  if (auto ok = check_depths(pictures, paths); !ok) return std::unexpected(ok.error());

  LabelledSet set;
  std::set<std::string_view> classes;
  std::map<std::string_view, std::size_t> counts;
  for (const Picture& picture : pictures) {
    classes.insert(picture.label);
    ++counts[picture.split];
  }
  set.class_names.assign(classes.begin(), classes.end());

  std::map<std::string_view, std::vector<SetItem>> splits;
  for (const auto& [split, count] : counts) splits[split].reserve(count);
  for (const Picture& picture : pictures) {
    const auto label = std::ranges::lower_bound(set.class_names, picture.label) - set.class_names.begin();
    splits[picture.split].push_back(
        {static_cast<int>(label), std::string(picture.label) + "/" + std::string(picture.file), picture.index});
  }
  for (auto& [name, items] : splits) {
    base::sort(items, [](const SetItem& a, const SetItem& b) {
      return a.label != b.label ? a.label < b.label : a.name < b.name;
    });
    const auto twice = std::ranges::adjacent_find(items, {}, &SetItem::name);
    if (twice != items.end()) return fail(text::dataset_twice, {{"picture", in_quotes(twice->name)}});
    set.splits.push_back({std::string(name), std::move(items)});
  }
  return set;
}

}  // namespace weightroom::io
