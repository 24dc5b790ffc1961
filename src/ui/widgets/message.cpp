#include "ui/widgets/message.h"

#include <algorithm>
#include <string>

#include <imgui_internal.h>
#include <strings/action.h>

#include "ui/context.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {

namespace {

struct BannerSize {
  ImVec2 whole;
  ImVec2 words;
  float wrap = 0.0F;
};

BannerSize banner_size(std::string_view sentence) {
  const float close = theme().metrics.control;
  const float width = std::min(760.0F, ImGui::GetMainViewport()->Size.x - 24.0F);
  const float wrap = width - 52.0F - close - 8.0F;
  const ImVec2 words = text_size(sentence, fonts().body, wrap);
  return {{width, std::max(close + 12.0F, words.y + 20.0F)}, words, wrap};
}

}  // namespace

float banner_height(std::string_view sentence) { return banner_size(sentence).whole.y; }

bool banner(std::string_view id, std::string_view sentence, Tone tone, float top) {
  const auto [whole, size, words] = banner_size(sentence);
  const auto [width, height] = whole;
  const float close = theme().metrics.control;
  const std::string name = std::string(id) + "##banner";
  ImGui::SetNextWindowPos({(ImGui::GetMainViewport()->Size.x - width) / 2, top});
  ImGui::SetNextWindowSize({width, height});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, {1, 1});
  bool dismissed = false;
  if (ImGui::Begin(name.c_str(), nullptr,
                   ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoMove |
                       ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing)) {
    ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
    const ImVec2 from = ImGui::GetWindowPos();
    const ImVec2 to{from.x + width, from.y + height};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const bool error = tone == Tone::error;
    list.PushClipRectFullScreen();
    draw_sheet(list, from, to);
    list.PopClipRect();
    list.AddRectFilled(from, to, error ? colours().danger_soft : colours().notice_soft, Metrics::kRadius);
    list.AddRect(from, to, error ? with_alpha(colours().danger, 0.5F) : colours().card_edge, Metrics::kRadius);
    draw_icon(list, error ? Icon::alert : Icon::info, {from.x + 28, from.y + height / 2}, 22,
              error ? colours().danger : colours().quiet);
    const ImVec2 at{from.x + 52, from.y + (height - size.y) / 2};
    list.AddText(fonts().body, font_height(fonts().body), at, colours().ink, sentence.data(),
                 sentence.data() + sentence.size(), words);
    note_rect(id, from, to);
    ImGui::SetCursorScreenPos({to.x - close - 6, from.y + (height - close) / 2});
    dismissed = icon_button(std::string(id) + "/close", Icon::close, say(text::action_close));
  }
  ImGui::End();
  ImGui::PopStyleVar();
  return dismissed;
}

void progress(std::string_view words, double share, float top) {
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const float width = std::min(440.0F, window.x - 24.0F);
  const ImVec2 from{(window.x - width) / 2, top};
  const ImVec2 to{from.x + width, top + 64.0F};
  draw_sheet(list, from, to);
  constexpr float kEdge = 16.0F;
  const bool known = share >= 0.0 && share < 1.0;
  const float room = width - 2 * kEdge - text_size(percent(1.0, 0), fonts().body).x - 12.0F;
  draw_text_in(list, fonts().strong, {from.x + kEdge, from.y + 8}, {from.x + kEdge + room, from.y + 40}, 0,
               colours().ink, shortened(words, room, fonts().strong));
  if (known)
    draw_text_in(list, fonts().body, {from.x, from.y + 8}, {to.x - kEdge, from.y + 40}, 1.0F, colours().quiet,
                 percent_done(share));
  const ImVec2 bar{from.x + kEdge, to.y - 20.0F};
  const ImVec2 end{to.x - kEdge, to.y - 14.0F};
  draw_progress(list, bar, end, share);
  note_rect("progress", from, to);
  note_rect("progress/bar", bar, end);
  if (known) note_rect("progress/done", bar, {bar.x + static_cast<float>(share) * (end.x - bar.x), end.y});
}

void empty_state(std::string_view words, float height) {
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float wrap = std::min(width - 24.0F, 360.0F);
  const ImVec2 size = text_size(words, fonts().body, wrap);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(from, {from.x + width, from.y + height}, colours().control, Metrics::kRound);
  list.AddText(fonts().body, font_height(fonts().body), {from.x + (width - size.x) / 2, from.y + (height - size.y) / 2},
               colours().quiet, words.data(), words.data() + words.size(), wrap);
  ImGui::Dummy({width, height});
}

void drop_veil(std::string_view words) {
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  const ImVec2 size = ImGui::GetMainViewport()->Size;
  list.AddRectFilled({0, 0}, size, with_alpha(colours().paper, 0.86F));
  list.AddRect({16, 16}, {size.x - 16, size.y - 16}, colours().accent, 16.0F, ImDrawFlags_None, 3.0F);
  draw_icon(list, Icon::upload, {size.x / 2, size.y / 2 - 36}, 48, colours().accent);
  draw_text_in(list, fonts().title, {0, size.y / 2}, {size.x, size.y / 2 + 32}, 0.5F, colours().ink, words);
}

}  // namespace weightroom::ui
