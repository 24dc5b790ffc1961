// Maps side by side, of several methods or of several classes, and how much they agree.
#include "studies/compare.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <strings/compare.h>
#include <strings/page.h>

#include "ui/context.h"
#include "ui/pages/page.h"
#include "ui/pages/study_bar.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

using Tile = studies::Comparison::Tile;

std::string title_of(const View& view, const Tile& tile) {
  return view.document().choice<studies::CompareChoice>().targets ? class_label(view.document(), tile.target)
                                                                  : tr(tile.method->title);
}

void draw_compare_choices(const View& view, CommandQueue& commands, float width) {
  const studies::CompareChoice& choice = view.document().choice<studies::CompareChoice>();
  constexpr Keyed<bool> kAcross[] = {{false, text::compare_methods}, {true, text::compare_classes}};
  bool targets = choice.targets;
  const std::string one_scale = tr(text::compare_one_scale);
  const float toggle_wide = toggle_width(one_scale);
  const bool narrow = width < 420.0F;
  const float part = narrow ? width - toggle_wide - Metrics::kGap : (width - toggle_wide - 2 * Metrics::kGap) / 2;
  if (segmented("compare/across", kAcross, targets, narrow ? width : part))
    choose<studies::CompareChoice>(view, commands, [&](auto& c) { c.targets = targets; });
  if (!narrow) ImGui::SameLine(0, Metrics::kGap);
  if (!choice.targets) {
    if (const auto wanted = choose_methods("compare/methods", view, choice.methods, 12, part))
      choose<studies::CompareChoice>(view, commands, [&](auto& c) { c.methods = *wanted; });
  } else {
    const auto options = [&] {
      std::vector<Option> all{{tr(text::compare_most_probable)}};
      for (int i = 0; i < view.document().graph().class_count(); ++i) {
        all.push_back({class_label(view.document(), i)});
        const auto& tiles = view.lab.engine().study().get<studies::Comparison>().tiles;
        if (std::ranges::find(tiles, i, &Tile::target) != tiles.end()) all.back().aside = tr(text::compare_class_shown);
      }
      return all;
    };
    int chosen = -1;
    const std::string now = choice.classes.empty() ? tr(text::compare_most_probable)
                                                   : tr(text::compare_class_count, {{"n", choice.classes.size()}});
    if (select("compare/classes", now, options, chosen, part)) {
      std::vector<int> classes = choice.classes;
      if (chosen == 0) classes.clear();
      if (chosen > 0 && std::erase(classes, chosen - 1) == 0) classes.push_back(chosen - 1);
      choose<studies::CompareChoice>(view, commands, [&](auto& c) { c.classes = classes; });
    }
  }
  ImGui::SameLine(0, Metrics::kGap);
  bool one = choice.one_scale;
  if (toggle("compare/one_scale", one_scale, one, say(text::compare_one_scale_help)))
    choose<studies::CompareChoice>(view, commands, [&](auto& c) { c.one_scale = one; });
}

// One map with its name above and its scale below; a click takes it onto the bench.
void draw_tile(const View& view, CommandQueue& commands, std::size_t k, float side, float title_height,
               float one_scale) {
  const Tile& tile = view.lab.engine().study().get<studies::Comparison>().tiles[k];
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string title = title_of(view, tile);
  const document::Document& document = view.document();
  const bool bench = document.map.method == tile.method->name && view.results().target == tile.target;
  ImFont* font = bench ? fonts().strong : fonts().body;
  const std::string lines = wrapped(title, side, font);
  draw_text(list, font, {from.x, from.y + title_height - text_size(lines, font).y}, colours().ink, lines);
  const Frame frame{{from.x, from.y + title_height + 4.0F}, {from.x + side, from.y + title_height + 4.0F + side}};
  ImGui::SetCursorScreenPos(frame.from);
  const Area at = area("compare/tile/" + std::to_string(k), {side, side});
  const MapTile shown{"compare/" + std::to_string(k), tile.version, &tile.map, one_scale};
  draw_map_tile(view, shown, frame);
  if (tile.progress < 1.0) {
    ImGui::SetCursorScreenPos({frame.from.x + 8.0F, frame.to.y - 14.0F});
    progress_bar("compare/progress/" + std::to_string(k), tile.progress, side - 16.0F);
  }
  if (bench || at.hovered)
    list.AddRect(frame.from, frame.to, bench ? colours().accent : colours().faint, 6.0F, ImDrawFlags_None, 2.0F);
  draw_focus(list, at, 6.0F);
  ImGui::SetCursorScreenPos(frame.from);
  ImGui::Dummy({side, side});
  read_map_tile(shown, frame, title);
  const float scale = one_scale > 0.0F ? one_scale : tile.map.scale;
  const std::string words = tile.map.values.empty() ? ""
                            : tile.map.empty()      ? tr(text::compare_zero)
                                                    : "± " + short_number(scale);
  draw_text(list, fonts().body, {from.x, frame.to.y + 2.0F}, colours().quiet, words);
  if (!at.pressed) return;
  if (document.choice<studies::CompareChoice>().targets) {
    commands.push(document::command::SetTarget{std::to_string(tile.target)});
  } else if (document.map.method != tile.method->name) {
    commands.push(document::command::SetMethod{std::string(tile.method->name), {}, ""});
  }
}

void draw_tiles(const View& view, CommandQueue& commands, float width) {
  const auto& tiles = view.lab.engine().study().get<studies::Comparison>().tiles;
  const bool one = view.document().choice<studies::CompareChoice>().one_scale;
  float scale = 0.0F;
  for (const Tile& tile : tiles) scale = one ? std::max(scale, tile.map.scale) : 0.0F;
  const float line = font_height(fonts().body);
  constexpr float kLeast = 148.0F;
  const int columns = std::max(2, static_cast<int>((width + Metrics::kGap) / (kLeast + Metrics::kGap)));
  const float side = (width - static_cast<float>(columns - 1) * Metrics::kGap) / static_cast<float>(columns);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  float titles = 0.0F;
  for (const Tile& tile : tiles) titles = std::max(titles, text_size(title_of(view, tile), fonts().strong, side).y);
  const float each = side + titles + line + 14.0F;
  const TabGroup stop;
  for (std::size_t k = 0; k < tiles.size(); ++k) {
    const auto column = static_cast<float>(k % static_cast<std::size_t>(columns));
    const auto row = static_cast<float>(k / static_cast<std::size_t>(columns));
    ImGui::SetCursorScreenPos({from.x + column * (side + Metrics::kGap), from.y + row * each});
    draw_tile(view, commands, k, side, titles, scale);
  }
  const auto rows = (tiles.size() + static_cast<std::size_t>(columns) - 1) / static_cast<std::size_t>(columns);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, static_cast<float>(rows) * each});
}

// How alike each two of the maps order the pixels.
void draw_likeness(const View& view, float width) {
  const studies::Comparison& found = view.lab.engine().study().get<studies::Comparison>();
  const std::size_t n = found.tiles.size();
  if (n < 2 || found.likeness.size() != n * n) return;
  text(say(text::compare_agree), Role::strong);
  text(say(text::compare_all_pairs_help), Role::quiet, true);
  float names = 0.0F;
  for (const Tile& tile : found.tiles) names = std::max(names, text_size(title_of(view, tile), fonts().body).x + 9.0F);
  names = std::min(names, width * 0.5F);
  const float each = std::min(72.0F, (width - names) / static_cast<float>(n));
  const float height = 30.0F;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t a = 0; a < n; ++a) {
    const float y = from.y + height * static_cast<float>(a);
    draw_text_in(list, fonts().body, {from.x, y}, {from.x + names, y + height}, 0.0F, colours().ink,
                 shortened(title_of(view, found.tiles[a]), names - 8.0F, fonts().body));
    // Below the diagonal: the other half says the same.
    for (std::size_t b = 0; b <= a; ++b) {
      const double value = found.likeness[a * n + b];
      const ImVec2 at{from.x + names + each * static_cast<float>(b), y};
      const ImVec2 to{at.x + each - 2.0F, at.y + height - 2.0F};
      const bool known = std::isfinite(value);
      const ImU32 ground =
          known ? to_u32(gfx::diverging(static_cast<float>(value), theme().ground())) : colours().track;
      list.AddRectFilled(at, to, a == b ? colours().track : ground, 4.0F);
      if (a != b && known)
        draw_text_in(list, each < 50.0F ? fonts().small : fonts().body, at, to, 0.5F, ink_on(ground),
                     decimal(value, 2));
      if (a == b) continue;
      if (ImGui::IsMouseHoveringRect(at, to) && begin_tooltip(true)) {
        text(tr(text::compare_pair,
                {{"first", title_of(view, found.tiles[a])}, {"second", title_of(view, found.tiles[b])}}),
             Role::strong);
        text(known ? tr(text::compare_correlation, {{"value", decimal(value, 3)}})
                   : tr(text::compare_correlation_unknown));
        end_tooltip();
      }
    }
  }
  ImGui::Dummy({width, height * static_cast<float>(n)});
  note_item("compare/likeness");
}

}  // namespace

void compare_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("compare",
            view.has_document() && view.document().choice<studies::CompareChoice>().targets && view.answered()
                ? tr(text::compare_card_classes, {{"method", explain::find_method(view.document().map.method)->title}})
            : view.answered()
                ? tr(text::compare_card_methods, {{"class", class_label(view.document(), view.results().target)}})
                : tr(text::compare_card));
  if (!view.answered()) return empty_state(say(text::page_waiting), 200.0F);
  draw_compare_choices(view, commands, card.width());
  draw_study_bar(view, commands);
  draw_tiles(view, commands, card.width());
  draw_likeness(view, card.width());
}

}  // namespace weightroom::ui
