// copy: the weights of another selection of the same shape.
#include <strings/operation.h>

#include "edit/operation.h"

namespace weightroom::edit {
namespace {

void run(const Request& request, Weights& weights) {
  // All are read before any is written: the two may overlap.
  std::vector<std::vector<float>> taken;
  for (const Box& box : request.source->boxes) {
    const auto values = weights.read(box.tensor);
    std::vector<float>& own = taken.emplace_back();
    for (const std::size_t element : elements_of(request.graph, box)) own.push_back(values[element]);
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const Box& box = request.region.boxes[i];
    const auto values = weights.read(box.tensor);
    std::vector<float> changed(values.begin(), values.end());
    const auto elements = elements_of(request.graph, box);
    for (std::size_t k = 0; k < elements.size(); ++k) changed[elements[k]] = taken[i][k];
    weights.write(box.tensor, changed);
  }
}

}  // namespace

OperationDef copy_operation() {
  return {.name = "copy",
          .title = text::operation_copy_title,
          .summary = text::operation_copy_summary,
          .takes_source = true,
          .run = run,
          .words = [](const Request& request) -> Sentence {
            return {text::operation_copy_words, {{"part", format_region(request.graph, *request.source)}}};
          }};
}

}  // namespace weightroom::edit
