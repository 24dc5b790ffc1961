// Two weights at once: the accuracy at every place of a plane, and where the loaded and the present model stand on it.
#include "ui/pages/curves_plane.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <strings/curves.h>

#include "nn/weight_ref.h"
#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// From the least to the most accurate place.
struct Levels {
  double low = 0.0;
  double high = 1.0;
};

ImU32 level_colour(double share) {
  return blend(colours().card, colours().accent, static_cast<float>(0.08 + 0.92 * share));
}

// What the colours stand for, from the least to the most accurate place.
void draw_scale(const Levels& range, float width) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  constexpr int kSteps = 48;
  constexpr float kBar = 12.0F;
  const float each = width / kSteps;
  for (int i = 0; i < kSteps; ++i) {
    const float x = from.x + each * static_cast<float>(i);
    list.AddRectFilled({x, from.y}, {x + each + 0.5F, from.y + kBar}, level_colour((i + 0.5) / kSteps));
  }
  const float line = font_height(fonts().body);
  const ImVec2 below{from.x, from.y + kBar + 2.0F};
  draw_text_in(list, fonts().body, below, {from.x + width, below.y + line}, 0.0F, colours().quiet, percent(range.low));
  draw_text_in(list, fonts().body, below, {from.x + width, below.y + line}, 0.5F, colours().quiet,
               say(text::curves_scale));
  draw_text_in(list, fonts().body, below, {from.x + width, below.y + line}, 1.0F, colours().quiet, percent(range.high));
  ImGui::Dummy({width, kBar + 2.0F + line});
}

struct Plane {
  ImVec2 from;
  float each;
  std::size_t columns;
  std::size_t rows;
  // The row of the largest value on top.
  [[nodiscard]] ImVec2 corner(std::size_t column, std::size_t row) const {
    return {from.x + each * static_cast<float>(column), from.y + each * static_cast<float>(rows - 1 - row)};
  }
  // Of values that lie between the places, or beyond them.
  [[nodiscard]] ImVec2 at(const studies::Curves& curves, double x, double y) const {
    const auto share = [](const std::vector<double>& of, double value) {
      return static_cast<float>(std::clamp((value - of.front()) / (of.back() - of.front()), 0.0, 1.0));
    };
    return {from.x + each * (0.5F + share(curves.x, x) * static_cast<float>(columns - 1)),
            from.y + each * (0.5F + (1.0F - share(curves.y, y)) * static_cast<float>(rows - 1))};
  }
};

// The place under the pointer, if there is one.
std::optional<std::size_t> draw_places(const studies::Curves& curves, const Plane& plane, const Levels& range,
                                       bool pointed_at) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  std::optional<std::size_t> hovered;
  for (std::size_t row = 0; row < plane.rows; ++row) {
    for (std::size_t column = 0; column < plane.columns; ++column) {
      const std::size_t place = row * plane.columns + column;
      const ImVec2 from = plane.corner(column, row);
      const ImVec2 to{from.x + plane.each - 1.0F, from.y + plane.each - 1.0F};
      const double value = curves.accuracy[place];
      const double share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 1.0;
      list.AddRectFilled(from, to, std::isfinite(value) ? level_colour(share) : colours().track, 2.0F);
      if (pointed_at && ImGui::IsMouseHoveringRect(from, to)) {
        hovered = place;
        list.AddRect(from, to, colours().ink, 2.0F, ImDrawFlags_None, 2.0F);
      }
    }
  }
  return hovered;
}

}  // namespace

void draw_plane(const View& view, const studies::Curves& curves, float width, CommandQueue& commands) {
  const document::Document& document = view.document();
  const float line = font_height(fonts().body);
  const Levels range = [&] {
    Levels all{1.0, 0.0};
    for (const double value : curves.accuracy) {
      if (!std::isfinite(value)) continue;
      all = {std::min(all.low, value), std::max(all.high, value)};
    }
    return all.low <= all.high ? all : Levels{};
  }();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text(list, fonts().body, ImGui::GetCursorScreenPos(), colours().quiet,
            shortened(curves.second, width, fonts().body));
  ImGui::Dummy({width, line + 2.0F});
  const float side = std::min(width, 400.0F);
  const Plane plane{ImGui::GetCursorScreenPos(), side / static_cast<float>(curves.x.size()), curves.x.size(),
                    curves.y.size()};
  const Area whole = area("curves/plane", {side, plane.each * static_cast<float>(plane.rows)});
  const std::optional<std::size_t> hovered = draw_places(curves, plane, range, whole.hovered);
  const auto dot = [&](nn::WeightRef first, nn::WeightRef second, bool now) {
    const auto value = [&](nn::WeightRef ref) {
      return static_cast<double>(now ? document.weight(ref) : document.loaded_weight(ref));
    };
    const ImVec2 at = plane.at(curves, value(first), value(second));
    list.AddCircleFilled(at, 7.0F, colours().card);
    list.AddCircle(at, 6.0F, now ? colours().ink : colours().quiet, 0, now ? 3.0F : 2.0F);
    const std::string words = tr(now ? text::curves_mark_now : text::curves_mark_loaded);
    const ImVec2 size = text_size(words, fonts().body);
    const float x = at.x + 10.0F + size.x > whole.to.x ? at.x - 10.0F - size.x : at.x + 10.0F;
    const float y = now ? at.y : at.y - size.y;  // beside each other's, where they stand at one place
    list.AddRectFilled({x - 3.0F, y}, {x + size.x + 3.0F, y + size.y}, with_alpha(colours().card, 0.85F), 3.0F);
    draw_text(list, fonts().body, {x, y}, colours().ink, words);
  };
  const auto& first = document.selection.weight;
  const auto& second = document.choice<studies::CurveChoice>().second;
  const auto is = [&](const std::optional<nn::WeightRef>& ref, const std::string& name) {
    return ref && nn::format_weight_ref(document.graph(), *ref) == name;
  };
  if (is(first, curves.what) && is(second, curves.second)) {
    dot(*first, *second, false);
    dot(*first, *second, true);
  }
  text_fitted(curves.what, width, Role::quiet);
  draw_scale(range, side);
  if (hovered) {
    const double x = curves.x[*hovered % plane.columns];
    const double y = curves.y[*hovered / plane.columns];
    const double value = curves.accuracy[*hovered];
    tooltip(std::isfinite(value)
                ? tr(text::curves_place, {{"x", decimal(x, 3)}, {"y", decimal(y, 3)}, {"accuracy", percent(value)}})
                : tr(text::curves_place_unknown, {{"x", decimal(x, 3)}, {"y", decimal(y, 3)}}));
    if (whole.pressed) {
      commands.push(document::command::SetWeight{curves.moved[0], static_cast<float>(x), false});
      commands.push(document::command::SetWeight{curves.moved[1], static_cast<float>(y), false});
    }
  }
}

}  // namespace weightroom::ui
