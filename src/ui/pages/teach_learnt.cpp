// What was learnt of one's own classes, how good that is, and which of one's pictures an answer is made of.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <strings/teach.h>

#include "base/sort.h"
#include "studies/teach.h"
#include "ui/context.h"
#include "ui/pages/page.h"
#include "ui/pages/teach.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

constexpr float kSmall = 64.0F;

const teach::TaughtPicture* find_picture(const lab::Learnt& learnt, std::uint64_t id) {
  const auto place = learnt.project->find(id);
  return place ? &learnt.project->classes[place->of_class].pictures[place->picture] : nullptr;
}

// The class with the fewest takes, whose pictures are wanted most.
std::string scarcest(const lab::Learnt& learnt) {
  const std::vector<int> takes = learnt.of.examples.takes_by_class();
  return learnt.labels[static_cast<std::size_t>(std::ranges::min_element(takes) - takes.begin())];
}

void draw_held_out(const lab::Learnt& learnt) {
  if (!learnt.judged) return text(say(text::teach_judging), Role::quiet);
  using Trust = teach::Estimate::Trust;
  const Trust trust = learnt.held_out ? learnt.held_out->trust() : Trust::unknown;
  if (trust == Trust::unknown) return text(tr(text::teach_not_known, {{"class", scarcest(learnt)}}), Role::body, true);
  text(percent(learnt.held_out->accuracy), Role::display);
  note_item("teach/held_out");
  const bool all = learnt.held_out->accuracy == 1.0;  // more than which there is not
  text(tr(trust == Trust::about || all ? text::teach_about : text::teach_at_least,
          {{"n", learnt.held_out->pictures.size()}}),
       Role::quiet, true);
  if (learnt.held_out->accuracy < 1.0 / static_cast<double>(learnt.labels.size()) + 0.1 && learnt.labels.size() == 2)
    text(tr(text::teach_look_same, {{"class", learnt.labels[0]}, {"other", learnt.labels[1]}}), Role::danger, true);
}

// Pictures in a row, each with words below; the id that was pressed, 0: none.
struct Beneath {
  std::uint64_t id;
  std::string words;
};
std::uint64_t row_of_pictures(const View& view, const lab::Learnt& learnt, std::string_view id,
                              const std::vector<Beneath>& rows, float width) {
  const float line = font_height(fonts().small);
  const float each = kSmall + Metrics::kGap;
  const auto columns = static_cast<std::size_t>(std::max(1.0F, (width + Metrics::kGap) / each));
  const ImVec2 from = ImGui::GetCursorScreenPos();
  std::uint64_t pressed = 0;
  const TabGroup stop;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const teach::TaughtPicture* picture = find_picture(learnt, rows[k].id);
    if (picture == nullptr) continue;
    const ImVec2 at{from.x + each * static_cast<float>(k % columns),
                    from.y + (kSmall + line + 6.0F) * static_cast<float>(k / columns)};
    ImGui::SetCursorScreenPos(at);
    const Area tile = taught_picture(view, std::string(id) + "/" + std::to_string(rows[k].id), *picture, kSmall);
    tooltip(picture->kept->name);
    const auto place = learnt.project->find(rows[k].id);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled({at.x, at.y + kSmall - 4.0F}, {at.x + kSmall, at.y + kSmall}, class_colour(place->of_class));
    draw_text_in(list, fonts().small, {at.x, at.y + kSmall}, {at.x + kSmall, at.y + kSmall + line + 4.0F}, 0.5F,
                 colours().ink, rows[k].words);
    if (tile.pressed) pressed = rows[k].id;
  }
  const std::size_t lines = (rows.size() + columns - 1) / columns;
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, static_cast<float>(lines) * (kSmall + line + 6.0F)});
  return pressed;
}

void draw_suspects(const View& view, const lab::Learnt& learnt, float width, CommandQueue& commands) {
  if (!learnt.held_out) return;
  constexpr std::size_t kMost = 6;
  std::vector<Beneath> rows;
  for (const std::size_t i : learnt.held_out->suspects(learnt.of.examples)) {
    if (rows.size() == kMost) break;
    const int answer = learnt.held_out->pictures[i].answer;
    rows.push_back(
        {learnt.of.ids[i], shortened(learnt.labels[static_cast<std::size_t>(answer)] + "?", kSmall, fonts().small)});
  }
  if (rows.empty()) return;
  text(say(text::teach_suspects), Role::body, true);
  if (const auto id = row_of_pictures(view, learnt, "teach/suspect", rows, width))
    commands.push(document::command::OpenTaught{id});
}

void draw_settings(const View& view, const lab::Learnt* learnt, CommandQueue& commands) {
  using studies::TeachHead;
  const auto& choice = view.document().choice<studies::TeachChoice>();
  TeachHead head = choice.head;
  static constexpr Keyed<TeachHead> kHeads[] = {{TeachHead::automatic, text::teach_head_automatic},
                                                {TeachHead::instant, text::teach_head_instant},
                                                {TeachHead::fitted, text::teach_head_fitted}};
  if (segmented("teach/head", kHeads, head))
    choose<studies::TeachChoice>(view, commands, [&](auto& next) { next.head = head; });
  if (learnt == nullptr) return;
  if (learnt->method == teach::Method::instant) return text(say(text::teach_instant), Role::quiet, true);
  text(tr(text::teach_fitted, {{"n", learnt->iterations}}), Role::quiet, true);
  double power = std::log10(choice.lambda);
  const Change moved = slider(
      "teach/lambda", say(text::teach_lambda), power,
      {.minimum = -6.0, .maximum = 0.0, .shown = short_number(choice.lambda), .help = say(text::teach_lambda_help)});
  if (moved)
    choose<studies::TeachChoice>(view, commands,
                                 [&](auto& next) { next.lambda = std::clamp(std::pow(10.0, power), 1e-6, 1.0); });
}

// Why nothing is learnt from what has changed, and the way on.
bool draw_waiting(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const bool resting = document.project && !document.base;
  if (!resting && !view.lab.waits_to_learn()) return false;
  text(resting             ? tr(text::teach_resting, {{"model", document.model->name}})
       : document.edited() ? tr(text::teach_waits_edited, {{"n", document.edit.steps.size()}})
                           : tr(text::teach_waits),
       Role::body, true);
  if (button("teach/learn", say(text::teach_learn), {.look = Look::primary})) commands.push(document::command::Learn{});
  return true;
}

}  // namespace

void draw_learnt(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  if (!document.project) return;
  const Card card("learnt", say(text::teach_learnt));
  const auto& learnt = view.lab.teaching().learnt();
  (void)draw_waiting(view, commands);
  for (const Error& warning : view.lab.teaching().warnings()) text(warning.message(), Role::quiet, true);
  if (view.lab.teaching().progress() < 1.0 && !learnt)
    progress_bar("teach/progress", view.lab.teaching().progress(), card.width());
  if (!learnt || !document.base) return;
  draw_held_out(*learnt);
  draw_suspects(view, *learnt, card.width(), commands);
  draw_settings(view, learnt.get(), commands);
}

// The six that speak most for the answer, and the six most against it.
void draw_made_of(const View& view, CommandQueue& commands) {
  const auto made = view.lab.made_of_answer();
  if (!made) return;
  const lab::Learnt& learnt = *view.lab.teaching().learnt();
  const std::string name = class_label(view.document(), view.results().target);
  const Card card("made_of", tr(text::teach_made_of, {{"class", name}}));
  constexpr std::size_t kMost = 6;
  std::vector<std::size_t> order(made->shares.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  base::sort(order, [&](std::size_t a, std::size_t b) {
    return made->shares[a] != made->shares[b] ? made->shares[a] > made->shares[b] : a < b;
  });
  const auto signed_number = [](double value) { return (value > 0.0 ? "+" : "") + decimal(value, 2); };
  for (const bool against : {false, true}) {
    std::vector<Beneath> rows;
    for (std::size_t k = 0; k < std::min(kMost, order.size()); ++k) {
      const std::size_t i = against ? order[order.size() - 1 - k] : order[k];
      if ((made->shares[i] > 0.0) == against || made->shares[i] == 0.0) break;
      rows.push_back({learnt.of.ids[i], signed_number(made->shares[i])});
    }
    if (rows.empty()) continue;
    text(say(against ? text::teach_against : text::teach_for), Role::quiet);
    if (const auto id = row_of_pictures(view, learnt, against ? "made_of/against" : "made_of/for", rows, card.width()))
      commands.push(document::command::OpenTaught{id});
  }
  const double shares = std::accumulate(made->shares.begin(), made->shares.end(), 0.0);
  std::string words = tr(
      text::teach_sum,
      {{"shares", signed_number(shares)}, {"bias", signed_number(made->bias)}, {"logit", signed_number(made->logit)}});
  if (view.document().edited()) words += " " + tr(text::teach_sum_edits, {{"edits", signed_number(made->edits)}});
  text(words, Role::quiet, true);
  note_item("made_of/sum");
}

}  // namespace weightroom::ui
