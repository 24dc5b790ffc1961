// The picture on the bench with its saliency over it, the crop, the samples, the way in for one's own.
#include <algorithm>
#include <cmath>

#include "explain/geometry.h"
#include "ui/context.h"
#include "ui/panels/common.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/message.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

struct Frame {
  ImVec2 from;
  ImVec2 to;
  [[nodiscard]] float side() const { return to.x - from.x; }
};

gfx::Sprite picture_sprite(const View& view, const lab::Picture& picture) {
  return view.textures.picture("picture", revision_of(picture.display), *picture.display, picture.display_width,
                               picture.display_height, picture.native_size);
}

// What is cropped, or what the model sees of it.
void draw_picture(const View& view, const Frame& frame) {
  const lab::Document& document = view.document();
  const lab::Picture& picture = *document.picture;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (document.view.seen) {
    const gfx::Sprite sprite = view.textures.picture("seen", revision_of(picture.seen_display), *picture.seen_display,
                                                     picture.seen->width, picture.seen->height, true);
    list.AddImageRounded(sprite.id, frame.from, frame.to, sprite.uv0, sprite.uv1, IM_COL32_WHITE, Metrics::kRound);
    return;
  }
  const gfx::Sprite sprite = picture_sprite(view, picture);
  const float width = static_cast<float>(picture.image->width);
  const float height = static_cast<float>(picture.image->height);
  const auto at = [&](float x, float y) {
    return ImVec2{sprite.uv0.x + (sprite.uv1.x - sprite.uv0.x) * x / width,
                  sprite.uv0.y + (sprite.uv1.y - sprite.uv0.y) * y / height};
  };
  const auto x = static_cast<float>(picture.crop.x);
  const auto y = static_cast<float>(picture.crop.y);
  const auto side = static_cast<float>(picture.crop.side);
  list.AddImageRounded(sprite.id, frame.from, frame.to, at(x, y), at(x + side, y + side), IM_COL32_WHITE,
                       Metrics::kRound);
}

void draw_map(const View& view, const Frame& frame) {
  const lab::Results& results = view.results();
  if (!view.answered() || !view.document().view.map || results.map.values.empty()) return;
  if (results.map.empty()) {
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().strong, {frame.from.x, frame.to.y - 34}, frame.to, 0.5F,
                 IM_COL32_WHITE, "No evidence: the map is zero everywhere");
    return;
  }
  const float scale = results.map.scale;
  const gfx::Sprite sprite =
      view.textures.heatmap("map", results.map_version, results.map.values, results.map.width, results.map.height,
                            {gfx::Ground::picture, true, std::span(&scale, 1)});
  const auto alpha = static_cast<int>(std::lround(255.0 * view.document().view.opacity));
  ImGui::GetWindowDrawList()->AddImageRounded(sprite.id, frame.from, frame.to, sprite.uv0, sprite.uv1,
                                              IM_COL32(255, 255, 255, alpha), Metrics::kRound);
}

// Which pixels the place under the pointer in a feature map looks at.
void draw_receptive_field(const View& view, const UiState& ui, const Frame& frame) {
  const nn::Graph& graph = view.document().graph();
  // The hover is of the last frame: another model may be open by now.
  if (ui.hover.node < 0 || ui.hover.node >= static_cast<int>(graph.nodes().size())) return;
  const nn::Shape& output = graph.nodes()[static_cast<std::size_t>(ui.hover.node)].output;
  if (ui.hover.y >= output.h() || ui.hover.x >= output.w()) return;
  const auto field = explain::receptive_field(graph, ui.hover.node, ui.hover.y, ui.hover.x).inside;
  const float step = frame.side() / static_cast<float>(graph.spec().input[2]);
  const ImVec2 from{frame.from.x + step * static_cast<float>(field.left),
                    frame.from.y + step * static_cast<float>(field.top)};
  const ImVec2 to{frame.from.x + step * static_cast<float>(field.right),
                  frame.from.y + step * static_cast<float>(field.bottom)};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect({from.x - 1, from.y - 1}, {to.x + 1, to.y + 1}, IM_COL32(0, 0, 0, 160), 2.0F, ImDrawFlags_None, 4.0F);
  list.AddRect(from, to, IM_COL32_WHITE, 2.0F, ImDrawFlags_None, 2.0F);
}

// The map's value under the pointer, with where it is.
void hover_numbers(const View& view, const Area& at) {
  const lab::Results& results = view.results();
  if (!at.hovered || !view.answered() || results.map.values.empty() || context().touch) return;
  const ImVec2 mouse = ImGui::GetMousePos();
  const int x = std::clamp(static_cast<int>((mouse.x - at.from.x) / at.width() * static_cast<float>(results.map.width)),
                           0, results.map.width - 1);
  const int y =
      std::clamp(static_cast<int>((mouse.y - at.from.y) / at.width() * static_cast<float>(results.map.height)), 0,
                 results.map.height - 1);
  if (!begin_tooltip(true)) return;
  text("Pixel " + std::to_string(x) + ", " + std::to_string(y), Role::strong);
  const float value = results.map.values[static_cast<std::size_t>(y * results.map.width + x)];
  const std::string target = class_label(view.document(), results.target);
  text(lab::number_text(value) +
       (value > 0   ? " speaks for "
        : value < 0 ? " speaks against "
                    : " says nothing about ") +
       target);
  end_tooltip();
}

// Full picture with the cropped square: drag moves it, the wheel and two fingers size it.
void draw_crop_editor(const View& view, const Frame& frame, CommandQueue& commands) {
  const lab::Picture& picture = *view.document().picture;
  const auto width = static_cast<float>(picture.image->width);
  const auto height = static_cast<float>(picture.image->height);
  const float k = frame.side() / std::max(width, height);
  const ImVec2 corner{(frame.from.x + frame.to.x - width * k) / 2, (frame.from.y + frame.to.y - height * k) / 2};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const gfx::Sprite sprite = picture_sprite(view, picture);
  list.AddImage(sprite.id, corner, {corner.x + width * k, corner.y + height * k}, sprite.uv0, sprite.uv1);
  list.AddRectFilled(corner, {corner.x + width * k, corner.y + height * k}, IM_COL32(0, 0, 0, 120));
  const lab::Crop& crop = picture.crop;
  const ImVec2 from{corner.x + static_cast<float>(crop.x) * k, corner.y + static_cast<float>(crop.y) * k};
  const ImVec2 to{from.x + static_cast<float>(crop.side) * k, from.y + static_cast<float>(crop.side) * k};
  const auto uv = [&](ImVec2 p) {
    return ImVec2{sprite.uv0.x + (sprite.uv1.x - sprite.uv0.x) * (p.x - corner.x) / (width * k),
                  sprite.uv0.y + (sprite.uv1.y - sprite.uv0.y) * (p.y - corner.y) / (height * k)};
  };
  list.AddImage(sprite.id, from, to, uv(from), uv(to));
  list.AddRect(from, to, IM_COL32_WHITE, 0, ImDrawFlags_None, 2.0F);

  ImGui::SetCursorScreenPos(frame.from);
  const Area at = area("crop", {frame.side(), frame.side()});
  const float wheel = at.hovered ? ImGui::GetIO().MouseWheel : 0.0F;
  const float pinch = context().pinch_scale;
  lab::Crop next = crop;
  if (at.held) {
    next.x += static_cast<int>(std::lround(ImGui::GetIO().MouseDelta.x / k));
    next.y += static_cast<int>(std::lround(ImGui::GetIO().MouseDelta.y / k));
  }
  if (wheel != 0.0F || pinch != 1.0F) {
    const float grow = (wheel != 0.0F ? std::pow(0.92F, wheel) : 1.0F) / pinch;
    next.side = static_cast<int>(std::lround(static_cast<float>(crop.side) * grow));
  }
  next.side = std::clamp(next.side, std::min(16, std::min(picture.image->width, picture.image->height)),
                         std::min(picture.image->width, picture.image->height));
  next.x = std::clamp(next.x + (crop.side - next.side) / 2, 0, picture.image->width - next.side);
  next.y = std::clamp(next.y + (crop.side - next.side) / 2, 0, picture.image->height - next.side);
  if (next != crop) commands.push(lab::command::SetCrop{next});
}

void draw_samples(const View& view, CommandQueue& commands) {
  const lab::Document& document = view.document();
  const bool grey = document.graph().spec().input[0] == 1;
  std::vector<Option> options;
  std::vector<const lab::Sample*> shown;
  int chosen = -1;
  for (const lab::Sample& sample : lab::samples()) {
    if ((sample.index >= 0) != grey) continue;
    if (document.picture && document.picture->name == sample.name) chosen = static_cast<int>(shown.size());
    options.push_back({sample.title, {}, true});
    shown.push_back(&sample);
  }
  const float width = (ImGui::GetContentRegionAvail().x - Metrics::kGap) / 2;
  options.insert(options.begin(),
                 {chosen < 0 ? "Samples" : options[static_cast<std::size_t>(chosen)].label, {}, false});
  int index = chosen < 0 ? 0 : chosen + 1;
  if (chosen >= 0) {
    options.erase(options.begin());
    index = chosen;
  }
  if (select("samples", options, index, width)) {
    const auto i = static_cast<std::size_t>(chosen < 0 ? index - 1 : index);
    if (i < shown.size()) commands.push(lab::command::OpenSample{shown[i]->name});
  }
  ImGui::SameLine(0, Metrics::kGap);
  if (button("upload", "Your picture",
             {.look = Look::primary,
              .icon = Icon::upload,
              .tooltip = "Choose a file, drop one here or paste one. It never leaves this page.",
              .width = width})) {
    context().requests.choose_file = true;
  }
}

}  // namespace

void picture_panel(const View& view, UiState& ui, CommandQueue& commands) {
  constexpr std::string_view kSeen = "What the model sees";
  // Folded away on a narrow screen, the answer is told here too.
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const bool narrow = window.x < Metrics::kNarrow;
  const std::string title = narrow && view.answered() ? top_answer(view) : "Picture";
  Card card("picture_card", title, toggle_width(kSeen) + Metrics::kGap + theme().metrics.control);
  const bool there = view.lab.has_document() && view.document().picture;
  card.begin_trailing();
  bool seen = there && view.document().view.seen;
  if (toggle("seen", kSeen, seen, "The picture at the model's own size, before its numbers are normalised.") && there) {
    commands.push(lab::command::SetView{.overlay = {}, .map = {}, .opacity = {}, .seen = seen, .compare = {}});
  }
  ImGui::SameLine(0, Metrics::kGap);
  if (icon_button("crop_toggle", Icon::crop, "Choose which square of the picture the model gets",
                  {.look = Look::bare, .enabled = there, .chosen = ui.cropping}))
    ui.cropping = !ui.cropping;
  card.end_trailing();
  // Where the columns are folded, the picture leaves room for what explains it.
  const float side = narrow ? std::min(card.width(), window.y * 0.5F) : card.width();
  if (!there) return empty_state("The picture is on its way.", side);
  const ImVec2 left = ImGui::GetCursorScreenPos();
  const ImVec2 from{left.x + (card.width() - side) / 2, left.y};
  const Frame frame{from, {from.x + side, from.y + side}};
  if (ui.cropping) {
    draw_crop_editor(view, frame, commands);
  } else {
    const Area at = area("picture", {side, side});
    draw_picture(view, frame);
    draw_map(view, frame);
    draw_receptive_field(view, ui, frame);
    hover_numbers(view, at);
  }
  ImGui::SetCursorScreenPos({left.x, frame.to.y + Metrics::kGap});
  draw_samples(view, commands);
}

}  // namespace weightroom::ui
