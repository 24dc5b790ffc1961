// What stands on a page that measures while no labelled set is open: one with a model of its own, or one's own
// pictures.
#include <algorithm>

#include <strings/accuracy.h>
#include <strings/list.h>

#include "lab/origin.h"
#include "ui/context.h"
#include "ui/pages/accuracy.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/common.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

// The set that comes with the program for this model, or for another one where it has none.
const lab::SetEntry& set_for(const document::Document& document) {
  const auto& all = lab::shipped_sets();
  const auto own = std::ranges::find(all, lab::shipped_name(*document.model), &lab::SetEntry::model);
  return own == all.end() ? all.front() : *own;
}

// A set for another model brings that model along.
void offer_measuring(const View& view, CommandQueue& commands) {
  const document::Document& document = view.document();
  const lab::SetEntry& entry = set_for(document);
  const std::string label = tr(text::accuracy_measure_on, {{"set", tr(entry.title)}});
  if (entry.model == lab::shipped_name(*document.model)) {
    if (button("accuracy/open", label, {.look = Look::primary})) commands.push(document::command::OpenSet{entry.name});
    text(say(text::accuracy_unseen), Role::quiet, true);
    return;
  }
  if (button("accuracy/" + entry.name, label, {.look = Look::primary}))
    commands.push(document::command::OpenModel{entry.model, entry.name});
  std::string words = tr(text::accuracy_other_model, {{"model", entry.model}});
  if (document.edited()) words += " " + tr(text::accuracy_edits_end, {{"model", document.model->name}});
  text(words, Role::quiet, true);
}

// Of the model, as folders may be called.
std::string folder_names(const document::Document& document) {
  constexpr std::size_t kNamed = 3;
  std::vector<std::string> names;
  for (std::size_t k = 0; k < document.model->labels.size() && names.size() < kNamed; ++k) {
    std::string name = class_label(document, static_cast<int>(k));
    if (!name.empty() && name.find('/') == std::string::npos) names.push_back(std::move(name));
  }
  return base::list_of(names, text::list_comma);
}

void offer_own_set(const View& view) {
  text(tr(text::accuracy_own_body, {{"classes", folder_names(view.document())}}), Role::body, true);
  if (button("accuracy/folder", say(text::accuracy_make), {.tooltip = say(text::accuracy_make_help)}))
    context().requests.choose_folder = true;
  text(say(context().folders ? text::accuracy_drop : text::accuracy_pack), Role::quiet, true);
  if (link("accuracy/choose", say(text::accuracy_choose))) context().requests.choose_file = true;
}

}  // namespace

void draw_invitation(const View& view, CommandQueue& commands, Text title, Text body) {
  const Card card("accuracy", say(title));
  if (view.lab.set_progress() >= 0.0) {
    text(say(text::accuracy_reading), Role::quiet);
    progress_bar("accuracy/reading", view.lab.set_progress(), card.width());
    return;
  }
  text(say(body), Role::body, true);
  offer_measuring(view, commands);
  ImGui::Dummy({0.0F, Metrics::kGap});
  offer_own_set(view);
}

}  // namespace weightroom::ui
