#include "studies/fields.h"

#include <cmath>

#include <strings/command.h>
#include <strings/document.h>
#include <strings/list.h>
#include <strings/units.h>

#include "base/language.h"
#include "document/value_json.h"
#include "edit/region.h"
#include "io/labels.h"

namespace weightroom::studies {
namespace {

std::string in_short(const std::string& text) { return text.substr(0, 60); }

// "1e-06", "0.5", "1"
std::string bound_text(double value) {
  return value == std::floor(value) && std::abs(value) < 1e6 ? std::to_string(static_cast<int>(value))
                                                             : base::short_number(value);
}

// A class as it may be written: its label or its index.
Result<int> class_of(const document::Value& value, const FieldPlace& place, Text kind) {
  if (const auto* index = value.get<std::int64_t>())
    return io::find_class(place.document.model->labels, std::to_string(*index));
  if (const auto* label = value.get<std::string>()) return io::find_class(place.document.model->labels, *label);
  return std::unexpected(place.must_be(kind));
}

const std::string& label_of(const document::Document& document, int index) {
  return document.model->labels[static_cast<std::size_t>(index)];
}

}  // namespace

std::string listed(std::span<const char* const> words, std::string_view quote) {
  std::vector<std::string> quoted;
  for (const char* word : words) quoted.push_back(std::string(quote) + word + std::string(quote));
  return base::list_of(quoted, text::list_or);
}

Error none_of(const FieldPlace& place, std::span<const char* const> words, const std::string& word) {
  return {text::command_none_of, {{"name", place.name}, {"words", listed(words, "")}, {"word", in_short(word)}}};
}

Status Flag::read(const document::Value& value, const FieldPlace& place, bool& to) {
  const auto* flag = value.get<bool>();
  if (flag == nullptr) return std::unexpected(place.must_be(text::command_kind_flag));
  to = *flag;
  return {};
}

Status Whole::read(const document::Value& value, const FieldPlace& place, int& to) const {
  const auto* number = value.get<std::int64_t>();
  if (number == nullptr || *number < INT_MIN || *number > INT_MAX)
    return std::unexpected(place.must_be(text::command_kind_whole));
  if (*number < low || *number > high) {
    if (high == INT_MAX) return fail(text::command_field_from, {{"name", place.name}, {"low", low}});
    return fail(text::command_field_range, {{"name", place.name}, {"low", low}, {"high", high}});
  }
  to = static_cast<int>(*number);
  return {};
}

std::string Whole::form() const {
  if (high < INT_MAX) return std::to_string(low) + " to " + std::to_string(high);
  return low > INT_MIN ? "a whole number from " + std::to_string(low) : "a whole number";
}

Status Number::read(const document::Value& value, const FieldPlace& place, double& to) const {
  const auto* whole = value.get<std::int64_t>();
  const auto* number = value.get<double>();
  if (whole == nullptr && number == nullptr) return std::unexpected(place.must_be(text::command_kind_number));
  const double given = whole != nullptr ? static_cast<double>(*whole) : *number;
  if (!(given >= low && given <= high))
    return fail(text::command_field_range,
                {{"name", place.name}, {"low", bound_text(low)}, {"high", bound_text(high)}});
  to = given;
  return {};
}

std::string Number::form() const { return bound_text(low) + " to " + bound_text(high); }

Status PlaceOrNull::read(const document::Value& value, const FieldPlace& place, int& to) {
  const auto* number = value.get<std::int64_t>();
  if (!value.is_null() && (number == nullptr || *number < -1 || *number > INT_MAX))
    return std::unexpected(place.must_be(text::command_kind_whole));
  to = value.is_null() ? -1 : static_cast<int>(*number);
  return {};
}

document::Value PlaceOrNull::write(int value, const document::Document&) {
  return value < 0 ? document::Value{} : document::Value{std::int64_t{value}};
}

Status Part::read(const document::Value& value, const FieldPlace& place, std::string& to) {
  const auto* text = value.get<std::string>();
  if (text == nullptr) return std::unexpected(place.must_be(text::command_kind_text));
  if (auto region = edit::parse_region(place.document.graph(), *text); !region) return std::unexpected(region.error());
  to = *text;
  return {};
}

Status WeightOrNull::read(const document::Value& value, const FieldPlace& place, std::optional<nn::WeightRef>& to) {
  const auto* text = value.get<std::string>();
  if (!value.is_null() && text == nullptr) return std::unexpected(place.must_be(text::command_kind_text));
  if (value.is_null() || text->empty()) {
    to.reset();
    return {};
  }
  const auto ref = nn::parse_weight_ref(place.document.graph(), *text);
  if (!ref) return std::unexpected(ref.error());
  to = *ref;
  return {};
}

document::Value WeightOrNull::write(const std::optional<nn::WeightRef>& value, const document::Document& document) {
  return value ? document::Value{nn::format_weight_ref(document.graph(), *value)} : document::Value{};
}

Status LayerOrNull::read(const document::Value& value, const FieldPlace& place, int& to) {
  const auto* text = value.get<std::string>();
  if (!value.is_null() && text == nullptr) return std::unexpected(place.must_be(text::command_kind_text));
  if (value.is_null() || text->empty()) {
    to = -1;
    return {};
  }
  const int node = place.document.graph().find_node(*text);
  if (node < 0) return fail(text::document_no_layer, {{"name", in_short(*text)}});
  if (node == 0) return fail(text::units_picture_itself);
  to = node;
  return {};
}

document::Value LayerOrNull::write(int value, const document::Document& document) {
  return value < 0 ? document::Value{}
                   : document::Value{document.graph().nodes()[static_cast<std::size_t>(value)].name};
}

Status ClassOrNull::read(const document::Value& value, const FieldPlace& place, int& to) {
  const auto* text = value.get<std::string>();
  if (value.is_null() || (text != nullptr && text->empty())) {
    to = -1;
    return {};
  }
  const auto index = class_of(value, place, text::command_kind_text);
  if (!index) return std::unexpected(index.error());
  to = *index;
  return {};
}

document::Value ClassOrNull::write(int value, const document::Document& document) {
  return value < 0 ? document::Value{} : document::Value{label_of(document, value)};
}

Status Methods::read(const document::Value& value, const FieldPlace& place, std::vector<std::string>& to) {
  const auto* list = value.get<document::Value::List>();
  if (list == nullptr) return std::unexpected(place.must_be(text::command_kind_list));
  if (list->size() > kMostSideBySide) return fail(text::command_most_methods, {{"n", kMostSideBySide}});
  std::vector<std::string> names;
  for (const document::Value& row : *list) {
    const auto* name = row.get<std::string>();
    if (name == nullptr) return std::unexpected(place.must_be(text::command_kind_texts));
    if (explain::find_method(*name) == nullptr) return fail(text::document_no_method, {{"name", in_short(*name)}});
    if (std::ranges::find(names, *name) != names.end()) return fail(text::command_twice, {{"name", *name}});
    names.push_back(*name);
  }
  to = std::move(names);
  return {};
}

document::Value Methods::write(const std::vector<std::string>& value, const document::Document&) {
  document::Value::List list;
  for (const std::string& name : value) list.push_back({name});
  return {std::move(list)};
}

Status ClassesOrNull::read(const document::Value& value, const FieldPlace& place, std::vector<int>& to) {
  std::vector<int> classes;
  if (!value.is_null()) {
    const auto* list = value.get<document::Value::List>();
    if (list == nullptr) return std::unexpected(place.must_be(text::command_kind_list));
    if (list->size() > kMostSideBySide) return fail(text::command_most_classes, {{"n", kMostSideBySide}});
    for (const document::Value& row : *list) {
      const auto index = class_of(row, place, text::command_kind_classes);
      if (!index) return std::unexpected(index.error());
      if (std::ranges::find(classes, *index) != classes.end())
        return fail(text::command_twice, {{"name", in_short(label_of(place.document, *index))}});
      classes.push_back(*index);
    }
  }
  to = std::move(classes);
  return {};
}

document::Value ClassesOrNull::write(const std::vector<int>& value, const document::Document& document) {
  if (value.empty()) return {};
  document::Value::List list;
  for (const int index : value) list.push_back({label_of(document, index)});
  return {std::move(list)};
}

const document::Field* find_field(std::span<const document::Field> given, std::string_view name) {
  const auto it = std::ranges::find(given, name, &document::Field::name);
  return it == given.end() ? nullptr : &*it;
}

Result<document::Choices> FieldChoice::choose(const document::Document& document,
                                              std::span<const document::Field> given) const {
  for (const document::Field& field : given) {
    if (std::ranges::find(all_, field.name, [](const auto& one) { return one->name(); }) != all_.end()) continue;
    std::vector<std::string> names;
    for (const auto& one : all_) names.push_back("'" + std::string(one->name()) + "'");
    return fail(text::command_no_field, {{"command", "set_" + std::string(part_)},
                                         {"name", in_short(field.name)},
                                         {"fields", base::list_of(names, text::list_and)}});
  }
  const std::shared_ptr<void> next = copy(document);
  for (const auto& one : all_) {
    const document::Field* field = find_field(given, one->name());
    if (field == nullptr) continue;
    if (auto read = one->read(field->value, {document, one->name()}, next.get()); !read)
      return std::unexpected(read.error());
  }
  if (auto settled = settle(next.get(), document, given); !settled) return std::unexpected(settled.error());
  document::Choices choices = document.choices;
  put(choices, next.get());
  return choices;
}

std::vector<document::Field> FieldChoice::given(const document::Document& document, const void* choice) const {
  std::vector<document::Field> other;
  for (const auto& one : all_) {
    document::Value now = one->write(choice, document);
    if (now != one->write(get(document), document)) other.push_back({std::string(one->name()), std::move(now)});
  }
  return other;
}

void FieldChoice::write(const document::Document& document, io::JsonWriter& json) const {
  for (const auto& one : all_) json.put(one->name(), document::write_value(one->write(get(document), document)));
}

std::vector<FieldHelp> FieldChoice::fields() const {
  std::vector<FieldHelp> all;
  for (const auto& one : all_) all.push_back({one->name(), one->form(), one->help()});
  return all;
}

}  // namespace weightroom::studies
