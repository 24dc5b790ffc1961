#include "lab/engine.h"

#include "nn/answer.h"

namespace weightroom::lab {
namespace {

double milliseconds_since(base::Budget::Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - start).count();
}

std::vector<float> to_vector(nn::ConstTensor tensor) {
  const auto values = tensor.values();
  return {values.begin(), values.end()};
}

// Zero light in the units of the input tensor, channel by channel.
std::vector<float> black_level(const nn::Model& model) {
  std::vector<float> black;
  for (int c = 0; c < model.graph->spec().input[0]; ++c) {
    const auto i = static_cast<std::size_t>(c);
    black.push_back((0.0F - model.preprocessing.mean[i]) / model.preprocessing.std[i]);
  }
  return black;
}

// Nobody's where there is no answer.
std::vector<float> shares(std::span<const float> logits) {
  return nn::all_finite(logits) ? nn::probabilities(logits) : std::vector<float>(logits.size(), 0.0F);
}

bool same_map(const MapChoice& a, const MapChoice& b) {
  return a.method == b.method && a.params == b.params && a.layer == b.layer;
}

// Whether two versions hold the same bytes, judged by the pages they share.
bool same_weights(const PagedWeights& a, const PagedWeights& b) {
  if (a.page_count() != b.page_count()) return false;
  for (std::size_t p = 0; p < a.page_count(); ++p) {
    if (!a.shares_page(b, p)) return false;
  }
  return true;
}

}  // namespace

void Engine::open(const Document& document) {
  map_job_.reset();  // holds a reference to a session
  const nn::Model& model = *document.model;
  for (auto* session : {&session_, &unedited_, &map_session_}) {
    session->emplace(model.graph, model.weights, nn::Session::Options{});
  }
  synced_ = document.loaded;
  const std::uint64_t version = results_.map_version;
  results_ = {};
  results_.map_version = version;
}

void Engine::show(const Document& document) {
  const bool new_model = !document_ || document_->model->graph != document.model->graph ||
                         document_->model->weights.data() != document.model->weights.data();
  if (new_model) open(document);
  const bool new_picture = new_model || document.picture.has_value() != document_->picture.has_value() ||
                           (document.picture && document.picture->input != document_->picture->input);
  const bool new_weights = new_model || !same_weights(document.shown_weights(), document_->shown_weights());
  const bool new_fingerprint = new_model || !same_weights(document.edit.weights, document_->edit.weights);
  const bool new_target = new_model || document.target != document_->target;
  const bool new_map = new_model || !same_map(document.map, document_->map);
  document_ = document;
  if (new_picture) unedited_due_ = true;
  if (new_picture || new_weights) forward_due_ = true;
  if (new_picture || new_weights || new_target) gradient_due_ = true;
  if (new_picture || new_weights || new_target || new_map) {
    map_due_ = true;
    map_job_.reset();
  }
  if (new_fingerprint) {
    results_.fingerprint.clear();
    hash_.reset();
  }
  results_.current = false;
}

bool Engine::step(const base::Budget& budget) {
  if (!document_ || results_.current) return true;
  if (document_->picture) {
    if (unedited_due_) run_unedited();
    if (forward_due_) run_forward();
    if (results_.overflow) drop_reasons();
    results_.target =
        document_->target >= 0 ? document_->target : nn::best_first(results_.unedited_probabilities).front();
    const bool looked_at = map_due_;
    if (map_due_ && !step_map(budget)) return false;
    if (gradient_due_) {
      // The map is drawn before anything else is begun that this slice has no room for.
      if (looked_at && !budget.fits(gradient_ms_)) return false;
      run_weight_gradient();
    }
  }
  if (results_.fingerprint.empty() && !step_fingerprint(budget)) return false;
  results_.forward_revision = results_.map_revision = results_.gradient_revision = document_->revision;
  results_.current = true;
  return true;
}

void Engine::sync_weights() {
  const PagedWeights& wanted = document_->shown_weights();
  for (std::size_t p = 0; p < wanted.page_count(); ++p) {
    if (wanted.shares_page(synced_, p)) continue;
    session_->set_weights(wanted.page(p), p * PagedWeights::kPage);
    map_session_->set_weights(wanted.page(p), p * PagedWeights::kPage);
  }
  synced_ = wanted;
}

void Engine::run_unedited() {
  unedited_->set_input(*document_->picture->input);
  unedited_->forward();
  results_.unedited_logits = to_vector(unedited_->logits());
  results_.unedited_probabilities = shares(results_.unedited_logits);
  unedited_due_ = false;
}

void Engine::run_forward() {
  const auto start = base::Budget::Clock::now();
  sync_weights();
  session_->set_input(*document_->picture->input);
  session_->forward();
  results_.logits = to_vector(session_->logits());
  results_.overflow = !nn::all_finite(results_.logits);
  results_.probabilities = shares(results_.logits);
  results_.order = results_.overflow ? std::vector<int>{} : nn::best_first(results_.probabilities);
  results_.forward_ms = milliseconds_since(start);
  results_.forward_revision = document_->revision;
  forward_due_ = false;
}

// Without an answer there is nothing to give reasons for.
void Engine::drop_reasons() {
  map_job_.reset();
  map_due_ = gradient_due_ = false;
  results_.explanation = {};
  results_.map = {};
  results_.map_progress = 1.0;
  ++results_.map_version;
  results_.weight_gradient = {};
}

bool Engine::step_map(const base::Budget& budget) {
  const MapChoice& choice = document_->map;
  const explain::MethodDef& method = *explain::find_method(choice.method);
  if (!map_job_) {
    const auto& input = *document_->picture->input;
    // A method of one pass reads the live session, whose forward is done; the others may run what they like on theirs.
    nn::Session& session = method.single_pass ? *session_ : *map_session_;
    session.set_input(input);
    map_started_ = base::Budget::Clock::now();
    map_job_ =
        method.start({session, input, black_level(*document_->model), results_.target, choice.layer, choice.params});
  }
  const bool done = map_job_->step(budget);
  const nn::Shape& input = document_->graph().spec().input;
  results_.explanation = map_job_->result();
  results_.map = explain::display_map(results_.explanation.attribution, input[1], input[2]);
  results_.map_progress = done ? 1.0 : map_job_->progress();
  results_.map_ms = milliseconds_since(map_started_);
  results_.map_revision = document_->revision;
  ++results_.map_version;
  if (done) {
    map_job_.reset();
    map_due_ = false;
  }
  return done;
}

void Engine::run_weight_gradient() {
  const auto start = base::Budget::Clock::now();
  session_->clear_d_weights();
  const auto seed = nn::one_hot(1, document_->graph().class_count(), results_.target);
  nn::BackwardRequest request;
  request.d_from = seed;
  request.input = false;
  request.weights = true;
  session_->backward(request);
  results_.weight_gradient = session_->d_weights();
  results_.gradient_revision = document_->revision;
  gradient_due_ = false;
  gradient_ms_ = milliseconds_since(start);
}

bool Engine::step_fingerprint(const base::Budget& budget) {
  const PagedWeights& weights = document_->edit.weights;
  if (!hash_) hash_ = Hash{nn::begin_fingerprint(document_->graph())};
  while (hash_->pages < weights.page_count()) {
    hash_->sum.update(weights.page(hash_->pages++));
    if (budget.spent()) return false;
  }
  results_.fingerprint = hash_->sum.finish_hex();
  hash_.reset();
  return true;
}

nn::ConstTensor Engine::activation(int node) const { return session_->activation(node); }

nn::ConstTensor Engine::unedited_activation(int node) const { return unedited_->activation(node); }

}  // namespace weightroom::lab
