// The answer: every class with its bar, the ghost of the unedited model, the change in points.
#include "ui/columns/answer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <strings/answer.h>

#include "ui/context.h"
#include "ui/layout.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/bench_picture.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/scroll_hint.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// In two columns the kernel stands below it.
float list_height() { return layout() == Layout::pair ? 132.0F : 190.0F; }

void explain_bar(const View& view, int index) {
  if (!begin_tooltip()) return;
  const lab::Results& results = view.results();
  const auto i = static_cast<std::size_t>(index);
  text(class_label(view.document(), index), Role::strong);
  const bool each = view.document().graph().answer() == nn::Answer::sigmoid;
  formula(tr(each ? text::answer_formula_each : text::answer_formula,
             {{"logit", decimal(static_cast<double>(results.logits[i]))},
              {"probability", decimal(static_cast<double>(results.probabilities[i]), 4)}}));
  text(say(text::answer_bar_help), Role::quiet);
  end_tooltip();
}

// Whether there is something to compare with: edits, or weights that answer otherwise than the loaded ones.
bool has_ghosts(const View& view) {
  const document::Document& document = view.document();
  const lab::Results& results = view.results();
  return document.edited() || !document.edit.weights.same(document.loaded) || results.logits != results.unedited_logits;
}

void draw_bar(const View& view, std::size_t rank, bool ghost, CommandQueue& commands) {
  const document::Document& document = view.document();
  const lab::Results& results = view.results();
  const int index = results.order[rank];
  const auto i = static_cast<std::size_t>(index);
  const std::string label = class_label(document, index);
  ClassBar bar{label, static_cast<double>(results.probabilities[i]), std::nullopt, index == results.target, rank == 0};
  bar.grey = results.none_of_these.value_or(false);
  if (ghost) bar.ghost = static_cast<double>(results.unedited_probabilities[i]);
  if (class_bar("class/" + document.model->labels[i], bar))
    commands.push(document::command::SetTarget{std::to_string(index)});
  explain_bar(view, index);
}

// Of very many classes only those in sight, and what keys reach from there.
void draw_bars(const View& view, CommandQueue& commands) {
  const TabGroup stop;
  const std::size_t count = view.results().order.size();
  const bool ghosts = has_ghosts(view);
  constexpr std::size_t kAll = 100;
  if (count <= kAll) {
    for (std::size_t rank = 0; rank < count; ++rank) draw_bar(view, rank, ghosts, commands);
    return;
  }
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(count));
  while (clipper.Step()) {
    for (int rank = clipper.DisplayStart; rank < clipper.DisplayEnd; ++rank)
      draw_bar(view, static_cast<std::size_t>(rank), ghosts, commands);
  }
}

// Where the picture has no column beside the bars: pressed, it is shown large.
bool draw_small_picture(const View& view, float height) {
  const float side = std::min(height, ImGui::GetContentRegionAvail().x * 0.38F);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const Area at = area("small_picture", {side, side});
  draw_bench_picture(view, {at.from, at.to});
  draw_focus(*ImGui::GetWindowDrawList(), at, 6.0F);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({side, height});
  ImGui::SameLine(0, Metrics::kPad);
  return at.pressed;
}

// Whether the probabilities are shares of one: of a softmax, and of two classes told by one number.
bool adds_up(const View& view) {
  if (!view.has_document()) return true;
  float sum = 0.0F;
  for (const float probability : view.results().probabilities) sum += probability;
  return view.document().graph().answer() == nn::Answer::softmax || std::fabs(sum - 1.0F) < 1e-4F;
}

float knows_height() { return font_height(fonts().body) + 4.0F; }

// Whether no class is a person, as far as its name says; of very many nobody would read the names, and of those that
// somebody teaches the names say nothing.
bool knows_nobody(const View& view) {
  constexpr std::size_t kMost = 100;
  constexpr std::array<std::string_view, 12> kPeople{"person", "people", "human", "man",  "woman", "child",
                                                     "boy",    "girl",   "baby",  "face", "men",   "women"};
  const auto& labels = view.document().model->labels;
  if (view.document().base || labels.size() > kMost || view.document().graph().spec().input[0] != 3) return false;
  return std::ranges::none_of(labels, [&](const std::string& label) {
    return std::ranges::any_of(kPeople, [&](std::string_view who) { return label.contains(who); });
  });
}

// What the picture is known to be, in the line of the title where both have room there.
struct Truth {
  std::string words;
  float width = 0.0F;
  bool beside = false;
  bool right = false;

  Truth() = default;
  Truth(const View& view, float room) {
    if (!view.document().picture || view.document().picture->truth.empty()) return;
    const std::string& truth = view.document().picture->truth;
    words = tr(text::answer_should_be, {{"class", truth}});
    width = text_size(words, fonts().strong).x;
    right = view.answered() && class_label(view.document(), view.results().order.front()) == truth;
    beside = width + 2 * Metrics::kPad <= room;
  }
  void draw(float room) const {
    text_fitted(words, room, right ? Role::strong : Role::danger);
    note_item("answer/truth");
  }
};

}  // namespace

void draw_knows(const View& view) {
  const auto count = view.document().model->labels.size();
  const std::string whole = tr(text::answer_knows, {{"n", count}});
  const std::string words = knows_nobody(view) ? tr(text::answer_knows_nobody, {{"knows", whole}}) : whole;
  const float room = ImGui::GetContentRegionAvail().x;
  ImFont* font = text_size(words, fonts().body).x <= room ? fonts().body : fonts().small;
  const Area at = area("knows", {std::min(text_size(words, font).x, room), knows_height()});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text_in(list, font, at.from, at.to, 0.0F, colours().accent, shortened(words, room, font));
  draw_focus(list, at, 4.0F);
  tooltip(say(view.document().model->gauge ? text::answer_knows_help_none : text::answer_knows_help));
  if (at.pressed) ImGui::OpenPopup("knows/list");
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {14, 12});
  ImGui::SetNextWindowSizeConstraints({0, 0}, {360.0F, ImGui::GetMainViewport()->Size.y * 0.7F});
  if (ImGui::BeginPopup("knows/list")) {
    std::string names;
    for (std::size_t i = 0; i < count; ++i)
      names += (i == 0 ? "" : ", ") + class_label(view.document(), static_cast<int>(i));
    text(words, Role::strong);
    text(wrapped(names, 320.0F, fonts().body));
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
}

std::string fitted_answer(const View& view, float width) {
  if (view.results().none_of_these.value_or(false)) return none_words(view);
  const int top = view.results().order.front();
  const std::string share =
      "  " + percent(static_cast<double>(view.results().probabilities[static_cast<std::size_t>(top)]));
  const std::string name = class_label(view.document(), top);
  return shortened(name, width - text_size(share, fonts().title).x, fonts().title) + share;
}

void draw_top_classes(const View& view, std::size_t count) {
  const lab::Results& results = view.results();
  const bool ghosts = has_ghosts(view);
  for (std::size_t rank = 0; rank < std::min(count, results.order.size()); ++rank) {
    const int index = results.order[rank];
    const auto i = static_cast<std::size_t>(index);
    const std::string label = class_label(view.document(), index);
    ClassBar bar{label, static_cast<double>(results.probabilities[i]), std::nullopt, false, rank == 0};
    bar.grey = results.none_of_these.value_or(false);
    if (ghosts) bar.ghost = static_cast<double>(results.unedited_probabilities[i]);
    draw_class_bar("class/" + view.document().model->labels[i], bar);
  }
}

void answer_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const bool answered = view.answered();
  // In the title's line: one line more for the weight below.
  const bool unedited = answered && view.document().view.compare;
  const std::string of =
      unedited ? tr(text::answer_as_loaded)
               : tr(adds_up(view) ? text::answer_classes : text::answer_each, {{"n", view.results().order.size()}});
  const float aside = text_size(of, unedited ? fonts().strong : fonts().body).x;
  const float room = ImGui::GetContentRegionAvail().x - 2 * Metrics::kPad - aside - Metrics::kGap;
  const std::string title = answered ? fitted_answer(view, room) : tr(text::answer_title);
  const Truth truth = answered ? Truth(view, room - text_size(title, fonts().title).x) : Truth();
  Card card("answer", title, aside + (truth.beside ? truth.width + Metrics::kPad : 0.0F));
  if (view.ready() && view.results().overflow) {
    return empty_state(say(text::answer_overflow), list_height());
  }
  if (!answered) return empty_state(say(text::answer_waiting), list_height());
  card.begin_trailing();
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (theme().metrics.control - font_height(fonts().body)) / 2);
  if (truth.beside) {
    truth.draw(truth.width + 1.0F);
    ImGui::SameLine(0, Metrics::kPad);
  }
  text(of, unedited ? Role::strong : Role::quiet);
  card.end_trailing();
  if (!truth.beside && !truth.words.empty()) truth.draw(card.width());
  const bool beside = layout() == Layout::pair || layout() == Layout::tabs;
  const float line = knows_height() + ImGui::GetStyle().ItemSpacing.y;
  if (beside && view.document().picture && draw_small_picture(view, list_height() - line)) {
    ui.tab = 0;
    ui.picture_shown = true;
  }
  const float top = ImGui::GetCursorPosY();
  if (!beside) draw_change(view, commands);
  const float taken = ImGui::GetCursorPosY() - top;
  ImGui::BeginChild("bars", {0, std::max(list_height() - taken - line, 84.0F)}, ImGuiChildFlags_None,
                    ImGuiWindowFlags_NavFlattened);
  // Another answer stands at the top, wherever the list was scrolled to.
  if (std::exchange(ui.top_class, view.results().order.front()) != view.results().order.front())
    ImGui::SetScrollY(0.0F);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 2});
  draw_bars(view, commands);
  ImGui::PopStyleVar();
  hint_at_more_below(colours().card);
  ImGui::EndChild();
  draw_knows(view);
  if (beside) draw_change(view, commands);
}

}  // namespace weightroom::ui
