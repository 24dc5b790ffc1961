// The page Size: what the model takes as a file of every kind, and layer by layer.
#include <algorithm>
#include <array>
#include <cmath>

#include <strings/page.h>
#include <strings/size.h>

#include "ui/context.h"
#include "ui/layout.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

// A class opens a page at once: so many downloads over one line of so many Mbit/s.
constexpr int kPupils = 25;
constexpr int kSchoolLine = 50;

// A way of storing the model; `store` below 0: no column of a layer.
struct Way {
  const char* name;  // as engineers write it
  const char* as;    // of the command save_model; empty: no file is made of it
  int store;
  Text help;
};
constexpr int kOnnx = -1;
constexpr int kGzip = -2;
constexpr std::array<Way, 7> kWays{
    {{"fp32", "fp32", static_cast<int>(studies::Store::full), text::size_way_fp32_help},
     {"fp16", "fp16", static_cast<int>(studies::Store::half), text::size_way_fp16_help},
     {"int8", "int8", static_cast<int>(studies::Store::int8), text::size_way_int8_help},
     {"int4", "int4", static_cast<int>(studies::Store::int4), text::size_way_int4_help},
     {"smallest", "smallest", static_cast<int>(studies::Store::smallest), text::size_way_smallest_help},
     {"gzip", "", kGzip, text::size_way_gzip_help},
     {"ONNX", "onnx", kOnnx, text::size_way_onnx_help}}};

bool is_smallest(const Way& way) { return way.store == static_cast<int>(studies::Store::smallest); }

// Of a row, and of a column, where less has room.
std::string name_of(const Way& way) { return is_smallest(way) ? tr(text::size_way_smallest) : way.name; }
std::string short_name_of(const Way& way) { return is_smallest(way) ? tr(text::size_way_smallest_short) : way.name; }

std::string seconds_text(std::size_t bytes) {
  const double seconds = static_cast<double>(bytes) * 8.0 * kPupils / (kSchoolLine * 1e6);
  if (bytes == 0) return "–";
  if (seconds < 0.1) return tr(text::size_seconds_below, {{"value", decimal(0.1, 1)}});
  if (seconds < 60.0) return tr(text::size_seconds, {{"value", decimal(seconds, 1)}});
  const auto whole = static_cast<std::size_t>(seconds);
  return tr(text::size_minutes, {{"minutes", whole / 60}, {"seconds", whole % 60}});
}

std::string short_count(double n) {
  if (n < 1000.0) return decimal(n, 0);
  if (n < 1e6) return tr(text::size_thousands, {{"value", decimal(n / 1e3, n < 1e4 ? 1 : 0)}});
  if (n < 1e9) return tr(text::size_millions, {{"value", decimal(n / 1e6, n < 1e7 ? 1 : 0)}});
  return tr(text::size_billions, {{"value", decimal(n / 1e9, 1)}});
}

std::size_t file_of(const studies::ModelSizes& sizes, const Way& way) {
  if (way.store == kOnnx) return sizes.onnx;
  return way.store == kGzip ? sizes.gzip : sizes.file[static_cast<std::size_t>(way.store)];
}

std::size_t layer_of(const studies::LayerSize& layer, const Way& way) {
  return way.store == kGzip ? layer.gzip : layer.bytes[static_cast<std::size_t>(way.store)];
}

// Columns of a file's line, in points; the bar takes the rest.
struct FileColumns {
  float names = narrow_page() ? 88.0F
                              : std::max(text_size(say(text::size_way_smallest), fonts().strong).x,
                                         text_size(say(text::size_way_loaded), fonts().strong).x) +
                                    Metrics::kGap + 1.0F;
  float bytes = 84.0F;
  float seconds = narrow_page() ? 0.0F : 92.0F;
  float save = theme().metrics.control;
  [[nodiscard]] float bar(float width) const { return width - names - bytes - seconds - save - 3 * Metrics::kGap; }
};

void draw_size_head(float width) {
  const FileColumns columns;
  if (columns.seconds == 0.0F) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float height = font_height(fonts().body);
  const float x = from.x + columns.names + columns.bar(width) + Metrics::kGap;
  draw_text_in(list, fonts().body, {x, from.y}, {x + columns.bytes, from.y + height}, 1.0F, colours().quiet,
               say(text::size_head_file));
  draw_text_in(list, fonts().body, {x + columns.bytes, from.y}, {x + columns.bytes + columns.seconds, from.y + height},
               1.0F, colours().quiet, tr(text::size_head_class, {{"n", kPupils}}));
  ImGui::Dummy({width, height});
}

// A file: its name, a bar, its bytes, how long a class waits for it. Leaves the cursor where a button may follow.
struct FileRow {
  std::string_view id;
  std::string name;
  std::string help;
  std::size_t bytes = 0;
  ImU32 colour = 0;
};
void draw_file(const FileRow& row, std::size_t most, float width) {
  const FileColumns columns;
  const std::string name = wrapped(row.name, columns.names - Metrics::kGap, fonts().strong);  // in two lines on a phone
  const float height = std::max(theme().metrics.control, text_size(name, fonts().strong).y);
  const ImVec2 from = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_text_in(list, fonts().strong, from, {from.x + columns.names, from.y + height}, 0.0F, colours().ink, name);
  const float room = columns.bar(width);
  const float middle = from.y + height / 2;
  const float share = most > 0 ? static_cast<float>(row.bytes) / static_cast<float>(most) : 0.0F;
  const ImVec2 bar{from.x + columns.names, middle - 7.0F};
  list.AddRectFilled(bar, {bar.x + room, middle + 7.0F}, colours().track, 4.0F);
  if (row.bytes > 0)
    list.AddRectFilled(bar, {bar.x + std::max(3.0F, room * std::min(1.0F, share)), middle + 7.0F}, row.colour, 4.0F);
  float x = bar.x + room + Metrics::kGap;
  draw_text_in(list, fonts().body, {x, from.y}, {x + columns.bytes, from.y + height}, 1.0F, colours().ink,
               bytes_text(row.bytes));
  x += columns.bytes;
  if (columns.seconds > 0.0F)
    draw_text_in(list, fonts().body, {x, from.y}, {x + columns.seconds, from.y + height}, 1.0F, colours().quiet,
                 seconds_text(row.bytes));
  ImGui::Dummy({width - columns.save - Metrics::kGap, height});
  note_item(row.id);
  tooltip(row.bytes > 0 ? row.help + " " + tr(text::size_bytes, {{"n", row.bytes}}) : row.help);
  ImGui::SetCursorScreenPos({from.x + width - columns.save, from.y + (height - theme().metrics.control) / 2});
}

void draw_way(const Way& way, const studies::ModelSizes& sizes, std::size_t most, float width, CommandQueue& commands) {
  const bool saved = way.as[0] != '\0';
  const ImU32 colour = way.store == kGzip || way.store == kOnnx ? colours().quiet : colours().accent;
  draw_file(
      {std::string("size/") + (saved ? way.as : way.name), name_of(way), tr(way.help), file_of(sizes, way), colour},
      most, width);
  const float side = FileColumns().save;
  if (!saved) {
    ImGui::Dummy({side, theme().metrics.control});
  } else if (icon_button(
                 "save/" + std::string(way.as), Icon::download,
                 is_smallest(way) ? tr(text::size_save_smallest) : tr(text::size_save, {{"format", name_of(way)}}))) {
    commands.push(document::command::SaveModel{way.as});
  }
}

// What the smallest file was before any edit, to be compared with.
void draw_loaded(const View& view, std::size_t most, float width) {
  const document::Document& document = view.document();
  const auto before = view.lab.engine().sizes().file_after(nullptr);
  if (!before || document.edit.running.same(document.loaded)) return;
  draw_file({"size/loaded", tr(text::size_way_loaded), tr(text::size_way_loaded_help), *before, colours().quiet}, most,
            width);
  ImGui::Dummy({FileColumns().save, theme().metrics.control});
}

void draw_files(const View& view, const studies::ModelSizes& sizes, CommandQueue& commands) {
  const Card card("size", say(text::size_card));
  const std::size_t most = *std::ranges::max_element(sizes.file);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {Metrics::kGap, 2.0F});
  draw_size_head(card.width());
  for (const Way& way : kWays) {
    draw_way(way, sizes, std::max(most, sizes.onnx), card.width(), commands);
    if (is_smallest(way)) draw_loaded(view, std::max(most, sizes.onnx), card.width());
  }
  ImGui::PopStyleVar();
  const std::size_t plain = sizes.file[static_cast<std::size_t>(studies::Store::full)];
  const std::size_t smallest = sizes.file[static_cast<std::size_t>(studies::Store::smallest)];
  const bool shrinks = smallest < plain - plain / 20;
  text(shrinks ? tr(text::size_wait_smallest, {{"n", kPupils},
                                               {"speed", kSchoolLine},
                                               {"time", seconds_text(plain)},
                                               {"smallest", seconds_text(smallest)}})
               : tr(text::size_wait, {{"n", kPupils}, {"speed", kSchoolLine}, {"time", seconds_text(plain)}}),
       Role::quiet, true);
  if (view.document().edit.steps.empty())
    text(tr(text::size_prune_first, {{"page", text::page_edit_title}}), Role::quiet, true);
  text(say(text::size_time_stays), Role::quiet, true);
}

// ---- layer by layer

struct SizeColumn {
  std::string title;
  float width;
  std::string help;
};

struct Table {
  const View& view;
  const studies::ModelSizes& sizes;
  std::vector<SizeColumn> columns;
  std::vector<const Way*> ways;  // the columns from the third on
  float width = 0.0F;
};

constexpr float kSizeRow = 28.0F;

void draw_row(const Table& table, std::span<const std::string> cells, bool strong, bool head) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  float x = from.x;
  ImFont* const font = strong ? fonts().strong : fonts().body;
  for (std::size_t k = 0; k < table.columns.size(); ++k) {
    const float w = table.columns[k].width;
    draw_text_in(list, font, {x, from.y}, {x + w - 6.0F, from.y + kSizeRow}, k == 0 ? 0.0F : 1.0F,
                 head ? colours().quiet : colours().ink, k == 0 ? shortened(cells[k], w - 6.0F, font) : cells[k]);
    if (head && ImGui::IsMouseHoveringRect({x, from.y}, {x + w, from.y + kSizeRow})) tooltip(table.columns[k].help);
    x += w;
  }
  ImGui::Dummy({table.width, kSizeRow});
}

std::string shape_text(const document::Document& document, int node) {
  std::string text;
  std::size_t most = 0;
  for (const int weight : document.graph().nodes()[static_cast<std::size_t>(node)].weights) {
    const nn::Shape& shape = document.graph().weights()[static_cast<std::size_t>(weight)].shape;
    if (shape.size() <= most) continue;
    most = shape.size();
    text.clear();
    for (const int extent : shape.extents()) text += (text.empty() ? "" : "×") + std::to_string(extent);
  }
  return text;
}

// The weights' share as a bar under the row, so that the eye finds the large layers.
void draw_share(const Table& table, const studies::LayerSize& layer, std::size_t all, float y) {
  const float room = table.columns[0].width - 6.0F;
  const float share = static_cast<float>(layer.weights) / static_cast<float>(std::max<std::size_t>(1, all));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float x = ImGui::GetCursorScreenPos().x;
  list.AddRectFilled({x, y + kSizeRow - 4.0F}, {x + room, y + kSizeRow - 2.0F}, colours().track, 1.0F);
  list.AddRectFilled({x, y + kSizeRow - 4.0F}, {x + std::max(1.5F, room * share), y + kSizeRow - 2.0F},
                     colours().accent, 1.0F);
}

// On a phone in two lines: what does not fit beside the name stands below it.
void draw_layer_narrow(const Table& table, const studies::LayerSize& layer, std::size_t all, CommandQueue& commands) {
  const document::Document& document = table.view.document();
  const nn::Node& node = document.graph().nodes()[static_cast<std::size_t>(layer.node)];
  const double share = static_cast<double>(layer.weights) / static_cast<double>(std::max<std::size_t>(1, all));
  const float line = font_height(fonts().body);
  const Area row = area("size/layer/" + node.name, {table.width, 2 * line + 14.0F});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_focus(list, row, Metrics::kRound);
  if (row.pressed) choose_layer(table.view, layer.node, commands);
  const ImVec2 first{row.from.x, row.from.y + 2.0F};
  const ImVec2 second{row.from.x, first.y + line};
  const ImVec2 first_end{row.to.x, first.y + line};
  const ImVec2 second_end{row.to.x, second.y + line};
  draw_text_in(list, fonts().body, first, first_end, 0.0F, colours().ink,
               shortened(node.name + "  " + shape_text(document, layer.node), table.width - 90.0F, fonts().body));
  draw_text_in(list, fonts().body, first, first_end, 1.0F, colours().ink, bytes_text(layer_of(layer, *table.ways[0])));
  const std::string work = short_count(node.multiply_adds);
  draw_text_in(list, fonts().body, second, second_end, 0.0F, colours().quiet,
               tr(text::size_row_weights, {{"n", layer.weights}, {"share", percent(share)}}));
  draw_text_in(list, fonts().body, second, second_end, 1.0F, colours().quiet,
               table.sizes.ms.empty()
                   ? tr(text::size_row_work, {{"count", work}})
                   : tr(text::size_row_work_ms,
                        {{"count", work}, {"ms", decimal(table.sizes.ms[static_cast<std::size_t>(layer.node)], 2)}}));
  const float y = row.to.y - 6.0F;
  list.AddRectFilled({row.from.x, y}, {row.to.x, y + 2.0F}, colours().track, 1.0F);
  list.AddRectFilled({row.from.x, y}, {row.from.x + std::max(1.5F, table.width * static_cast<float>(share)), y + 2.0F},
                     colours().accent, 1.0F);
}

void draw_layer(const Table& table, const studies::LayerSize& layer, std::size_t all, CommandQueue& commands) {
  const document::Document& document = table.view.document();
  const nn::Node& node = document.graph().nodes()[static_cast<std::size_t>(layer.node)];
  const double share = static_cast<double>(layer.weights) / static_cast<double>(std::max<std::size_t>(1, all));
  std::vector<std::string> cells{node.name + "  " + shape_text(document, layer.node), grouped(layer.weights),
                                 percent(share)};
  for (const Way* way : table.ways) cells.push_back(bytes_text(layer_of(layer, *way)));
  cells.push_back(short_count(node.multiply_adds));
  cells.push_back(table.sizes.ms.empty() ? "…" : decimal(table.sizes.ms[static_cast<std::size_t>(layer.node)], 2));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const Area row = area("size/layer/" + node.name, {table.width, kSizeRow});
  if (row.hovered)
    ImGui::GetWindowDrawList()->AddRectFilled({row.from.x - 6, row.from.y}, {row.to.x + 6, row.to.y},
                                              colours().control_hover, Metrics::kRound);
  draw_focus(*ImGui::GetWindowDrawList(), row, Metrics::kRound);
  if (row.pressed) choose_layer(table.view, layer.node, commands);
  if (row.hovered)
    tooltip(tr(text::size_row_help, {{"layer", node.name}, {"n", layer.weights}, {"zeros", layer.zeros}}));
  ImGui::SetCursorScreenPos(at);
  draw_share(table, layer, all, at.y);
  draw_row(table, cells, false, false);
}

void draw_sums(const Table& table, std::size_t all) {
  const document::Document& document = table.view.document();
  double sum_ms = 0.0;
  for (const double ms : table.sizes.ms) sum_ms += ms;
  const auto inner = [&](const Way& way) {
    std::size_t sum = 0;
    for (const studies::LayerSize& layer : table.sizes.layers) sum += layer_of(layer, way);
    return sum;
  };
  std::vector<std::string> rest{tr(text::size_rest), "", ""};
  std::vector<std::string> total{tr(text::size_file), grouped(all), percent(1.0, 0)};
  for (const Way* way : table.ways) {
    const std::size_t file = file_of(table.sizes, *way);
    const std::size_t sum = inner(*way);
    rest.push_back(file > sum ? bytes_text(file - sum) : "");
    total.push_back(bytes_text(file));
  }
  rest.insert(rest.end(), {"", ""});
  total.push_back(short_count(document.graph().multiply_adds()));
  total.push_back(table.sizes.ms.empty() ? "…" : decimal(sum_ms, 2));
  draw_row(table, rest, false, false);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddLine(at, {at.x + table.width, at.y}, colours().line);
  draw_row(table, total, true, false);
  note_item("size/total");
}

void draw_table(const View& view, UiState& ui, const studies::ModelSizes& sizes, CommandQueue& commands) {
  const Card card("size_table", say(text::size_table));
  Table table{view, sizes, {}, {}, card.width()};
  constexpr float kEach = 82.0F;
  constexpr float kFirst = 150.0F;
  constexpr std::size_t kStored = 6;  // ONNX has no column
  std::array<std::string, kStored> names;
  std::array<std::string_view, kStored> labels;
  for (std::size_t k = 0; k < kStored; ++k) labels[k] = names[k] = short_name_of(kWays[k]);
  // All of them where there is room; one to be chosen where there is not.
  const bool wide = card.width() >= kFirst + 10 * kEach;
  if (!wide) (void)segmented("size/store", labels, ui.size_store);
  for (std::size_t k = 0; k < kStored; ++k) {
    if (wide || static_cast<int>(k) == ui.size_store) table.ways.push_back(&kWays[k]);
  }
  const std::size_t all = view.document().graph().weight_count();
  if (narrow_page()) {
    for (const studies::LayerSize& layer : sizes.layers) draw_layer_narrow(table, layer, all, commands);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().strong, at, {at.x + table.width, at.y + kSizeRow}, 0.0F,
                 colours().ink, say(text::size_file_narrow));
    draw_text_in(*ImGui::GetWindowDrawList(), fonts().strong, at, {at.x + table.width, at.y + kSizeRow}, 1.0F,
                 colours().ink, bytes_text(file_of(sizes, *table.ways[0])));
    ImGui::Dummy({table.width, kSizeRow});
    note_item("size/total");
    return;
  }
  const bool tight = card.width() < kFirst + 5 * kEach;
  table.columns = {{tr(text::size_column_layer), 0.0F, tr(text::size_column_layer_help)},
                   {tr(text::size_column_weights), kEach, tr(text::size_column_weights_help)},
                   {tr(text::size_column_share), tight ? 60.0F : kEach, tr(text::size_column_share_help)}};
  for (const Way* way : table.ways) table.columns.push_back({short_name_of(*way), kEach, tr(way->help)});
  table.columns.push_back({tr(text::size_column_work), kEach, tr(text::size_column_work_help)});
  table.columns.push_back({tr(text::size_column_ms), tight ? 52.0F : kEach, tr(text::size_column_ms_help)});
  float rest = card.width();
  for (const SizeColumn& column : table.columns) rest -= column.width;
  table.columns[0].width = std::max(rest, 60.0F);
  std::vector<std::string> head;
  for (const SizeColumn& column : table.columns) head.push_back(column.title);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  draw_row(table, head, false, true);
  for (const studies::LayerSize& layer : sizes.layers) draw_layer(table, layer, all, commands);
  draw_sums(table, all);
  ImGui::PopStyleVar();
}

}  // namespace

void size_panel(const View& view, UiState& ui, CommandQueue& commands) {
  if (!view.lab.has_document()) return;
  const studies::Sizes& known = view.lab.engine().sizes();
  if (known.sizes() == nullptr) {
    const Card card("size", say(text::size_card));
    text(say(text::size_packing), Role::quiet);
    progress_bar("size/progress", known.progress(), card.width());
    return;
  }
  draw_files(view, *known.sizes(), commands);
  draw_table(view, ui, *known.sizes(), commands);
}

}  // namespace weightroom::ui
