#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <imgui.h>

#include "base/text.h"

namespace weightroom::ui {

// A switch with its words; returns true when it was flipped.
[[nodiscard]] bool toggle(std::string_view id, std::string_view label, bool& on, std::string_view help = {});
[[nodiscard]] float toggle_width(std::string_view label);

// One of a few, side by side, as wide as the room (or `width`); in two rows where one is too narrow for them. Each is
// noted as "id/0", "id/1"...
[[nodiscard]] bool segmented(std::string_view id, std::span<const std::string_view> labels, int& chosen,
                             float width = 0.0F);

[[nodiscard]] bool segmented(std::string_view id, std::span<const Text> labels, int& chosen, float width = 0.0F);

// The same among values, each with its label; `value` becomes the chosen one.
template <class T>
struct Keyed {
  T value;
  Text label;
};
template <class T, std::size_t N>
[[nodiscard]] bool segmented(std::string_view id, const Keyed<T> (&choices)[N], T& value, float width = 0.0F) {
  std::array<Text, N> labels;
  int chosen = -1;
  for (std::size_t i = 0; i < N; ++i) {
    labels[i] = choices[i].label;
    if (choices[i].value == value) chosen = static_cast<int>(i);
  }
  if (!segmented(id, labels, chosen, width)) return false;
  value = choices[chosen].value;
  return true;
}

struct Option {
  // Above the first of a group.
  struct Heading {
    std::string label{};
    std::string beside{};
    std::string detail{};
  };
  std::string label{};
  std::string detail{};  // quiet, in as many lines as it needs below, or empty
  bool enabled = true;
  Heading heading{};
  std::string aside{};   // small, at the right of the label
  std::string name{};    // by which it is noted whatever its place
  std::string beside{};  // quiet, behind the label, or below it where the row is too narrow
};
// One of many: a button that opens a list. Items are noted as "id/0", "id/1"... while open, and as "id/name" where they
// have one.
[[nodiscard]] bool select(std::string_view id, std::span<const Option> options, int& chosen, float width = 0.0F);
// The same with options that are only made while the list is open; `now` stands on the button, and `beside` quietly at
// its right.
[[nodiscard]] bool select(std::string_view id, std::string_view now,
                          const std::function<std::vector<Option>()>& options, int& chosen, float width = 0.0F,
                          std::string_view beside = {});

// Words in a row, the chosen one underlined; they need no more room than that. Noted as "id/name".
struct Tab {
  std::string_view name;
  std::string label;
  std::string help;
};
[[nodiscard]] bool tab_row(std::string_view id, std::span<const Tab> tabs, int& chosen);

// The columns of a narrow window, at its foot.
[[nodiscard]] bool tabs(std::string_view id, std::span<const std::string_view> labels, int& chosen, float width);

}  // namespace weightroom::ui
