#include "ui/network/maps.h"

#include <algorithm>
#include <cmath>

#include <strings/network.h>

#include "base/whole.h"
#include "explain/geometry.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui::network {
namespace {

constexpr ImVec2 plus(ImVec2 a, ImVec2 b) { return {a.x + b.x, a.y + b.y}; }

std::string map_id(const View& view, int node, int channel) {
  return "map/" + node_of(view, node).name + "/" + std::to_string(channel);
}

// A drag that moved the strip is no click.
bool clicked(const Area& at) {
  const float moved = ImGui::GetIO().MouseDragMaxDistanceSqr[0];
  return at.pressed && !(ImGui::IsMouseReleased(0) && moved > 64.0F);
}

void choose_channel(const View& view, CommandQueue& commands, int node, int channel) {
  const nn::Node& layer = node_of(view, node);
  if (is_answer(view.document().graph(), node)) {
    commands.push(document::command::SetTarget{std::to_string(channel)});
    return;
  }
  commands.push(document::command::SelectChannel{layer.name, channel});
  // The weights behind a map come with it; a layer without any would only empty the wall.
  if (!layer.weights.empty() && view.document().selection.layer != node) choose_layer(view, node, commands, channel);
}

void draw_map(const View& view, UiState& ui, CommandQueue& commands, const LayerBox& box, const LayerMaps* maps,
              int channel, ImVec2 at) {
  ImGui::SetCursorScreenPos(at);
  const Area area_of = area(map_id(view, box.node, channel), box.size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (maps == nullptr) {
    list.AddRectFilled(area_of.from, area_of.to, colours().track, 2.0F);
    return;
  }
  ImVec2 from = area_of.from;
  ImVec2 to = area_of.to;
  fit(maps->values.shape, from, to);
  if (area_of.hovered || area_of.held) {
    ui.next_hover = place_under(ImGui::GetMousePos(), from, to, maps->values.shape, box.node, channel);
    list.AddRect({from.x - 2, from.y - 2}, {to.x + 2, to.y + 2}, colours().ink, 3.0F, ImDrawFlags_None, 1.5F);
  }
  outline_hover(view, ui, box.node, channel, from, to);
  draw_focus(list, area_of, 3.0F);
  if (area_of.hovered) place_tooltip(view, ui.next_hover);
  if (clicked(area_of)) choose_channel(view, commands, box.node, channel);
}

void draw_bar(const View& view, UiState& ui, CommandQueue& commands, const LayerBox& box, const LayerMaps& maps,
              bool signs, int channel, ImVec2 at) {
  ImGui::SetCursorScreenPos(at);
  const Area bar = area(map_id(view, box.node, channel), box.size);
  const float t = maps.scale > 0 ? maps.values.data[channel] / maps.scale : 0.0F;
  const float reach = bar.to.y - bar.from.y;
  const float zero = signs ? bar.from.y + reach / 2 : bar.to.y;
  const float end = zero - t * (signs ? reach / 2 : reach);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (bar.hovered) list.AddRectFilled({bar.from.x - 1, bar.from.y}, {bar.to.x + 1, bar.to.y}, colours().track, 2.0F);
  list.AddRectFilled({bar.from.x, std::min(zero, end)}, {bar.to.x, std::max(zero, end)},
                     to_u32(gfx::diverging(std::copysign(0.3F + 0.7F * std::abs(t), t), theme().ground())), 1.5F);
  list.AddLine({bar.from.x - 1, zero}, {bar.to.x + 1, zero}, colours().faint);
  draw_focus(list, bar, 2.0F);
  if (bar.hovered || bar.held) ui.next_hover = {box.node, channel, 0, 0};
  if (bar.hovered) place_tooltip(view, ui.next_hover);
  if (clicked(bar)) choose_channel(view, commands, box.node, channel);
}

void draw_class(const View& view, UiState& ui, CommandQueue& commands, const LayerBox& box, const LayerMaps* maps,
                int channel, ImVec2 at) {
  ImGui::SetCursorScreenPos(at);
  const Area row = area(map_id(view, box.node, channel), box.size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool target = view.answered() && view.results().target == channel;
  if (row.hovered) list.AddRectFilled(row.from, row.to, colours().control_hover, 4.0F);
  constexpr float kName = 76.0F;
  const std::string label = class_label(view.document(), channel);
  list.PushClipRect(row.from, {row.from.x + kName, row.to.y}, true);
  draw_text_in(list, target ? fonts().strong : fonts().body, row.from, row.to, 0.0F,
               target ? colours().accent : colours().ink, label);
  list.PopClipRect();
  draw_focus(list, row, 4.0F);
  if (maps == nullptr) return;
  const float left = row.from.x + kName + 4.0F;
  const float zero = (left + row.to.x) / 2;
  const float t = maps->scale > 0 ? maps->values.data[channel] / maps->scale : 0.0F;
  const float end = zero + t * (row.to.x - zero);
  const float y = row.centre().y;
  list.AddRectFilled({std::min(zero, end), y - 5}, {std::max(zero, end), y + 5},
                     to_u32(gfx::diverging(std::copysign(0.3F + 0.7F * std::abs(t), t), theme().ground())), 2.0F);
  list.AddLine({zero, row.from.y + 2}, {zero, row.to.y - 2}, colours().faint);
  if (row.hovered || row.held) ui.next_hover = {box.node, channel, 0, 0};
  if (row.hovered) place_tooltip(view, ui.next_hover);
  if (clicked(row)) choose_channel(view, commands, box.node, channel);
}

// "+52": opens the layer.
void draw_more(const View& view, CommandQueue& commands, const LayerBox& box, ImVec2 origin) {
  const bool bars = box.kind == Kind::bars;
  ImGui::SetCursorScreenPos(plus(origin, box.place(box.shown)));
  const ImVec2 size = bars ? ImVec2{static_cast<float>(box.columns) * box.cell.x, box.size.y} : box.size;
  const Area at = area("more/" + node_of(view, box.node).name, size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at.from, at.to, at.hovered ? colours().control_press : colours().track, 4.0F);
  draw_text_in(list, fonts().body, at.from, at.to, 0.5F, at.hovered ? colours().ink : colours().quiet,
               "+" + std::to_string(box.channels - box.shown));
  draw_focus(list, at, 4.0F);
  tooltip(tr(text::network_show_all, {{"count", box.channels}, {"layer", node_of(view, box.node).name}}));
  if (clicked(at)) choose_layer(view, box.node, commands);
}

// The picture as the model sees it, over the maps of its colours.
void draw_seen(const View& view, ImVec2 at, float side) {
  const auto& picture = view.document().picture;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImVec2 to = plus(at, {side, side});
  if (!picture) {
    list.AddRectFilled(at, to, colours().track, 4.0F);
    return;
  }
  fit(node_of(view, 0).output, at, to);
  const gfx::Sprite sprite = view.textures.picture("seen", revision_of(picture->seen_display), *picture->seen_display,
                                                   picture->seen->width, picture->seen->height, true);
  list.AddImageRounded(sprite.id, at, to, sprite.uv0, sprite.uv1, IM_COL32_WHITE, 4.0F);
}

}  // namespace

// Searched once an answer: the first layers of a large net hold close to a million values.
const UiState::Range& output_range(const View& view, UiState& ui, int node) {
  const nn::ConstTensor output = view.lab.engine().activation(node);
  UiState::Range& range = ui.ranges[node];
  if (range.values != output.data || range.version != view.results().forward_version) {
    range = {output.data, view.results().forward_version};
    range.negative = std::ranges::any_of(output.values(), [](float v) { return v < 0; });
    const auto size = static_cast<std::size_t>(output.shape.h() * output.shape.w());
    const std::size_t piece = size > 1 ? size : output.values().size();  // single numbers share their layer's scale
    for (std::size_t at = 0; at < output.values().size(); at += piece)
      range.each.push_back(largest(output.values().subspan(at, piece)));
    range.largest = largest(range.each);
  }
  return range;
}

LayerMaps layer_maps(const View& view, UiState& ui, int node) {
  LayerMaps maps;
  maps.values = view.lab.engine().activation(node);
  const nn::Shape& shape = maps.values.shape;
  const UiState::Range& range = output_range(view, ui, node);
  maps.scale = range.largest;
  maps.negative = range.negative;
  if (shape.h() * shape.w() > 1) {
    if (ui.own_light) maps.each = range.each;
    // One texture for either light: a change of it is another revision.
    const std::uint64_t revision = 2 * view.results().forward_version + (ui.own_light ? 1 : 0);
    maps.sheet = view.textures.sheet(
        "maps/" + std::to_string(node), revision, maps.values.values(), shape.c(), shape.w(), shape.h(),
        {theme().ground(), false, ui.own_light ? maps.each : std::span<const float>(&maps.scale, 1)});
  }
  return maps;
}

void fit(const nn::Shape& shape, ImVec2& from, ImVec2& to) {
  const auto h = static_cast<float>(shape.h());
  const auto w = static_cast<float>(shape.w());
  const float k = std::min((to.x - from.x) / w, (to.y - from.y) / h);
  const ImVec2 centre{(from.x + to.x) / 2, (from.y + to.y) / 2};
  from = {centre.x - k * w / 2, centre.y - k * h / 2};
  to = {centre.x + k * w / 2, centre.y + k * h / 2};
}

Place place_under(ImVec2 pointer, ImVec2 from, ImVec2 to, const nn::Shape& shape, int node, int channel) {
  const auto index = [](float share, int extent) {
    return base::whole_within(share * static_cast<float>(extent), 0, extent - 1);
  };
  return {node, channel, index((pointer.y - from.y) / (to.y - from.y), shape.h()),
          index((pointer.x - from.x) / (to.x - from.x), shape.w())};
}

void outline_hover(const View& view, const UiState& ui, int node, int channel, ImVec2 from, ImVec2 to) {
  const Place& hover = ui.hover;
  const auto& nodes = view.document().graph().nodes();
  if (hover.node < 0 || hover.node >= static_cast<int>(nodes.size())) return;
  const nn::Node& reader = node_of(view, hover.node);
  explain::Rectangle seen{hover.y, hover.x, hover.y + 1, hover.x + 1};
  if (hover.node != node) {
    if (std::ranges::find(reader.inputs, node) == reader.inputs.end()) return;
    const bool all_channels = nn::is_convolution(reader.op);
    if (!all_channels && hover.channel != channel) return;
    if (const auto window = explain::window_of(reader)) {
      seen = nn::sees_through(*window, seen);
    } else if (is_flat(view.document().graph(), hover.node)) {
      return;
    }
  } else if (hover.channel != channel) {
    return;
  }
  const nn::Shape& shape = node_of(view, node).output;
  const float k = (to.x - from.x) / static_cast<float>(shape.w());
  const auto at = [&](int x, int y) {
    return ImVec2{from.x + k * static_cast<float>(x), from.y + k * static_cast<float>(y)};
  };
  ImVec2 low = at(seen.left, seen.top);
  ImVec2 high = at(seen.right, seen.bottom);
  // Never too small to see.
  const float grow = std::max(0.0F, (5.0F - (high.x - low.x)) / 2);
  low = {low.x - grow, low.y - grow};
  high = {high.x + grow, high.y + grow};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect({low.x - 1, low.y - 1}, {high.x + 1, high.y + 1}, colours().card, 1.0F, ImDrawFlags_None, 3.0F);
  list.AddRect({low.x - 1, low.y - 1}, {high.x + 1, high.y + 1}, colours().accent, 1.0F, ImDrawFlags_None, 1.5F);
}

void place_tooltip(const View& view, const Place& place) {
  if (place.node < 0 || !begin_tooltip()) return;
  text(place_words(view.document(), place), Role::strong);
  text(tr(text::network_value, {{"value", document::number_text(value_at(view, place))}}));
  text(field_words(view.document().graph(), place), Role::quiet);
  constexpr float kSum = 336.0F;
  draw_sum(sum_words(view, place), kSum);
  end_tooltip();
}

void draw_channels(const View& view, UiState& ui, CommandQueue& commands, const LayerBox& box, ImVec2 origin) {
  const bool there = view.answered();
  const LayerMaps maps = there ? layer_maps(view, ui, box.node) : LayerMaps{};
  if (box.kind == Kind::picture) {
    draw_seen(view, origin, box.picture);
    origin.y += box.picture + 4.0F;
  }
  if (there && maps.sheet.count > 0) {
    // All images first: they share a texture and so become one draw call.
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (int i = 0; i < box.shown; ++i) {
      ImVec2 from = plus(origin, box.place(i));
      ImVec2 to = plus(from, box.size);
      fit(maps.values.shape, from, to);
      const gfx::Sprite sprite = maps.sheet.sprite(i);
      list.AddImage(sprite.id, from, to, sprite.uv0, sprite.uv1);
    }
  }
  const bool signs = there && maps.negative;
  // A layer of thousands, or a thousand classes: what is scrolled away costs nothing.
  constexpr int kMany = 128;
  const ImDrawList& list = *ImGui::GetWindowDrawList();
  const float low = list.GetClipRectMin().x - box.cell.x;
  const float high = list.GetClipRectMax().x;
  for (int i = 0; i < box.shown; ++i) {
    const ImVec2 at = plus(origin, box.place(i));
    if (box.shown > kMany && (at.x < low || at.x > high)) continue;
    if (box.kind == Kind::answer) {
      draw_class(view, ui, commands, box, there ? &maps : nullptr, i, at);
    } else if (box.kind == Kind::bars && there) {
      draw_bar(view, ui, commands, box, maps, signs, i, at);
    } else {
      draw_map(view, ui, commands, box, there ? &maps : nullptr, i, at);
    }
  }
  if (box.shown < box.channels) draw_more(view, commands, box, origin);
}

}  // namespace weightroom::ui::network
