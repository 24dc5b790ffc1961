#include "ui/pages/study_bar.h"

#include <algorithm>
#include <cmath>

#include <strings/action.h>
#include <strings/study_bar.h>

#include "base/whole.h"
#include "ui/context.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/method_menu.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

std::string duration(double seconds) {
  if (seconds < 90.0) return tr(text::study_bar_seconds, {{"n", std::max(1L, std::lround(seconds))}});
  return tr(text::study_bar_minutes, {{"n", std::lround(seconds / 60.0)}});
}

}  // namespace

void draw_study_bar(const View& view, CommandQueue& commands) {
  const studies::StudyResults& study = view.lab.engine().study();
  constexpr float kButton = 96.0F;
  const float width = ImGui::GetContentRegionAvail().x;
  const float control = theme().metrics.control;
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const auto beside = [&](std::string_view words) {
    ImGui::SetCursorScreenPos({from.x, from.y + (control - font_height(fonts().body)) / 2});
    text_fitted(words, width - kButton - Metrics::kGap, Role::quiet);
    ImGui::SetCursorScreenPos({from.x + width - kButton, from.y});
  };
  if (study.state == studies::StudyState::running) {
    const double left = (1.0 - study.progress) * study.passes * view.results().forward_ms / 1000.0;
    ImGui::SetCursorScreenPos({from.x, from.y + control / 2 - 3.0F});
    progress_bar("study/progress", study.progress, width - kButton - 3 * Metrics::kGap - 56.0F);
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, {from.x + width - kButton - Metrics::kGap - 64.0F, from.y},
                 {from.x + width - kButton - Metrics::kGap, from.y + control}, 1.0F, colours().quiet, duration(left));
    ImGui::SetCursorScreenPos({from.x + width - kButton, from.y});
    if (button("study/stop", say(text::action_stop), {.tooltip = say(text::study_bar_stop_help), .width = kButton}))
      commands.push(document::command::StopStudy{});
  } else if (study.state == studies::StudyState::waiting || study.state == studies::StudyState::stopped) {
    const double seconds = study.passes * view.results().forward_ms / 1000.0;
    const bool stopped = study.state == studies::StudyState::stopped;
    beside(tr(stopped ? text::study_bar_stopped : text::study_bar_takes,
              {{"time", duration(seconds)}, {"n", std::llround(study.passes)}}));
    if (button("study/start", tr(stopped ? text::action_again : text::action_start),
               {.look = Look::primary, .width = kButton}))
      commands.push(document::command::StartStudy{});
  } else {
    return;
  }
  ImGui::SetCursorScreenPos(from);
  ImGui::Dummy({width, control});
}

void draw_map_tile(const View& view, const MapTile& tile, const Frame& frame) {
  const document::Picture& picture = *view.document().picture;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const gfx::Sprite under = view.textures.picture("seen", revision_of(picture.seen_display), *picture.seen_display,
                                                  picture.seen->width, picture.seen->height, true);
  list.AddImageRounded(under.id, frame.from, frame.to, under.uv0, under.uv1, IM_COL32_WHITE, 6.0F);
  // Paler than on the bench: here the maps are what is compared.
  list.AddRectFilled(frame.from, frame.to, with_alpha(colours().card, 0.55F), 6.0F);
  if (tile.map == nullptr || tile.map->values.empty()) return;
  if (tile.map->empty()) {
    draw_text_in(list, fonts().body, frame.from, frame.to, 0.5F, colours().ink, say(text::study_bar_no_evidence));
    return;
  }
  const float scale = tile.scale > 0.0F ? tile.scale : tile.map->scale;
  const gfx::Sprite sprite =
      view.textures.heatmap(tile.key, tile.version, tile.map->values, tile.map->width, tile.map->height,
                            {gfx::Ground::picture, true, std::span(&scale, 1)});
  list.AddImageRounded(sprite.id, frame.from, frame.to, sprite.uv0, sprite.uv1, IM_COL32_WHITE, 6.0F);
}

void read_map_tile(const MapTile& tile, const Frame& frame, std::string_view title) {
  if (!ImGui::IsItemHovered() || context().touch || tile.map == nullptr || tile.map->values.empty()) return;
  const explain::DisplayMap& map = *tile.map;
  const ImVec2 mouse = ImGui::GetMousePos();
  const auto place = [&](float at, float from, int count) {
    return base::whole_within((at - from) / frame.side() * static_cast<float>(count), 0, count - 1);
  };
  const int x = place(mouse.x, frame.from.x, map.width);
  const int y = place(mouse.y, frame.from.y, map.height);
  if (!begin_tooltip(true)) return;
  text(title, Role::strong);
  const float value = map.values[static_cast<std::size_t>(y * map.width + x)];
  text(tr(text::study_bar_pixel, {{"x", x}, {"y", y}, {"value", short_number(static_cast<double>(value))}}));
  end_tooltip();
}

std::optional<std::vector<std::string>> choose_methods(std::string_view id, const View& view,
                                                       const std::vector<std::string>& methods, std::size_t most,
                                                       float width) {
  std::optional<std::vector<std::string>> wanted;
  const auto options = [&] {
    std::vector<Option> all;
    const explain::MethodDef* before = nullptr;
    for (const explain::MethodDef& method : explain::methods()) {
      const bool there = std::ranges::find(methods, method.name) != methods.end();
      Option option = method_option(method, before);
      option.enabled = there || methods.size() < most;
      const double passes = studies::method_passes(view.document(), method);
      option.aside =
          there ? tr(text::study_bar_method_shown) : tr(text::study_bar_method_passes, {{"n", std::llround(passes)}});
      all.push_back(std::move(option));
      before = &method;
    }
    return all;
  };
  const std::string now = tr(text::study_bar_method_count, {{"n", methods.size()}});
  int chosen = -1;
  if (select(id, now, options, chosen, width) && chosen >= 0) {
    const std::string name(explain::methods()[static_cast<std::size_t>(chosen)].name);
    wanted = methods;
    if (std::erase(*wanted, name) == 0) wanted->push_back(name);
  }
  return wanted;
}

}  // namespace weightroom::ui
