#include "io/label_list.h"

#include <algorithm>

#include <strings/json.h>
#include <strings/model.h>

#include "io/json.h"

namespace weightroom::io {
namespace {

constexpr std::string_view kBetween = "\",\"";

// `["a","b"]` without blanks or escapes, as json_text() writes it: what stands between the outermost quotes.
std::string_view plain_inside(std::string_view json) {
  constexpr std::string_view kStart = "[\"";
  constexpr std::string_view kEnd = "\"]";
  if (json.size() < kStart.size() + kEnd.size() || !json.starts_with(kStart) || !json.ends_with(kEnd)) return {};
  return json.substr(kStart.size(), json.size() - kStart.size() - kEnd.size());
}

bool needs_parser(std::string_view name) {
  return std::ranges::any_of(name, [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < static_cast<unsigned char>(' ');
  });
}

}  // namespace

LabelList::LabelList(std::string_view json) : json_(json), left_(plain_inside(json)), plain_(!left_.empty()) {}

bool LabelList::step() {
  constexpr int kAtOnce = 5'000;
  for (int i = 0; i < kAtOnce && plain_ && !left_.empty(); ++i) {
    const std::size_t end = left_.find(kBetween);
    const std::string_view name = left_.substr(0, end);
    plain_ = !needs_parser(name);
    labels_.emplace_back(name);
    if (end == std::string_view::npos) {
      left_ = {};
      break;
    }
    left_.remove_prefix(end + kBetween.size());
    if (left_.empty()) labels_.emplace_back();  // the last name is empty
  }
  return !plain_ || left_.empty();
}

Result<std::vector<std::string>> LabelList::take() { return plain_ ? std::move(labels_) : parsed(); }

Result<std::vector<std::string>> LabelList::parsed() const {
  const auto json = parse_json(json_, text::json_labels, 2);
  if (!json) return std::unexpected(json.error());
  if (!json->is_array()) return fail(text::model_label_list);
  std::vector<std::string> labels;
  for (const Json& label : *json) {
    if (!label.is_string()) return fail(text::model_label_word, {{"number", labels.size() + 1}});
    labels.push_back(label.get<std::string>());
  }
  return labels;
}

}  // namespace weightroom::io
