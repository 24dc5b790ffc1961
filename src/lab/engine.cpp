#include "lab/engine.h"

#include <utility>

#include "nn/answer.h"

namespace weightroom::lab {
namespace {

double elapsed_milliseconds(base::Budget::Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - start).count();
}

std::vector<float> to_vector(nn::ConstTensor tensor) {
  const auto values = tensor.values();
  return {values.begin(), values.end()};
}

// Nobody's where there is no answer.
std::vector<float> shares(nn::Answer answer, std::span<const float> logits) {
  return nn::all_finite(logits) ? nn::probabilities(answer, logits) : std::vector<float>(logits.size(), 0.0F);
}

}  // namespace

void Engine::open(const document::Document& document) {
  map_job_.reset();  // holds a reference to a session
  effect_.forget();
  studies_.forget();
  other_touched_ = false;
  for (auto* lease : {&session_, &other_session_}) lease->give_back();
  synced_ = other_synced_ = document.loaded;
  forward_begun_ = gradient_begun_ = false;
  gradient_ = std::vector<float>();
  hash_.reset();
  Results next;
  next.forward_version = results_.forward_version + 1;
  next.map_version = results_.map_version;
  next.gradient_version = results_.gradient_version + 1;
  results_ = std::move(next);
}

// Whether the map's baseline is a second picture, and that is another one than what is shown.
bool Engine::compares_with_another(const document::Document& document) const {
  const document::MapChoice& map = document.map;
  return document.second && explain::needs_other(*explain::find_method(map.method), map.params) &&
         (!document_->second || document_->second->input != document.second->input);
}

void Engine::show(const document::Document& document) {
  const bool new_model = !document_ || !same_model(*document_, document);
  if (new_model) open(document);
  const bool new_picture = new_model || document.picture.has_value() != document_->picture.has_value() ||
                           (document.picture && document.picture->input != document_->picture->input);
  const bool new_weights = new_model || !document.running_weights().same(document_->running_weights()) ||
                           document.bypassed() != document_->bypassed();
  const bool new_fingerprint = new_model || !document.edit.running.same(document_->edit.running);
  const bool new_target = new_model || document.target != document_->target;
  const bool new_map = new_model || document.map != document_->map || compares_with_another(document);
  document_ = document;
  if (new_picture) unedited_due_ = true;
  if (new_picture || new_weights) {
    forward_due_ = true;
    forward_begun_ = false;
  }
  if (new_picture || new_weights || new_target) {
    gradient_due_ = true;
    gradient_begun_ = false;
  }
  if (new_picture || new_weights || new_target || new_map) {
    map_due_ = true;
    map_job_.reset();
    results_.map_stopped = false;
  }
  if (new_fingerprint) {
    results_.fingerprint.clear();
    if (!results_.loaded_fingerprint.empty()) hash_.reset();  // else it is the loaded weights' that is under way
  }
  results_.current = false;
  measure_.show(document);
  sizes_.show(document);
}

// One a step: of a large model each takes a while, for all its memory.
bool Engine::lend_sessions(const base::Budget& budget) {
  for (auto* lease : {&session_, &other_session_}) {
    if (*lease) continue;
    *lease = sessions_.lend(document_->model->graph, document_->model->weights, {});
    if (budget.spent()) return false;
  }
  return true;
}

bool Engine::step(const base::Budget& budget) {
  if (!document_) return true;
  if (!lend_sessions(budget)) return false;
  // Each kind of work may take a little more than the slice has: another one is not begun in what is spent.
  bool worked = false;
  const auto room = [&](bool due) { return !due || !std::exchange(worked, true) || !budget.spent(); };
  if (!results_.current) {
    worked = true;
    if (!step_results(budget)) return false;
    ask_further();
  }
  if (!room(effect_.pending()) || !step_effect(budget)) return false;
  (void)sessions_.take_refused();
  // What is looked at first.
  const auto step_sizes = [&] { return room(sizes_.pending()) && sizes_.step(budget); };
  if (sizes_.looked_at() && !step_sizes()) return false;
  if (!room(measure_.pending()) || !measure_.step(budget)) return false;
  if (!step_sizes() || !studies_.step(budget)) return false;
  return !sessions_.take_refused();
}

// What follows from the results: only where there is an answer to ask about.
void Engine::ask_further() {
  if (!document_->picture) return;
  if (results_.overflow) {
    effect_.forget();
    studies_.forget();
    return;
  }
  effect_.show(*document_, results_.target);
  studies_.show(*document_, results_.target);
}

// The second session is the effect's while nothing else needs it.
bool Engine::step_effect(const base::Budget& budget) {
  if (!effect_.pending()) return true;
  if (!effect_.begun()) {
    restore_other();
    sync(*other_session_, other_synced_, *document_);
  }
  const bool done = effect_.step(*other_session_, budget);
  other_touched_ = effect_.begun();
  if (done) other_session_->drop_d_weights();
  return done;
}

// Takes the second session back, with the weights that it is taken to have.
void Engine::restore_other() {
  effect_.interrupt();
  if (!std::exchange(other_touched_, false)) return;
  for (std::size_t p = 0; p < other_synced_.page_count(); ++p)
    other_session_->set_weights(other_synced_.page(p), p * document::PagedWeights::kPage);
}

bool Engine::step_results(const base::Budget& budget) {
  if (document_->picture) {
    // The unedited model's answer first, where it is another one: its pass leaves the edit's alone to be run.
    const bool as_loaded = document_->running_weights().same(document_->loaded) && document_->bypassed().empty();
    if (unedited_due_ && !as_loaded && !step_unedited(budget)) return false;
    const bool answering = forward_due_;
    if (forward_due_ && !step_forward(budget)) return false;
    if (unedited_due_) take_unedited(*session_, results_.probabilities);  // just worked out
    if (results_.overflow) drop_reasons();
    results_.target = document_->target >= 0 ? document_->target : nn::best_of(results_.unedited_probabilities);
    if (answering) {
      results_.changed.reset();
      if (!results_.order.empty())
        results_.changed = what_changed(*document_, *session_, results_.unedited_means,
                                        nn::best_of(results_.unedited_probabilities), results_.order.front());
    }
    // A large net's answer is drawn before its map is begun.
    if (answering && map_due_ && is_large() && !budget.fits(2.0 * forward_ms_)) return false;
    const bool looked_at = map_due_;
    if (map_due_ && !step_map(budget)) return false;
    if (gradient_due_) {
      // The map is drawn before anything else is begun that this slice has no room for.
      if (looked_at && !budget.fits(gradient_ms_)) return false;
      if (!step_weight_gradient(budget)) return false;
    }
  }
  if (!step_fingerprint(budget)) return false;
  results_.forward_revision = results_.map_revision = results_.gradient_revision = document_->revision;
  results_.current = true;
  return true;
}

bool Engine::is_large() const { return document::is_large(document_->graph()); }

// What the document's network runs with.
void Engine::sync(nn::Session& session, document::PagedWeights& synced, const document::Document& document) {
  sync_weights(session, synced, document.running_weights());
  synced = document.running_weights();
  session.bypass(document.bypassed());
}

bool Engine::step_unedited(const base::Budget& budget) {
  restore_other();
  sync_weights(*other_session_, other_synced_, document_->loaded);
  other_synced_ = document_->loaded;
  other_session_->bypass({});
  other_session_->set_input(*document_->picture->input);
  while (!other_session_->forward_step()) {
    if (budget.spent()) return false;
  }
  take_unedited(*other_session_, shares(document_->graph().answer(), to_vector(other_session_->logits())));
  return true;
}

void Engine::take_unedited(const nn::Session& session, std::vector<float> probabilities) {
  results_.unedited_logits = to_vector(session.logits());
  results_.unedited_probabilities = std::move(probabilities);
  results_.unedited_means = channel_means(session);
  unedited_due_ = false;
}

// A large net takes several frames: it runs apart from what is shown, which stays whole until the new answer is there.
bool Engine::step_forward(const base::Budget& budget) {
  const auto start = base::Budget::Clock::now();
  const bool apart = is_large();
  nn::Session& session = apart ? *other_session_ : *session_;
  if (!forward_begun_) {
    forward_ms_ = 0.0;
    forward_begun_ = true;
    if (apart) restore_other();
    sync(session, apart ? other_synced_ : synced_, *document_);
    session.set_input(*document_->picture->input);
  }
  bool done = false;
  do done = session.forward_step();
  while (!done && !(apart && budget.spent()));
  forward_ms_ += elapsed_milliseconds(start);
  if (!done) return false;
  if (apart) {
    std::swap(session_, other_session_);
    std::swap(synced_, other_synced_);
  }
  results_.logits = to_vector(session_->logits());
  results_.overflow = !nn::all_finite(results_.logits);
  results_.probabilities = shares(document_->graph().answer(), results_.logits);
  results_.order = results_.overflow ? std::vector<int>{} : nn::best_first(results_.probabilities);
  results_.none_of_these = results_.overflow ? std::nullopt : nn::none_of_these(*document_->model, *session_);
  results_.forward_ms = forward_ms_;
  results_.forward_revision = document_->revision;
  ++results_.forward_version;
  forward_due_ = forward_begun_ = false;
  return true;
}

// Without an answer there is nothing to give reasons for.
void Engine::drop_reasons() {
  map_job_.reset();
  map_due_ = gradient_due_ = false;
  results_.explanation = {};
  results_.map = {};
  results_.map_progress = 1.0;
  results_.map_stopped = false;
  ++results_.map_version;
  results_.weight_gradient = {};
}

void Engine::start_map() {
  const document::MapChoice& choice = document_->map;
  const explain::MethodDef& method = *explain::find_method(choice.method);
  const auto& input = *document_->picture->input;
  map_work_ms_ = 0.0;
  // A method of one pass reads the live session, whose forward is done; the others may run what they like on theirs.
  const bool single = explain::is_single_pass(method, choice.params);
  nn::Session& session = single ? *session_ : *other_session_;
  if (single) {
    gradient_begun_ = false;
  } else {
    restore_other();
    sync(session, other_synced_, *document_);
    session.set_input(input);
  }
  auto asked = explain::method_input(session, document_->model->preprocessing, input, results_.target);
  asked.layer = choice.layer;
  asked.params = choice.params;
  if (document_->second) asked.other = *document_->second->input;
  map_job_ = std::make_unique<explain::MapJob>(method, std::move(asked));
  map_shown_ = 0.0;
}

void Engine::stop_map() {
  if (!map_due_) return;
  // What is shown may still be another map: of this one nothing is known yet.
  if (!map_job_ || map_shown_ == 0.0) {
    results_.explanation = {};
    results_.map = {};
    results_.map_progress = 0.0;
    ++results_.map_version;
  }
  results_.map_stopped = true;
  map_job_.reset();
  map_due_ = false;
}

void Engine::start_map_again() {
  if (!results_.map_stopped) return;
  results_.map_stopped = false;
  map_due_ = true;
  results_.current = false;
}

bool Engine::step_map(const base::Budget& budget) {
  const auto start = base::Budget::Clock::now();
  if (!map_job_) start_map();
  const bool done = map_job_->step(budget);
  map_work_ms_ += elapsed_milliseconds(start);
  results_.map_progress = map_job_->progress();
  // Within a pass there is nothing new to see; before the first one the map that was there stays.
  if (!done && map_job_->progress() == map_shown_) return false;
  map_shown_ = map_job_->progress();
  const nn::Shape& input = document_->graph().spec().input;
  results_.explanation = map_job_->result();
  results_.map = explain::display_map(results_.explanation.attribution, input[1], input[2]);
  results_.map_ms = map_work_ms_;
  results_.map_revision = document_->revision;
  ++results_.map_version;
  if (done) {
    map_job_.reset();
    map_due_ = false;
  }
  return done;
}

bool Engine::step_weight_gradient(const base::Budget& budget) {
  const auto start = base::Budget::Clock::now();
  if (!gradient_begun_) {
    gradient_ms_ = 0.0;
    gradient_begun_ = true;
    session_->clear_d_weights();
    const auto seed = nn::one_hot(1, document_->graph().class_count(), results_.target);
    nn::BackwardRequest request;
    request.d_from = seed;
    request.input = false;
    request.weights = true;
    session_->begin_backward(request);
  }
  bool done = false;
  do done = session_->backward_step();
  while (!done && !budget.spent());
  gradient_ms_ += elapsed_milliseconds(start);
  if (!done) return false;
  // The buffer of the one before is let go: of a large net a second one would be as much as all its weights.
  gradient_ = std::vector<float>();
  session_->swap_d_weights(gradient_);
  results_.weight_gradient = gradient_;
  ++results_.gradient_version;
  results_.gradient_revision = document_->revision;
  gradient_due_ = gradient_begun_ = false;
  return true;
}

// Of the loaded weights first, which every later one is compared with.
bool Engine::step_fingerprint(const base::Budget& budget) {
  const bool edited = !document_->edit.running.same(document_->loaded);
  for (auto [result, weights] : {std::pair{&results_.loaded_fingerprint, &document_->loaded},
                                 std::pair{&results_.fingerprint, &document_->edit.running}}) {
    if (!result->empty()) continue;
    if (!edited && !results_.loaded_fingerprint.empty()) {
      *result = results_.loaded_fingerprint;
      continue;
    }
    if (!hash_) hash_ = Hash{nn::begin_fingerprint(document_->graph())};
    while (hash_->pages < weights->page_count()) {
      hash_->sum.update(weights->page(hash_->pages++));
      if (budget.spent()) return false;
    }
    *result = hash_->sum.finish_hex();
    hash_.reset();
  }
  return true;
}

double Engine::passes(const explain::MethodDef& method, const explain::Params& params) const {
  return document_ ? method.passes({document_->graph(), params, document_->map.layer}) : 0.0;
}

nn::ConstTensor Engine::activation(int node) const { return session_->activation(node); }

}  // namespace weightroom::lab
