#include <algorithm>
#include <cmath>

#include <strings/operation.h>

#include "edit/operation.h"

namespace weightroom::edit {

#define OPERATION(name) OperationDef name##_operation();
#include "edit/operations.inc"
#undef OPERATION

namespace {

// Keeps what is written aside until all of it is known to be finite.
class Draft final : public Weights {
 public:
  Draft(Weights& below, std::size_t tensors) : below_(below), written_(tensors) {}

  std::span<const float> read(int tensor) override {
    const auto& own = written_[static_cast<std::size_t>(tensor)];
    return own ? std::span<const float>(*own) : below_.read(tensor);
  }
  void write(int tensor, std::span<const float> values) override {
    finite_ = finite_ && std::ranges::all_of(values, [](float v) { return std::isfinite(v); });
    written_[static_cast<std::size_t>(tensor)].emplace(values.begin(), values.end());
  }
  [[nodiscard]] bool finite() const { return finite_; }
  void commit() {
    for (std::size_t t = 0; t < written_.size(); ++t) {
      if (written_[t]) below_.write(static_cast<int>(t), *written_[t]);
    }
  }

 private:
  Weights& below_;
  std::vector<std::optional<std::vector<float>>> written_;
  bool finite_ = true;
};

bool same_extents(const nn::Graph& graph, const Region& a, const Region& b) {
  if (a.boxes.size() != b.boxes.size()) return false;
  for (std::size_t i = 0; i < a.boxes.size(); ++i) {
    const auto rank = [&](const Box& box) {
      return graph.weights()[static_cast<std::size_t>(box.tensor)].shape.rank();
    };
    if (rank(a.boxes[i]) != rank(b.boxes[i])) return false;
    for (std::size_t k = 0; k < a.boxes[i].from.size(); ++k) {
      if (a.boxes[i].to[k] - a.boxes[i].from[k] != b.boxes[i].to[k] - b.boxes[i].from[k]) return false;
    }
  }
  return true;
}

bool has_importance(const OperationDef& operation, const Request& request) {
  const Asks asks = operation.asks_pictures == nullptr ? Asks::nothing : operation.asks_pictures(request.params);
  const std::size_t all = request.graph.weight_count();
  return asks == Asks::nothing ||
         (asks == Asks::gradient ? request.importance.gradient : request.importance.curvature).size() == all;
}

}  // namespace

std::span<const OperationDef> operations() {
  static const std::vector<OperationDef> all = {
#define OPERATION(name) name##_operation(),
#include "edit/operations.inc"
#undef OPERATION
  };
  return all;
}

const OperationDef* find_operation(std::string_view name) {
  const auto all = operations();
  const auto it = std::ranges::find(all, name, &OperationDef::name);
  return it == all.end() ? nullptr : &*it;
}

Result<base::Params> checked_params(const OperationDef& operation, const base::Params& given) {
  return base::checked_params({operation.title, operation.params}, given);
}

Result<Sentence> run_operation(const OperationDef& operation, const Request& request, Weights& weights) {
  if (operation.takes_source) {
    if (request.source == nullptr) return fail(text::operation_needs_source, {{"operation", operation.title}});
    if (!same_extents(request.graph, request.region, *request.source)) {
      return fail(text::operation_other_shape, {{"operation", operation.title},
                                                {"source", format_region(request.graph, *request.source)},
                                                {"part", format_region(request.graph, request.region)}});
    }
  }
  if (operation.check != nullptr) {
    if (auto ok = operation.check(request); !ok) return std::unexpected(ok.error());
  }
  if (request.chosen.empty() && !has_importance(operation, request))
    return fail(text::operation_needs_picture, {{"operation", operation.title}});
  Draft draft(weights, request.graph.weights().size());
  operation.run(request, draft);
  if (!draft.finite()) return fail(text::operation_overflow, {{"operation", operation.title}});
  draft.commit();
  return Sentence(text::operation_done,
                  {{"part", format_region(request.graph, request.region)}, {"what", operation.words(request)}});
}

}  // namespace weightroom::edit
