#include "ui/widgets/card.h"

#include <algorithm>

#include <imgui_internal.h>

#include "ui/context.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {

void draw_sheet(ImDrawList& list, ImVec2 from, ImVec2 to) {
  const Palette& p = colours();
  constexpr float kRadius = Metrics::kRadius;
  // Four faint sheets, each a little larger and lower, add up to a soft shadow.
  for (int i = 4; i >= 1; --i) {
    const auto spread = static_cast<float>(i) * 1.5F;
    list.AddRectFilled({from.x - spread * 0.5F, from.y + spread * 0.3F}, {to.x + spread * 0.5F, to.y + spread},
                       p.shadow, kRadius + spread);
  }
  list.AddRectFilled(from, to, p.card, kRadius);
  list.AddRect(from, to, p.card_edge, kRadius, ImDrawFlags_None, 1.0F);
}

Card::Card(std::string_view id, std::string_view title, float trailing_width) : id_(id), trailing_(trailing_width) {
  ImGuiWindow& window = *ImGui::GetCurrentWindow();
  splitter_.Split(window.DrawList, 2);
  splitter_.SetCurrentChannel(window.DrawList, 1);
  from_ = ImGui::GetCursorScreenPos();
  outer_ = ImGui::GetContentRegionAvail().x;
  inner_ = outer_ - 2 * Metrics::kPad;
  ImGui::PushID(id.data(), id.data() + id.size());
  // ImGui knows no padding inside a window: the right edge moves in for everything that asks how wide it may be.
  old_work_max_ = window.WorkRect.Max.x;
  old_content_max_ = window.ContentRegionRect.Max.x;
  window.WorkRect.Max.x = window.ContentRegionRect.Max.x = from_.x + Metrics::kPad + inner_;
  ImGui::SetCursorScreenPos({from_.x + Metrics::kPad, from_.y + Metrics::kPad - 2.0F});
  ImGui::BeginGroup();
  if (title.empty()) {
    ImGui::SetCursorScreenPos({from_.x + Metrics::kPad, from_.y + Metrics::kPad});
    return;
  }
  title_y_ = ImGui::GetCursorScreenPos().y;
  text_fitted(title, inner_ - trailing_ - (trailing_ > 0 ? Metrics::kGap : 0.0F), Role::title);
  ImGui::Dummy({0, 0});
  after_title_ = ImGui::GetCursorScreenPos();
}

void Card::begin_trailing() {
  const float lift = (context().theme.metrics.control - font_height(fonts().title)) / 2.0F;
  ImGui::SetCursorScreenPos({from_.x + Metrics::kPad + inner_ - trailing_, title_y_ - lift});
  ImGui::BeginGroup();
}

void Card::end_trailing() {
  ImGui::EndGroup();
  ImGui::SetCursorScreenPos(after_title_);
}

Card::~Card() {
  ImGuiWindow& window = *ImGui::GetCurrentWindow();
  ImGui::EndGroup();
  const ImVec2 to{from_.x + outer_, std::max(ImGui::GetItemRectMax().y, from_.y + Metrics::kPad) + Metrics::kPad};
  window.WorkRect.Max.x = old_work_max_;
  window.ContentRegionRect.Max.x = old_content_max_;
  splitter_.SetCurrentChannel(window.DrawList, 0);
  draw_sheet(*window.DrawList, from_, to);
  splitter_.Merge(window.DrawList);
  note_rect(id_, from_, to);
  ImGui::PopID();
  ImGui::SetCursorScreenPos(from_);
  ImGui::Dummy({outer_, to.y - from_.y});
  ImGui::Dummy({0, Metrics::kBetween - Metrics::kGap});
}

}  // namespace weightroom::ui
