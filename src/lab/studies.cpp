#include "lab/studies.h"

namespace weightroom::lab {
namespace {

bool same_question(const Document& a, const Document& b) {
  if (a.study.page != b.study.page) return false;
  switch (a.study.page) {
    case Page::layers:
    case Page::edit:
    case Page::accuracy:
    case Page::size:
      return true;
    case Page::curves:
      return same_curves(a, b);
    case Page::difference:
      return a.selection.layer == b.selection.layer && a.labelled == b.labelled;
    case Page::compare:
      return a.study.compare == b.study.compare && a.map == b.map;
    case Page::trust: {
      TrustChoice shown = a.study.trust;
      shown.removal = b.study.trust.removal;  // only which of the curves is drawn
      return shown == b.study.trust && a.map == b.map;
    }
    case Page::units:
      return a.study.units == b.study.units && (a.study.units.nudge || a.pictures == b.pictures);
    case Page::weights:
      if (!a.study.ranking.over.empty() && a.pictures != b.pictures) return false;
      return a.study.ranking == b.study.ranking && (!a.study.ranking.layer || a.selection.layer == b.selection.layer);
  }
  return false;
}

bool same_pictures(const Document& a, const Document& b) {
  const auto input = [](const std::optional<Picture>& picture) { return picture ? picture->input : nullptr; };
  return a.model->graph == b.model->graph && input(a.picture) == input(b.picture) && input(a.second) == input(b.second);
}

}  // namespace

explain::MethodInput StudyInput::of(const explain::MethodDef& method, int of_target) const {
  auto asked = explain::method_input(session, document.model->preprocessing, *document.picture->input, of_target);
  const bool bench = document.map.method == method.name;
  asked.layer = bench ? document.map.layer : -1;
  asked.params = bench ? document.map.params : explain::checked_params(method, {}).value();
  if (document.second) asked.other = *document.second->input;
  return asked;
}

double method_passes(const Document& document, const explain::MethodDef& method) {
  const bool bench = document.map.method == method.name;
  const explain::Params params = bench ? document.map.params : explain::checked_params(method, {}).value();
  return method.passes({document.graph(), params, bench ? document.map.layer : -1});
}

double study_passes(const Document& document) {
  switch (document.study.page) {
    case Page::layers:
    case Page::edit:
    case Page::accuracy:
    case Page::size:
      return 0.0;
    case Page::curves:
      return curves_passes(document);
    case Page::difference:
      return difference_passes(document);
    case Page::compare:
      return compare_passes(document);
    case Page::trust:
      return trust_passes(document);
    case Page::weights:
      return ranking_passes(document);
    case Page::units:
      return units_passes(document);
  }
  return 0.0;
}

void Studies::forget() {
  drop();
  asked_.reset();
  const std::uint64_t version = results_.version;
  results_ = {};
  results_.version = version + 1;
}

// The session goes too: it is as large as the model, and most of the time nobody asks.
void Studies::drop() {
  task_.reset();
  session_.reset();
}

namespace {

// An overlay of the weight wall that has to be worked out asks as a page does.
bool asks_for_wall(const Document& document) {
  return has_wall(document.study.page) &&
         (document.view.overlay == Overlay::loss || document.view.overlay == Overlay::ablation);
}

}  // namespace

void Studies::show(const Document& shown, int target) {
  if (!asks_for_wall(shown)) return ask(shown, target, false);
  Document document = shown;
  document.study.page = Page::weights;
  document.study.ranking = {.by = RankBy::loss, .wall = true};
  if (shown.view.overlay == Overlay::ablation) {
    document.study.ranking.by = RankBy::exact;
    document.study.ranking.layer = true;
  }
  ask(document, target, true);
}

void Studies::ask(const Document& document, int target, bool at_once) {
  // A curve asks nothing of the picture, and a weight that is dragged moves along its own.
  if (asked_ && document.study.page == Page::curves && same_question(asked_->document, document)) return;
  const bool same_but_weights = asked_ && asked_->target == target && same_question(asked_->document, document) &&
                                same_pictures(asked_->document, document);
  if (same_but_weights && asked_->document.running_weights().same(document.running_weights()) &&
      asked_->document.bypassed() == document.bypassed()) {
    asked_->document.study = document.study;
    return;
  }
  // Flips are there to be tried one after the other: the list stays until it is asked for anew.
  const bool tried = same_but_weights && document.study.page == Page::weights && document.study.ranking.flips &&
                     results_.state != StudyState::running;
  drop();
  asked_ = Asked{document, target};
  results_.passes = study_passes(document);
  results_.progress = 0.0;
  if (!is_study(document.study.page)) {
    results_.state = StudyState::none;
  } else if (tried || (!at_once && results_.passes * document.graph().multiply_adds() > kAtOnce)) {
    results_.state = StudyState::waiting;
  } else {
    begin();
  }
}

void Studies::begin() {
  const Document& document = asked_->document;
  session_ = std::make_unique<nn::Session>(document.model->graph, document.model->weights, nn::Session::Options{});
  sync_weights(*session_, document.loaded, document.running_weights());
  session_->bypass(document.bypassed());
  session_->set_input(*document.picture->input);
  const StudyInput input{document, *session_, asked_->target};
  results_.state = StudyState::running;
  results_.progress = 0.0;
  switch (document.study.page) {
    case Page::layers:
    case Page::edit:
    case Page::accuracy:
    case Page::size:
      break;
    case Page::curves:
      task_.emplace(study_curves(input, results_));
      break;
    case Page::difference:
      task_.emplace(study_difference(input, results_));
      break;
    case Page::compare:
      task_.emplace(study_compare(input, results_));
      break;
    case Page::trust:
      task_.emplace(document.study.trust.faithfulness ? study_faithfulness(input, results_)
                                                      : study_sanity(input, results_));
      break;
    case Page::weights:
      task_.emplace(study_ranking(input, results_));
      break;
    case Page::units:
      task_.emplace(document.study.units.nudge ? study_nudge(input, results_) : study_unit(input, results_));
      break;
  }
}

void Studies::start() {
  if (asked_ && is_study(asked_->document.study.page) && results_.state != StudyState::running) begin();
}

void Studies::stop() {
  if (results_.state != StudyState::running) return;
  drop();
  results_.state = StudyState::stopped;
}

bool Studies::step(const base::Budget& budget) {
  while (task_) {
    if (task_->step()) {
      drop();
      results_.state = StudyState::done;
      results_.progress = 1.0;
      ++results_.version;
    }
    if (budget.spent()) break;
  }
  return !task_;
}

}  // namespace weightroom::lab
