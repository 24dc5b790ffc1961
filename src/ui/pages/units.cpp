// What a unit wants to see, made from noise; which pictures come nearest to it; and the smallest change of the picture
// that changes the answer.
#include "studies/units.h"

#include <algorithm>
#include <array>
#include <cmath>

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

std::string unit_words(const View& view) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  if (choice.node < 0) return "the class " + class_label(view.document(), view.results().target);
  const std::string channel = node_name(view.document(), choice.node) + ", channel " + std::to_string(choice.channel);
  if (choice.y < 0) return channel;
  return channel + ", row " + std::to_string(choice.y) + ", column " + std::to_string(choice.x);
}

void step_channel(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  const int channels = view.document().graph().nodes()[static_cast<std::size_t>(choice.node)].output.c();
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const auto go = [&](int channel) {
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.channel = channel; });
  };
  if (icon_button("units/previous", Icon::chevron_left, "The channel before", {.enabled = choice.channel > 0}))
    go(choice.channel - 1);
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {from.x + control, from.y},
               {from.x + width - control, from.y + control}, 0.5F, colours().ink,
               std::to_string(choice.channel) + " of " + std::to_string(channels));
  ImGui::SetCursorScreenPos({from.x + width - control, from.y});
  if (icon_button("units/next", Icon::chevron_right, "The next channel", {.enabled = choice.channel + 1 < channels}))
    go(choice.channel + 1);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
}

void choose_unit(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  const std::vector<int> layers = layers_of(view.document());
  std::vector<Option> options{{"The class " + class_label(view.document(), view.results().target)}};
  int chosen = 0;
  for (const int node : layers) {
    if (node == choice.node) chosen = static_cast<int>(options.size());
    options.push_back({node_name(view.document(), node)});
    options.back().aside =
        std::to_string(view.document().graph().nodes()[static_cast<std::size_t>(node)].output.c()) + " channels";
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
  constexpr std::array<std::string_view, 2> kPlaces{"The whole map", "One unit of it"};
  int place = choice.y < 0 ? 0 : 1;
  if (segmented("units/place", kPlaces, place)) {
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) {
      c.y = place == 0 ? -1 : map.h() / 2;
      c.x = place == 0 ? -1 : map.w() / 2;
    });
  }
  if (ImGui::IsItemHovered())
    tooltip("The mean over all places makes textures; the unit in the middle shows how far it sees.");
}

void choose_making(const View& view, CommandQueue& commands, float width) {
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  constexpr Labelled<int> kImages[] = {{1, "One"}, {2, "Two"}, {4, "Four"}};
  int images = choice.images == 3 ? 2 : choice.images;
  const float part = (width - Metrics::kGap) * 0.55F;
  if (segmented("units/images", kImages, images, part))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.images = images; });
  if (ImGui::IsItemHovered()) tooltip("Several pictures are driven apart: a unit may want more than one thing.");
  ImGui::SameLine(0, Metrics::kGap);
  if (button("units/seed", "Another try",
             {.icon = Icon::reset,
              .tooltip = "From other noise: seed " + std::to_string(choice.seed + 1) + ".",
              .width = width - part - Metrics::kGap}))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { ++c.seed; });
}

// How the value grew, beside that of the picture that excites the unit most.
void draw_growth(const View& view, float height) {
  const studies::Units& found = found_of(view);
  const std::vector<double>& history = found.made.history;
  PlotLine line{"made", colours().accent, {}, {}};
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
    lines.push_back({"best picture", colours().quiet, {0.0, steps}, {best, best}, true});
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
        .x_title = "steps uphill",
        .y_title = "The unit's value"},
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
      tooltip("The unit's value here: " + decimal(found.made.values[k], 2));
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
  text("What excites it most", Role::strong);
  text(found.of_samples
           ? "Of " + grouped(found.looked_through) +
                 " samples and parts of them; drop a tar of class folders here to look through pictures of your own."
           : "Of " + grouped(found.looked_through) + " pictures of " + found.set + ".",
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
  constexpr Labelled<explain::NudgeSearch> kSearches[] = {{explain::NudgeSearch::pgd, "Many steps"},
                                                          {explain::NudgeSearch::fgsm, "One step"}};
  constexpr Labelled<explain::NudgeNorm> kNorms[] = {{explain::NudgeNorm::largest, "Each value"},
                                                     {explain::NudgeNorm::length, "In total"}};
  const float part = (width - Metrics::kGap) / 2;
  explain::NudgeNorm norm = choice.norm;
  if (segmented("nudge/norm", kNorms, norm, part))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.norm = norm; });
  if (ImGui::IsItemHovered())
    tooltip(
        "What counts as small: the largest change of any value (L-infinity), or the root of the sum of their "
        "squares (L2).");
  ImGui::SameLine(0, Metrics::kGap);
  explain::NudgeSearch search = choice.search;
  if (segmented("nudge/search", kSearches, search, part))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.search = search; });
  if (ImGui::IsItemHovered()) tooltip("Projected gradient descent (PGD), or a single step along the gradient (FGSM).");
  const auto options = [&] {
    std::vector<Option> all{{"Any other class"}};
    for (int i = 0; i < view.document().graph().class_count(); ++i) all.push_back({class_label(view.document(), i)});
    return all;
  };
  int chosen = choice.toward + 1;
  const std::string now =
      choice.toward < 0 ? "Any other class" : "Become " + class_label(view.document(), choice.toward);
  if (select("nudge/toward", now, options, chosen, width))
    choose<studies::UnitsChoice>(view, commands, [&](auto& c) { c.toward = chosen - 1; });
}

void draw_nudge(const View& view, float width) {
  const studies::Units& found = found_of(view);
  text(
      "How little of the picture must change for another answer? The gradient says in which direction; the amount is "
      "halved until it is only just enough.",
      Role::quiet, true);
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
  tile(1, found.difference, "Difference × 10", nudge.found ? "at most " + decimal(nudge.largest, 1) + " of 255" : "");
  tile(2, found.changed, nudge.found ? class_label(document, nudge.after) : "No change found",
       nudge.found ? share(nudge.probabilities, nudge.after) : "");
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, side + 2 * line + 14.0F});
  if (!nudge.found) {
    text("Within a quarter of all grey levels nothing was found that changes the answer so.", Role::body, true);
    return;
  }
  text("No value moves by more than " + decimal(nudge.largest, 2) + " of 255 grey levels, " +
           decimal(nudge.root_mean_square, 2) + " in the root mean square: " + class_label(document, nudge.before) +
           " becomes " + class_label(document, nudge.after) + ".",
       Role::body, true);
  text(
      "No photograph would look so: the change is made for these weights. It shows how near the answers lie to each "
      "other, not what the classes look like.",
      Role::quiet, true);
}

}  // namespace

void units_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("units", "What does a unit want to see?");
  if (!view.answered()) return empty_state("The units can be asked as soon as there is an answer.", 200.0F);
  const studies::UnitsChoice& choice = view.document().choice<studies::UnitsChoice>();
  constexpr Labelled<bool> kShows[] = {{false, "What it wants to see"}, {true, "The smallest change"}};
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
  text("From noise the picture climbs, step by step, to what makes " + unit_words(view) + " largest.", Role::quiet,
       true);
  draw_study_bar(view, commands);
  draw_made(view, card.width());
  draw_exciting(view, card.width());
}

}  // namespace weightroom::ui
