// swap: two selections of the same shape change places.
#include <strings/operation.h>

#include "edit/operation.h"

namespace weightroom::edit {
namespace {

void run(const Request& request, Weights& weights) {
  for (std::size_t i = 0; i < request.region.boxes.size(); ++i) {
    const Box& a = request.region.boxes[i];
    const Box& b = request.source->boxes[i];
    const auto at_a = elements_of(request.graph, a);
    const auto at_b = elements_of(request.graph, b);
    std::vector<float> from_a;
    std::vector<float> from_b;
    for (const std::size_t element : at_a) from_a.push_back(weights.read(a.tensor)[element]);
    for (const std::size_t element : at_b) from_b.push_back(weights.read(b.tensor)[element]);
    const auto put = [&](int tensor, const std::vector<std::size_t>& at, const std::vector<float>& values) {
      const auto now = weights.read(tensor);
      std::vector<float> changed(now.begin(), now.end());
      for (std::size_t k = 0; k < at.size(); ++k) changed[at[k]] = values[k];
      weights.write(tensor, changed);
    };
    put(a.tensor, at_a, from_b);
    put(b.tensor, at_b, from_a);
  }
}

}  // namespace

OperationDef swap_operation() {
  return {.name = "swap",
          .title = text::operation_swap_title,
          .summary = text::operation_swap_summary,
          .takes_source = true,
          .check = [](const Request& request) -> Status {
            if (overlap(request.graph, request.region, *request.source)) return fail(text::operation_swap_overlap);
            return {};
          },
          .run = run,
          .words = [](const Request& request) -> Sentence {
            return {text::operation_swap_words, {{"part", format_region(request.graph, *request.source)}}};
          }};
}

}  // namespace weightroom::edit
