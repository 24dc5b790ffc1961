// The picture on the bench with its saliency over it, the crop, the samples, the way in for one's own.
#include <algorithm>
#include <cmath>

#include <strings/picture.h>

#include "base/whole.h"
#include "explain/geometry.h"
#include "studies/teach.h"
#include "ui/columns/crop_editor.h"
#include "ui/columns/picture_tools.h"
#include "ui/columns/sum_pictures.h"
#include "ui/context.h"
#include "ui/layout.h"
#include "ui/network/maps.h"
#include "ui/pages/page.h"
#include "ui/widgets/bench_picture.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// The feature map under the pointer, as large as the picture and over it.
void draw_pointed_map(const View& view, UiState& ui, const Frame& frame) {
  const auto& nodes = view.document().graph().nodes();
  if (!view.answered() || ui.hover.node <= 0 || ui.hover.node >= static_cast<int>(nodes.size())) return;
  const nn::Shape& output = nodes[static_cast<std::size_t>(ui.hover.node)].output;
  if (output.rank() != 4 || output.h() * output.w() == 1 || ui.hover.channel >= output.c()) return;
  const gfx::Sprite sprite = network::layer_maps(view, ui, ui.hover.node).sheet.sprite(ui.hover.channel);
  ImGui::GetWindowDrawList()->AddImage(sprite.id, frame.from, frame.to, sprite.uv0, sprite.uv1,
                                       IM_COL32(255, 255, 255, 215));
}

// Which pixels the place under the pointer in a feature map looks at; false: the pointer is on none.
bool draw_receptive_field(const View& view, const UiState& ui, const Frame& frame) {
  const nn::Graph& graph = view.document().graph();
  // The hover is of the last frame: another model may be open by now.
  if (ui.hover.node < 0 || ui.hover.node >= static_cast<int>(graph.nodes().size())) return false;
  const nn::Shape& output = graph.nodes()[static_cast<std::size_t>(ui.hover.node)].output;
  if (ui.hover.y >= output.h() || ui.hover.x >= output.w()) return false;
  const auto field = explain::receptive_field(graph, ui.hover.node, ui.hover.y, ui.hover.x).inside;
  const float step = frame.side() / static_cast<float>(graph.spec().input[2]);
  const ImVec2 from{frame.from.x + step * static_cast<float>(field.left),
                    frame.from.y + step * static_cast<float>(field.top)};
  const ImVec2 to{frame.from.x + step * static_cast<float>(field.right),
                  frame.from.y + step * static_cast<float>(field.bottom)};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect({from.x - 1, from.y - 1}, {to.x + 1, to.y + 1}, IM_COL32(0, 0, 0, 160), 2.0F, ImDrawFlags_None, 4.0F);
  list.AddRect(from, to, IM_COL32_WHITE, 2.0F, ImDrawFlags_None, 2.0F);
  return true;
}

// The map's value under the pointer, with where it is: of a map of fewer places than pixels that of the place, since
// what is drawn between places is none of its numbers.
void hover_numbers(const View& view, const Area& at) {
  const lab::Results& results = view.results();
  if (!at.hovered || !view.answered() || results.map.values.empty() || context().touch) return;
  const explain::Attribution& found = results.explanation.attribution;
  const int height = found.shape[1];
  const int width = found.shape[2];
  const bool coarse = height != results.map.height || width != results.map.width;
  const std::span<const float> values = coarse ? found.values : results.map.values;
  const ImVec2 mouse = ImGui::GetMousePos();
  const auto place = [&](float from_corner, int count) {
    return base::whole_within(from_corner / at.width() * static_cast<float>(count), 0, count - 1);
  };
  const int x = place(mouse.x - at.from.x, width);
  const int y = place(mouse.y - at.from.y, height);
  if (!begin_tooltip(true)) return;
  text(coarse ? tr(text::picture_place, {{"y", y + 1}, {"x", x + 1}, {"h", height}, {"w", width}})
              : tr(text::picture_pixel, {{"x", x}, {"y", y}}),
       Role::strong);
  const float value = values[static_cast<std::size_t>(y * width + x)];
  const Text key = value > 0   ? text::picture_value_for
                   : value < 0 ? text::picture_value_against
                               : text::picture_value_none;
  text(tr(key, {{"value", document::number_text(value)}, {"class", class_label(view.document(), results.target)}}));
  end_tooltip();
}

// While the loaded model is compared, everything is its own.
void draw_compared(const Frame& frame) {
  const std::string_view words = say(text::picture_compared);
  const ImVec2 size = text_size(words, fonts().strong);
  const ImVec2 from{frame.from.x + 8.0F, frame.from.y + 8.0F};
  const ImVec2 to{from.x + size.x + 20.0F, from.y + size.y + 10.0F};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(from, to, IM_COL32(0, 0, 0, 190), Metrics::kRound);
  draw_text_in(list, fonts().strong, from, to, 0.5F, IM_COL32_WHITE, words);
}

std::string own_name(const document::Document& document) {
  if (!document.picture) return tr(text::picture_samples);
  return document.picture->name.empty() ? tr(text::picture_own) : document.picture->name;
}

}  // namespace

void draw_samples(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const bool grey = document.graph().spec().input[0] == 1;
  std::vector<Option> options;
  std::vector<std::string> shown;
  int chosen = -1;
  const auto offer = [&](const std::string& name, const std::string& title) {
    if (document.picture && document.picture->name == name) chosen = static_cast<int>(shown.size());
    options.push_back({title, {}, true});
    shown.push_back(name);
  };
  // Pictures of one's own stand before the samples, by their names.
  for (const std::string& name : view.lab.own_pictures()) offer(name, name.empty() ? tr(text::picture_own) : name);
  const std::size_t own = options.size();
  for (const lab::Sample& sample : lab::samples()) {
    if ((sample.index >= 0) == grey) offer(sample.name, sample.title ? tr(*sample.title) : sample.name);
  }
  if (own > 0 && own < options.size()) {
    options.front().heading.label = tr(text::picture_yours);
    options[own].heading.label = tr(text::picture_samples);
  }
  const float width = (ImGui::GetContentRegionAvail().x - Metrics::kGap) / 2;
  if (chosen < 0) {  // one of a set, or none
    shown.insert(shown.begin(), "");
    options.insert(options.begin(), {own_name(document), {}, false});
    chosen = 0;
  }
  if (select("samples", options, chosen, width) && options[static_cast<std::size_t>(chosen)].enabled)
    commands.push(document::command::OpenSample{shown[static_cast<std::size_t>(chosen)]});
  ImGui::SameLine(0, Metrics::kGap);
  if (button("upload", say(text::picture_own),
             {.look = Look::primary, .icon = Icon::upload, .tooltip = say(text::picture_own_help), .width = width})) {
    if (view.has_document() && studies::takes_pictures(view.document()))
      choose<studies::TeachChoice>(view, commands, [](auto& choice) { choice.into = -1; });
    context().requests.choose_file = true;
  }
}

void picture_panel(const View& view, UiState& ui, CommandQueue& commands) {
  const std::string_view seen_label = say(text::picture_seen);
  Card card("picture_card", say(text::picture_title),
            toggle_width(seen_label) + Metrics::kGap + theme().metrics.control);
  const bool there = view.lab.has_document() && view.document().picture;
  card.begin_trailing();
  bool seen = there && view.document().view.seen;
  if (toggle("seen", seen_label, seen, say(text::picture_seen_help)) && there) {
    commands.push(document::command::SetView{.overlay = {}, .map = {}, .opacity = {}, .seen = seen, .compare = {}});
  }
  ImGui::SameLine(0, Metrics::kGap);
  if (icon_button("crop_toggle", Icon::crop, say(text::picture_crop_help),
                  {.look = Look::bare, .enabled = there, .chosen = ui.cropping}))
    ui.cropping = !ui.cropping;
  card.end_trailing();
  // In a column of another shape than its own it leaves room for what explains it.
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const float side = layout() == Layout::columns ? card.width() : std::min(card.width(), window.y * 0.5F);
  if (!there) return empty_state(say(text::picture_waiting), side);
  const ImVec2 left = ImGui::GetCursorScreenPos();
  const ImVec2 from{left.x + (card.width() - side) / 2, left.y};
  const Frame frame{from, {from.x + side, from.y + side}};
  const ImVec2 pinched = context().pinch_centre;
  if (context().pinch_scale != 1.0F && pinched.x >= from.x && pinched.y >= from.y && pinched.x < from.x + side &&
      pinched.y < from.y + side)
    ui.cropping = true;
  if (ui.cropping) {
    draw_crop_editor(view, frame.from, side, commands);
  } else {
    const Area at = area("picture", {side, side});
    draw_bench_picture(view, frame);
    draw_pointed_map(view, ui, frame);
    const bool pointed = draw_receptive_field(view, ui, frame);
    if (!pointed) use_lens(view, ui, frame, at.held);
    if (view.document().view.compare) draw_compared(frame);
    hover_numbers(view, at);
  }
  ImGui::SetCursorScreenPos({left.x, frame.to.y + Metrics::kGap});
  if (!ui.cropping) return draw_samples(view, commands);
  if (crop_tools(card.width())) ui.cropping = false;
}

}  // namespace weightroom::ui
