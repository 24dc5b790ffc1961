#include "lab/lab.h"

#include <algorithm>

#include "io/bare_weights.h"
#include "io/labels.h"
#include "io/model_file.h"
#include "io/open_model.h"
#include "io/tar.h"
#include "io/text.h"
#include "lab/apply_edit.h"
#include "lab/first_weight.h"
#include "lab/history_file.h"

namespace weightroom::lab {
namespace {

bool saves_edits(const Command& command) {
  return std::holds_alternative<command::SaveModel>(command) || std::holds_alternative<command::SaveHistory>(command);
}

// A command that only makes sense for weights, so that a drag under way must not leak into it.
bool edits_weights(const Command& command) {
  return edits(command) || saves_edits(command) || std::holds_alternative<command::Undo>(command) ||
         std::holds_alternative<command::Redo>(command);
}

Command as_step(Command command) {
  if (auto* set = std::get_if<command::SetWeight>(&command)) set->preview = false;
  if (auto* change = std::get_if<command::Change>(&command)) change->preview = false;
  return command;
}

// What a command moves that may be the next one of a preview; empty: it is no such command.
std::string subject_of(const nn::Graph& graph, const Command& command) {
  if (const auto* set = std::get_if<command::SetWeight>(&command)) {
    const auto ref = nn::parse_weight_ref(graph, set->weight);
    return ref ? nn::format_weight_ref(graph, *ref) : "";
  }
  if (const auto* change = std::get_if<command::Change>(&command))
    return change->operation + " " + change->on + " " + change->from;
  return "";
}

bool takes_a_weight(const Command& command) {
  return std::holds_alternative<command::SetWeight>(command) ||
         std::holds_alternative<command::TransformWeight>(command) ||
         std::holds_alternative<command::SelectWeight>(command) ||
         std::holds_alternative<command::SelectLayer>(command);
}

// Which file it was, then what is wrong with it.
std::string about_file(const std::string& name, const std::string& sentence) {
  constexpr std::size_t kMost = 48;
  std::string shown = io::base_name(name);
  if (shown.empty()) return sentence;
  if (shown.size() > kMost) {
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) --end;  // between characters
    shown = shown.substr(0, end) + "…";
  }
  return "'" + shown + "': " + sentence;
}

}  // namespace

Lab::Lab(Fetch fetch, Save save) : fetch_(std::move(fetch)), save_(std::move(save)) {}

void Lab::start() { (void)open_model(shipped_models().front().name); }

Result<std::uint64_t> Lab::run_json(std::string_view json) {
  const auto command = parse_command(json);
  if (!command) return std::unexpected(command.error());
  return run(*command);
}

Result<std::uint64_t> Lab::adopt(Result<Document> next) {
  if (!next) return std::unexpected(next.error());
  document_ = std::move(*next);
  document_->revision = ++revision_;
  engine_.show(*document_);
  return revision_;
}

Result<std::uint64_t> Lab::run(const Command& command) {
  if (std::holds_alternative<command::DismissError>(command)) {
    error_.clear();
    notice_.clear();
    return ++revision_;
  }
  if (const auto* open = std::get_if<command::OpenModel>(&command)) return open_model(open->name);
  if (!document_) return fail("The model is still loading.");
  if (const auto* open = std::get_if<command::OpenSample>(&command)) return open_sample(open->name);
  if (const auto* open = std::get_if<command::OpenSet>(&command)) return open_shipped_set(open->name);
  if (const auto* open = std::get_if<command::OpenMeasured>(&command)) return open_measured(open->picture);

  // Whoever has taken a weight or a layer keeps it: the opening scene lights none any more.
  if (takes_a_weight(command)) opening_ = false;

  // A preview becomes a step before anything else is done to weights; a command that is refused leaves it.
  const bool undo = std::holds_alternative<command::Undo>(command);
  const bool redo = std::holds_alternative<command::Redo>(command);
  if (preview_ && redo) return fail("There is nothing to redo.");
  const bool selects = std::holds_alternative<command::SelectWeight>(command);
  if (preview_ && (edits_weights(command) || selects) && subject_of(document_->graph(), command) != preview_->subject) {
    if (!undo && !saves_edits(command)) {
      if (auto allowed = lab::apply(*document_, command); !allowed) return std::unexpected(allowed.error());
    }
    settle_preview();
  }
  if (std::holds_alternative<command::StopMap>(command)) {
    engine_.stop_map();
    return ++revision_;
  }
  if (std::holds_alternative<command::StartMap>(command)) {
    engine_.start_map_again();
    return ++revision_;
  }
  if (std::holds_alternative<command::StartStudy>(command) || std::holds_alternative<command::StopStudy>(command)) {
    if (!is_study(document_->study.page)) return fail("This page has nothing to start or to stop.");
    if (std::holds_alternative<command::StartStudy>(command)) {
      engine_.start_study();
    } else {
      engine_.stop_study();
    }
    return ++revision_;
  }
  if (const auto* save = std::get_if<command::SaveMap>(&command)) return save_map(save->as);
  if (std::holds_alternative<command::SaveModel>(command)) {
    save_(document_->model->name + (document_->edited() ? "-edited" : "") + ".safetensors", edited_file(*document_));
    return revision_;
  }
  if (std::holds_alternative<command::SaveHistory>(command)) {
    const auto [loaded, now] = fingerprints();
    save_(document_->model->name + "-history.json", write_history(*document_, loaded, now));
    return revision_;
  }
  if (replay_ && edits_weights(command)) return fail("The steps of a history are being done; wait a moment.");
  if (edits_weights(command)) waiting_.reset();  // whoever goes on does not wait for the change before
  if (undo || redo) {
    if (!(undo ? history_.can_undo() : history_.can_redo()))
      return fail(undo ? "There is nothing to undo." : "There is nothing to redo.");
    Document from = *document_;
    from.edit = undo ? history_.undo(from.edit) : history_.redo(from.edit);
    return adopt(std::move(from));
  }
  if (const auto* change = std::get_if<command::Change>(&command)) {
    auto resolved = choose(*change);
    if (!resolved) return std::unexpected(resolved.error());
    if (!*resolved) {  // the pictures are asked first
      waiting_ = *change;
      return ++revision_;
    }
    return edit(Command(std::move(**resolved)));
  }
  return edit(command);
}

// A change that asks pictures which weights it is about, with their answer; nothing while that is worked out.
Result<std::optional<command::Change>> Lab::choose(const command::Change& change) {
  Document from = *document_;
  if (preview_) from.edit = preview_->before;
  if (!preview_ && takes_up_again(change)) from.edit = history_.before_last();
  const auto asks = asks_pictures(change);
  if (asks == edit::Asks::nothing || !change.chosen.empty()) return change;
  if (!from.picture) return fail(kNoPicture);
  // Refused at once where it would be refused later.
  if (auto allowed = chosen_weights(from, change, {}); !allowed) return std::unexpected(allowed.error());
  importance_.ask(from, asks);
  const edit::Importance* importance = importance_.find(from, asks);
  if (importance == nullptr) return std::nullopt;
  return with_choice(from, change, *importance);
}

// Of the model as loaded, and as it is.
std::pair<std::string, std::string> Lab::fingerprints() const {
  const Results& results = engine_.results();
  const auto of = [&](const std::string& known, const PagedWeights& weights) {
    return known.empty() ? nn::fingerprint(document_->graph(), weights.flat()) : known;
  };
  return {of(results.loaded_fingerprint, document_->loaded), of(results.fingerprint, document_->edit.running)};
}

// The steps of a file on the model as it was loaded, as steps of this history: what was done before can be undone too.
Status Lab::open_history(std::span<const std::byte> bytes) {
  auto file = read_history(bytes);
  if (!file) return std::unexpected(file.error());
  if (auto fits = check_history(*file, *document_, fingerprints().first); !fits) return fits;
  if (preview_) settle_preview();
  waiting_.reset();
  replay_ = Replay{std::move(*file), 0};
  if (document_->edited()) (void)edit(command::Reset{"all", ""});
  error_.clear();
  ++revision_;
  return {};
}

// True once every step is done, or one could not be.
bool Lab::step_replay(const base::Budget& budget) {
  const auto& steps = replay_->file.steps;
  while (replay_->next < steps.size()) {
    const std::size_t number = ++replay_->next;
    if (auto done = edit(steps[number - 1]); !done) {
      report("Step " + std::to_string(number) + " of the history cannot be done: " + done.error().message);
      replay_.reset();
      return true;
    }
    if (budget.spent()) return false;
  }
  const std::string expected = replay_->file.fingerprint;
  replay_.reset();
  if (!expected.empty() && expected != fingerprints().second)
    report("The steps of the history give other weights here than where it was saved.");
  return true;
}

// What a change waited for is known.
void Lab::go_on_with_change() {
  const command::Change change = *std::exchange(waiting_, std::nullopt);
  if (auto done = run(Command(change)); !done) report(done.error().message);
}

// What is no step of its own starts from where the previews began: a drag is one step, from its first value.
Result<std::uint64_t> Lab::edit(const Command& command) {
  Document from = *document_;
  if (edits_weights(command) && preview_) from.edit = preview_->before;
  const bool again = takes_up_again(command);
  if (again && !preview_) from.edit = history_.before_last();
  auto next = lab::apply(from, command);  // qualified: std::apply is found otherwise
  if (!next) return std::unexpected(next.error());
  if (std::holds_alternative<command::SetLabels>(command)) opened_.guessed_labels = false;
  if (std::holds_alternative<command::CloseSet>(command)) set_.reset();
  if (lab::previews(command)) {
    if (!preview_) preview_ = Preview{subject_of(document_->graph(), command), command, from.edit, again};
    preview_->step = as_step(command);
  } else if (edits_weights(command)) {
    preview_.reset();
    if (again) history_.drop_last(from.edit);
    if (next->edit.steps.size() != from.edit.steps.size()) history_.push(from.edit);
  }
  return adopt(std::move(next));
}

// Whether a change goes in place of the last step.
bool Lab::takes_up_again(const Command& command) const {
  const auto* change = std::get_if<command::Change>(&command);
  if (change == nullptr || !change->again || !history_.can_undo()) return false;
  if (preview_) return preview_->again;
  const auto last = parse_command(document_->edit.steps.back()->command);
  return last && std::holds_alternative<command::Change>(*last) &&
         subject_of(document_->graph(), *last) == subject_of(document_->graph(), command);
}

void Lab::settle_preview() {
  const auto selection = document_->selection;
  (void)edit(Command(preview_->step));
  document_->selection = selection;
}

bool Lab::previews(nn::WeightRef weight) const {
  return preview_ && preview_->subject == nn::format_weight_ref(document_->graph(), weight);
}

// Another model, another beginning.
void Lab::start_history() {
  preview_.reset();
  waiting_.reset();
  replay_.reset();
  importance_.forget();
  history_.start(document_->edit, [this](const EditState& from, const Step& step) {
    Document document = *document_;
    document.edit = from;
    const auto command = parse_command(step.command);
    CHECK(command.has_value());  // written by to_json
    auto next = lab::apply(document, *command);
    CHECK(next.has_value());  // it was applied to the same weights before
    return std::move(next->edit);
  });
}

Result<std::uint64_t> Lab::open_model(const std::string& name) {
  const auto& all = shipped_models();
  const auto it = std::ranges::find(all, name, &ModelEntry::name);
  if (it == all.end()) return fail("There is no model '" + name.substr(0, 60) + "'.");
  loading_.push_back(it->file);
  fetch_({it->file, [this, file = it->file, name, wish = ++model_wish_](Result<std::vector<std::byte>> bytes) {
            loading_.erase(std::ranges::find(loading_, file));
            if (wish != model_wish_) return;
            if (!bytes) return report(bytes.error().message);
            auto model = io::open_model(name, *bytes);
            if (!model) return report(model.error().message);
            adopt_model(std::move(*model), {});
          }});
  return ++revision_;
}

Result<std::uint64_t> Lab::open_sample(const std::string& name) {
  const auto& all = samples();
  const auto it = std::ranges::find(all, name, &Sample::name);
  if (it == all.end()) return fail("There is no sample '" + name.substr(0, 60) + "'.");
  loading_.push_back(it->file);
  fetch_({it->file, [this, sample = *it, wish = ++picture_wish_](Result<std::vector<std::byte>> bytes) {
            loading_.erase(std::ranges::find(loading_, sample.file));
            if (wish != picture_wish_) return;
            const auto refuse = [this](const Error& error) {
              if (document_ && document_->picture && opening_) open_scene();  // with the picture there is
              report(error.message);
            };
            if (!bytes) return refuse(bytes.error());
            auto image = sample_image(*bytes, sample.index);
            if (!image) return refuse(image.error());
            adopt_image(sample.name, std::move(*image), sample.index >= 0, "");
          }});
  return ++revision_;
}

void Lab::adopt_model(nn::Model model, io::OpenReport report, Scene scene) {
  ++model_wish_;
  ++models_opened_;
  const bool first = !document_;
  Document next = open_document(std::make_shared<const nn::Model>(std::move(model)));
  if (document_) {
    next.view = document_->view;
    next.study = document_->study;
    next.study.compare.classes.clear();
    next.study.ranking.over.clear();
    next.study.units.node = next.study.units.toward = -1;
    next.study.units.channel = 0;
    if (document_->map.method != next.map.method) next.map = {document_->map.method, document_->map.params, -1};
  }
  set_loader_.reset();
  if (!set_model_.empty() && set_model_ != next.model->name) set_.reset();
  gathering_ = false;
  error_.clear();
  // What the visitor chose stays where it suits; what a model opened on gives way to what the next one opens on.
  const std::string opens_on = first_sample(next.model->name);
  const bool same = scene == Scene::stays;
  const bool suits =
      !first && document_->picture && (same || (!document_->picture->native_size && next.graph().spec().input[0] == 3));
  const bool keeps = suits && (same || document_->picture->name == opens_on ||
                               document_->picture->name != first_sample(document_->model->name));
  const auto carried = [&](const Picture& old) {
    return make_picture(*next.model, old.name, old.image, old.native_size, old.crop);
  };
  // Until another is there, if ever: a sample may not be within reach.
  if (suits) next.picture = carried(*document_->picture);
  const bool second_suits =
      !first && document_->second && (same || (!document_->second->native_size && next.graph().spec().input[0] == 3));
  if (second_suits) next.second = carried(*document_->second);
  if (!next.second && explain::needs_other(*explain::find_method(next.map.method), next.map.params))
    next.map.params["baseline"] = 0.0;
  (void)adopt(std::move(next));
  start_history();
  notice_.clear();
  for (const std::string& notice : report.notices) notice_ += (notice_.empty() ? "" : " ") + notice;
  opened_ = std::move(report);
  opening_ = true;
  if (keeps) {
    open_scene();
  } else {
    (void)open_sample(opens_on);
  }
}

void Lab::adopt_image(const std::string& name, io::Image image, bool native_size, std::string notice) {
  if (!document_) return report("The model is still loading.");
  ++picture_wish_;
  Document next = *document_;
  const auto& model = *next.model;
  // Grey samples are in the terms of the model's own set, whatever size it reads them at.
  const bool native = native_size && model.graph->spec().input[0] == 1;
  next.picture = make_picture(model, io::base_name(name), std::make_shared<const io::Image>(std::move(image)), native);
  error_.clear();
  notice_ = std::move(notice);
  (void)adopt(std::move(next));
  if (opening_) open_scene();
}

// The opening scene: one weight lit that is worth dragging.
void Lab::open_scene() {
  opening_ = false;
  const auto ref = find_telling_weight(*document_);
  if (!ref) return;
  Document next = *document_;
  next.selection.weight = *ref;
  next.selection.layer = next.graph().weights()[static_cast<std::size_t>(ref->tensor)].node;
  (void)adopt(std::move(next));
}

Status Lab::open_file(const std::string& name, std::span<const std::byte> bytes) {
  const auto refuse = [&](const Error& error) -> Status {
    report_file(name, error.message);
    return std::unexpected(error);
  };
  if (document_ && io::is_bare_weights(bytes)) {
    const auto opened = open_weights(name, bytes);
    return opened ? opened : refuse(opened.error());
  }
  if (io::looks_like_model(name, bytes)) {
    io::OpenReport report;
    auto model = io::open_model(name, bytes, &report);
    if (!model) return refuse(model.error());
    adopt_model(std::move(*model), std::move(report));
    return {};
  }
  if (document_ && looks_like_history(name, bytes)) {
    const auto opened = open_history(bytes);
    return opened ? opened : refuse(opened.error());
  }
  if (document_ && io::looks_like_tar(name, bytes)) {
    const auto opened = open_set(name, bytes);
    return opened ? opened : refuse(opened.error());
  }
  if (document_ && io::looks_like_labels(name, bytes)) {
    auto labels = io::parse_labels(bytes);
    if (!labels) return refuse(labels.error());
    const auto done = run(command::SetLabels{std::move(*labels)});
    if (!done) return refuse(done.error());
    error_.clear();
    notice_ = "The classes go by the names in '" + io::base_name(name) + "'.";
    return {};
  }
  auto image = io::decode_image(bytes);
  if (!image) return refuse(image.error());
  adopt_image(name, std::move(*image), false, "");
  return {};
}

// The open model's layers with other weights: a new model to begin from.
Status Lab::open_weights(const std::string& name, std::span<const std::byte> bytes) {
  io::OpenReport report;
  auto weights = io::fit_weights(bytes, document_->graph(), &report.notices);
  if (!weights) return std::unexpected(weights.error());
  nn::Model model = *document_->model;
  model.title = "Weights of " + io::base_name(name) + " in the architecture of " + model.name;
  model.name = io::model_name_of(name);
  model.weights = std::move(*weights);
  model.provenance = "{}";
  adopt_model(std::move(model), std::move(report), Scene::stays);
  return {};
}

Status Lab::open_pixels(const std::string& name, std::span<const std::uint8_t> rgba, int width, int height,
                        std::string note) {
  auto image = io::image_from_rgba(width, height, rgba);
  if (!image) {
    report_file(name, image.error().message);
    return std::unexpected(image.error());
  }
  adopt_image(name, std::move(*image), false, std::move(note));
  return {};
}

bool Lab::step(const base::Budget& budget) {
  if (!document_) return true;
  if (replay_ && !step_replay(budget)) return false;
  if (waiting_) {
    if (!importance_.step(budget)) return false;
    go_on_with_change();
  }
  const bool read = step_pictures(budget);
  return engine_.step(budget) && read;
}

void Lab::report_file(const std::string& name, const std::string& sentence) { report(about_file(name, sentence)); }

void Lab::report(std::string sentence) {
  error_ = std::move(sentence);
  ++revision_;
}

}  // namespace weightroom::lab
