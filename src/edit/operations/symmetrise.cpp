// symmetrise: every kernel becomes the mean of itself and its mirror images.
#include <algorithm>

#include <strings/choice.h>
#include <strings/operation.h>
#include <strings/param.h>

#include "base/sort.h"
#include "edit/operation.h"

namespace weightroom::edit {
namespace {

constexpr int kLeftRight = 0;
constexpr int kUpDown = 1;
constexpr int kBoth = 2;

bool has_kernels(const nn::Graph& graph, int tensor) {
  const nn::Shape& shape = graph.weights()[static_cast<std::size_t>(tensor)].shape;
  return shape.rank() == 4 && shape[2] * shape[3] > 1;
}

// Tensors without kernels, such as biases, stay; a kernel is changed whole or not at all.
Status check(const Request& request) {
  bool some = false;
  for (const Box& box : request.region.boxes) {
    if (!has_kernels(request.graph, box.tensor)) continue;
    some = true;
    const nn::Shape& shape = request.graph.weights()[static_cast<std::size_t>(box.tensor)].shape;
    if (box.from[2] != 0 || box.from[3] != 0 || box.to[2] != shape[2] || box.to[3] != shape[3])
      return fail(text::operation_symmetrise_whole);
  }
  if (!some) return fail(text::operation_symmetrise_single);
  return {};
}

void run(const Request& request, Weights& weights) {
  const int kind = request.count("mirror");
  std::vector<std::pair<int, std::size_t>> kernels;  // tensor and first element: each once
  for (const Box& box : request.region.boxes) {
    if (!has_kernels(request.graph, box.tensor)) continue;
    const nn::Shape& shape = request.graph.weights()[static_cast<std::size_t>(box.tensor)].shape;
    const auto plane = static_cast<std::size_t>(shape[2]) * static_cast<std::size_t>(shape[3]);
    for (const std::size_t element : elements_of(request.graph, box)) {
      if (element % plane == 0) kernels.emplace_back(box.tensor, element);
    }
  }
  base::sort(kernels);
  kernels.erase(std::ranges::unique(kernels).begin(), kernels.end());
  for (std::size_t i = 0; i < kernels.size();) {
    const int tensor = kernels[i].first;
    const nn::Shape& shape = request.graph.weights()[static_cast<std::size_t>(tensor)].shape;
    const int height = shape[2];
    const int width = shape[3];
    const auto now = weights.read(tensor);
    std::vector<float> changed(now.begin(), now.end());
    for (; i < kernels.size() && kernels[i].first == tensor; ++i) {
      const auto at = [&](int y, int x) {
        return static_cast<double>(now[kernels[i].second + static_cast<std::size_t>(y * width + x)]);
      };
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const int v = height - 1 - y;
          const int u = width - 1 - x;
          // Sums in an order that is the same from each of the mirrored places.
          const double mean = kind == kLeftRight ? 0.5 * (at(y, x) + at(y, u))
                              : kind == kUpDown  ? 0.5 * (at(y, x) + at(v, x))
                                                 : 0.25 * ((at(y, x) + at(v, u)) + (at(y, u) + at(v, x)));
          changed[kernels[i].second + static_cast<std::size_t>(y * width + x)] = static_cast<float>(mean);
        }
      }
    }
    weights.write(tensor, changed);
  }
}

}  // namespace

OperationDef symmetrise_operation() {
  return {
      .name = "symmetrise",
      .title = text::operation_symmetrise_title,
      .summary = text::operation_symmetrise_summary,
      .params = {base::choice_param(
          "mirror", text::param_mirror, text::param_mirror_help,
          {{"left-right", text::choice_left_right}, {"up-down", text::choice_up_down}, {"both", text::choice_both}})},
      .check = check,
      .run = run,
      .words = [](const Request& request) -> Sentence {
        constexpr Text kWords[] = {text::operation_symmetrise_sides_words, text::operation_symmetrise_up_words,
                                   text::operation_symmetrise_all_words};
        static_assert(std::size(kWords) == kBoth + 1);
        return kWords[request.count("mirror")];
      }};
}

}  // namespace weightroom::edit
