#include "cli/pictures.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "io/file_kind.h"
#include "io/text.h"

namespace weightroom::cli {
namespace {

namespace fs = std::filesystem;

// A folder, or an archive by its first bytes.
bool holds_pictures(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return true;
  if (!fs::is_regular_file(path, error)) return false;  // what is read of a pipe is gone
  std::ifstream in(path, std::ios::binary);
  std::array<char, 4096> begin{};
  in.read(begin.data(), begin.size());
  const auto size = static_cast<std::size_t>(in.gcount());
  const io::FileKind kind = io::kind_of("", std::as_bytes(std::span(begin.data(), size)));
  return kind == io::FileKind::tar || kind == io::FileKind::gzip || kind == io::FileKind::zip;
}

Error named(const std::string& name, const Error& error) {
  const std::string sentence = error.message();
  const std::string quoted = io::in_quotes(name);
  return fail(sentence.find(quoted) == std::string::npos ? quoted + ": " + sentence : sentence).error();
}

}  // namespace

Result<Pictures> Pictures::open(const std::vector<std::string>& words, const std::string& split) {
  Pictures all;
  all.several_ = words.size() > 1;
  for (const std::string& word : words) {
    if (!holds_pictures(word)) {
      all.places_.push_back({.name = word, .place = io::base_name(word)});
      continue;
    }
    all.several_ = true;
    if (auto added = all.add_set(word, split, words.size() == 1); !added) {
      if (words.size() == 1) return std::unexpected(added.error());
      all.places_.push_back({.name = word, .place = io::base_name(word), .error = added.error()});
    }
  }
  return all;
}

Status Pictures::add_set(const std::string& word, const std::string& split, bool alone) {
  auto opened = io::open_dataset(word, split, split.empty() ? io::Grouping::none : io::Grouping::classes);
  if (!opened) return std::unexpected(named(word, opened.error()));
  const auto set = std::make_shared<const io::LabelledSet>(std::move(*opened));
  for (const std::string& notice : set->notices) std::cerr << notice << '\n';
  const std::string own = fs::path(word + "/").lexically_normal().parent_path().string();
  for (const io::SetSplit& part : set->splits) {
    if (!split.empty() && part.name != split) continue;
    const std::string within = part.name.empty() ? "" : part.name + "/";
    for (const io::SetItem& item : part.items) {
      const std::string path = within + item.name;
      places_.push_back({.name = alone ? path : own + "/" + path,
                         .place = alone ? path : io::base_name(own) + "/" + path,
                         .set = set,
                         .item = item});
    }
  }
  if (split.empty()) return {};
  const auto chosen = io::choose_split(*set, split);
  return chosen ? Status{} : std::unexpected(named(word, chosen.error()));
}

Status Pictures::check_places() const {
  std::set<std::string> taken;
  for (const Place& place : places_) {
    if (!taken.insert(place.place).second)
      return fail("Two of the pictures are called " + io::in_quotes(place.place) +
                  ": what is written of them would have the same name.");
  }
  return {};
}

Result<io::Image> Pictures::picture(std::size_t i) const {
  const Place& place = places_[i];
  if (place.error) return std::unexpected(*place.error);
  if (place.set == nullptr) return load_picture(place.name);
  auto image = place.set->picture(place.item);
  if (!image) return std::unexpected(named(place.name, image.error()));
  return image;
}

Status Pictures::each(const std::function<Status(std::size_t i, const io::Image& picture)>& what) const {
  std::size_t failed = 0;
  for (std::size_t i = 0; i < count(); ++i) {
    const auto image = picture(i);
    const Status done = image ? what(i, *image) : std::unexpected(image.error());
    if (done) continue;
    if (!several_) return done;
    ++failed;
    std::cerr << "weightroom: " << named(name(i), done.error()).message() << '\n';
  }
  if (failed == 0) return {};
  return fail(std::to_string(failed) + " of " + std::to_string(count()) + " pictures were left out.");
}

void JsonRows::add(Json json) {
  if (several_) std::cout << (any_ ? ",\n" : "[");
  any_ = true;
  print_json(std::move(json), several_ ? "" : "\n");
}

void JsonRows::close() const {
  if (several_) std::cout << (any_ ? "]\n" : "[]\n");
}

}  // namespace weightroom::cli
