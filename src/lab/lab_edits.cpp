// The parts of Lab about weights: previews that come to be steps, undo, changes that ask a picture first, histories out
// of files.
#include <strings/edits.h>
#include <strings/history.h>

#include "document/apply_edit.h"
#include "document/history_file.h"
#include "io/text.h"
#include "lab/lab.h"
#include "lab/save_model.h"

namespace weightroom::lab {
namespace {

bool saves_edits(const document::Command& command) {
  return std::holds_alternative<document::command::SaveModel>(command) ||
         std::holds_alternative<document::command::SaveHistory>(command);
}

// A command that only makes sense for weights, so that a drag under way must not leak into it.
bool edits_weights(const document::Command& command) {
  return document::edits(command) || saves_edits(command) || std::holds_alternative<document::command::Undo>(command) ||
         std::holds_alternative<document::command::Redo>(command);
}

document::EditCommand as_step(document::EditCommand command) {
  if (auto* set = std::get_if<document::command::SetWeight>(&command)) set->preview = false;
  if (auto* change = std::get_if<document::command::Change>(&command)) change->preview = false;
  return command;
}

// Whether a command is the next one of a preview.
bool goes_on(const document::EditCommand& preview, const document::Command& command) {
  const auto edit = document::as_edit(command);
  return edit && document::same_subject(preview, *edit);
}

}  // namespace

// A preview becomes a step before anything else is done to weights; a command that is refused leaves it.
Status Lab::settle_before(const document::Command& command) {
  if (!preview_) return {};
  if (std::holds_alternative<document::command::Redo>(command)) return fail(text::edits_nothing_to_redo);
  const bool touches = edits_weights(command) || std::holds_alternative<document::command::SelectWeight>(command);
  if (!touches || goes_on(preview_->step, command)) return {};
  if (std::holds_alternative<document::command::SaveModel>(command)) return {};  // once there is a file of it
  if (!std::holds_alternative<document::command::Undo>(command) && !saves_edits(command)) {
    if (auto allowed = would_do(command); !allowed) return allowed;
  }
  settle_preview();
  return {};
}

// Whether a command would be carried out on the document as it is. What a change is to ask a picture is not known yet.
Status Lab::would_do(const document::Command& command) const {
  const auto* change = std::get_if<document::command::Change>(&command);
  if (change != nullptr && change->chosen.empty() && document::asks_pictures(*change) != edit::Asks::nothing) {
    if (auto allowed = chosen_weights(*document_, *change, {}); !allowed) return std::unexpected(allowed.error());
    return {};
  }
  if (auto next = document::apply(*document_, command); !next) return std::unexpected(next.error());
  return {};
}

Result<std::uint64_t> Lab::save_history() {
  const auto [loaded, now] = fingerprints();
  save_(document_->model->name + "-history.json", write_history(*document_, loaded, now));
  return revision_;
}

std::string Lab::steps_text() const {
  const std::string& loaded = engine_.results().loaded_fingerprint;
  if (!document_ || !document_->edited() || loaded.empty()) return {};
  return std::string(io::as_text(write_history(*document_, loaded, "")));
}

// What is done to weights, and what is chosen of the document to be shown.
Result<std::uint64_t> Lab::run_on_document(const document::Command& command) {
  if (!edits_weights(command)) return edit(command);
  if (replay_) return fail(text::history_under_way);
  // Whoever goes on does not wait for the change before.
  auto waited = std::exchange(waiting_, std::nullopt);
  auto done = step_on_weights(command);
  if (!done) waiting_ = std::move(waited);
  return done;
}

Result<std::uint64_t> Lab::step_on_weights(const document::Command& command) {
  const bool undo = std::holds_alternative<document::command::Undo>(command);
  if (undo || std::holds_alternative<document::command::Redo>(command)) {
    if (auto done = step_on_project(undo)) return *done;
    if (!(undo ? history_.can_undo() : history_.can_redo()))
      return fail(undo ? text::edits_nothing_to_undo : text::edits_nothing_to_redo);
    document::Document from = *document_;
    from.edit = undo ? history_.undo(from.edit) : history_.redo(from.edit);
    from.previewing = false;
    return adopt(std::move(from));
  }
  const auto* change = std::get_if<document::command::Change>(&command);
  if (change == nullptr) return edit(command);
  auto resolved = choose(*change);
  if (!resolved) return std::unexpected(resolved.error());
  if (*resolved) return edit(document::Command(std::move(**resolved)));
  waiting_ = *change;  // the picture is asked first
  return revision_;
}

Result<std::uint64_t> Lab::save_model(const std::string& as) {
  auto file = edited_file(*document_, as);
  if (!file) return std::unexpected(file.error());
  if (preview_) settle_preview();
  const std::string name = document_->model->name + (document_->edited() ? "-edited" : "");
  save_(as == "onnx" ? name + ".onnx" : name + (as.empty() || as == "plain" ? "" : "-" + as) + ".safetensors", *file);
  // A model file holds weights and layers, and no switches: whoever opens it should not be surprised.
  const auto off = document_->bypassed();
  if (off.empty() || as == "onnx") return revision_;
  set_notice(tr(off.size() > 1 ? text::edits_saved_with_others_on : text::edits_saved_with_one_on,
                {{"layer", document_->graph().nodes()[static_cast<std::size_t>(off.front())].name}}));
  return revision_;
}

// A change that asks pictures which weights it is about, with their answer; nothing while that is worked out.
Result<std::optional<document::command::Change>> Lab::choose(const document::command::Change& change) {
  document::Document from = *document_;
  if (preview_) from.edit = preview_->before;
  if (!preview_ && takes_up_again(change)) from.edit = history_.before_last();
  const auto asks = document::asks_pictures(change);
  if (asks == edit::Asks::nothing || !change.chosen.empty()) return change;
  if (!from.picture) return fail(studies::kNoPicture);
  // Refused at once where it would be refused later.
  if (auto allowed = chosen_weights(from, change, {}); !allowed) return std::unexpected(allowed.error());
  importance_.ask(from, asks);
  const edit::Importance* importance = importance_.find(from, asks);
  if (importance == nullptr) return std::nullopt;
  return studies::with_choice(from, change, *importance);
}

// Of the model as loaded, and as it is.
std::pair<std::string, std::string> Lab::fingerprints() const {
  const Results& results = engine_.results();
  const auto of = [&](const std::string& known, const document::PagedWeights& weights) {
    return known.empty() ? nn::fingerprint(document_->graph(), weights.flat()) : known;
  };
  return {of(results.loaded_fingerprint, document_->loaded), of(results.fingerprint, document_->edit.running)};
}

// The steps of a file on the model as it was loaded, as steps of this history: what was done before can be undone too.
Status Lab::open_history(std::span<const std::byte> bytes) {
  auto file = document::read_history(bytes, *document_, fingerprints().first);
  if (!file) return std::unexpected(file.error());
  if (preview_) settle_preview();
  waiting_.reset();
  replay_ = Replay{std::move(*file), 0};
  if (document_->edited()) (void)edit(document::command::Reset{});
  clear_error();
  return {};
}

// True once every step is done, or one could not be.
bool Lab::step_replay(const base::Budget& budget) {
  const auto& steps = replay_->file.steps;
  while (replay_->next < steps.size()) {
    const std::size_t number = ++replay_->next;
    if (auto done = edit(document::as_command(steps[number - 1])); !done) {
      report(tr(text::history_step_not_here, {{"step", number}, {"why", done.error()}}));
      replay_.reset();
      return true;
    }
    if (budget.spent()) return false;
  }
  const std::string expected = replay_->file.fingerprint;
  replay_.reset();
  if (!expected.empty() && expected != fingerprints().second) report(tr(text::history_other_weights));
  return true;
}

// What a change waited for is known.
void Lab::go_on_with_change() {
  const document::command::Change change = *std::exchange(waiting_, std::nullopt);
  if (auto done = run(document::Command(change)); !done) report(done.error().message());
}

// What is no step of its own starts from where the previews began: a drag is one step, from its first value.
Result<std::uint64_t> Lab::edit(const document::Command& command, const document::Selection* keep) {
  document::Document from = *document_;
  if (edits_weights(command) && preview_) from.edit = preview_->before;
  const bool again = takes_up_again(command);
  if (again && !preview_) from.edit = history_.before_last();
  auto next = document::apply(from, command);  // qualified: std::apply is found otherwise
  if (!next) return std::unexpected(next.error());
  if (keep != nullptr) next->selection = *keep;
  next->previewing = document::previews(command) || (document_->previewing && !edits_weights(command));
  if (std::holds_alternative<document::command::SetLabels>(command)) {
    opened_.guessed_labels = false;
    ++changes_;
  }
  if (std::holds_alternative<document::command::CloseSet>(command)) set_.reset();
  if (document::previews(command)) {
    const document::EditCommand step = as_step(*document::as_edit(command));
    if (!preview_) preview_ = Preview{step, from.edit, again};
    preview_->step = step;
  } else if (edits_weights(command)) {
    preview_.reset();
    if (again) history_.drop_last(from.edit);
    if (next->edit.steps.size() != from.edit.steps.size()) {
      history_.push(from.edit);
      project_history_.forget_future();
    }
  }
  return adopt(std::move(next));
}

// Whether a change goes in place of the last step.
bool Lab::takes_up_again(const document::Command& command) const {
  const auto* change = std::get_if<document::command::Change>(&command);
  if (change == nullptr || !change->again || !history_.can_undo()) return false;
  if (preview_) return preview_->again;
  return document::same_subject(document_->edit.steps.back()->command, *change);
}

void Lab::settle_preview() {
  const document::Selection selection = document_->selection;
  (void)edit(document::as_command(preview_->step), &selection);
}

bool Lab::previews(nn::WeightRef weight) const {
  return preview_ && document::same_subject(preview_->step, document::command::SetWeight{.weight = weight});
}

// Another model, another beginning.
void Lab::start_history() {
  preview_.reset();
  waiting_.reset();
  replay_.reset();
  importance_.forget();
  history_.start(document_->edit, [this](const document::EditState& from, const document::Step& step) {
    document::Document document = *document_;
    document.edit = from;
    auto next = document::apply(document, document::as_command(step.command));
    CHECK(next.has_value());  // it was applied to the same weights before
    return std::move(next->edit);
  });
  undoable_ = {can_undo(), can_redo()};
}

}  // namespace weightroom::lab
