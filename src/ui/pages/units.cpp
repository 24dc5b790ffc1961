// What a unit wants to see, made from noise; which pictures come nearest to it; and the smallest change of the picture
// that changes the answer.
#include "studies/units.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <strings/page.h>
#include <strings/units.h>

#include "ui/context.h"
#include "ui/pages/page.h"
#include "ui/pages/study_bar.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

const studies::Units& found_of(const View& view) { return view.lab.engine().study().get<studies::Units>(); }

// Layers whose channels can be looked at: those with weights.
std::vector<int> layers_of(const document::Document& document) {
  std::vector<int> layers;
  for (std::size_t i = 1; i < document.graph().nodes().size(); ++i) {
    if (nn::is_weighted_sum(document.graph().nodes()[i].op)) layers.push_back(static_cast<int>(i));
  }
  return layers;
}

// `pixels`: crisp, as the network gets it; else smooth.
void draw_image(const View& view, const std::string& key, const studies::Shown& shown, ImVec2 from, float side,
                bool pixels = true) {
  if (shown.rgba == nullptr) return;
  const gfx::Sprite sprite = view.textures.picture(key, shown.version, *shown.rgba, shown.width, shown.height, pixels);
  ImGui::GetWindowDrawList()->AddImageRounded(sprite.id, from, {from.x + side, from.y + side}, sprite.uv0, sprite.uv1,
                                              IM_COL32_WHITE, 6.0F);
}

std::string climb_words(const View& view) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  if (choice.node < 0)
    return tr(text::units_climb_class, {{"class", class_label(view.document(), view.results().target)}});
  const std::string& layer = node_name(view.document(), choice.node);
  if (choice.y < 0) return tr(text::units_climb_channel, {{"layer", layer}, {"channel", choice.channel}});
  return tr(text::units_climb_unit,
            {{"layer", layer}, {"channel", choice.channel}, {"row", choice.y}, {"column", choice.x}});
}

void step_channel(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  const int channels = view.document().graph().nodes()[static_cast<std::size_t>(choice.node)].output.c();
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const auto go = [&](int channel) {
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.channel = channel; });
  };
  if (icon_button("units/previous", Icon::chevron_left, say(text::units_channel_previous),
                  {.enabled = choice.channel > 0}))
    go(choice.channel - 1);
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {from.x + control, from.y},
               {from.x + width - control, from.y + control}, 0.5F, colours().ink,
               tr(text::units_channel_of, {{"channel", choice.channel}, {"channels", channels}}));
  ImGui::SetCursorScreenPos({from.x + width - control, from.y});
  if (icon_button("units/next", Icon::chevron_right, say(text::units_channel_next),
                  {.enabled = choice.channel + 1 < channels}))
    go(choice.channel + 1);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
}

void choose_unit(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  const std::vector<int> layers = layers_of(view.document());
  std::vector<Option> options{
      {tr(text::units_class, {{"class", class_label(view.document(), view.results().target)}})}};
  int chosen = 0;
  for (const int node : layers) {
    if (node == choice.node) chosen = static_cast<int>(options.size());
    options.push_back({node_name(view.document(), node)});
    options.back().aside =
        tr(text::units_channels, {{"n", view.document().graph().nodes()[static_cast<std::size_t>(node)].output.c()}});
  }
  const bool channels = choice.node >= 0;
  const float part = channels ? (width - Metrics::kGap) * 0.55F : width;
  if (select("units/layer", options, chosen, part)) {
    choose<studies::UnitsChoice>(
        view, commands, [&](auto& c) { c.node = chosen == 0 ? -1 : layers[static_cast<std::size_t>(chosen - 1)]; });
  }
  if (!channels) return;
  ImGui::SameLine(0, Metrics::kGap);
  step_channel(view, commands, width - part - Metrics::kGap);
}

// A whole map at once, or the unit in its middle.
void choose_place(const View& view, CommandQueue& commands) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  if (choice.node < 0) return;
  const nn::Shape& map = view.document().graph().nodes()[static_cast<std::size_t>(choice.node)].output;
  if (map.h() * map.w() <= 1) return;
  constexpr std::array<Text, 2> kPlaces{text::units_place_map, text::units_place_unit};
  int place = choice.y < 0 ? 0 : 1;
  if (segmented("units/place", kPlaces, place)) {
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) {
      c.y = place == 0 ? -1 : map.h() / 2;
      c.x = place == 0 ? -1 : map.w() / 2;
    });
  }
  if (ImGui::IsItemHovered()) tooltip(say(text::units_place_help));
}

void choose_making(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  constexpr Keyed<int> kImages[] = {
      {1, text::units_images_one}, {2, text::units_images_two}, {4, text::units_images_four}};
  int images = choice.images == 3 ? 2 : choice.images;
  const float part = (width - Metrics::kGap) * 0.55F;
  if (segmented("units/images", kImages, images, part))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.images = images; });
  if (ImGui::IsItemHovered()) tooltip(say(text::units_images_help));
  ImGui::SameLine(0, Metrics::kGap);
  if (button("units/seed", say(text::units_again),
             {.icon = Icon::reset,
              .tooltip = tr(text::units_again_help, {{"seed", choice.seed + 1}}),
              .width = width - part - Metrics::kGap}))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { ++c.seed; });
}

// How the value grew, beside that of the picture that excites the unit most.
void draw_growth(const View& view, float height) {
  const studies::Units& found = found_of(view);
  const std::vector<double>& history = found.made.history;
  PlotLine line{tr(text::units_growth_made), colours().accent, {}, {}};
  for (std::size_t i = 0; i < history.size(); ++i) {
    line.x.push_back(static_cast<double>(i) * 16.0);
    line.y.push_back(history[i]);
  }
  std::vector<PlotLine> lines{line};
  const double steps = view.document().choice<studies::UnitsChoice>().steps;
  double low = history.empty() ? 0.0 : *std::ranges::min_element(history);
  double high = history.empty() ? 1.0 : *std::ranges::max_element(history);
  if (!found.exciting.empty()) {
    const double best = found.exciting.front().value;
    lines.push_back({tr(text::units_growth_best), colours().quiet, {0.0, steps}, {best, best}, true});
    low = std::min(low, best);
    high = std::max(high, best);
  }
  plot_legend(lines);
  const double margin = std::max(1e-3, 0.06 * (high - low));
  plot("units/plot", lines,
       {.left = 0.0,
        .right = steps,
        .bottom = low - margin,
        .top = high + margin,
        .x_title = tr(text::units_growth_x),
        .y_title = tr(text::units_growth_y)},
       height - 34.0F);
}

void draw_made(const View& view, float width) {
  const studies::Units& found = found_of(view);
  const std::size_t count = found.pictures.size();
  if (count == 0) return;
  constexpr float kBeside = 200.0F;  // the least that the curve is wide beside a single picture
  const bool beside = count == 1 && width > 256.0F + Metrics::kPad + kBeside;
  const float column = count == 1 ? 1.0F : 2.0F;
  const float side = std::min(beside ? 256.0F : 360.0F, (width - (column - 1.0F) * Metrics::kGap) / column);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  for (std::size_t k = 0; k < count; ++k) {
    const ImVec2 at{from.x + static_cast<float>(k % 2) * (side + Metrics::kGap),
                    from.y + static_cast<float>(k / 2) * (side + Metrics::kGap)};
    draw_image(view, "units/" + std::to_string(k), found.pictures[k], at, side, false);
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({side, side});
    note_item("units/made/" + std::to_string(k));
    if (k < found.made.values.size() && ImGui::IsItemHovered())
      tooltip(tr(text::units_made_value, {{"value", decimal(found.made.values[k], 2)}}));
  }
  const float rows = std::ceil(static_cast<float>(count) / 2.0F);
  if (beside) {
    ImGui::SetCursorScreenPos({from.x + side + Metrics::kPad, from.y});
    ImGui::BeginChild("units/growth", {width - side - Metrics::kPad, side});
    draw_growth(view, side);
    ImGui::EndChild();
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, rows * (side + Metrics::kGap)});
  if (!beside && count == 1) draw_growth(view, 180.0F);
}

void draw_exciting(const View& view, float width) {
  const studies::Units& found = found_of(view);
  if (found.exciting.empty()) return;
  text(say(text::units_exciting), Role::strong);
  text(found.of_samples ? tr(text::units_exciting_samples, {{"n", found.looked_through}})
                        : tr(text::units_exciting_set, {{"n", found.looked_through}, {"set", found.set}}),
       Role::quiet, true);
  const std::size_t count = found.exciting.size();
  const float columns = std::min(static_cast<float>(count), std::max(4.0F, std::floor(width / 84.0F)));
  const float side = (width - (columns - 1.0F) * 6.0F) / columns;
  const float line = font_height(fonts().body);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const auto shown = std::min(count, static_cast<std::size_t>(columns) * 2);
  for (std::size_t k = 0; k < shown; ++k) {
    const auto column = static_cast<float>(k % static_cast<std::size_t>(columns));
    const auto row = static_cast<float>(k / static_cast<std::size_t>(columns));
    const ImVec2 at{from.x + column * (side + 6.0F), from.y + row * (side + line + 8.0F)};
    draw_image(view, "exciting/" + std::to_string(k), found.exciting[k].shown, at, side);
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {at.x, at.y + side},
                 {at.x + side, at.y + side + line + 4.0F}, 0.5F, colours().quiet,
                 short_number(static_cast<float>(found.exciting[k].value)));
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({side, side});
    note_item("exciting/" + std::to_string(k));
    tooltip(found.exciting[k].name);
  }
  const float rows = std::ceil(static_cast<float>(shown) / columns);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, rows * (side + line + 8.0F)});
}

void choose_nudge(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  constexpr Keyed<explain::NudgeSearch> kSearches[] = {{explain::NudgeSearch::pgd, text::units_nudge_pgd},
                                                       {explain::NudgeSearch::fgsm, text::units_nudge_fgsm}};
  constexpr Keyed<explain::NudgeNorm> kNorms[] = {{explain::NudgeNorm::largest, text::units_nudge_largest},
                                                  {explain::NudgeNorm::length, text::units_nudge_length}};
  const float part = (width - Metrics::kGap) / 2;
  explain::NudgeNorm norm = choice.norm;
  if (segmented("nudge/norm", kNorms, norm, part))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.norm = norm; });
  if (ImGui::IsItemHovered()) tooltip(say(text::units_nudge_norm_help));
  ImGui::SameLine(0, Metrics::kGap);
  explain::NudgeSearch search = choice.search;
  if (segmented("nudge/search", kSearches, search, part))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.search = search; });
  if (ImGui::IsItemHovered()) tooltip(say(text::units_nudge_search_help));
  const auto options = [&] {
    std::vector<Option> all{{tr(text::units_nudge_any)}};
    for (int i = 0; i < view.document().graph().class_count(); ++i) all.push_back({class_label(view.document(), i)});
    return all;
  };
  int chosen = choice.toward + 1;
  const std::string now = choice.toward < 0
                              ? tr(text::units_nudge_any)
                              : tr(text::units_nudge_become, {{"class", class_label(view.document(), choice.toward)}});
  if (select("nudge/toward", now, options, chosen, width))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.toward = chosen - 1; });
}

void draw_nudge(const View& view, float width) {
  const studies::Units& found = found_of(view);
  text(say(text::units_nudge_help), Role::quiet, true);
  if (!found.nudge_done) return;
  const explain::Nudge& nudge = found.nudge;
  const document::Picture& picture = *view.document().picture;
  const float line = font_height(fonts().body);
  const float side = (width - 2 * Metrics::kGap) / 3;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const studies::Shown before{picture.seen->width, picture.seen->height, picture.seen_display,
                              revision_of(picture.seen_display)};
  const auto share = [&](std::span<const float> of, int index) {
    return percent(static_cast<double>(of[static_cast<std::size_t>(index)]));
  };
  const auto tile = [&](int k, const studies::Shown& shown, std::string_view title, const std::string& words) {
    const ImVec2 at{from.x + static_cast<float>(k) * (side + Metrics::kGap), from.y};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    draw_text(list, fonts().strong, at, colours().ink, shortened(title, side, fonts().strong));
    draw_image(view, "nudge/" + std::to_string(k), shown, {at.x, at.y + line + 4.0F}, side);
    draw_text(list, fonts().body, {at.x, at.y + line + side + 8.0F}, colours().quiet,
              shortened(words, side, fonts().body));
    ImGui::SetCursorScreenPos({at.x, at.y + line + 4.0F});
    ImGui::Dummy({side, side});
    note_item("nudge/picture/" + std::to_string(k));
  };
  const document::Document& document = view.document();
  tile(0, before, class_label(document, nudge.before), share(view.results().probabilities, nudge.before));
  tile(1, found.difference, tr(text::units_nudge_difference),
       nudge.found ? tr(text::units_nudge_most, {{"value", decimal(nudge.largest, 1)}}) : "");
  tile(2, found.changed, nudge.found ? class_label(document, nudge.after) : tr(text::units_nudge_none),
       nudge.found ? share(nudge.probabilities, nudge.after) : "");
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, side + 2 * line + 14.0F});
  if (!nudge.found) {
    text(say(text::units_nudge_none_help), Role::body, true);
    return;
  }
  text(tr(text::units_nudge_found, {{"largest", decimal(nudge.largest, 2)},
                                    {"mean", decimal(nudge.root_mean_square, 2)},
                                    {"before", class_label(document, nudge.before)},
                                    {"after", class_label(document, nudge.after)}}),
       Role::body, true);
  text(say(text::units_nudge_meaning), Role::quiet, true);
}

}  // namespace

void units_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("units", say(text::units_card));
  if (!view.answered()) return empty_state(say(text::page_waiting), 200.0F);
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  constexpr Keyed<bool> kShows[] = {{false, text::units_wants}, {true, text::units_nudge}};
  bool nudge = choice.nudge;
  if (segmented("units/show", kShows, nudge))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.nudge = nudge; });
  if (choice.nudge) {
    choose_nudge(view, commands, card.width());
    draw_study_bar(view, commands);
    draw_nudge(view, card.width());
    return;
  }
  choose_unit(view, commands, card.width());
  choose_place(view, commands);
  choose_making(view, commands, card.width());
  text(climb_words(view), Role::quiet, true);
  draw_study_bar(view, commands);
  draw_made(view, card.width());
  draw_exciting(view, card.width());
}

}  // namespace weightroom::ui
