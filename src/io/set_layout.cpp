// arrange_set: from the paths of the pictures to splits and classes.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/sort.h"
#include "io/dataset.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

struct Picture {
  std::vector<std::string_view> folders;
  std::string_view file;
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
    if (!part.empty() && part != ".") picture.folders.push_back(part);
    path.remove_prefix(slash + 1);
  }
  if (is_picture_name(path)) picture.file = path;
  return picture;
}

// Leaves each picture with its class folder, or its split and class folders. Refuses uneven depths.
Status strip(std::vector<Picture>& pictures, const std::vector<std::string>& paths) {
  const std::size_t depth = pictures.front().folders.size();
  for (const Picture& picture : pictures) {
    if (picture.folders.size() == depth) continue;
    return fail("The set is uneven: " + in_quotes(paths[pictures.front().index]) + " and " +
                in_quotes(paths[picture.index]) +
                " do not lie equally deep, so that it is open which folders are the classes.");
  }
  if (depth == 0)
    return fail("The pictures of a set must lie in folders, one for each class; " +
                in_quotes(paths[pictures.front().index]) + " lies in none.");
  for (std::size_t level = 0; level + 2 < depth; ++level) {
    for (const Picture& picture : pictures) {
      if (picture.folders[level] == pictures.front().folders[level]) continue;
      return fail("The set has more folders in each other than SPLIT/CLASS: " + in_quotes(paths[picture.index]) + ".");
    }
  }
  if (depth > 2) {
    for (Picture& picture : pictures) {
      picture.folders.erase(picture.folders.begin(), picture.folders.end() - 2);
    }
  }
  return {};
}

}  // namespace

Result<LabelledSet> arrange_set(const std::vector<std::string>& paths) {
  std::vector<Picture> pictures;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    Picture picture = take_apart(paths[i], i);
    if (!picture.file.empty()) pictures.push_back(std::move(picture));
  }
  if (pictures.empty()) return fail("The set holds no pictures (files that end in .jpg, .jpeg, .png, .bmp or .gif).");
  if (auto ok = strip(pictures, paths); !ok) return std::unexpected(ok.error());

  LabelledSet set;
  std::set<std::string_view> classes;
  for (const Picture& picture : pictures) classes.insert(picture.folders.back());
  set.class_names.assign(classes.begin(), classes.end());

  std::map<std::string_view, std::vector<SetItem>> splits;
  for (const Picture& picture : pictures) {
    const std::string_view name = picture.folders.back();
    const auto label = std::ranges::lower_bound(set.class_names, name) - set.class_names.begin();
    const std::string_view split = picture.folders.size() == 2 ? picture.folders.front() : std::string_view{};
    splits[split].push_back(
        {static_cast<int>(label), std::string(name) + "/" + std::string(picture.file), picture.index});
  }
  for (auto& [name, items] : splits) {
    base::sort(items, [](const SetItem& a, const SetItem& b) {
      return a.label != b.label ? a.label < b.label : a.name < b.name;
    });
    const auto twice = std::ranges::adjacent_find(items, {}, &SetItem::name);
    if (twice != items.end()) return fail("The set holds " + in_quotes(twice->name) + " twice.");
    set.splits.push_back({std::string(name), std::move(items)});
  }
  return set;
}

}  // namespace weightroom::io
