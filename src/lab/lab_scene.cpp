// The part of Lab about the opening scene: one weight lit that is worth dragging.
#include <memory>
#include <utility>

#include "lab/lab.h"

namespace weightroom::lab {

void Lab::open_scene() {
  opening_ = false;
  first_weight_ = std::make_unique<FirstWeight>(*document_, engine_.sessions());
}

// The scene opens before anything is worked out for it: with the weight lit there is one answer to wait for. Another
// picture than the one that it was begun for has a weight of its own.
bool Lab::step_scene(const base::Budget& budget) {
  if (!first_weight_) return true;
  if (!first_weight_->is_about(*document_)) open_scene();
  if (!first_weight_->step(budget)) return false;
  if (const auto ref = std::exchange(first_weight_, nullptr)->found()) {
    document::Document next = *document_;
    next.selection.weight = *ref;
    next.selection.layer = next.graph().weights()[static_cast<std::size_t>(ref->tensor)].node;
    (void)adopt(std::move(next));
  }
  return !budget.spent();
}

}  // namespace weightroom::lab
