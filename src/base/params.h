#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weightroom::base {

struct ParamChoice {
  std::string_view word;
  Text title;
};

// A parameter of a method or an operation: a slider or a menu on the page, `--NAME value` on the command line.
struct ParamSpec {
  std::string_view name;
  Text title;
  Text summary;
  double minimum = 0.0;
  double maximum = 1.0;
  double fallback = 0.0;
  bool integer = false;
  std::optional<Text> zero{};  // what 0 means where it is no amount: "as many as it takes"
  // Where the value is one of several words: it is the word's place among them.
  std::vector<ParamChoice> choices{};
  bool logarithmic = false;  // of amounts that differ by powers of ten
};
[[nodiscard]] ParamSpec choice_param(std::string_view name, Text title, Text summary, std::vector<ParamChoice> choices);
[[nodiscard]] ParamSpec seed_param(Text summary);

using Params = std::map<std::string, double, std::less<>>;

// Whose parameters they are: "SmoothGrad".
struct ParamTable {
  Text title;
  std::span<const ParamSpec> specs;
};

// Every parameter with the value given or its fallback. Refuses by a sentence what is unknown, out of range, not whole.
[[nodiscard]] Result<Params> checked_params(const ParamTable& table, const Params& given);
// The value of a parameter with choices from one of its words; and either kind as it is written.
[[nodiscard]] Result<double> read_choice(const ParamTable& table, std::string_view name, std::string_view word);
[[nodiscard]] std::string param_text(const ParamSpec& spec, double value);

}  // namespace weightroom::base
