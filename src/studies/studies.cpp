#include "studies/studies.h"

namespace weightroom::studies {
namespace {

bool same_question(const document::Document& a, const document::Document& b) {
  if (a.study.page != b.study.page) return false;
  switch (a.study.page) {
    case document::Page::layers:
    case document::Page::edit:
    case document::Page::accuracy:
    case document::Page::size:
      return true;
    case document::Page::curves:
      return same_curves(a, b);
    case document::Page::difference:
      return a.selection.layer == b.selection.layer && a.labelled == b.labelled;
    case document::Page::compare:
      return a.study.compare == b.study.compare && a.map == b.map;
    case document::Page::trust: {
      document::TrustChoice shown = a.study.trust;
      shown.removal = b.study.trust.removal;  // only which of the curves is drawn
      return shown == b.study.trust && a.map == b.map;
    }
    case document::Page::units:
      return a.study.units == b.study.units && (a.study.units.nudge || a.pictures == b.pictures);
    case document::Page::weights:
      if (!a.study.ranking.over.empty() && a.pictures != b.pictures) return false;
      return a.study.ranking == b.study.ranking && (!a.study.ranking.layer || a.selection.layer == b.selection.layer);
  }
  return false;
}

bool same_pictures(const document::Document& a, const document::Document& b) {
  const auto input = [](const std::optional<document::Picture>& picture) { return picture ? picture->input : nullptr; };
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

double method_passes(const document::Document& document, const explain::MethodDef& method) {
  const bool bench = document.map.method == method.name;
  const explain::Params params = bench ? document.map.params : explain::checked_params(method, {}).value();
  return method.passes({document.graph(), params, bench ? document.map.layer : -1});
}

double study_passes(const document::Document& document) {
  switch (document.study.page) {
    case document::Page::layers:
    case document::Page::edit:
    case document::Page::accuracy:
    case document::Page::size:
      return 0.0;
    case document::Page::curves:
      return curves_passes(document);
    case document::Page::difference:
      return difference_passes(document);
    case document::Page::compare:
      return compare_passes(document);
    case document::Page::trust:
      return trust_passes(document);
    case document::Page::weights:
      return ranking_passes(document);
    case document::Page::units:
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
bool asks_for_wall(const document::Document& document) {
  return has_wall(document.study.page) &&
         (document.view.overlay == document::Overlay::loss || document.view.overlay == document::Overlay::ablation);
}

}  // namespace

void Studies::show(const document::Document& shown, int target) {
  if (!asks_for_wall(shown)) return ask(shown, target, false);
  document::Document document = shown;
  document.study.page = document::Page::weights;
  document.study.ranking = {.by = document::RankBy::loss, .wall = true};
  if (shown.view.overlay == document::Overlay::ablation) {
    document.study.ranking.by = document::RankBy::exact;
    document.study.ranking.layer = true;
  }
  ask(document, target, true);
}

void Studies::ask(const document::Document& document, int target, bool at_once) {
  // A curve asks nothing of the picture, and a weight that is dragged moves along its own.
  if (asked_ && document.study.page == document::Page::curves && same_question(asked_->document, document)) return;
  const bool same_but_weights = asked_ && asked_->target == target && same_question(asked_->document, document) &&
                                same_pictures(asked_->document, document);
  if (same_but_weights && asked_->document.running_weights().same(document.running_weights()) &&
      asked_->document.bypassed() == document.bypassed()) {
    asked_->document.study = document.study;
    return;
  }
  // Flips are there to be tried one after the other: the list stays until it is asked for anew.
  const bool tried = same_but_weights && document.study.page == document::Page::weights &&
                     document.study.ranking.flips && results_.state != document::StudyState::running;
  drop();
  asked_ = Asked{document, target};
  results_.passes = study_passes(document);
  results_.progress = 0.0;
  if (!is_study(document.study.page)) {
    results_.state = document::StudyState::none;
  } else if (tried || (!at_once && results_.passes * document.graph().multiply_adds() > kAtOnce)) {
    results_.state = document::StudyState::waiting;
  } else {
    begin();
  }
}

void Studies::begin() {
  const document::Document& document = asked_->document;
  session_ = std::make_unique<nn::Session>(document.model->graph, document.model->weights, nn::Session::Options{});
  sync_weights(*session_, document.loaded, document.running_weights());
  session_->bypass(document.bypassed());
  session_->set_input(*document.picture->input);
  const StudyInput input{document, *session_, asked_->target};
  results_.state = document::StudyState::running;
  results_.progress = 0.0;
  switch (document.study.page) {
    case document::Page::layers:
    case document::Page::edit:
    case document::Page::accuracy:
    case document::Page::size:
      break;
    case document::Page::curves:
      task_.emplace(study_curves(input, results_));
      break;
    case document::Page::difference:
      task_.emplace(study_difference(input, results_));
      break;
    case document::Page::compare:
      task_.emplace(study_compare(input, results_));
      break;
    case document::Page::trust:
      task_.emplace(document.study.trust.faithfulness ? study_faithfulness(input, results_)
                                                      : study_sanity(input, results_));
      break;
    case document::Page::weights:
      task_.emplace(study_ranking(input, results_));
      break;
    case document::Page::units:
      task_.emplace(document.study.units.nudge ? study_nudge(input, results_) : study_unit(input, results_));
      break;
  }
}

void Studies::start() {
  if (asked_ && is_study(asked_->document.study.page) && results_.state != document::StudyState::running) begin();
}

void Studies::stop() {
  if (results_.state != document::StudyState::running) return;
  drop();
  results_.state = document::StudyState::stopped;
}

bool Studies::step(const base::Budget& budget) {
  while (task_) {
    if (task_->step()) {
      drop();
      results_.state = document::StudyState::done;
      results_.progress = 1.0;
      ++results_.version;
    }
    if (budget.spent()) break;
  }
  return !task_;
}

}  // namespace weightroom::studies
