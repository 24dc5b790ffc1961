// The parts of Lab about classes of the visitor's own: pictures that come for them, what is learnt from them, and undo.
#include <algorithm>
#include <utility>

#include <strings/dataset.h>
#include <strings/lab.h>
#include <strings/teach.h>

#include "io/text.h"
#include "lab/lab.h"
#include "nn/none_of_these.h"

namespace weightroom::lab {

bool Lab::can_undo() const {
  return document_ && (project_history_.can_undo(document_->edit.steps.size()) || history_.can_undo());
}

bool Lab::can_redo() const {
  return document_ && (project_history_.can_redo(document_->edit.steps.size()) || history_.can_redo());
}

// Nothing where the last thing done, or undone, was a step on weights.
std::optional<Result<std::uint64_t>> Lab::step_on_project(bool undo) {
  const std::size_t steps = document_->edit.steps.size();
  if (!(undo ? project_history_.can_undo(steps) : project_history_.can_redo(steps))) return std::nullopt;
  document::Document next = *document_;
  next.project = undo ? project_history_.undo(next.project) : project_history_.redo(next.project);
  return adopt(std::move(next));
}

Result<std::uint64_t> Lab::change_project(Result<document::Document> next) {
  if (!next) return std::unexpected(next.error());
  if (next->project != document_->project) project_history_.push(document_->project, document_->edit.steps.size());
  return adopt(std::move(next));
}

// A picture for the class that the page says. Where there is no such class any more, the last one has it.
Status Lab::teach_picture(const std::string& name, const io::Image& image) {
  teach::Project project = document::project_of(*document_);
  const std::size_t last = project.classes.empty() ? 0 : project.classes.size() - 1;
  const auto into = std::min(static_cast<std::size_t>(document_->choice<studies::TeachChoice>().into), last);
  auto next = document::with_project(
      *document_, teach::add_picture(std::move(project), into,
                                     teach::keep_picture(io::base_name(name), image, document_->graph().spec().input)));
  if (!next) return std::unexpected(next.error());
  clear_error();
  (void)change_project(std::move(next));
  return {};
}

// A set's pictures, class by class.
void Lab::teach_set(const std::string& name, io::LabelledSet set) {
  arriving_classes_.emplace(ArrivingClasses{.name = io::base_name(name),
                                            .set = std::make_shared<const io::LabelledSet>(std::move(set)),
                                            .decoder = decoder()});
  for (const io::SetSplit& split : arriving_classes_->set->splits)
    for (const io::SetItem& item : split.items) arriving_classes_->items.push_back(item);
  clear_error();
}

void Lab::take_arrived(ArrivingClasses& from, const io::SetItem& item, const Result<io::Image>& picture) {
  if (!picture) return from.unread.add(*from.set, item);
  const std::string& label = from.set->class_names[static_cast<std::size_t>(item.label)];
  auto place = std::ranges::find(from.project.classes, label, &teach::TaughtClass::name);
  if (place == from.project.classes.end()) {
    // An empty class that nobody has named yet gives way to the first that has a name.
    place = std::ranges::find_if(from.project.classes, [&](const teach::TaughtClass& row) {
      return row.pictures.empty() && row.name.starts_with(tr(text::teach_class_n, {{"number", ""}}));
    });
    auto named =
        place == from.project.classes.end()
            ? teach::add_class(from.project, label)
            : teach::rename_class(from.project, static_cast<std::size_t>(place - from.project.classes.begin()), label);
    if (!named) {
      if (from.refused.empty()) from.refused = named.error().message();
      return;
    }
    from.project = std::move(*named);
    place = std::ranges::find(from.project.classes, label, &teach::TaughtClass::name);
  }
  auto added = teach::add_picture(from.project, static_cast<std::size_t>(place - from.project.classes.begin()),
                                  teach::keep_picture(item.name, *picture, document_->graph().spec().input));
  if (added) {
    from.project = std::move(*added);
    ++from.taken;
  } else if (from.refused.empty()) {
    from.refused = added.error().message();
  }
}

bool Lab::step_arriving_classes(const base::Budget& budget) {
  if (!arriving_classes_) return true;
  ArrivingClasses& from = *arriving_classes_;
  if (from.next == 0) from.project = document::project_of(*document_);
  while (from.next < from.items.size() && from.refused.empty()) {
    const io::SetItem& item = from.items[from.next];
    if (!from.asked) {
      auto file = from.set->source->file(item.index);
      auto asked = std::make_shared<std::optional<Result<io::Image>>>();
      const bool elsewhere = !file.empty() && from.decoder(item.name, file, [asked](Result<io::Image> image) {
        *asked = std::move(image);
      });
      if (!elsewhere) *asked = file.empty() ? from.set->picture(item) : io::decode_image(file);
      from.asked = std::move(asked);
    }
    if (!*from.asked) return false;  // the browser has it
    take_arrived(from, item, **from.asked);
    from.asked.reset();
    ++from.next;
    if (budget.spent()) return false;
  }
  ArrivingClasses done = std::move(from);
  arriving_classes_.reset();
  if (done.taken == 0) {
    report_file(done.name, done.refused.empty() ? done.unread.none_read().message() : done.refused);
    return true;
  }
  if (auto taught = change_project(document::with_project(*document_, std::move(done.project))); !taught) {
    report_file(done.name, taught.error().message());
    return true;
  }
  std::string words = tr(text::teach_set_taken, {{"n", done.taken}, {"set", done.name}});
  if (!done.refused.empty()) words += " " + done.refused;
  for (const std::string& notice : done.set->notices) words += " " + notice;
  set_notice(std::move(words));
  return true;
}

bool Lab::waits_to_learn() const {
  const auto& learnt = teaching_.learnt();
  return document_ && document_->base && learnt && learnt->version != learnt_version_ &&
         (document_->edited() || document_->choice<studies::TeachChoice>().wait);
}

std::optional<MadeOf> Lab::made_of_answer() const {
  const auto& learnt = teaching_.learnt();
  const Results& results = engine_.results();
  if (!learnt || learnt->version != learnt_version_ || !document_->base || !document_->picture || !engine_.ready() ||
      results.order.empty() || results.logits.size() != learnt->labels.size() || results.target < 0)
    return std::nullopt;
  const auto target = static_cast<std::size_t>(results.target);
  return made_of(*learnt, nn::features(engine_.session()), target, static_cast<double>(results.logits[target]));
}

// What is learnt takes the place of the model on the bench, as long as nobody has edited that: edits are not lost
// unasked.
bool Lab::step_teaching(const base::Budget& budget) {
  teaching_.show(*document_);
  const bool done = teaching_.step(budget);
  const auto& learnt = teaching_.learnt();
  if (!document_->base) return done;
  if (!learnt) {
    // Too little is left to be learnt from: the network is what it was before.
    if (learnt_version_ == 0 || preview_ || document_->edited()) return done;
    learnt_version_ = 0;
    put_in_place(*document_->base, document_->base);
    return false;
  }
  if (learnt->version == learnt_version_) return done;
  if (!learn_now_ && (preview_ || waits_to_learn())) return done;
  learn_now_ = false;
  learnt_version_ = learnt->version;
  nn::Model model = taught_model(*learnt);
  // What came to the same is not learnt anew: what was undone of its weights can still be redone.
  const nn::Model& now = *document_->model;
  const bool same = !document_->edited() && now.labels == model.labels && now.weights == model.weights;
  if (!same) put_in_place(std::move(model), document_->base);
  return false;
}

// Another last layer: all else that is open stays, and what was chosen where it suits.
void Lab::put_in_place(nn::Model model, std::shared_ptr<const nn::Model> base) {
  const document::Document& now = *document_;
  const bool same_layers = model.graph->canonical_json() == now.graph().canonical_json();
  if (same_layers) model.graph = now.model->graph;
  document::Document next = document::open_document(std::make_shared<const nn::Model>(std::move(model)));
  next.base = std::move(base);
  next.project = now.project;
  next.picture = now.picture;
  next.second = now.second;
  next.view = now.view;
  next.view.compare = false;
  next.page = now.page;
  next.choices = now.choices;
  next.map = now.map;
  // Nodes and tensors have the same places; only the last layer has other weights.
  const auto& weight = now.selection.weight;
  const auto shape = [&](const document::Document& of) {
    return of.graph().weights()[static_cast<std::size_t>(weight->tensor)].shape;
  };
  if (!weight || shape(now) == shape(next)) next.selection = now.selection;
  next.selection.cell.reset();
  if (!same_layers) {
    for (const studies::StudyDef& page : studies::pages()) {
      if (page.choice != nullptr && page.name != now.page) page.choice->for_another_model(next.choices);
    }
  }
  next.pictures = now.pictures;
  next.labelled = now.labelled;
  if (next.labelled) next.class_of = io::find_labels(next.labelled->images.class_names, next.model->labels);
  opened_ = {};
  ++changes_;
  project_history_.forget_steps();
  (void)adopt(std::move(next));
  start_history();
}

Result<std::uint64_t> Lab::learn() {
  if (!document_->project) return fail(text::teach_two_needed);
  if (!document_->base) {
    if (auto suits = teach::check_base(*document_->model); !suits) return std::unexpected(suits.error());
    document::Document next = *document_;
    next.base = next.model;
    (void)adopt(std::move(next));
  }
  learn_now_ = true;
  return revision_;
}

Result<std::uint64_t> Lab::end_teaching() {
  if (!document_->project) return fail(text::teach_nothing);
  document::Document next = *document_;
  project_history_.push(next.project, 0);
  const auto base = std::exchange(next.base, nullptr);
  next.project.reset();
  const bool taught = base && base != next.model;
  learnt_version_ = 0;
  (void)adopt(std::move(next));
  if (taught) put_in_place(*base, nullptr);
  return revision_;
}

// As large as it is kept.
Result<std::uint64_t> Lab::open_taught(std::uint64_t id) {
  if (!document_->project) return fail(text::teach_no_picture, {{"picture", id}});
  const auto place = document_->project->find(id);
  if (!place) return std::unexpected(place.error());
  const teach::TaughtClass& of = document_->project->classes[place->of_class];
  const auto& kept = of.pictures[place->picture].kept;
  auto image = io::decode_image(kept->file);
  if (!image) return std::unexpected(image.error());
  adopt_image(kept->name, std::make_shared<const io::Image>(std::move(*image)), false, "", of.name);
  return revision_;
}

}  // namespace weightroom::lab
