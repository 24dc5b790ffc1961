#include "studies/measure.h"

#include <algorithm>

#include "base/sort.h"

namespace weightroom::studies {
namespace {

// Judged pictures from which on a part of them is shown.
constexpr std::size_t kTelling = 64;

bool same_network(const document::Document& a, const document::Document& b) {
  return a.edit.running.same(b.edit.running) && off_activations(a.edit) == off_activations(b.edit);
}

}  // namespace

void Measure::forget() {
  if (!document_) return;
  document_.reset();
  evaluator_.reset();
  after_ = {};
  has_unedited_ = now_done_ = false;
  unedited_ = now_ = {};
  unedited_answers_.clear();
  ++version_;
}

void Measure::show(const document::Document& document) {
  const bool countable = document.labelled && std::ranges::any_of(document.labelled->images.labels, [&](int label) {
                           return document.class_of[static_cast<std::size_t>(label)] >= 0;
                         });
  if (!countable) return forget();
  const bool another = !document_ || document_->labelled != document.labelled ||
                       document_->class_of != document.class_of || !same_model(*document_, document) ||
                       document_->model->preprocessing != document.model->preprocessing;
  if (another) {
    forget();
    const auto borrow = [this, model = document.model](int batch) {
      return sessions_->try_lend(this, model->graph, model->weights, {.batch = batch});
    };
    evaluator_.emplace(borrow, document.model, document.labelled, document.class_of);
  } else if (same_network(*document_, document)) {
    document_ = document;
    if (now_done_) remember();
    return;
  }
  document_ = document;
  now_done_ = false;
  begin();
}

// The unedited model first: the other is compared with it.
void Measure::begin() {
  work_ms_ = 0.0;
  on_unedited_ = !has_unedited_;
  if (on_unedited_) {
    evaluator_->begin(document_->loaded, {});
  } else {
    evaluator_->begin(document_->edit.running, off_activations(document_->edit));
  }
}

void Measure::finish() {
  ++version_;
  ms_ = work_ms_;
  spared_ = evaluator_->spared();
  if (on_unedited_) {
    unedited_ = evaluator_->evaluation();
    unedited_answers_.assign(evaluator_->judgements().begin(), evaluator_->judgements().end());
    has_unedited_ = true;
    after_.put(nullptr, unedited_.top1);
    if (!document_->edit.running.same(document_->loaded) || !off_activations(document_->edit).empty()) return begin();
  }
  now_ = evaluator_->evaluation();
  now_done_ = true;
  remember();
}

// A drag under way is no step.
void Measure::remember() {
  if (!document_->previewing) after_.put(last_step(document_->edit), now_.top1);
}

bool Measure::step(const base::Budget& budget) {
  while (pending()) {
    const auto start = base::Budget::Clock::now();
    const double before = evaluator_->progress();
    const bool done = evaluator_->step(budget);
    if (evaluator_->waits()) return true;
    work_ms_ += std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - start).count();
    if (done) {
      finish();
    } else if (evaluator_->progress() != before && !on_unedited_) {
      train::Evaluation part = evaluator_->evaluation();
      if (part.count >= kTelling) {
        now_ = std::move(part);
        ++version_;
      }
    }
    if (budget.spent()) break;
  }
  return !pending();
}

std::vector<std::size_t> Measure::pictures_of(int truth, int answer) const {
  std::vector<std::size_t> found;
  const auto truths = evaluator_->judged_truths();
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if (truths[i] == truth && answers()[i].top == answer) found.push_back(i);
  }
  base::sort(found, {}, [&](std::size_t i) { return std::pair(-answers()[i].confidence, i); });
  return found;
}

std::optional<double> Measure::accuracy_after(const std::shared_ptr<const document::Step>& step) const {
  return after_.find(step);
}

}  // namespace weightroom::studies
