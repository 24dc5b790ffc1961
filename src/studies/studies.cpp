#include "studies/studies.h"

namespace weightroom::studies {
namespace {

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
  session_.give_back();
}

void Studies::show(const document::Document& shown, int target) {
  // An overlay of the weight wall that has to be worked out asks as a page does.
  if (page_of(shown).wall != Wall::none) {
    for (const StudyDef& page : pages()) {
      const auto asked = page.for_overlay == nullptr ? std::nullopt : page.for_overlay(shown);
      if (asked) return ask(*asked, target, true);
    }
  }
  ask(shown, target, false);
}

void Studies::ask(const document::Document& document, int target, bool at_once) {
  const StudyDef& page = page_of(document);
  const bool same_page = asked_ && asked_->document.page == document.page;
  const bool same_question =
      same_page && (page.same_question == nullptr || page.same_question(asked_->document, document));
  if (same_question && page.whole_question) return;
  const bool same_but_weights = same_question && asked_->target == target && same_pictures(asked_->document, document);
  if (same_but_weights && asked_->document.running_weights().same(document.running_weights()) &&
      asked_->document.bypassed() == document.bypassed()) {
    asked_->document.choices = document.choices;
    return;
  }
  const bool stays =
      same_but_weights && page.stays != nullptr && page.stays(document) && results_.state != StudyState::running;
  drop();
  asked_ = Asked{document, target};
  results_.passes = page.run == nullptr ? 0.0 : page.passes(document);
  results_.progress = 0.0;
  if (page.run == nullptr) {
    results_.state = StudyState::none;
  } else if (stays || (!at_once && results_.passes * document.graph().multiply_adds() > kAtOnce)) {
    results_.state = StudyState::waiting;
  } else {
    begin();
  }
}

nn::SessionPool::Lease Studies::borrow(StudyInput::Of of, int batch) const {
  const document::Document& document = asked_->document;
  auto lease = sessions_->try_lend(this, document.model->graph, document.model->weights, {.batch = batch});
  if (lease && of == StudyInput::Of::running) run_as(*lease, document);
  return lease;
}

void Studies::begin() {
  results_.state = StudyState::running;
  results_.progress = 0.0;
  begin_task();
}

// False while there is no session for it.
bool Studies::begin_task() {
  const document::Document& document = asked_->document;
  session_ = borrow(StudyInput::Of::running, 1);
  if (!session_) return false;
  session_->set_input(*document.picture->input);
  const auto another = [this](StudyInput::Of of, int batch) { return borrow(of, batch); };
  task_.emplace(page_of(document).run({document, *session_, asked_->target, another}, results_));
  return true;
}

void Studies::start() {
  if (asked_ && page_of(asked_->document).run != nullptr && results_.state != StudyState::running) begin();
}

void Studies::stop() {
  if (results_.state != StudyState::running) return;
  drop();
  results_.state = StudyState::stopped;
}

bool Studies::step(const base::Budget& budget) {
  if (results_.state == StudyState::running && !task_ && !begin_task()) return false;
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

}  // namespace weightroom::studies
