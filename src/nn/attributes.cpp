#include "nn/attributes.h"

#include <limits>

#include <strings/nn.h>

namespace weightroom::nn {
namespace {

Error not_an_integer(std::string_view name) { return {text::nn_attribute_not_whole, {{"name", name}}}; }

Result<int> narrow(long long value, std::string_view name) {
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return std::unexpected(not_an_integer(name));
  }
  return static_cast<int>(value);
}

}  // namespace

Result<int> Attributes::integer(std::string_view name, int fallback) const {
  const auto it = rows_.find(name);
  if (it == rows_.end()) return fallback;
  const auto* value = std::get_if<long long>(&it->second);
  if (value == nullptr) return std::unexpected(not_an_integer(name));
  return narrow(*value, name);
}

Result<std::pair<int, int>> Attributes::pair(std::string_view name, int fallback) const {
  const auto it = rows_.find(name);
  if (it == rows_.end()) return std::pair{fallback, fallback};
  long long first = 0;
  long long second = 0;
  if (const auto* value = std::get_if<long long>(&it->second)) {
    first = second = *value;
  } else if (const auto* list = std::get_if<std::vector<long long>>(&it->second);
             list != nullptr && list->size() == 2) {
    first = (*list)[0];
    second = (*list)[1];
  } else {
    return fail(text::nn_attribute_pair, {{"name", name}});
  }
  const auto vertical = narrow(first, name);
  if (!vertical) return std::unexpected(vertical.error());
  const auto horizontal = narrow(second, name);
  if (!horizontal) return std::unexpected(horizontal.error());
  return std::pair{*vertical, *horizontal};
}

Result<double> Attributes::real(std::string_view name, double fallback) const {
  const auto it = rows_.find(name);
  if (it == rows_.end()) return fallback;
  if (const auto* value = std::get_if<double>(&it->second)) return *value;
  if (const auto* whole = std::get_if<long long>(&it->second)) return static_cast<double>(*whole);
  return fail(text::nn_attribute_number, {{"name", name}});
}

}  // namespace weightroom::nn
