#include "gfx/textures.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "gfx/textures_gpu.h"

namespace weightroom::gfx {
namespace {

ImTextureID texture_id(std::uintptr_t name) {
  return reinterpret_cast<ImTextureID>(name);
}  // as ImGui's backend reads it

// Near a square, so that a layer of 128 channels stays within a texture's largest side.
int sheet_columns(int count, int width, int height) {
  const double wanted = std::sqrt(static_cast<double>(count) * height / std::max(width, 1));
  return std::clamp(static_cast<int>(std::ceil(wanted)), 1, std::max(count, 1));
}

// Smooth maps are interpolated here, at the resolution of a screen, because a texture unit would mix colours.
int enlargement(int width, int height) { return std::clamp(512 / std::max({width, height, 1}), 1, 16); }

bool same_style(const MapInput& a, const MapStyle& b) {
  return a.ground == b.ground && a.smooth == b.smooth && std::ranges::equal(a.scales, b.scales);
}

}  // namespace

Sprite Sheet::sprite(int i) const {
  const int row = i / columns;
  const ImVec2 corner{origin.x + static_cast<float>(i % columns) * step.x, origin.y + static_cast<float>(row) * step.y};
  return {id, corner, {corner.x + size.x, corner.y + size.y}};
}

Textures::Textures() = default;
Textures::~Textures() {
  for (auto& [key, entry] : entries_) {
    if (gpu_) gpu_->release(*entry);
  }
}

void Textures::start() { gpu_ = std::make_unique<Gpu>(); }

void Textures::context_lost() {
  for (auto& [key, entry] : entries_) entry->forget();
  if (gpu_) gpu_->forget();
  gpu_.reset();
}

void Textures::context_restored() {
  context_lost();  // may have gone unnoticed
  gpu_ = std::make_unique<Gpu>();
  ++generation_;
}

Textures::Entry& Textures::touch(std::string_view key) {
  auto& slot = entries_[std::string(key)];
  if (!slot) slot = std::make_unique<Entry>();
  slot->last_used = frame_;
  if (slot->output == 0) slot->output = gpu_ ? gpu_->name() : static_cast<unsigned>(++unnamed_);
  return *slot;
}

Textures::Entry& Textures::values_entry(std::string_view key, std::uint64_t revision, std::span<const float> values,
                                        int count, int width, int height, const MapStyle& style) {
  Entry& entry = touch(key);
  MapInput& map = entry.map;
  const bool same_values = entry.revision == revision && map.count == count && map.width == width &&
                           map.height == height && !map.values.empty();
  if (!same_values) {
    CHECK(values.size() >=
          static_cast<std::size_t>(count) * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    entry.revision = revision;
    map.count = count;
    map.width = width;
    map.height = height;
    const auto used = values.first(static_cast<std::size_t>(count) * static_cast<std::size_t>(width) *
                                   static_cast<std::size_t>(height));
    map.values.assign(used.begin(), used.end());
    entry.values_changed = true;
  }
  if (!same_values || !same_style(map, style)) {
    map.ground = style.ground;
    map.smooth = style.smooth;
    map.scales.assign(style.scales.begin(), style.scales.end());
    if (map.scales.empty()) map.scales.push_back(1.0F);
    entry.style_changed = true;
  }
  return entry;
}

Sprite Textures::heatmap(std::string_view key, std::uint64_t revision, std::span<const float> values, int width,
                         int height, const MapStyle& style) {
  return sheet(key, revision, values, 1, width, height, style).sprite(0);
}

Sheet Textures::sheet(std::string_view key, std::uint64_t revision, std::span<const float> values, int count, int width,
                      int height, const MapStyle& style) {
  Entry& entry = values_entry(key, revision, values, count, width, height, style);
  entry.kind = Kind::sheet;
  MapInput& map = entry.map;
  map.columns = sheet_columns(count, width, height);
  map.enlarge = style.smooth && count == 1 ? enlargement(width, height) : 1;
  const int rows = (count + map.columns - 1) / map.columns;
  const int step_x = width * map.enlarge + 2 * kBorder;
  const int step_y = height * map.enlarge + 2 * kBorder;
  entry.width = step_x * map.columns;
  entry.height = step_y * rows;
  const auto w = static_cast<float>(entry.width);
  const auto h = static_cast<float>(entry.height);
  return {texture_id(entry.output),
          map.columns,
          count,
          {static_cast<float>(kBorder) / w, static_cast<float>(kBorder) / h},
          {static_cast<float>(width * map.enlarge) / w, static_cast<float>(height * map.enlarge) / h},
          {static_cast<float>(step_x) / w, static_cast<float>(step_y) / h}};
}

Sprite Textures::picture(std::string_view key, std::uint64_t revision, std::span<const std::uint8_t> rgba, int width,
                         int height, bool pixels) {
  Entry& entry = touch(key);
  if (entry.kind != Kind::picture || entry.revision != revision || entry.width != width || entry.height != height ||
      entry.pixels != pixels) {
    entry.kind = Kind::picture;
    entry.revision = revision;
    entry.width = width;
    entry.height = height;
    entry.pixels = pixels;
    CHECK(rgba.size() >= static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
    const auto used = rgba.first(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
    entry.rgba.assign(used.begin(), used.end());
    entry.values_changed = true;
  }
  return {texture_id(entry.output)};
}

void Textures::wall(ImDrawList& list, std::string_view key, std::uint64_t revision, std::span<const float> values,
                    int count, int columns, int width, int height, const MapStyle& style, ImVec2 from, ImVec2 to,
                    const Wall& wall) {
  Entry& entry = values_entry(key, revision, values, count, width, height, style);
  entry.kind = Kind::wall;
  entry.map.columns = std::max(columns, 1);
  walls_.push_back(std::make_unique<WallCall>(WallCall{this, &entry, wall, from, to}));
  list.AddCallback(&Textures::draw_wall, walls_.back().get());
}

void Textures::end_walls(ImDrawList& list) { list.AddCallback(ImDrawCallback_ResetRenderState, nullptr); }

std::optional<std::uint64_t> Textures::held(std::string_view key) const {
  const auto at = entries_.find(std::string(key));
  if (at == entries_.end() || (at->second->map.values.empty() && at->second->rgba.empty())) return std::nullopt;
  return at->second->revision;
}

std::span<const float> Textures::scales(std::string_view key) const {
  const auto at = entries_.find(std::string(key));
  return at == entries_.end() ? std::span<const float>() : at->second->map.scales;
}

void Textures::draw_wall(const ImDrawList* /*list*/, const ImDrawCmd* command) {
  const auto& call = *static_cast<const WallCall*>(command->UserCallbackData);
  if (call.owner->gpu_) call.owner->gpu_->draw_wall(call, command->ClipRect);
}

void Textures::upload() {
  ++frame_;
  std::erase_if(entries_, [&](auto& item) {
    if (item.second->last_used + kKeepFrames >= frame_) return false;
    if (gpu_) gpu_->release(*item.second);
    return true;
  });
  if (!gpu_) return;
  for (auto& [key, entry] : entries_) {
    if (entry->values_changed || entry->style_changed) gpu_->update(*entry);
  }
}

void Textures::begin_frame() { walls_.clear(); }

}  // namespace weightroom::gfx
