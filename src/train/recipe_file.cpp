#include "train/recipe_file.h"

#include <charconv>

#include <strings/json.h>
#include <strings/recipe.h>

#include "base/number.h"
#include "io/json.h"

namespace weightroom::train {
namespace {

using nlohmann::ordered_json;

struct ScheduleName {
  ScheduleKind kind;
  const char* name;
};
constexpr ScheduleName kSchedules[] = {{ScheduleKind::constant, "constant"},
                                       {ScheduleKind::cosine, "cosine"},
                                       {ScheduleKind::one_cycle, "one_cycle"},
                                       {ScheduleKind::one_cycle_linear, "one_cycle_linear"}};
struct OptimizerName {
  OptimizerKind kind;
  const char* name;
};
constexpr OptimizerName kOptimizers[] = {{OptimizerKind::sgd, "sgd"}, {OptimizerKind::adamw, "adamw"}};

template <class Rows, class Kind>
bool find_kind(const Rows& rows, std::string_view text, Kind& out) {
  for (const auto& row : rows) {
    if (text == row.name) {
      out = row.kind;
      return true;
    }
  }
  return false;
}

template <class Rows, class Kind>
std::string kind_name(const Rows& rows, Kind kind) {
  for (const auto& row : rows) {
    if (row.kind == kind) return row.name;
  }
  return {};
}

template <class Whole>
bool read_whole(std::string_view text, Whole& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// One overload a type of field: true where the text is one.
bool read_text(const std::string& text, std::string& out) {
  out = text;
  return true;
}
bool read_text(const std::string& text, bool& out) {
  out = text == "true";
  return out || text == "false";
}
bool read_text(const std::string& text, int& out) { return read_whole(text, out); }
bool read_text(const std::string& text, std::uint64_t& out) { return read_whole(text, out); }
bool read_text(const std::string& text, double& out) { return base::read_real(text, out); }
bool read_text(const std::string& text, OptimizerKind& out) { return find_kind(kOptimizers, text, out); }
bool read_text(const std::string& text, ScheduleKind& out) { return find_kind(kSchedules, text, out); }

// And what is said where it is none.
Text refusal_of(const std::string&) { return text::recipe_text; }
Text refusal_of(bool) { return text::recipe_flag; }
Text refusal_of(int) { return text::recipe_whole; }
Text refusal_of(std::uint64_t) { return text::recipe_whole_from_0; }
Text refusal_of(double) { return text::recipe_number; }
Text refusal_of(OptimizerKind) { return text::recipe_optimizer; }
Text refusal_of(ScheduleKind) { return text::recipe_schedule; }

ordered_json json_of(OptimizerKind kind) { return kind_name(kOptimizers, kind); }
ordered_json json_of(ScheduleKind kind) { return kind_name(kSchedules, kind); }
template <class T>
ordered_json json_of(const T& value) {
  return value;
}

// Whether the field is written with quotes in JSON.
constexpr bool is_word(const std::string&) { return true; }
constexpr bool is_word(OptimizerKind) { return true; }
constexpr bool is_word(ScheduleKind) { return true; }
template <class T>
constexpr bool is_word(const T&) {
  return false;
}

Status set_field(RecipeFile& file, std::string_view name, const std::string& text, bool quoted_known, bool quoted) {
  Status status = fail(text::recipe_no_field, {{"field", name}});
  visit_file_fields(file, [&](const char* field, auto& value, const char*) {
    if (name != field) return;
    const bool right_kind = !quoted_known || quoted == is_word(value);
    if (right_kind && read_text(text, value)) {
      status = {};
    } else {
      status = fail(refusal_of(value), {{"field", name}, {"given", text.substr(0, 60)}});
    }
  });
  return status;
}

}  // namespace

Status set_recipe_field(RecipeFile& file, std::string_view name, const std::string& text) {
  return set_field(file, name, text, false, false);
}

Status check(const RecipeFile& file) {
  if (!(file.holdout >= 0.0 && file.holdout <= 0.5)) return fail(text::recipe_holdout);
  return check(file.recipe);
}

Result<RecipeFile> parse_recipe(std::string_view text) {
  const auto json = io::parse_json_object(text, text::json_recipe);
  if (!json) return std::unexpected(json.error());
  RecipeFile file;
  for (const auto& [name, value] : json->items()) {
    const bool quoted = value.is_string();
    const std::string written = quoted ? value.get<std::string>() : io::json_text(value);
    if (auto set = set_field(file, name, written, true, quoted); !set) return std::unexpected(set.error());
  }
  return file;
}

ordered_json recipe_json(const RecipeFile& file) {
  ordered_json json = ordered_json::object();
  visit_file_fields(file, [&](const char* name, const auto& value, const char*) { json[name] = json_of(value); });
  if (file.recipe.fine_weight == 0.0) json.erase("fine_weight");
  if (file.recipe.calm_epochs == 0) json.erase("calm_epochs");
  if (file.recipe.rounding_epochs == 0) json.erase("rounding_epochs");
  if (file.recipe.none_share == 0.0) json.erase("none_share");
  if (file.recipe.others_zoom == 0.0) json.erase("others_zoom");
  if (!file.recipe.degrade.any())
    for (const char* field : {"grey", "blur_probability", "blur"}) json.erase(field);
  if (file.recipe.teachers.empty())
    for (const char* field : {"teachers", "teacher_weight", "temperature"}) json.erase(field);
  return json;
}

}  // namespace weightroom::train
