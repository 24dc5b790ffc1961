#include "nn/weight_ref.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <strings/weight_ref.h>

#include "base/language.h"

namespace weightroom::nn {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// What a person typed, cut so that a sentence stays a sentence.
std::string shown(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

std::string known_tensors(const Graph& graph) {
  std::vector<std::string> names;
  for (const GraphWeight& weight : graph.weights()) names.push_back(weight.name);
  return base::list_of_some(names, 120);
}

Result<std::size_t> parse_indices(const GraphWeight& weight, std::string_view list) {
  std::size_t element = 0;
  int axis = 0;
  const auto wrong_count = [&] {
    return fail(text::weight_ref_count,
                {{"weight", weight.name}, {"n", weight.shape.rank()}, {"shape", weight.shape.text()}});
  };
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view field = trimmed(list.substr(0, comma));
    if (axis >= weight.shape.rank()) return wrong_count();
    int index = 0;
    const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), index);
    const auto out_of_range = [&](const std::string& words) {
      return fail(text::weight_ref_range, {{"index", words}, {"weight", weight.name}, {"shape", weight.shape.text()}});
    };
    if (code == std::errc::result_out_of_range) return out_of_range(shown(field));
    if (code != std::errc{} || end != field.data() + field.size())
      return fail(text::weight_ref_whole, {{"index", shown(field)}, {"weight", weight.name}});
    if (index < 0 || index >= weight.shape[axis]) return out_of_range(std::to_string(index));
    element = element * static_cast<std::size_t>(weight.shape[axis]) + static_cast<std::size_t>(index);
    ++axis;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  if (axis != weight.shape.rank()) return wrong_count();
  return element;
}

}  // namespace

Result<WeightRef> parse_weight_ref(const Graph& graph, std::string_view text) {
  text = trimmed(text);
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos || text.back() != ']') {
    return fail(text::weight_ref_form, {{"given", shown(text)}});
  }
  const std::string_view name = trimmed(text.substr(0, open));
  const int tensor = graph.find_weight(name);
  if (tensor < 0) return fail(text::weight_ref_unknown, {{"name", shown(name)}, {"tensors", known_tensors(graph)}});
  const auto element =
      parse_indices(graph.weights()[static_cast<std::size_t>(tensor)], text.substr(open + 1, text.size() - open - 2));
  if (!element) return std::unexpected(element.error());
  return WeightRef{tensor, *element};
}

std::string format_weight_ref(const Graph& graph, WeightRef ref) {
  const GraphWeight& weight = graph.weights()[static_cast<std::size_t>(ref.tensor)];
  std::string indices;
  std::size_t rest = ref.element;
  for (int axis = weight.shape.rank() - 1; axis >= 0; --axis) {
    const auto extent = static_cast<std::size_t>(weight.shape[axis]);
    indices = std::to_string(rest % extent) + (indices.empty() ? "" : ",") + indices;
    rest /= extent;
  }
  return weight.name + "[" + indices + "]";
}

Result<float> parse_number(std::string_view text) {
  std::string digits(trimmed(text));
  const auto refuse = [&] { return fail(text::weight_ref_number, {{"given", shown(text)}}); };
  if (digits.empty() || digits.size() > 60) return refuse();
  if (digits.find('.') == std::string::npos) {
    if (const std::size_t comma = digits.find(','); comma != std::string::npos) digits[comma] = '.';
  }
  // The true minus sign, which the page itself prints (U+2212).
  if (digits.starts_with("\xe2\x88\x92")) digits.replace(0, 3, "-");
  const auto not_finite = [&] { return fail(text::weight_ref_finite, {{"given", shown(text)}}); };
  std::string lower = digits;
  for (char& ch : lower) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
  const std::string unsigned_part = lower.substr(lower[0] == '-' || lower[0] == '+' ? 1 : 0);
  for (const char* word : {"nan", "inf", "infinity"}) {
    if (unsigned_part == word) return not_finite();
  }
  // strtod alone takes hexadecimal too; from_chars for reals is missing in the standard library of the page.
  if (lower.find_first_not_of("0123456789.+-e") != std::string::npos) return refuse();
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  if (end != digits.c_str() + digits.size()) return refuse();
  if (!std::isfinite(value) || std::abs(value) > static_cast<double>(std::numeric_limits<float>::max()))
    return not_finite();
  return static_cast<float>(value);
}

Result<WeightAssignment> parse_weight_assignment(const Graph& graph, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return fail(text::weight_ref_assignment, {{"given", shown(text)}});
  }
  const auto ref = parse_weight_ref(graph, text.substr(0, equals));
  if (!ref) return std::unexpected(ref.error());
  const auto value = parse_number(text.substr(equals + 1));
  if (!value) return std::unexpected(value.error());
  return WeightAssignment{*ref, *value};
}

WeightRef ref_of(const Graph& graph, std::size_t flat) {
  CHECK(flat < graph.weight_count());
  const auto& all = graph.weights();
  const auto tensor = std::prev(std::ranges::upper_bound(all, flat, {}, &GraphWeight::offset));
  return {static_cast<int>(tensor - all.begin()), flat - tensor->offset};
}

}  // namespace weightroom::nn
