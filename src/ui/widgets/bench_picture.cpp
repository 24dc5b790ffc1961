#include "ui/widgets/bench_picture.h"

#include <cmath>

#include <strings/common.h>

#include "ui/context.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

// What is cropped, or what the model sees of it.
void draw_picture(const View& view, const Frame& frame) {
  const document::Document& document = view.document();
  const document::Picture& picture = *document.picture;
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

void draw_no_evidence(const Frame& frame) {
  const std::string_view words = say(text::common_no_evidence);
  const float wrap = frame.side() - 16.0F;
  const ImVec2 size = text_size(words, fonts().strong, wrap);
  const ImVec2 at{frame.from.x + (frame.side() - size.x) / 2, frame.to.y - size.y - 8.0F};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled({frame.from.x, at.y - 6.0F}, frame.to, IM_COL32(0, 0, 0, 150), Metrics::kRound,
                     ImDrawFlags_RoundCornersBottom);
  list.AddText(fonts().strong, font_height(fonts().strong), at, IM_COL32_WHITE, words.data(),
               words.data() + words.size(), wrap);
}

void draw_map(const View& view, const Frame& frame) {
  const lab::Results& results = view.results();
  if (!view.answered() || !view.document().view.map || results.map.values.empty()) return;
  if (results.map.empty()) {
    return draw_no_evidence(frame);
  }
  const float scale = results.map.scale;
  const gfx::Sprite sprite =
      view.textures.heatmap("map", results.map_version, results.map.values, results.map.width, results.map.height,
                            {gfx::Ground::picture, true, std::span(&scale, 1)});
  const auto alpha = static_cast<int>(std::lround(255.0 * view.document().view.opacity));
  ImGui::GetWindowDrawList()->AddImageRounded(sprite.id, frame.from, frame.to, sprite.uv0, sprite.uv1,
                                              IM_COL32(255, 255, 255, alpha), Metrics::kRound);
}

}  // namespace

void draw_bench_picture(const View& view, const Frame& frame) {
  draw_picture(view, frame);
  draw_map(view, frame);
}

}  // namespace weightroom::ui
