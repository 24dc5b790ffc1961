#include "io/idx_files.h"

#include <algorithm>
#include <array>
#include <limits>

#include <strings/dataset.h>

#include "base/sort.h"
#include "io/idx.h"
#include "io/text.h"
#include "io/unread.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kWhole = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kHead = std::size_t{1} << 17U;  // where a gzip has unpacked 20 bytes
constexpr std::size_t kMostTried = 1000;              // files that only their content could tell

std::string small_letters(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

struct Candidate {
  std::size_t index = 0;
  int rank = 0;
  std::string family;  // what is left of the path without words that say what kind of a file it is
  std::string split;

  [[nodiscard]] bool goes_with(const Candidate& other) const {
    return family == other.family && split == other.split && rank != other.rank;
  }
};

std::string split_word(std::string_view word) {
  if (word == "train" || word == "training") return "train";
  if (word == "test" || word == "testing" || word == "t10k") return "test";
  return word == "val" || word == "valid" || word == "validation" ? "val" : "";
}

// Words of the path, those that all such files have left out; each once.
void read_path(std::string_view path, Candidate& file) {
  constexpr std::array<std::string_view, 12> kCommon{"images", "image", "labels", "label", "idx1", "idx3",
                                                     "ubyte",  "idx",   "gz",     "x",     "y",    "raw"};
  const std::string letters = small_letters(path) + " ";
  std::vector<std::string> words;
  std::string word;
  for (const char c : letters) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      word += c;
      continue;
    }
    const std::string split = split_word(word);
    if (!split.empty()) {
      file.split = split;
    } else if (!word.empty() && std::ranges::find(kCommon, word) == kCommon.end() &&
               std::ranges::find(words, word) == words.end()) {
      words.push_back(word);
    }
    word.clear();
  }
  for (const std::string& kept : words) file.family += (file.family.empty() ? "" : "-") + kept;
}

// A file that is packed beside itself as it is counts once.
std::vector<Candidate> candidates(const std::vector<std::string>& paths, const FileSource& files, bool by_content) {
  std::vector<Candidate> found;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < paths.size() && found.size() < kMostTried; ++i) {
    const bool named = is_idx_name(paths[i]);
    if (base_name(paths[i]).starts_with('.') || (!named && (!by_content || tried++ >= kMostTried))) continue;
    const auto bytes = files.begin(i, kHead);
    const int rank = bytes ? idx_rank_by_head(*bytes) : 0;
    if (rank == 0 && !named) continue;
    Candidate file{i, rank, {}, {}};
    // A name that says what it ought to be leads to the reader whose sentence helps.
    if (rank == 0) file.rank = small_letters(base_name(paths[i])).contains("idx3") ? 3 : 1;
    read_path(paths[i], file);
    const auto twin = std::ranges::find_if(found, [&](const Candidate& at) {
      return at.family == file.family && at.split == file.split && at.rank == file.rank;
    });
    if (twin == found.end()) {
      found.push_back(std::move(file));
    } else if (paths[twin->index].ends_with(".gz")) {
      *twin = std::move(file);
    }
  }
  return found;
}

struct Pair {
  std::string family;
  std::string split;
  std::size_t images = 0;
  std::size_t labels = 0;
};

Result<std::vector<Pair>> paired(std::vector<Candidate> files, const std::vector<std::string>& paths) {
  std::vector<Pair> pairs;
  const auto take = [&](std::size_t pictures, std::size_t labels) {
    const Candidate& file = files[pictures];
    pairs.push_back({file.family, file.split, file.index, files[labels].index});
    files.erase(files.begin() + static_cast<std::ptrdiff_t>(std::max(pictures, labels)));
    files.erase(files.begin() + static_cast<std::ptrdiff_t>(std::min(pictures, labels)));
  };
  for (std::size_t i = 0; i < files.size();) {
    const auto other = std::ranges::find_if(files, [&](const Candidate& at) { return at.goes_with(files[i]); });
    if (files[i].rank == 3 && other != files.end()) {
      take(i, static_cast<std::size_t>(other - files.begin()));
      i = 0;
    } else {
      ++i;
    }
  }
  const auto pictures = std::ranges::find(files, 3, &Candidate::rank);
  if (pictures == files.end()) return pairs;
  const auto labels = std::ranges::find(files, 1, &Candidate::rank);
  if (files.size() != 2 || labels == files.end())
    return fail(text::dataset_no_idx_labels, {{"file", in_quotes(paths[pictures->index])}});
  take(static_cast<std::size_t>(pictures - files.begin()), static_cast<std::size_t>(labels - files.begin()));
  return pairs;
}

// Leaves one family alone, and gives every split its name.
Status choose_family(std::vector<Pair>& pairs, std::string_view split) {
  const bool one = std::ranges::all_of(pairs, [&](const Pair& pair) { return pair.family == pairs.front().family; });
  if (one) return {};
  LabelledSet all;
  for (Pair& pair : pairs) {
    if (!pair.family.empty()) pair.split = pair.family + (pair.split.empty() ? "" : "-" + pair.split);
    all.splits.push_back({pair.split, {}});
  }
  base::sort(all.splits, {}, &SetSplit::name);
  const auto chosen = choose_split(all, split);
  if (!chosen) return std::unexpected(chosen.error());
  const std::string family = std::ranges::find(pairs, (*chosen)->name, &Pair::split)->family;
  std::erase_if(pairs, [&](const Pair& pair) { return pair.family != family; });
  return {};
}

}  // namespace

bool is_idx_name(std::string_view path) {
  const std::string name = small_letters(base_name(path));
  return (name.contains("idx1") || name.contains("idx3")) && picture_ending(name) == nullptr;
}

bool is_emnist_name(std::string_view path) { return small_letters(base_name(path)).contains("emnist"); }

Result<std::optional<LabelledSet>> idx_set(const std::vector<std::string>& paths, const FileSource& files,
                                           std::string_view split, bool by_content,
                                           std::vector<std::string> class_names) {
  auto pairs = paired(candidates(paths, files, by_content), paths);
  if (!pairs) return std::unexpected(pairs.error());
  if (pairs->empty()) return std::nullopt;
  if (auto ok = choose_family(*pairs, split); !ok) return std::unexpected(ok.error());
  std::vector<IdxSplit> splits;
  for (const Pair& pair : *pairs) {
    auto images = files.begin(pair.images, kWhole);
    if (!images) return std::unexpected(images.error());
    auto labels = files.begin(pair.labels, kWhole);
    if (!labels) return std::unexpected(labels.error());
    splits.push_back({pair.split, std::move(*images), std::move(*labels), is_emnist_name(paths[pair.images])});
  }
  return set_from_idx(std::move(splits), std::move(class_names));
}

}  // namespace weightroom::io
