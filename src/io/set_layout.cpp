// arrange_set: from the paths of the pictures to splits and classes.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <strings/dataset.h>

#include "base/sort.h"
#include "io/composed.h"
#include "io/dataset.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

// Folders of a path one by one, then the file.
struct Parts {
  std::string_view rest;

  std::optional<std::string_view> next_folder() {
    while (true) {
      const std::size_t slash = rest.find('/');
      if (slash == std::string_view::npos) return std::nullopt;
      const std::string_view part = rest.substr(0, slash);
      rest.remove_prefix(slash + 1);
      if (!part.empty() && part != ".") return part;
    }
  }
};

// Small, and without memory of its own: an archive may hold hundreds of thousands.
struct Picture {
  std::size_t index = 0;
  std::size_t depth = 0;  // folders above it
};

// What macOS, Synology's disks and Windows leave beside pictures.
bool is_hidden(std::string_view part) {
  return (part.starts_with('.') && part != ".") || part == "__MACOSX" || part == "@eaDir";
}

// The number of folders above a picture; nothing of what is hidden or no picture.
std::optional<std::size_t> depth_of(std::string_view path) {
  Parts parts{path};
  std::size_t depth = 0;
  while (const auto folder = parts.next_folder()) {
    if (is_hidden(*folder)) return std::nullopt;
    ++depth;
  }
  if (is_hidden(parts.rest) || picture_ending(parts.rest) == nullptr) return std::nullopt;
  return depth;
}

std::string_view folder_at(std::string_view path, std::size_t level) {
  Parts parts{path};
  while (level-- > 0) (void)parts.next_folder();
  return parts.next_folder().value_or("");
}

// The path below the folder at this level.
std::string below(std::string_view path, std::size_t level) {
  Parts parts{path};
  for (std::size_t k = 0; k <= level; ++k) (void)parts.next_folder();
  std::string out;
  while (const auto folder = parts.next_folder()) (out += *folder) += '/';
  return out += parts.rest;
}

bool is_split_word(std::string_view name) {
  constexpr std::array<std::string_view, 8> kWords{"train",      "training", "val",  "valid",
                                                   "validation", "dev",      "test", "testing"};
  return std::ranges::find(kWords, name) != kWords.end();
}

// Finds the level of the folders that are the classes.
class Layout {
 public:
  Layout(const std::vector<Picture>& pictures, const std::vector<std::string>& paths)
      : pictures_(pictures), paths_(paths) {
    const auto [least, most] = std::ranges::minmax(pictures, {}, &Picture::depth);
    least_ = least.depth;
    most_ = most.depth;
  }

  Result<std::size_t> class_level() const {
    if (most_ == 0) return fail(text::dataset_no_folders, {{"picture", path(pictures_.front())}});
    const auto level = least_ == most_ ? even_level() : uneven_level();
    if (level) {
      if (auto ok = check_above(*level); !ok) return std::unexpected(ok.error());
    }
    return level;
  }

 private:
  [[nodiscard]] std::string path(const Picture& picture) const { return in_quotes(paths_[picture.index]); }

  // What the folders of a level are called.
  [[nodiscard]] std::set<std::string_view> names_at(std::size_t level) const {
    std::set<std::string_view> names;
    for (const Picture& picture : pictures_) {
      if (picture.depth > level) names.insert(folder_at(paths_[picture.index], level));
    }
    return names;
  }

  // The class is the folder that holds the picture, or the one above where all are called alike ("cat/images/1.jpg"),
  // unless those above are splits.
  [[nodiscard]] std::size_t even_level() const {
    const std::size_t level = most_ - 1;
    if (level == 0 || names_at(level).size() > 1) return level;
    const auto above = names_at(level - 1);
    return above.size() < 2 || std::ranges::all_of(above, is_split_word) ? level : level - 1;
  }

  // The first level where folders hold pictures themselves; those that lie deeper belong to the class above them. Not
  // where a folder without pictures of its own may as well be a split.
  [[nodiscard]] Result<std::size_t> uneven_level() const {
    std::size_t level = least_ == 0 ? 0 : least_ - 1;
    for (; level + 1 < most_; ++level) {
      struct Held {
        bool pictures = false;
        bool folders = false;
      };
      std::map<std::string_view, Held> held;
      for (const Picture& picture : pictures_) {
        if (picture.depth <= level) continue;
        Held& at = held[folder_at(paths_[picture.index], level)];
        (picture.depth == level + 1 ? at.pictures : at.folders) = true;
      }
      const auto is_split = [](const auto& of) { return of.second.folders && is_split_word(of.first); };
      const bool holds = std::ranges::any_of(held, [](const auto& of) { return of.second.pictures; });
      const bool lone = held.size() == 1 && several_below(level);
      if (lone || !holds || std::ranges::all_of(held, is_split)) continue;
      if (std::ranges::any_of(held, is_split) || repeats(level)) return fail_uneven();
      return level;
    }
    return level;
  }

  [[nodiscard]] bool several_below(std::size_t level) const {
    while (++level < most_) {
      if (names_at(level).size() > 1) return true;
    }
    return false;
  }

  // Whether a folder within a folder is called as one beside it is.
  [[nodiscard]] bool repeats(std::size_t level) const {
    const auto names = names_at(level);
    return std::ranges::any_of(names_at(level + 1), [&](std::string_view name) { return names.contains(name); });
  }

  [[nodiscard]] std::unexpected<Error> fail_uneven() const {
    const auto first = std::ranges::min(pictures_, {}, &Picture::depth);
    const auto second = std::ranges::max(pictures_, {}, &Picture::depth);
    return fail(text::dataset_uneven, {{"first", path(first)}, {"second", path(second)}});
  }

  // Folders above the splits must be the same ones.
  [[nodiscard]] Status check_above(std::size_t level) const {
    for (std::size_t at = 0; at + 1 < level; ++at) {
      if (names_at(at).size() == 1) continue;
      const std::string_view first = folder_at(paths_[pictures_.front().index], at);
      const auto other = std::ranges::find_if(pictures_, [&](const Picture& picture) {
        return picture.depth > at && folder_at(paths_[picture.index], at) != first;
      });
      return fail(text::dataset_deep, {{"picture", path(*other)}});
    }
    return {};
  }

  const std::vector<Picture>& pictures_;
  const std::vector<std::string>& paths_;
  std::size_t least_;
  std::size_t most_;
};

// Counts pictures of which one is named.
struct Noted {
  std::size_t count = 0;
  std::string first;

  void add(const std::string& path) {
    if (count++ == 0) first = in_quotes(path);
  }
  void say(Text key, std::vector<std::string>& notices) const {
    if (count > 0) notices.push_back(tr(key, {{"n", count}, {"picture", first}}));
  }
};

Result<std::vector<SetSplit>> sorted_splits(std::map<std::string_view, std::vector<SetItem>> splits) {
  std::vector<SetSplit> out;
  for (auto& [name, items] : splits) {
    base::sort(items, [](const SetItem& a, const SetItem& b) {
      return a.label != b.label ? a.label < b.label : a.name < b.name;
    });
    const auto twice = std::ranges::adjacent_find(items, {}, &SetItem::name);
    if (twice != items.end()) return fail(text::dataset_twice, {{"picture", in_quotes(twice->name)}});
    out.push_back({std::string(name), std::move(items)});
  }
  return out;
}

}  // namespace

Result<LabelledSet> arrange_set(const std::vector<std::string>& paths) {
  std::vector<Picture> pictures;
  pictures.reserve(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (const auto depth = depth_of(paths[i])) pictures.push_back({i, *depth});
  }
  if (pictures.empty()) return fail(text::dataset_no_pictures);
  const auto level = Layout(pictures, paths).class_level();
  if (!level) return std::unexpected(level.error());

  LabelledSet set;
  Noted strays;
  Noted nested;
  std::map<std::string_view, std::string> classes;  // by folder; NFC and NFD of one word are one class
  for (const Picture& picture : pictures) {
    const std::string& path = paths[picture.index];
    if (picture.depth <= *level) {
      strays.add(path);
      continue;
    }
    if (picture.depth > *level + 1) nested.add(path);
    const std::string_view folder = folder_at(path, *level);
    if (!classes.contains(folder)) classes.emplace(folder, composed(folder));
  }
  strays.say(text::dataset_strays, set.notices);
  nested.say(text::dataset_nested, set.notices);
  std::set<std::string> names;
  for (const auto& [folder, name] : classes) names.insert(name);
  set.class_names.assign(names.begin(), names.end());

  std::map<std::string_view, std::vector<SetItem>> splits;
  for (const Picture& picture : pictures) {
    if (picture.depth <= *level) continue;
    const std::string& path = paths[picture.index];
    const std::string& name = classes.at(folder_at(path, *level));
    const auto label = std::ranges::lower_bound(set.class_names, name) - set.class_names.begin();
    const std::string_view split = *level == 0 ? std::string_view() : folder_at(path, *level - 1);
    splits[split].push_back({static_cast<int>(label), name + "/" + below(path, *level), picture.index});
  }
  auto sorted = sorted_splits(std::move(splits));
  if (!sorted) return std::unexpected(sorted.error());
  set.splits = std::move(*sorted);
  return set;
}

Result<LabelledSet> arrange_pictures(const std::vector<std::string>& paths) {
  std::map<std::string_view, std::vector<SetItem>> splits;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!depth_of(paths[i])) continue;
    Parts parts{paths[i]};
    std::string name;
    while (const auto folder = parts.next_folder()) (name += *folder) += '/';
    splits[""].push_back({0, name += parts.rest, i});
  }
  if (splits.empty()) return fail(text::dataset_no_pictures);
  LabelledSet set;
  set.class_names = {""};
  auto sorted = sorted_splits(std::move(splits));
  if (!sorted) return std::unexpected(sorted.error());
  set.splits = std::move(*sorted);
  return set;
}

}  // namespace weightroom::io
