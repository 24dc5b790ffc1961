#include "io/unread.h"

#include <algorithm>
#include <array>

#include <strings/dataset.h>

#include "base/language.h"
#include "io/dataset.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kMostNamed = 3;
constexpr std::size_t kMostKinds = 300;  // bytes of a sentence

struct Ending {
  std::string_view letters;  // after the point
  const char* format;        // "": may be read
};
constexpr std::array<Ending, 30> kEndings{{
    {"jpg", ""},     {"jpeg", ""},         {"jpe", ""},        {"jfif", ""},         {"pjpeg", ""},
    {"pjp", ""},     {"png", ""},          {"apng", ""},       {"bmp", ""},          {"dib", ""},
    {"gif", ""},     {"webp", "WebP"},     {"avif", "AVIF"},   {"heic", "HEIC"},     {"heif", "HEIC"},
    {"tif", "TIFF"}, {"tiff", "TIFF"},     {"jxl", "JPEG XL"}, {"jp2", "JPEG 2000"}, {"svg", "SVG"},
    {"ico", "ICO"},  {"psd", "Photoshop"}, {"pgm", "PGM"},     {"ppm", "PPM"},       {"pbm", "PBM"},
    {"pnm", "PNM"},  {"tga", "TGA"},       {"exr", "OpenEXR"}, {"hdr", "Radiance"},  {"pcx", "PCX"},
}};

bool is_same_ending(std::string_view given, std::string_view known) {
  return std::ranges::equal(given, known, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

std::string kind_words(const std::string& kind) {
  if (kind == "damaged") return tr(text::dataset_kind_damaged);
  if (kind == "link") return tr(text::dataset_kind_link);
  if (kind == "locked") return tr(text::dataset_kind_locked);
  if (kind == "packed") return tr(text::dataset_kind_packed);
  if (kind == "sparse") return tr(text::dataset_kind_sparse);
  return kind;
}

std::string quoted_names(const Unread::Kind& kind) {
  std::string names;
  for (const std::string& name : kind.names) names += (names.empty() ? "" : ", ") + in_quotes(name);
  return kind.count > kind.names.size() ? names + " ..." : names;
}

}  // namespace

const char* picture_ending(std::string_view file) {
  const std::size_t point = file.rfind('.');
  if (point == std::string_view::npos || point == 0) return nullptr;
  for (const Ending& ending : kEndings) {
    if (is_same_ending(file.substr(point + 1), ending.letters)) return ending.format;
  }
  return nullptr;
}

void Unread::add(const LabelledSet& set, const SetItem& item) {
  ++count_;
  classes_.resize(std::max(classes_.size(), static_cast<std::size_t>(item.label) + 1));
  classes_[static_cast<std::size_t>(item.label)] = true;
  std::string kind = set.source->obstacle(item.index);
  if (kind.empty()) {
    const char* const ending = picture_ending(item.name);
    kind = ending != nullptr && *ending != '\0' ? ending : "damaged";
  }
  auto at = std::ranges::find(kinds_, kind, &Kind::kind);
  if (at == kinds_.end()) at = kinds_.insert(at, Kind{std::move(kind), 0, {}});
  ++at->count;
  if (at->names.size() < kMostNamed) at->names.push_back(item.name);
}

// Of a format its name says enough; of what is not as it should be, which files.
std::string Unread::what() const {
  std::vector<std::string> all;
  for (const Kind& kind : kinds_) {
    const std::string words = kind_words(kind.kind);
    if (words != kind.kind || kind.kind == "damaged") {
      all.push_back(tr(text::dataset_unread_names, {{"what", words}, {"names", quoted_names(kind)}}));
    } else {
      all.push_back(kinds_.size() > 1 ? tr(text::dataset_unread_count, {{"what", words}, {"n", kind.count}}) : words);
    }
  }
  return base::list_of_some(all, kMostKinds);
}

std::string Unread::words(const nn::LabelledImages& read) const {
  if (count_ == 0) return {};
  std::string words = tr(text::dataset_unread, {{"n", count_}, {"all", count_ + read.count()}, {"what", what()}});
  std::vector<bool> without = classes_;
  for (const int label : read.labels) {
    if (static_cast<std::size_t>(label) < without.size()) without[static_cast<std::size_t>(label)] = false;
  }
  std::vector<std::string> names;
  for (std::size_t k = 0; k < without.size(); ++k) {
    if (without[k]) names.push_back(in_quotes(read.class_names[k]));
  }
  if (!names.empty()) {
    words +=
        " " + tr(text::dataset_class_unread, {{"n", names.size()}, {"classes", base::list_of_some(names, kMostKinds)}});
  }
  return words;
}

Error Unread::none_read() const { return {text::dataset_all_unread, {{"n", count_}, {"what", what()}}}; }

}  // namespace weightroom::io
