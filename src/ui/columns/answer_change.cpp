// What the page says once an edit has brought another answer.
#include <cmath>

#include <strings/answer.h>

#include "ui/columns/answer.h"
#include "ui/context.h"
#include "ui/network/words.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// How much stronger or weaker the map has become.
std::string map_words(const document::Document& document, const lab::WhatChanged& changed) {
  const std::string& layer = node_name(document, changed.node);
  const double before = static_cast<double>(changed.before);
  const double now = static_cast<double>(changed.now);
  constexpr double kEmpty = 1e-4;  // of what it is now
  if (before < kEmpty * now) return tr(text::answer_story_lit, {{"map", changed.channel}, {"layer", layer}});
  if (now >= before)
    return tr(text::answer_story_stronger,
              {{"map", changed.channel}, {"layer", layer}, {"times", decimal(now / before, 1)}});
  return tr(text::answer_story_weaker,
            {{"map", changed.channel}, {"layer", layer}, {"share", percent(now / before, 0)}});
}

bool chip(std::string_view id, const std::string& words, std::string_view help, bool chosen) {
  const ImVec2 size = text_size(words, fonts().strong);
  const Area at = area(id, {size.x + 28.0F, 30.0F});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImU32 ground = chosen ? colours().accent_soft : at.hovered ? colours().control_hover : colours().control;
  list.AddRectFilled(at.from, at.to, ground, 15.0F);
  list.AddRect(at.from, at.to, chosen ? colours().accent : colours().line, 15.0F);
  draw_text_in(list, fonts().strong, at.from, at.to, 0.5F, colours().ink, words);
  draw_focus(list, at, 15.0F);
  tooltip(help);
  return at.pressed;
}

}  // namespace

std::string none_words(const View& view) { return tr(text::answer_none, {{"n", view.results().order.size()}}); }

std::string change_story(const View& view) {
  if (!view.answered() || !view.results().changed) return {};
  const lab::WhatChanged& changed = *view.results().changed;
  const document::Document& document = view.document();
  // A layer of classes alone is told of by the bars.
  if (network::is_answer(document.graph(), changed.node)) return {};
  std::string words = map_words(document, changed);
  if (changed.reader < 0) return words;
  const std::string& reader = node_name(document, changed.reader);
  words += " " + (network::is_answer(document.graph(), changed.reader)
                      ? tr(text::answer_story_class, {{"layer", reader}})
                      : tr(text::answer_story_reader, {{"layer", reader}, {"map", changed.reader_channel}}));
  return words;
}

void draw_change(const View& view, CommandQueue& commands) {
  if (!view.answered() || !view.results().changed) return;
  const lab::WhatChanged& changed = *view.results().changed;
  const std::string from = class_label(view.document(), changed.from);
  const std::string to = class_label(view.document(), changed.to);
  const bool shown = view.results().target == changed.to;
  if (chip("answer/flip", tr(text::answer_flip, {{"from", from}, {"to", to}}), tr(text::answer_flip_help, {{"to", to}}),
           shown))
    commands.push(document::command::SetTarget{std::to_string(shown ? changed.from : changed.to)});
  const std::string story = change_story(view);
  if (!story.empty()) text(story, Role::quiet, true);
}

}  // namespace weightroom::ui
