#include "studies/importance.h"

#include <algorithm>
#include <cmath>

#include <strings/edits.h>

#include "document/apply_edit.h"
#include "explain/influence.h"
#include "explain/whole_pass.h"
#include "nn/answer.h"

namespace weightroom::studies {
namespace {

base::Task loss_gradient(nn::Session& session, std::vector<float>& out) {
  explain::Forward forward(session);
  co_await explain::Whole{forward};
  const auto logits = session.logits().values();
  if (!nn::all_finite(logits)) co_return;
  const auto best = static_cast<int>(std::ranges::max_element(logits) - logits.begin());
  const std::vector<float> d_logits = nn::loss_gradient(session.graph().answer(), logits, best);
  nn::BackwardRequest request;
  request.d_from = d_logits;
  request.input = false;
  request.weights = true;
  session.clear_d_weights();
  explain::Backward backward(session, request);
  co_await explain::Whole{backward};
  out.assign(session.d_weights().begin(), session.d_weights().end());
  for (float& value : out) value = std::abs(value);
}

base::Task loss_curvature(nn::Session& session, const nn::Preprocessing& reading, std::span<const float> picture,
                          std::vector<float>& out, double& progress) {
  explain::Influence found;
  const explain::MethodInput input = explain::method_input(session, reading, picture, 0);
  const explain::Pictures pictures{{picture.begin(), picture.end()}};
  base::Task task = explain::study_weights(input, pictures, true, found, progress);
  while (!task.step()) co_await base::Pause{};
  if (found.overflows == 0) out = std::move(found.curvature);
}

}  // namespace

bool Importance::Asked::same(const Asked& other) const {
  return weights.same(other.weights) && bypassed == other.bypassed && input == other.input && asks == other.asks;
}

Importance::Asked Importance::asked_of(const document::Document& document, edit::Asks asks) {
  return {document.edit.running, off_activations(document.edit), document.picture->input, asks};
}

void Importance::forget() {
  task_.reset();
  session_.give_back();
  asked_.reset();
  gradient_ = curvature_ = {};
}

void Importance::ask(const document::Document& document, edit::Asks asks) {
  Asked wanted = asked_of(document, asks);
  if (asked_ && asked_->same(wanted)) return;
  forget();
  model_ = document.model;
  asked_ = std::move(wanted);
  session_ = sessions_->lend(model_->graph, model_->weights, {});
  sync_weights(*session_, document.loaded, asked_->weights);
  session_->bypass(asked_->bypassed);
  session_->set_input(*asked_->input);
  progress_ = 0.0;
  if (asks == edit::Asks::gradient) {
    task_.emplace(loss_gradient(*session_, gradient_));
  } else {
    task_.emplace(loss_curvature(*session_, model_->preprocessing, *asked_->input, curvature_, progress_));
  }
}

bool Importance::step(const base::Budget& budget) {
  while (task_) {
    if (task_->step()) {
      task_.reset();
      session_.give_back();
      found_ = {gradient_, curvature_};
    } else if (budget.spent()) {
      return false;
    }
  }
  return true;
}

Result<document::command::Change> with_choice(const document::Document& document,
                                              const document::command::Change& change,
                                              const edit::Importance& importance) {
  if (importance.gradient.empty() && importance.curvature.empty()) return fail(text::edits_no_answer);
  auto chosen = chosen_weights(document, change, importance);
  if (!chosen) return std::unexpected(chosen.error());
  document::command::Change with = change;
  with.chosen = std::move(*chosen);
  return with;
}

Result<document::command::Change> choose_now(const document::Document& document,
                                             const document::command::Change& change) {
  const edit::Asks asks = document::asks_pictures(change);
  if (asks == edit::Asks::nothing || !change.chosen.empty()) return change;
  if (!document.picture) return fail(kNoPicture);
  nn::SessionPool sessions;
  Importance importance(sessions);
  importance.ask(document, asks);
  (void)importance.step(base::Budget::unlimited());
  return with_choice(document, change, *importance.find(document, asks));
}

const edit::Importance* Importance::find(const document::Document& document, edit::Asks asks) const {
  return asked_ && !task_ && asked_->same(asked_of(document, asks)) ? &found_ : nullptr;
}

}  // namespace weightroom::studies
