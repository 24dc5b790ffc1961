// apply(): what each command does to a document. Pure, so that history, tests and replay need nothing else.
#include <algorithm>
#include <cmath>

#include <strings/document.h>
#include <strings/edits.h>
#include <strings/teach.h>

#include "document/apply_edit.h"
#include "document/command.h"
#include "document/reading.h"
#include "io/labels.h"
#include "io/text.h"

namespace weightroom::document {
namespace {

Status handle(Document& document, const command::SelectWeight& command) {
  if (auto known = check_weight(document.graph(), command.weight); !known) return known;
  document.selection.weight = command.weight;
  document.selection.layer = document.graph().weights()[static_cast<std::size_t>(command.weight.tensor)].node;
  return {};
}

Status handle(Document& document, const command::SelectLayer& command) {
  const auto layer = find_layer(document.graph(), command.layer);
  if (!layer) return std::unexpected(layer.error());
  document.selection.layer = *layer;
  return {};
}

Status handle(Document& document, const command::SelectChannel& command) {
  if (command.channel < 0) {
    document.selection.channel = document.selection.channel_node = -1;
    return {};
  }
  const auto layer = find_layer(document.graph(), command.layer);
  if (!layer) return std::unexpected(layer.error());
  const int channels = document.graph().nodes()[static_cast<std::size_t>(*layer)].output.c();
  if (command.channel >= channels) {
    return fail(text::edits_no_channel,
                {{"layer", "'" + command.layer + "'"}, {"last", channels - 1}, {"channel", command.channel}});
  }
  document.selection.channel = command.channel;
  document.selection.channel_node = *layer;
  return {};
}

Status handle(Document& document, const command::SetTarget& command) {
  if (command.target.empty()) {
    document.target = -1;
    return {};
  }
  const auto index = io::find_class(document.model->labels, command.target);
  if (!index) return std::unexpected(index.error());
  document.target = *index;
  return {};
}

Status handle(Document& document, const command::SetMethod& command) {
  const explain::MethodDef* method = explain::find_method(command.method);
  if (method == nullptr) return fail(text::document_no_method, {{"name", command.method.substr(0, 60)}});
  if (auto suits = explain::check_suits(*method, document.graph()); !suits) return suits;
  auto params = explain::checked_params(*method, command.params);
  if (!params) return std::unexpected(params.error());
  if (explain::needs_other(*method, *params) && !document.second) {
    return fail(text::document_no_second);
  }
  int layer = -1;
  if (!command.layer.empty()) {
    const auto found = explain::find_cam_layer(document.graph(), command.layer);
    if (!found) return std::unexpected(found.error());
    layer = *found;
  }
  document.map = {command.method, std::move(*params), layer};
  return {};
}

Status handle(Document& document, const command::RememberPicture& command) {
  if (command.remember && !document.picture) return fail(text::document_nothing_to_remember);
  if (command.remember) {
    document.second = document.picture;
  } else {
    document.second.reset();
    const explain::MethodDef& method = *explain::find_method(document.map.method);
    if (explain::needs_other(method, document.map.params)) document.map.params["baseline"] = 0.0;
  }
  return {};
}

Status handle(Document& document, const command::SetView& command) {
  ViewChoice view = document.view;
  if (command.overlay) {
    const auto it = std::ranges::find(kOverlayNames, *command.overlay);
    if (it == std::end(kOverlayNames))
      return fail(text::document_no_overlay, {{"name", command.overlay->substr(0, 60)}});
    view.overlay = static_cast<Overlay>(it - std::begin(kOverlayNames));
  }
  if (command.opacity) {
    if (!(*command.opacity >= 0.0 && *command.opacity <= 1.0)) return fail(text::document_opacity);
    view.opacity = *command.opacity;
  }
  view.map = command.map.value_or(view.map);
  view.seen = command.seen.value_or(view.seen);
  view.compare = command.compare.value_or(view.compare);
  document.view = view;
  return {};
}

Status handle(Document& document, const command::SetCrop& command) {
  if (!document.picture) return fail(text::document_nothing_to_crop);
  const Picture& old = *document.picture;
  const Crop& crop = command.crop;
  const bool inside = crop.side >= 1 && crop.x >= 0 && crop.y >= 0 && crop.side <= old.image->width - crop.x &&
                      crop.side <= old.image->height - crop.y;
  if (!inside) {
    return fail(text::document_crop_outside, {{"width", old.image->width}, {"height", old.image->height}});
  }
  document.picture = read_again(*document.model, old, crop);
  return {};
}

// Another model of the same weights, and the picture read anew.
Status use_model(Document& document, Result<nn::Model> model) {
  if (!model) return std::unexpected(model.error());
  if (same(*model, *document.model)) return {};
  const auto chosen = document.picture ? chosen_crop(*document.picture, *document.model) : std::nullopt;
  document.model = std::make_shared<const nn::Model>(std::move(*model));
  document.pictures.reset();  // read as before
  document.labelled.reset();
  document.class_of.clear();
  if (document.picture) document.picture = read_again(*document.model, *document.picture, chosen);
  return {};
}

Status handle(Document& document, const command::SetReading& command) {
  return use_model(document, with_reading(*document.model, command));
}

// The right class goes by its new name.
void rename_truth(Picture& picture, const std::vector<std::string>& before, const std::vector<std::string>& now) {
  const auto at = std::ranges::find(before, picture.truth);
  if (at != before.end()) picture.truth = now[static_cast<std::size_t>(at - before.begin())];
}

Status handle(Document& document, const command::SetLabels& command) {
  auto model = with_labels(*document.model, command.labels);
  if (!model) return std::unexpected(model.error());
  if (same(*model, *document.model)) return {};
  for (auto* picture : {&document.picture, &document.second}) {
    if (*picture) rename_truth(**picture, document.model->labels, model->labels);
  }
  document.model = std::make_shared<const nn::Model>(std::move(*model));
  if (document.labelled)
    document.class_of = io::find_labels(document.labelled->images.class_names, document.model->labels);
  return {};
}

Status handle(Document& document, const command::CloseSet&) {
  if (!document.labelled) return fail(text::document_no_set);
  document.labelled.reset();
  document.pictures.reset();
  document.class_of.clear();
  document.selection.cell.reset();
  return {};
}

Status handle(Document& document, const command::MapClass& command) {
  if (!document.labelled) return fail(text::document_no_set);
  const auto& names = document.labelled->images.class_names;
  const auto at = std::ranges::find(names, command.set_class);
  if (at == names.end()) return fail(text::document_no_set_class, {{"name", command.set_class.substr(0, 60)}});
  int to = -1;
  if (!command.to.empty()) {
    const auto index = io::find_class(document.model->labels, command.to);
    if (!index) return std::unexpected(index.error());
    to = *index;
  }
  document.class_of[static_cast<std::size_t>(at - names.begin())] = to;
  return {};
}

Status handle(Document& document, const command::SelectCell& command) {
  if (!document.labelled) return fail(text::document_no_set);
  document.selection.cell.reset();
  if (command.truth.empty()) return {};
  const auto truth = io::find_class(document.model->labels, command.truth);
  if (!truth) return std::unexpected(truth.error());
  const auto answer = io::find_class(document.model->labels, command.answer);
  if (!answer) return std::unexpected(answer.error());
  document.selection.cell = {*truth, *answer};
  return {};
}

Result<std::size_t> find_taught(const teach::Project& project, const std::string& name) {
  for (std::size_t c = 0; c < project.classes.size(); ++c) {
    if (project.classes[c].name == name || std::to_string(c) == name) return c;
  }
  return fail(text::teach_class_unknown, {{"name", io::in_quotes(name)}});
}

Status teach_on(Document& document, Result<teach::Project> project) {
  auto next = with_project(document, std::move(project));
  if (!next) return std::unexpected(next.error());
  document = std::move(*next);
  return {};
}

// `change(project, class)` of the class that is named.
template <class Change>
Status change_class(Document& document, const std::string& name, const Change& change) {
  teach::Project project = project_of(document);
  const auto at = find_taught(project, name);
  if (!at) return std::unexpected(at.error());
  return teach_on(document, change(std::move(project), *at));
}

Status handle(Document& document, const command::AddClass& command) {
  return teach_on(document, teach::add_class(project_of(document), command.name));
}

Status handle(Document& document, const command::RenameClass& command) {
  return change_class(document, command.of_class, [&](teach::Project project, std::size_t at) {
    return teach::rename_class(std::move(project), at, command.name);
  });
}

Status handle(Document& document, const command::RemoveClass& command) {
  return change_class(document, command.of_class, [](teach::Project project, std::size_t at) {
    return teach::remove_class(std::move(project), at);
  });
}

Status handle(Document& document, const command::MovePicture& command) {
  return change_class(document, command.to_class, [&](teach::Project project, std::size_t at) {
    return teach::move_picture(std::move(project), command.picture, at);
  });
}

Status handle(Document& document, const command::RemovePicture& command) {
  return teach_on(document, teach::remove_picture(project_of(document), command.picture));
}

template <class C>
concept Edits = requires(Document& document, const C& command) { edit(document, command); };

// A step with what made it; where no bit was changed there is nothing to undo.
void add_step(Document& next, const Document& before, EditCommand command, Sentence words) {
  const Difference made = difference(next.graph(), before.edit.weights, next.edit.weights, Step::kListed);
  if (made.count == 0 && next.edit.off == before.edit.off) return;
  if (auto* change = std::get_if<command::Change>(&command)) {
    change->again = false;  // as it is done again, whatever came before
    pack_choice(before, *change);
  }
  Step step{.words = std::move(words), .command = std::move(command), .changed = made.count};
  if (made.count > 0) step.first = made.edits.front().ref;
  if (made.count <= Step::kListed) step.edits = made.edits;
  next.edit.steps.push_back(std::make_shared<const Step>(std::move(step)));
}

Status handle(Document&, const auto&) { return fail(text::document_whole_program); }

}  // namespace

bool edits(const Command& command) {
  return std::visit([]<class C>(const C&) { return Edits<C>; }, command);
}

Command as_command(const EditCommand& command) {
  return std::visit([](const auto& row) { return Command(row); }, command);
}

std::optional<EditCommand> as_edit(const Command& command) {
  return std::visit(
      []<class C>(const C& row) -> std::optional<EditCommand> {
        if constexpr (Edits<C>) {
          return EditCommand(row);
        } else {
          return std::nullopt;
        }
      },
      command);
}

teach::Project project_of(const Document& document) {
  return document.project ? *document.project : teach::empty_project();
}

Result<Document> with_project(const Document& document, Result<teach::Project> project) {
  if (!project) return std::unexpected(project.error());
  Document next = document;
  if (!next.project && !next.base) {
    if (auto suits = teach::check_base(*next.model); !suits) return std::unexpected(suits.error());
    next.base = next.model;
  }
  if (!next.project || *next.project != *project)
    next.project = std::make_shared<const teach::Project>(std::move(*project));
  return next;
}

bool teaches(const Command& command) {
  return std::holds_alternative<command::AddClass>(command) || std::holds_alternative<command::RenameClass>(command) ||
         std::holds_alternative<command::RemoveClass>(command) ||
         std::holds_alternative<command::MovePicture>(command) ||
         std::holds_alternative<command::RemovePicture>(command);
}

bool previews(const Command& command) {
  const auto* set = std::get_if<command::SetWeight>(&command);
  const auto* change = std::get_if<command::Change>(&command);
  return (set != nullptr && set->preview) || (change != nullptr && change->preview);
}

Result<Document> apply(const Document& document, const Command& command) {
  Document next = document;
  const Status status = std::visit(
      [&]<class C>(const C& row) -> Status {
        if constexpr (Edits<C>) {
          auto words = edit(next, row);
          if (!words) return std::unexpected(words.error());
          next.edit.weights.share_equal(next.loaded);
          if (*words) add_step(next, document, row, std::move(**words));
          settle_running(next.graph(), next.edit);
          return {};
        } else {
          return handle(next, row);
        }
      },
      command);
  if (!status) return std::unexpected(status.error());
  return next;
}

}  // namespace weightroom::document
