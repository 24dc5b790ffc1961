// Which class of a model each class of a labelled set is.
#include <algorithm>
#include <charconv>

#include <strings/dataset.h>

#include "base/language.h"
#include "io/composed.h"
#include "io/dataset.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

enum class Rule { name, number, order, wordnet };

std::string folded(std::string_view word) {
  std::string out = composed(word);
  for (char& c : out) {
    if (c == '_') c = ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool are_digits(std::string_view text) {
  return !text.empty() && text.size() <= 9 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_wordnet(std::string_view text) { return text.size() == 9 && text[0] == 'n' && are_digits(text.substr(1)); }

struct Match {
  Rule rule = Rule::name;
  std::vector<int> labels;
};

// Names first. Numbers that are not all names are places: in the order of the set's classes, which of folders is that
// of their text, where the model has as many; else each is the place itself.
Match match(const std::vector<std::string>& names, const std::vector<std::string>& model_labels) {
  std::vector<std::string> known;
  known.reserve(model_labels.size());
  for (const std::string& label : model_labels) known.push_back(folded(label));
  Match found;
  for (const std::string& name : names) {
    const auto at = std::ranges::find(known, folded(name));
    found.labels.push_back(at == known.end() ? -1 : static_cast<int>(at - known.begin()));
  }
  const auto unknown = static_cast<std::size_t>(std::ranges::count(found.labels, -1));
  const bool numbers = std::ranges::all_of(names, are_digits);
  const bool wordnet = std::ranges::all_of(names, is_wordnet);
  if (unknown == 0 || (!numbers && (!wordnet || unknown < names.size()))) return found;
  if (names.size() == model_labels.size()) {
    found.rule = numbers ? Rule::order : Rule::wordnet;
    for (std::size_t k = 0; k < names.size(); ++k) found.labels[k] = static_cast<int>(k);
  } else if (numbers) {
    found.rule = Rule::number;
    for (std::size_t k = 0; k < names.size(); ++k) {
      int number = 0;
      std::from_chars(names[k].data(), names[k].data() + names[k].size(), number);
      found.labels[k] = static_cast<std::size_t>(number) < model_labels.size() ? number : -1;
    }
  }
  return found;
}

}  // namespace

std::vector<int> find_labels(const std::vector<std::string>& class_names,
                             const std::vector<std::string>& model_labels) {
  return match(class_names, model_labels).labels;
}

Result<std::vector<int>> match_labels(const std::vector<std::string>& class_names,
                                      const std::vector<std::string>& model_labels) {
  auto found = find_labels(class_names, model_labels);
  const auto missing = std::ranges::find(found, -1);
  if (missing == found.end()) return found;
  const auto place = static_cast<std::size_t>(missing - found.begin());
  return fail(text::dataset_no_class, {{"name", in_quotes(class_names[place])}});
}

std::string matching_words(const std::vector<std::string>& names, bool native,
                           const std::vector<std::string>& model_labels) {
  const Rule rule = match(names, model_labels).rule;
  if (native) return rule == Rule::order && names.front() == "1" ? tr(text::dataset_labels_from_one) : "";
  if (rule == Rule::name) return {};
  if (rule == Rule::number) return tr(text::dataset_by_number);
  constexpr std::size_t kMostNamed = 5;
  std::string order;
  for (std::size_t k = 0; k < std::min(names.size(), kMostNamed); ++k) order += (k > 0 ? ", " : "") + names[k];
  if (names.size() > kMostNamed) order += " ...";
  return tr(rule == Rule::order ? text::dataset_by_text : text::dataset_by_wordnet, {{"order", order}});
}

}  // namespace weightroom::io
