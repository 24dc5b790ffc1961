#include "studies/effect.h"

#include <algorithm>

namespace weightroom::studies {
namespace {

bool same_picture(const document::Document& a, const document::Document& b) {
  return a.picture->input == b.picture->input;
}

}  // namespace

void Effect::forget() {
  document_.reset();
  input_.reset();
  task_.reset();
  share_.reset();
  curve_.reset();
  positions_ = {};
  share_due_ = curve_due_ = false;
  ++version_;
}

std::size_t Effect::target_in_curve() const {
  const auto at = std::ranges::find(curve_->classes, target_);
  return at == curve_->classes.end() ? 0 : static_cast<std::size_t>(at - curve_->classes.begin());
}

void Effect::interrupt() { task_.reset(); }

void Effect::show(const document::Document& document, int target) {
  const auto& lit = document.selection.weight;
  if (!lit) return forget();
  const bool another = !document_ || document_->selection.weight != lit;
  const bool subject = another || !same_picture(*document_, document) || target_ != target;
  const document::PagedWeights& now = document.running_weights();
  const bool switched = subject || document.bypassed() != document_->bypassed();
  const bool weights = switched || !now.same(document_->running_weights());
  const bool others = switched || !now.same_but(document_->running_weights(), nn::flat_index(document.graph(), *lit));
  if (another) {
    share_.reset();
    curve_.reset();
    ++version_;
  }
  if (weights) {
    share_due_ = true;
    curve_due_ = curve_due_ || others;
    task_.reset();
    document_ = document;
    target_ = target;
  }
}

void Effect::begin(nn::Session& session) {
  const document::Document& document = *document_;
  input_.emplace(explain::method_input(session, document.model->preprocessing, *document.picture->input, target_));
  const nn::WeightRef ref = *document.selection.weight;
  progress_ = 0.0;
  on_share_ = share_due_;
  if (on_share_) {
    next_share_ = {};
    task_.emplace(explain::share_of_weight(*input_, ref, next_share_, progress_));
    return;
  }
  next_curve_ = {};
  const bool large = document::is_large(document.graph());
  task_.emplace(explain::curve_of_weight(*input_, ref, document.loaded_weight(ref), slider_range(document, ref.tensor),
                                         large ? explain::kCurveTrials / 4 * 2 + 1 : explain::kCurveTrials, next_curve_,
                                         progress_));
}

bool Effect::step(nn::Session& session, const base::Budget& budget) {
  while (pending()) {
    if (!task_) begin(session);
    if (task_->step()) {
      task_.reset();
      ++version_;
      if (on_share_) {
        share_ = std::move(next_share_);
        positions_ = {};
        if (share_->positions) {
          const explain::PositionMap& map = *share_->positions;
          positions_ = explain::display_map({{1, map.height, map.width}, map.values}, map.height, map.width);
        }
        share_due_ = false;
      } else {
        curve_ = std::move(next_curve_);
        curve_due_ = false;
      }
    }
    if (budget.spent()) break;
  }
  return !pending();
}

}  // namespace weightroom::studies
