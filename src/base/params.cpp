#include "base/params.h"

#include <algorithm>
#include <cmath>

#include <strings/param.h>
#include <strings/params.h>

#include "base/decimal.h"

namespace weightroom::base {
namespace {

Error unknown_param(const ParamTable& table, std::string_view name) {
  std::string names;
  for (const ParamSpec& spec : table.specs) names += (names.empty() ? "" : ", ") + std::string(spec.name);
  const std::string_view unknown = name.substr(0, 60);
  if (names.empty()) return {text::params_unknown_of_none, {{"title", table.title}, {"name", unknown}}};
  return {text::params_unknown, {{"title", table.title}, {"name", unknown}, {"names", names}}};
}

std::string in_words(const std::vector<ParamChoice>& choices) {
  std::string words;
  for (const ParamChoice& choice : choices) words += (words.empty() ? "" : ", ") + std::string(choice.word);
  return words;
}

Status check_value(const ParamTable& table, const ParamSpec& spec, double value) {
  const bool place = value >= spec.minimum && value <= spec.maximum && std::floor(value) == value;
  if (!spec.choices.empty() && !place) {
    return fail(text::params_one_of,
                {{"name", spec.name}, {"title", table.title}, {"choices", in_words(spec.choices)}});
  }
  // Written so that NaN fails.
  if (!(value >= spec.minimum && value <= spec.maximum)) {
    return fail(text::params_out_of_range, {{"name", spec.name},
                                            {"title", table.title},
                                            {"minimum", number_text(spec.minimum)},
                                            {"maximum", number_text(spec.maximum)},
                                            {"value", number_text(value)}});
  }
  if (spec.integer && std::floor(value) != value)
    return fail(text::params_not_whole, {{"name", spec.name}, {"title", table.title}, {"value", number_text(value)}});
  return {};
}

}  // namespace

ParamSpec choice_param(std::string_view name, Text title, Text summary, std::vector<ParamChoice> choices) {
  ParamSpec spec{.name = name, .title = title, .summary = summary, .integer = true, .choices = std::move(choices)};
  spec.maximum = static_cast<double>(spec.choices.size()) - 1.0;
  return spec;
}

ParamSpec seed_param(Text summary) {
  return {.name = "seed", .title = text::param_seed, .summary = summary, .maximum = 1'000'000.0, .integer = true};
}

Result<double> read_choice(const ParamTable& table, std::string_view name, std::string_view word) {
  const auto spec = std::ranges::find(table.specs, name, &ParamSpec::name);
  if (spec == table.specs.end()) return std::unexpected(unknown_param(table, name));
  const auto at = std::ranges::find(spec->choices, word, &ParamChoice::word);
  if (at != spec->choices.end()) return static_cast<double>(at - spec->choices.begin());
  const std::string_view given = word.substr(0, 60);
  if (spec->choices.empty())
    return fail(text::params_not_a_number, {{"name", name}, {"title", table.title}, {"word", given}});
  return fail(text::params_another_word,
              {{"name", name}, {"title", table.title}, {"choices", in_words(spec->choices)}, {"word", given}});
}

std::string param_text(const ParamSpec& spec, double value) {
  if (spec.choices.empty()) return number_text(value);
  return std::string(spec.choices[static_cast<std::size_t>(value)].word);
}

Result<Params> checked_params(const ParamTable& table, const Params& given) {
  for (const auto& [name, value] : given) {
    if (std::ranges::find(table.specs, name, &ParamSpec::name) == table.specs.end())
      return std::unexpected(unknown_param(table, name));
  }
  Params params;
  for (const ParamSpec& spec : table.specs) {
    const auto it = given.find(spec.name);
    const double value = it == given.end() ? spec.fallback : it->second;
    if (auto ok = check_value(table, spec, value); !ok) return std::unexpected(ok.error());
    params.emplace(spec.name, value);
  }
  return params;
}

}  // namespace weightroom::base
