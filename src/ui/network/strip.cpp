#include "ui/network/strip.h"

#include <algorithm>
#include <cmath>

#include <imgui_internal.h>
#include <strings/network.h>

#include "base/whole.h"
#include "ui/network/maps.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui::network {
namespace {

constexpr float kScrollbar = 14.0F;  // room below the sheets

// The sheets of a stage lie on one ground; an arrow leads from stage to stage.
void draw_stages(const StripLayout& layout, ImVec2 origin) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (std::size_t first = 0; first < layout.boxes.size();) {
    std::size_t last = first;
    while (last + 1 < layout.boxes.size() && layout.boxes[last + 1].stage == layout.boxes[first].stage) ++last;
    const float left = origin.x + layout.boxes[first].x;
    const float right = origin.x + layout.boxes[last].x + layout.boxes[last].width;
    list.AddRectFilled({left, origin.y}, {right, origin.y + layout.height}, colours().control, Metrics::kRound);
    if (last + 1 < layout.boxes.size()) {
      draw_icon(list, Icon::chevron_right,
                {(right + origin.x + layout.boxes[last + 1].x) / 2, origin.y + layout.height / 2}, 16.0F,
                colours().faint);
    }
    first = last + 1;
  }
}

// The end of a name that is too long, which tells more than its beginning: "…3.squeeze".
std::string end_that_fits(const std::string& name, ImFont* font, float room) {
  std::string end = name;
  while (!end.empty() && text_size(end.size() < name.size() ? "…" + end : end, font).x > room) {
    const auto dot = end.find('.');
    end.erase(0, dot == std::string::npos ? 1 : dot + 1);
  }
  return end.size() < name.size() ? "…" + end : end;
}

void draw_header(const View& view, const LayerBox& box, const Area& at) {
  const nn::Graph& graph = view.document().graph();
  const nn::Node& node = node_of(view, box.node);
  const bool chosen = view.document().selection.layer == box.node;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float left = at.from.x + StripLayout::kPad;
  const float right = at.to.x - StripLayout::kPad;
  const float top = at.from.y + 6.0F;
  constexpr float kLine = 20.0F;
  const std::string shape = shape_words(node.output);
  const float room = right - left - text_size(shape, fonts().small).x - 4.0F;
  const std::string name = end_that_fits(node.name, fonts().strong, room);
  draw_text_in(list, fonts().strong, {left, top}, {right, top + kLine}, 0.0F, chosen ? colours().accent : colours().ink,
               name);
  draw_text_in(list, fonts().small, {left, top}, {right, top + kLine}, 1.0F, colours().quiet, shape);
  draw_text_in(list, fonts().body, {left, top + kLine}, {right, top + 2 * kLine}, 0.0F, colours().quiet,
               op_words(graph, box.node));
  draw_focus(list, at, Metrics::kRound);
  const std::string help = op_sentence(graph, box.node);
  tooltip(name == node.name ? help : tr(text::network_layer_help, {{"layer", node.name}, {"help", help}}));
}

// Where each map has its own scale: in as many words as there is room for.
void draw_own_light(ImVec2 foot, float room, ImDrawList& list) {
  for (const Text words : {text::network_own_foot, text::network_own_foot_short}) {
    if (text_size(say(words), fonts().small).x > room) continue;
    draw_text_in(list, fonts().small, foot, {foot.x + room, foot.y + kScaleLine}, 0.0F, colours().quiet, say(words));
    break;
  }
  ImGui::SetCursorScreenPos(foot);
  ImGui::Dummy({room, kScaleLine});
  tooltip(say(text::network_own_help));
}

void draw_layer(const View& view, UiState& ui, CommandQueue& commands, const StripLayout& layout, const LayerBox& box,
                ImVec2 from) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 to{from.x + box.width, from.y + layout.height};
  const bool visible = ImGui::IsRectVisible(from, to);
  const bool chosen = view.document().selection.layer == box.node;
  if (visible && chosen) {
    list.AddRectFilled(from, to, colours().card, Metrics::kRound);
    list.AddRect({from.x + 1, from.y + 1}, {to.x - 1, to.y - 1}, colours().accent, Metrics::kRound - 1,
                 ImDrawFlags_None, 2.0F);
  } else if (visible && ImGui::IsMouseHoveringRect(from, {to.x, from.y + StripLayout::kHeader}) &&
             ImGui::IsWindowHovered()) {
    list.AddRectFilled(from, to, colours().control_hover, Metrics::kRound);
  }
  ImGui::SetCursorScreenPos(from);
  // Always: keys reach layers that are scrolled away.
  const Area header = area("layer/" + node_of(view, box.node).name, {box.width, StripLayout::kHeader});
  const bool dragged = ImGui::IsMouseReleased(0) && ImGui::GetIO().MouseDragMaxDistanceSqr[0] > 64.0F;
  if (header.pressed && !dragged) choose_layer(view, box.node, commands);
  if (!visible) return;
  draw_header(view, box, header);
  const ImVec2 maps{from.x + StripLayout::kPad, from.y + StripLayout::kHeader + StripLayout::kPad};
  draw_channels(view, ui, commands, box, maps);
  if (!view.answered()) return;
  const float room = box.width - 2 * StripLayout::kPad;
  const ImVec2 foot{maps.x, to.y - kScaleLine - 4.0F};
  if (ui.own_light && box.kind == Kind::maps) return draw_own_light(foot, room, list);
  const float scale = output_range(view, ui, box.node).largest;
  const float numbers = 2 * text_size("−" + short_number(scale), fonts().small).x + 12.0F;
  scale_line(list, foot, std::clamp(room - numbers, 16.0F, 96.0F), scale, to.x - StripLayout::kPad,
             {say(box.kind == Kind::maps ? text::network_scale_maps : text::network_scale_values)});
  ImGui::SetCursorScreenPos(foot);
  ImGui::Dummy({room, kScaleLine});
  tooltip(tr(text::network_scale_help, {{"layer", node_of(view, box.node).name}}));
}

// Wheel and drag move the strip sideways.
void scroll(float room, float width) {
  const ImGuiIO& io = ImGui::GetIO();
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID panning = ImGui::GetID("panning");
  const bool inside = ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  if (width <= room) return;
  if (inside) {
    // Only where there is way left does the wheel belong to the strip; at its ends the column scrolls.
    const bool end = (io.MouseWheel < 0 && ImGui::GetScrollX() >= ImGui::GetScrollMaxX()) ||
                     (io.MouseWheel > 0 && ImGui::GetScrollX() <= 0);
    if (!end) ImGui::SetKeyOwner(ImGuiKey_MouseWheelY, panning);
    if (io.MouseWheel != 0.0F && !io.KeyShift) ImGui::SetScrollX(ImGui::GetScrollX() - io.MouseWheel * 72.0F);
  }
  const ImVec2 window = ImGui::GetWindowPos();
  const bool on_bar = io.MouseClickedPos[0].y > window.y + ImGui::GetWindowHeight() - kScrollbar;
  if (ImGui::IsMouseClicked(0)) storage.SetBool(panning, inside && !on_bar);
  if (!io.MouseDown[0]) storage.SetBool(panning, false);
  if (storage.GetBool(panning) && ImGui::IsMouseDragging(0, 8.0F)) {
    ImGui::SetScrollX(ImGui::GetScrollX() - io.MouseDelta.x);
    ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  }
}

// A layer that was chosen elsewhere comes into view.
void reveal_chosen(const StripLayout& layout, int chosen, float room) {
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID seen = ImGui::GetID("seen");
  const ImGuiID goal = ImGui::GetID("goal");
  if (storage.GetInt(seen, -1) != chosen) {
    storage.SetInt(seen, chosen);
    const LayerBox& box = layout.boxes[static_cast<std::size_t>(chosen)];
    const float left = ImGui::GetScrollX();
    float to = left;
    if (box.x + box.width > left + room) to = box.x + box.width - room + 24.0F;
    if (box.x < to + 24.0F) to = box.x - 24.0F;
    const float most = std::max(0.0F, layout.width - room);
    storage.SetFloat(goal, std::clamp(to, 0.0F, most));
  }
  const float to = storage.GetFloat(goal, -1.0F);
  if (to < 0.0F) return;
  // Wherever a hand takes over, it wins.
  const bool hand = ImGui::GetIO().MouseDown[0] || ImGui::GetIO().MouseWheel != 0.0F;
  if (hand && ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows)) return storage.SetFloat(goal, -1.0F);
  const float now = ImGui::GetScrollX();
  const bool at_once = context().reduced_motion || std::abs(to - now) < 1.0F;
  ImGui::SetScrollX(at_once ? to : std::lerp(now, to, 1.0F - std::exp(-14.0F * ImGui::GetIO().DeltaTime)));
  if (at_once) {
    storage.SetFloat(goal, -1.0F);
  } else {
    context().animating = true;
  }
}

// Layers go on beyond the edges: they fade out there rather than being cut.
void draw_fades(ImVec2 from, float room, float height) {
  constexpr float kFade = 28.0F;
  const ImU32 card = colours().card;
  const ImU32 none = with_alpha(card, 0.0F);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float to = from.x + room;
  if (ImGui::GetScrollX() > 0.5F)
    list.AddRectFilledMultiColor(from, {from.x + kFade, from.y + height}, card, none, none, card);
  if (ImGui::GetScrollX() < ImGui::GetScrollMaxX() - 0.5F)
    list.AddRectFilledMultiColor({to - kFade, from.y}, {to, from.y + height}, none, card, card, none);
}

float slab_height(const nn::Shape& shape, int largest_side, float most) {
  const auto log = [](int n) { return std::log2(static_cast<float>(std::max(n, 1)) + 1.0F); };
  return 6.0F + (most - 6.0F) * (log(std::max(shape.h(), shape.w())) - 1.0F) / std::max(1.0F, log(largest_side) - 1.0F);
}

}  // namespace

void draw_strip(const View& view, UiState& ui, CommandQueue& commands, ImVec2 size) {
  const TabGroup stop;
  const int chosen = view.document().selection.layer;
  const StripLayout layout = lay_out(view.document().graph(), chosen, size.y - kScrollbar);
  ImGui::SetNextWindowContentSize({layout.width, 0.0F});
  ImGui::PushStyleVar(ImGuiStyleVar_ScrollbarSize, 8.0F);
  ImGui::BeginChild("strip", size, ImGuiChildFlags_None,
                    ImGuiWindowFlags_HorizontalScrollbar | ImGuiWindowFlags_NavFlattened);
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  draw_stages(layout, origin);
  // Keys reach layers that are scrolled away; of very many those next to what is in sight or chosen.
  constexpr std::size_t kFew = 300;
  constexpr float kReach = 400.0F;
  const float left = ImGui::GetScrollX() - kReach;
  const float right = ImGui::GetScrollX() + size.x + kReach;
  for (const LayerBox& box : layout.boxes) {
    const bool near = (box.x < right && box.x + box.width > left) || std::abs(box.node - chosen) <= 1;
    if (near || layout.boxes.size() <= kFew) draw_layer(view, ui, commands, layout, box, {origin.x + box.x, origin.y});
  }
  draw_fades({ImGui::GetWindowPos().x, origin.y}, size.x, layout.height);
  reveal_chosen(layout, chosen, size.x);
  scroll(size.x, layout.width);
  ImGui::SetCursorScreenPos(origin);
  ImGui::Dummy({layout.width, layout.height});
  ImGui::EndChild();
  note_item("strip");
  ImGui::PopStyleVar();
}

void draw_overview(const View& view, CommandQueue& commands, ImVec2 size) {
  const TabGroup stop;
  const nn::Graph& graph = view.document().graph();
  const auto count = static_cast<float>(graph.nodes().size());
  const float each = std::min(size.x / count, 28.0F);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float start = from.x + size.x - each * count;
  const int side = std::max(graph.spec().input[1], graph.spec().input[2]);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  constexpr float kNarrowest = 3.0F;  // that a hand can point at
  const bool one_by_one = each >= kNarrowest;
  const Area all = one_by_one ? Area{} : area("slabs", size);
  const float under = (ImGui::GetMousePos().x - start) / each;
  const int pointed = base::whole_within(under, -1, static_cast<int>(count));
  const int step = one_by_one ? 1 : std::max(1, static_cast<int>(1.0F / each));  // no more than a pixel shows
  for (int i = 0; i < static_cast<int>(graph.nodes().size()); ++i) {
    if (i % step != 0 && i != pointed && i != view.document().selection.layer) continue;
    const nn::Node& node = node_of(view, i);
    const ImVec2 corner{start + each * static_cast<float>(i), from.y};
    ImGui::SetCursorScreenPos(corner);
    const Area at = one_by_one ? area("slab/" + node.name, {each, size.y})
                               : Area{.from = corner,
                                      .to = {corner.x + each, corner.y + size.y},
                                      .pressed = all.pressed && i == pointed,
                                      .hovered = all.hovered && i == pointed};
    const bool chosen = view.document().selection.layer == i;
    const float height = slab_height(node.output, side, size.y - 4.0F);
    const float width = std::clamp(each * std::log2(static_cast<float>(node.output.c()) + 1.0F) / 8.0F,
                                   std::min(each, 3.0F), std::max(each - 3.0F, std::min(each, 3.0F)));
    const ImVec2 middle = at.centre();
    const ImU32 rest = node.weights.empty() ? colours().line : colours().faint;
    list.AddRectFilled({middle.x - width / 2, middle.y - height / 2}, {middle.x + width / 2, middle.y + height / 2},
                       chosen       ? colours().accent
                       : at.hovered ? colours().quiet
                                    : rest,
                       2.0F);
    draw_focus(list, at, 4.0F);
    if (one_by_one || at.hovered) tooltip(node.name + ", " + shape_words(node.output));
    if (at.pressed) choose_layer(view, i, commands);
  }
}

}  // namespace weightroom::ui::network
