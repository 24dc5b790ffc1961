#include "ui/network/detail.h"

#include <algorithm>

#include <strings/network.h>

#include "ui/network/maps.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/text.h"

namespace weightroom::ui::network {
namespace {

struct Shown {
  int node = 0;
  int channel = 0;
  const nn::Node& layer;
};

void go_to(const Shown& shown, int channel, CommandQueue& commands) {
  commands.push(document::command::SelectChannel{shown.layer.name, channel});
}

// Where cells are large enough, their numbers stand in them.
void draw_numbers(const LayerMaps& maps, int channel, ImVec2 from, float cell) {
  constexpr float kReadable = 31.0F;
  if (cell < kReadable) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const nn::Shape& shape = maps.values.shape;
  const float scale = maps.scale_of(channel);
  const float* value = maps.values.data + static_cast<std::ptrdiff_t>(channel) * shape.h() * shape.w();
  for (int y = 0; y < shape.h(); ++y) {
    for (int x = 0; x < shape.w(); ++x, ++value) {
      const ImVec2 at{from.x + cell * static_cast<float>(x), from.y + cell * static_cast<float>(y)};
      const ImU32 ground = to_u32(gfx::diverging(scale > 0 ? *value / scale : 0.0F, theme().ground()));
      draw_text_in(list, fonts().small, at, {at.x + cell, at.y + cell}, 0.5F, ink_on(ground), short_number(*value));
    }
  }
}

Place draw_large_map(const View& view, UiState& ui, CommandQueue& commands, const Shown& shown, const LayerMaps& maps,
                     float side) {
  const Area at = area("map/" + shown.layer.name + "/" + std::to_string(shown.channel), {side, side});
  ImVec2 from = at.from;
  ImVec2 to = at.to;
  fit(maps.values.shape, from, to);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const gfx::Sprite sprite = maps.sheet.sprite(shown.channel);
  list.AddImage(sprite.id, from, to, sprite.uv0, sprite.uv1);
  const float cell = (to.x - from.x) / static_cast<float>(maps.values.shape.w());
  draw_numbers(maps, shown.channel, from, cell);
  const bool pointed = at.hovered || at.held;
  const Place place = pointed
                          ? place_under(ImGui::GetMousePos(), from, to, maps.values.shape, shown.node, shown.channel)
                          : strongest(view, shown.node, shown.channel);
  if (pointed) ui.next_hover = place;
  const ImVec2 low{from.x + cell * static_cast<float>(place.x), from.y + cell * static_cast<float>(place.y)};
  list.AddRect({low.x - 2, low.y - 2}, {low.x + cell + 2, low.y + cell + 2}, colours().card, 2.0F, ImDrawFlags_None,
               3.0F);
  list.AddRect({low.x - 1.5F, low.y - 1.5F}, {low.x + cell + 1.5F, low.y + cell + 1.5F}, colours().accent, 2.0F,
               ImDrawFlags_None, 2.0F);
  draw_focus(list, at, 4.0F);
  if (at.pressed) go_to(shown, -1, commands);
  return place;
}

// One number a channel has no map of its own: the map it is the mean of, or the number itself.
Place draw_large_value(const View& view, UiState& ui, CommandQueue& commands, const Shown& shown, ImVec2 size) {
  const Place place{shown.node, shown.channel, 0, 0};
  const Area at = area("map/" + shown.layer.name + "/" + std::to_string(shown.channel), size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (is_mean_of_map(shown.layer)) {
    const LayerMaps maps = layer_maps(view, ui, shown.layer.inputs.front());
    ImVec2 from = at.from;
    ImVec2 to = at.to;
    fit(maps.values.shape, from, to);
    const gfx::Sprite sprite = maps.sheet.sprite(shown.channel);
    if (sprite) list.AddImage(sprite.id, from, to, sprite.uv0, sprite.uv1);
    if (sprite) draw_numbers(maps, shown.channel, from, (to.x - from.x) / static_cast<float>(maps.values.shape.w()));
  } else {
    list.AddRectFilled(at.from, at.to, colours().control, Metrics::kRound);
    draw_text_in(list, fonts().display, at.from, at.to, 0.5F, colours().ink,
                 document::number_text(value_at(view, place)));
  }
  draw_focus(list, at, Metrics::kRound);
  if (at.pressed) go_to(shown, -1, commands);
  return place;
}

void draw_bar_of_buttons(const Shown& shown, CommandQueue& commands, float width) {
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos({from.x, from.y + (control - font_height(fonts().strong)) / 2});
  const bool flat = shown.layer.output.h() * shown.layer.output.w() == 1;
  text_fitted(tr(flat ? text::network_value_of : text::network_map_of,
                 {{"layer", shown.layer.name}, {"channel", shown.channel}}),
              width - 3 * control - Metrics::kGap, Role::strong);
  const int count = shown.layer.output.c();
  ImGui::SetCursorScreenPos({from.x + width - 3 * control, from.y});
  if (icon_button("channel/previous", Icon::chevron_left, say(text::network_previous),
                  {.look = Look::bare, .enabled = shown.channel > 0}))
    go_to(shown, shown.channel - 1, commands);
  ImGui::SetCursorScreenPos({from.x + width - 2 * control, from.y});
  if (icon_button("channel/next", Icon::chevron_right, say(text::network_next),
                  {.look = Look::bare, .enabled = shown.channel + 1 < count}))
    go_to(shown, shown.channel + 1, commands);
  ImGui::SetCursorScreenPos({from.x + width - control, from.y});
  if (icon_button("channel/close", Icon::close, say(text::network_close), {.look = Look::bare}))
    go_to(shown, -1, commands);
  ImGui::SetCursorScreenPos({from.x, from.y + control + 4.0F});
}

void draw_words(const View& view, const Place& place, float width) {
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 4});
  const bool flat = is_flat(view.document().graph(), place.node);
  const std::string value = document::number_text(value_at(view, place));
  const std::string words = flat ? tr(text::network_value, {{"value", value}})
                                 : tr(text::network_value_at, {{"y", place.y}, {"x", place.x}, {"value", value}});
  text(wrapped(words, width, fonts().strong), Role::strong);
  text(wrapped(field_words(view.document().graph(), place), width, fonts().body), Role::quiet);
  draw_sum(sum_words(view, place), width);
  ImGui::PopStyleVar();
}

}  // namespace

void draw_detail(const View& view, UiState& ui, CommandQueue& commands, ImVec2 size) {
  const document::Selection& selection = view.document().selection;
  const Shown shown{selection.channel_node, selection.channel,
                    view.document().graph().nodes()[static_cast<std::size_t>(selection.channel_node)]};
  const LayerMaps maps = layer_maps(view, ui, shown.node);
  const float side = std::min(size.y, size.x * 0.48F);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const Place place = maps.sheet.count > 0 ? draw_large_map(view, ui, commands, shown, maps, side)
                                           : draw_large_value(view, ui, commands, shown, {side, side});
  const float left = from.x + side + Metrics::kPad;
  const float width = from.x + size.x - left;
  ImGui::SetCursorScreenPos({left, from.y - 4.0F});
  ImGui::BeginGroup();
  draw_bar_of_buttons(shown, commands, width);
  draw_words(view, place, width);
  ImGui::EndGroup();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  // Of a mean the map behind it is drawn, on that map's scale.
  const bool mean = is_mean_of_map(shown.layer);
  const LayerMaps behind = mean ? layer_maps(view, ui, shown.layer.inputs.front()) : maps;
  const bool own = !behind.each.empty();
  scale_line(
      list, {left, from.y + size.y - kScaleLine}, 72.0F, behind.scale_of(shown.channel), left + width,
      {say(own ? text::network_scale_own : text::network_scale_maps),
       say(own ? text::network_scale_own_short : text::network_scale_maps_short), say(text::network_scale_short)});
  if (ImGui::IsKeyPressed(ImGuiKey_Escape, false) && context().typing.id.empty()) go_to(shown, -1, commands);
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy(size);
}

}  // namespace weightroom::ui::network
