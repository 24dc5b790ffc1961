#include "ui/columns/crop_editor.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <imgui_internal.h>
#include <strings/action.h>
#include <strings/crop.h>

#include "base/whole.h"
#include "ui/context.h"
#include "ui/widgets/button.h"
#include "ui/widgets/common.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

constexpr int kLeastSide = 16;  // pixels of the picture

// From the picture's pixels to the screen.
struct Sheet {
  const document::Picture& picture;
  ImVec2 corner;
  float scale = 1.0F;

  [[nodiscard]] int width() const { return picture.image->width; }
  [[nodiscard]] int height() const { return picture.image->height; }
  [[nodiscard]] int largest() const { return std::min(width(), height()); }
  [[nodiscard]] int least() const { return std::min(kLeastSide, largest()); }
  [[nodiscard]] ImVec2 at(float x, float y) const { return {corner.x + x * scale, corner.y + y * scale}; }
  [[nodiscard]] ImVec2 end() const { return at(static_cast<float>(width()), static_cast<float>(height())); }
  [[nodiscard]] ImVec2 pixel(ImVec2 p) const { return {(p.x - corner.x) / scale, (p.y - corner.y) / scale}; }
  [[nodiscard]] ImVec2 from(const document::Crop& crop) const {
    return at(static_cast<float>(crop.x), static_cast<float>(crop.y));
  }
  [[nodiscard]] ImVec2 to(const document::Crop& crop) const {
    return at(static_cast<float>(crop.x + crop.side), static_cast<float>(crop.y + crop.side));
  }
};

document::Crop within(const Sheet& sheet, document::Crop crop) {
  crop.side = std::clamp(crop.side, sheet.least(), sheet.largest());
  crop.x = std::clamp(crop.x, 0, sheet.width() - crop.side);
  crop.y = std::clamp(crop.y, 0, sheet.height() - crop.side);
  return crop;
}

document::Crop sized(const Sheet& sheet, const document::Crop& crop, int side) {
  side = std::clamp(side, sheet.least(), sheet.largest());
  return within(sheet, {crop.x + (crop.side - side) / 2, crop.y + (crop.side - side) / 2, side});
}

// The corner follows the pointer, the one across from it stays.
document::Crop from_corner(const Sheet& sheet, const document::Crop& crop, bool right, bool low, ImVec2 pixel) {
  const int fixed_x = right ? crop.x : crop.x + crop.side;
  const int fixed_y = low ? crop.y : crop.y + crop.side;
  const float wide = right ? pixel.x - static_cast<float>(fixed_x) : static_cast<float>(fixed_x) - pixel.x;
  const float high = low ? pixel.y - static_cast<float>(fixed_y) : static_cast<float>(fixed_y) - pixel.y;
  const int room = std::min(right ? sheet.width() - fixed_x : fixed_x, low ? sheet.height() - fixed_y : fixed_y);
  const int side = base::whole_within(std::round(std::max(wide, high)), std::min(sheet.least(), room), room);
  return {right ? fixed_x : fixed_x - side, low ? fixed_y : fixed_y - side, side};
}

void draw_sheet_of(const View& view, const Sheet& sheet, const document::Crop& crop) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const document::Picture& picture = sheet.picture;
  const gfx::Sprite sprite = picture_sprite(view, picture);
  const ImVec2 end = sheet.end();
  list.AddImage(sprite.id, sheet.corner, end, sprite.uv0, sprite.uv1);
  list.AddRectFilled(sheet.corner, end, IM_COL32(0, 0, 0, 130));
  const auto uv = [&](ImVec2 p) {
    return ImVec2{std::lerp(sprite.uv0.x, sprite.uv1.x, (p.x - sheet.corner.x) / (end.x - sheet.corner.x)),
                  std::lerp(sprite.uv0.y, sprite.uv1.y, (p.y - sheet.corner.y) / (end.y - sheet.corner.y))};
  };
  const ImVec2 from = sheet.from(crop);
  const ImVec2 to = sheet.to(crop);
  list.AddImage(sprite.id, from, to, uv(from), uv(to));
  list.AddRect(from, to, IM_COL32(0, 0, 0, 120), 0, ImDrawFlags_None, 4.0F);
  list.AddRect(from, to, IM_COL32_WHITE, 0, ImDrawFlags_None, 2.0F);
}

// An angle inside the corner, as cameras draw it.
void draw_handle(ImVec2 corner, bool right, bool low, bool lively) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  constexpr float kArm = 18.0F;
  const float dx = right ? -1.0F : 1.0F;
  const float dy = low ? -1.0F : 1.0F;
  const std::array<ImVec2, 3> path{ImVec2{corner.x + dx * kArm, corner.y + dy * 2.0F},
                                   {corner.x + dx * 2.0F, corner.y + dy * 2.0F},
                                   {corner.x + dx * 2.0F, corner.y + dy * kArm}};
  list.AddPolyline(path.data(), 3, IM_COL32(0, 0, 0, 150), ImDrawFlags_None, 7.0F);
  list.AddPolyline(path.data(), 3, lively ? colours().accent : IM_COL32_WHITE, ImDrawFlags_None, 4.0F);
}

// A second finger on the screen ends the first one's way: for a frame there is no place.
bool pulls(const Area& at) { return at.held && ImGui::GetIO().MouseDown[0] && ImGui::IsMousePosValid(); }

// ImGui's keyboard navigation would take the arrows away from what they move.
document::Crop use_keys(const Sheet& sheet, document::Crop crop, const Area& at) {
  if (!at.keys) return crop;
  const ImGuiID id = ImGui::GetItemID();
  const int step = std::max(1, sheet.largest() / 50);
  const auto presses = [&](ImGuiKey key) {
    ImGui::SetKeyOwner(key, id);
    return ImGui::IsKeyPressed(key, id, ImGuiInputFlags_Repeat) ? 1 : 0;
  };
  crop.x += step * (presses(ImGuiKey_RightArrow) - presses(ImGuiKey_LeftArrow));
  crop.y += step * (presses(ImGuiKey_DownArrow) - presses(ImGuiKey_UpArrow));
  const int grow = presses(ImGuiKey_Equal) + presses(ImGuiKey_KeypadAdd) - presses(ImGuiKey_Minus) -
                   presses(ImGuiKey_KeypadSubtract);
  return grow == 0 ? crop : sized(sheet, crop, crop.side + 2 * step * grow);
}

document::Crop use_corners(const Sheet& sheet, const document::Crop& crop) {
  document::Crop next = crop;
  // Of a small square they leave the middle free to be taken.
  const float reach = std::min(context().touch ? 22.0F : 14.0F, static_cast<float>(crop.side) * sheet.scale / 3);
  for (int i = 0; i < 4; ++i) {
    const bool right = i % 2 == 1;
    const bool low = i / 2 == 1;
    const ImVec2 corner{right ? sheet.to(crop).x : sheet.from(crop).x, low ? sheet.to(crop).y : sheet.from(crop).y};
    ImGui::SetCursorScreenPos({corner.x - reach, corner.y - reach});
    const Area at = area("crop/" + std::to_string(i), {2 * reach, 2 * reach});
    keeps_finger();
    ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
    next = use_keys(sheet, next, at);
    if (pulls(at)) next = from_corner(sheet, crop, right, low, sheet.pixel(ImGui::GetMousePos()));
    if (at.hovered || at.held)
      ImGui::SetMouseCursor(right == low ? ImGuiMouseCursor_ResizeNWSE : ImGuiMouseCursor_ResizeNESW);
    draw_handle(corner, right, low, at.hovered || at.held);
    draw_focus(*ImGui::GetWindowDrawList(), at, 4.0F);
  }
  return next;
}

// From where the square was taken: what is lost to whole pixels does not add up.
document::Crop use_drag(const Sheet& sheet, document::Crop crop, const Area& at) {
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  const ImGuiID left = ImGui::GetID("crop/left");
  const ImGuiID top = ImGui::GetID("crop/top");
  const ImVec2 pixel = sheet.pixel(ImGui::GetMousePos());
  if (ImGui::IsItemActivated()) {
    storage.SetFloat(left, pixel.x - static_cast<float>(crop.x));
    storage.SetFloat(top, pixel.y - static_cast<float>(crop.y));
  } else if (pulls(at)) {
    crop.x = base::whole_within(std::round(pixel.x - storage.GetFloat(left)), 0, sheet.width());
    crop.y = base::whole_within(std::round(pixel.y - storage.GetFloat(top)), 0, sheet.height());
  }
  return crop;
}

}  // namespace

void draw_crop_editor(const View& view, ImVec2 from, float side, CommandQueue& commands) {
  const document::Picture& picture = *view.document().picture;
  const auto width = static_cast<float>(picture.image->width);
  const auto height = static_cast<float>(picture.image->height);
  const float scale = side / std::max(width, height);
  const Sheet sheet{picture, {from.x + (side - width * scale) / 2, from.y + (side - height * scale) / 2}, scale};
  const document::Crop crop = picture.crop;
  draw_sheet_of(view, sheet, crop);
  document::Crop next = use_corners(sheet, crop);
  ImGui::SetCursorScreenPos(from);
  const Area at = area("crop", {side, side});
  keeps_finger();
  draw_focus(*ImGui::GetWindowDrawList(), at, 4.0F);
  next = within(sheet, next == crop ? use_keys(sheet, use_drag(sheet, crop, at), at) : next);
  ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
  const auto inside = [&](ImVec2 p) { return p.x >= from.x && p.y >= from.y && p.x < at.to.x && p.y < at.to.y; };
  const bool resting = !ImGui::GetIO().MouseDown[0];
  const float wheel =
      resting && ImGui::IsWindowHovered() && inside(ImGui::GetMousePos()) ? ImGui::GetIO().MouseWheel : 0;
  const float pinch = inside(context().pinch_centre) ? context().pinch_scale : 1.0F;
  if (wheel != 0.0F || pinch != 1.0F) {
    const float grow = std::pow(0.92F, wheel) / pinch;
    next = sized(sheet, next,
                 base::whole_within(std::round(static_cast<float>(next.side) * grow), sheet.least(), sheet.largest()));
  }
  if (next != crop) commands.push(document::command::SetCrop{next});
}

bool crop_tools(float width) {
  const std::string_view done = say(text::action_done);
  ButtonOptions options{.look = Look::primary, .width = 72.0F};
  options.width = button_width(done, options);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float room = width - options.width - Metrics::kGap;
  draw_text_in(*ImGui::GetWindowDrawList(), fonts().body, from, {from.x + room, from.y + theme().metrics.control}, 0.0F,
               colours().quiet, shortened(say(text::crop_hint), room, fonts().body));
  ImGui::SetCursorScreenPos({from.x + width - options.width, from.y});
  return button("crop/done", done, options);
}

}  // namespace weightroom::ui
