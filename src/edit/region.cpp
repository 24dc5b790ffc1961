#include "edit/region.h"

#include <algorithm>
#include <charconv>

#include <strings/region.h>

#include "base/sort.h"

namespace weightroom::edit {
namespace {

constexpr std::size_t kMostBoxes = 4096;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string shown(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

const nn::GraphWeight& tensor_of(const nn::Graph& graph, int tensor) {
  return graph.weights()[static_cast<std::size_t>(tensor)];
}

Result<int> parse_index(const nn::GraphWeight& tensor, std::string_view field, int fallback, int most) {
  field = trimmed(field);
  if (field.empty()) return fallback;
  int index = 0;
  const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), index);
  if ((code != std::errc{} && code != std::errc::result_out_of_range) || end != field.data() + field.size())
    return fail(text::region_not_whole, {{"index", shown(field)}, {"tensor", tensor.name}});
  if (code == std::errc::result_out_of_range || index < 0 || index > most) {
    return fail(text::region_out_of_range,
                {{"index", shown(field)}, {"tensor", tensor.name}, {"shape", tensor.shape.text()}});
  }
  return index;
}

// "3", "1:4", ":": one axis.
Status parse_axis(const nn::GraphWeight& tensor, std::string_view field, int axis, Box& box) {
  const int extent = tensor.shape[axis];
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos) {
    if (trimmed(field).empty()) return fail(text::region_no_index, {{"tensor", tensor.name}});
    const auto index = parse_index(tensor, field, 0, extent - 1);
    if (!index) return std::unexpected(index.error());
    box.from[static_cast<std::size_t>(axis)] = *index;
    box.to[static_cast<std::size_t>(axis)] = *index + 1;
    return {};
  }
  const auto from = parse_index(tensor, field.substr(0, colon), 0, extent);
  if (!from) return std::unexpected(from.error());
  const auto to = parse_index(tensor, field.substr(colon + 1), extent, extent);
  if (!to) return std::unexpected(to.error());
  if (*from >= *to) return fail(text::region_empty, {{"index", shown(field)}, {"tensor", tensor.name}});
  box.from[static_cast<std::size_t>(axis)] = *from;
  box.to[static_cast<std::size_t>(axis)] = *to;
  return {};
}

Result<Box> parse_box(const nn::Graph& graph, int tensor, std::string_view indices) {
  const nn::GraphWeight& weight = tensor_of(graph, tensor);
  Box box = whole_tensor(graph, tensor);
  for (int axis = 0;; ++axis) {
    if (axis >= weight.shape.rank()) {
      return fail(text::region_too_many,
                  {{"tensor", weight.name}, {"n", weight.shape.rank()}, {"shape", weight.shape.text()}});
    }
    const std::size_t comma = indices.find(',');
    if (auto ok = parse_axis(weight, indices.substr(0, comma), axis, box); !ok) return std::unexpected(ok.error());
    if (comma == std::string_view::npos) return box;
    indices.remove_prefix(comma + 1);
  }
}

Status parse_part(const nn::Graph& graph, std::string_view part, std::vector<Box>& boxes) {
  const auto add_tensors = [&](int node) {
    for (std::size_t t = 0; t < graph.weights().size(); ++t) {
      if (graph.weights()[t].trainable && (node < 0 || graph.weights()[t].node == node))
        boxes.push_back(whole_tensor(graph, static_cast<int>(t)));
    }
  };
  if (part.empty()) return fail(text::region_nothing);
  if (part == "all") {
    add_tensors(-1);
    return {};
  }
  const std::size_t open = part.find('[');
  const std::string_view name = trimmed(part.substr(0, open));
  const int tensor = graph.find_weight(name);
  if (open != std::string_view::npos) {
    if (tensor < 0) return fail(text::region_no_tensor, {{"name", shown(name)}});
    if (part.back() != ']') return fail(text::region_open_bracket, {{"part", shown(part)}});
    auto box = parse_box(graph, tensor, part.substr(open + 1, part.size() - open - 2));
    if (!box) return std::unexpected(box.error());
    boxes.push_back(*box);
    return {};
  }
  if (tensor >= 0) {
    boxes.push_back(whole_tensor(graph, tensor));
    return {};
  }
  const int node = graph.find_node(name);
  if (node < 0) return fail(text::region_unknown, {{"name", shown(name)}});
  const std::size_t before = boxes.size();
  add_tensors(node);
  if (boxes.size() == before) return fail(text::region_no_weights, {{"layer", shown(name)}});
  return {};
}

bool is_whole(const nn::Graph& graph, const Box& box) { return box == whole_tensor(graph, box.tensor); }

std::string format_box(const nn::Graph& graph, const Box& box) {
  const nn::GraphWeight& weight = tensor_of(graph, box.tensor);
  std::string text;
  std::size_t needed = 0;  // of the text: axes behind the last that is not whole are left out
  for (int axis = 0; axis < weight.shape.rank(); ++axis) {
    const auto k = static_cast<std::size_t>(axis);
    const bool whole = box.from[k] == 0 && box.to[k] == weight.shape[axis];
    text += axis == 0 ? "[" : ",";
    if (whole) {
      text += ":";
    } else if (box.to[k] == box.from[k] + 1) {
      text += std::to_string(box.from[k]);
    } else {
      text += std::to_string(box.from[k]) + ":" + std::to_string(box.to[k]);
    }
    if (!whole) needed = text.size();
  }
  return needed == 0 ? weight.name : weight.name + text.substr(0, needed) + "]";
}

// Which layer's weights the boxes from `at` on are all of, whole; -1: of none.
int whole_layer(const nn::Graph& graph, const std::vector<Box>& boxes, std::size_t at, std::size_t& count) {
  const int node = tensor_of(graph, boxes[at].tensor).node;
  count = 0;
  for (std::size_t t = 0; t < graph.weights().size(); ++t) {
    if (graph.weights()[t].node != node || !graph.weights()[t].trainable) continue;
    if (at + count >= boxes.size() || boxes[at + count] != whole_tensor(graph, static_cast<int>(t))) return -1;
    ++count;
  }
  return count > 1 ? node : -1;
}

}  // namespace

Box whole_tensor(const nn::Graph& graph, int tensor) {
  const nn::Shape& shape = tensor_of(graph, tensor).shape;
  Box box{.tensor = tensor};
  for (int axis = 0; axis < nn::Shape::kMaxRank; ++axis) box.to[static_cast<std::size_t>(axis)] = shape[axis];
  return box;
}

std::vector<std::size_t> elements_of(const nn::Graph& graph, const Box& box) {
  const nn::Shape& shape = tensor_of(graph, box.tensor).shape;
  std::vector<std::size_t> elements{0};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const auto k = static_cast<std::size_t>(axis);
    std::vector<std::size_t> next;
    next.reserve(elements.size() * static_cast<std::size_t>(box.to[k] - box.from[k]));
    for (const std::size_t before : elements) {
      for (int i = box.from[k]; i < box.to[k]; ++i)
        next.push_back(before * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(i));
    }
    elements = std::move(next);
  }
  return elements;
}

bool overlap(const nn::Graph& graph, const Region& a, const Region& b) {
  Region both = a;
  both.boxes.insert(both.boxes.end(), b.boxes.begin(), b.boxes.end());
  return count_of(runs_of(graph, both)) < count_of(runs_of(graph, a)) + count_of(runs_of(graph, b));
}

Result<Region> parse_region(const nn::Graph& graph, std::string_view text) {
  Region region;
  while (true) {
    const std::size_t end = text.find(';');
    if (auto ok = parse_part(graph, trimmed(text.substr(0, end)), region.boxes); !ok)
      return std::unexpected(ok.error());
    if (region.boxes.size() > kMostBoxes) return fail(text::region_many_parts, {{"n", kMostBoxes}});
    if (end == std::string_view::npos) return region;
    text.remove_prefix(end + 1);
  }
}

std::string format_region(const nn::Graph& graph, const Region& region) {
  std::size_t trainable = 0;
  for (const nn::GraphWeight& weight : graph.weights()) trainable += weight.trainable ? 1 : 0;
  const bool whole = std::ranges::all_of(
      region.boxes, [&](const Box& box) { return is_whole(graph, box) && tensor_of(graph, box.tensor).trainable; });
  if (whole && region.boxes.size() == trainable && trainable > 1 &&
      std::ranges::is_sorted(region.boxes, {}, &Box::tensor))
    return "all";
  std::string text;
  for (std::size_t i = 0; i < region.boxes.size();) {
    std::size_t count = 1;
    const int node = whole_layer(graph, region.boxes, i, count);
    text += text.empty() ? "" : ";";
    text += node >= 0 ? graph.nodes()[static_cast<std::size_t>(node)].name : format_box(graph, region.boxes[i]);
    i += node >= 0 ? count : 1;
  }
  return text;
}

std::vector<Run> runs_of(const nn::Graph& graph, const Region& region) {
  std::vector<Run> runs;
  for (const Box& box : region.boxes) {
    const nn::GraphWeight& tensor = tensor_of(graph, box.tensor);
    const int rank = tensor.shape.rank();
    // The innermost axes that are whole make one run.
    std::size_t each = 1;
    int outer = rank;
    while (outer > 0) {
      const auto k = static_cast<std::size_t>(--outer);
      each *= static_cast<std::size_t>(box.to[k] - box.from[k]);
      if (box.from[k] != 0 || box.to[k] != tensor.shape[outer]) break;
    }
    std::array<int, nn::Shape::kMaxRank> at = box.from;
    while (true) {
      std::size_t element = 0;
      for (int axis = 0; axis < rank; ++axis) {
        element = element * static_cast<std::size_t>(tensor.shape[axis]) +
                  static_cast<std::size_t>(at[static_cast<std::size_t>(axis)]);
      }
      runs.push_back({box.tensor, tensor.offset + element, each});
      int axis = outer - 1;
      while (axis >= 0 && ++at[static_cast<std::size_t>(axis)] == box.to[static_cast<std::size_t>(axis)]) {
        at[static_cast<std::size_t>(axis)] = box.from[static_cast<std::size_t>(axis)];
        --axis;
      }
      if (axis < 0) break;
    }
  }
  base::sort(runs, {}, &Run::first);
  std::vector<Run> apart;
  for (const Run& run : runs) {
    if (apart.empty() || apart.back().tensor != run.tensor || apart.back().first + apart.back().count < run.first) {
      apart.push_back(run);
    } else {
      Run& last = apart.back();
      last.count = std::max(last.count, run.first + run.count - last.first);
    }
  }
  return apart;
}

std::size_t count_of(const std::vector<Run>& runs) {
  std::size_t count = 0;
  for (const Run& run : runs) count += run.count;
  return count;
}

}  // namespace weightroom::edit
