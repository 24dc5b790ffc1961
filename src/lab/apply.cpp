// apply(): what each command does to a document. Pure, so that history, tests and replay need nothing else.
#include <algorithm>
#include <cmath>

#include "lab/apply_study.h"
#include "lab/command.h"
#include "lab/reading.h"

namespace weightroom::lab {
namespace {

// A step with its weights set; a command that changes no bit leaves the document as it is.
void commit(Document& document, std::vector<Edit> edits, std::string words) {
  if (edits.empty()) return;
  for (const Edit& edit : edits) document.edit.weights.set(nn::flat_index(document.graph(), edit.ref), edit.after);
  document.edit.steps.push_back({std::move(words), std::move(edits)});
}

bool same_bits(float a, float b) { return a == b && std::signbit(a) == std::signbit(b); }

Status set_value(Document& document, nn::WeightRef ref, float value, bool preview) {
  if (!std::isfinite(value)) return fail("A weight must be a finite number.");
  document.selection.weight = ref;
  document.selection.layer = document.graph().weights()[static_cast<std::size_t>(ref.tensor)].node;
  const float before = document.weight(ref);
  if (same_bits(before, value)) return {};
  if (preview) {
    document.edit.weights.set(nn::flat_index(document.graph(), ref), value);
  } else {
    commit(document, {{ref, before, value}},
           nn::format_weight_ref(document.graph(), ref) + ": " + number_text(before) + " \xe2\x86\x92 " +
               number_text(value));
  }
  return {};
}

Result<int> find_layer(const Document& document, const std::string& name) {
  const int node = document.graph().find_node(name);
  if (node < 0) return fail("The model has no layer '" + name.substr(0, 60) + "'.");
  return node;
}

// Edits that bring the tensors' weights back to the loaded ones.
std::vector<Edit> edits_to_loaded(const Document& document, auto wanted) {
  std::vector<Edit> edits;
  const auto& tensors = document.graph().weights();
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    for (std::size_t e = 0; e < tensors[t].shape.size(); ++e) {
      const nn::WeightRef ref{static_cast<int>(t), e};
      if (!wanted(ref, tensors[t])) continue;
      const float now = document.weight(ref);
      const float loaded = document.loaded_weight(ref);
      if (!same_bits(now, loaded)) edits.push_back({ref, now, loaded});
    }
  }
  return edits;
}

Status handle(Document& document, const command::SetWeight& command) {
  const auto ref = nn::parse_weight_ref(document.graph(), command.weight);
  if (!ref) return std::unexpected(ref.error());
  return set_value(document, *ref, command.value, command.preview);
}

Status handle(Document& document, const command::TransformWeight& command) {
  const auto ref = nn::parse_weight_ref(document.graph(), command.weight);
  if (!ref) return std::unexpected(ref.error());
  const float value = document.weight(*ref);
  if (command.operation == "zero") return set_value(document, *ref, 0.0F, false);
  if (command.operation == "negate") return set_value(document, *ref, -value, false);
  if (command.operation == "double") return set_value(document, *ref, 2.0F * value, false);
  return fail("A weight can be zeroed, negated or doubled; '" + command.operation.substr(0, 60) +
              "' is none of these.");
}

Status handle(Document& document, const command::Reset& command) {
  if (command.scope == "all") {
    auto edits = edits_to_loaded(document, [](auto&&...) { return true; });
    const std::string words =
        "Reset all (" + std::to_string(edits.size()) + (edits.size() == 1 ? " weight)" : " weights)");
    commit(document, std::move(edits), words);
    return {};
  }
  if (command.scope == "layer") {
    const auto layer = find_layer(document, command.what);
    if (!layer) return std::unexpected(layer.error());
    commit(document,
           edits_to_loaded(document, [&](nn::WeightRef, const nn::GraphWeight& w) { return w.node == *layer; }),
           "Reset " + command.what);
    return {};
  }
  if (command.scope != "weight")
    return fail("A reset is of a weight, a layer or all, not '" + command.scope.substr(0, 60) + "'.");
  const auto ref = nn::parse_weight_ref(document.graph(), command.what);
  if (!ref) return std::unexpected(ref.error());
  const float now = document.weight(*ref);
  const float loaded = document.loaded_weight(*ref);
  if (!same_bits(now, loaded))
    commit(document, {{*ref, now, loaded}}, "Reset " + command.what + " to " + number_text(loaded));
  return {};
}

Status handle(Document& document, const command::SelectWeight& command) {
  const auto ref = nn::parse_weight_ref(document.graph(), command.weight);
  if (!ref) return std::unexpected(ref.error());
  document.selection.weight = *ref;
  document.selection.layer = document.graph().weights()[static_cast<std::size_t>(ref->tensor)].node;
  return {};
}

Status handle(Document& document, const command::SelectLayer& command) {
  const auto layer = find_layer(document, command.layer);
  if (!layer) return std::unexpected(layer.error());
  document.selection.layer = *layer;
  return {};
}

Status handle(Document& document, const command::SelectChannel& command) {
  if (command.channel < 0) {
    document.selection.channel = document.selection.channel_node = -1;
    return {};
  }
  const auto layer = find_layer(document, command.layer);
  if (!layer) return std::unexpected(layer.error());
  const int channels = document.graph().nodes()[static_cast<std::size_t>(*layer)].output.c();
  if (command.channel >= channels) {
    return fail("'" + command.layer + "' has channels 0 to " + std::to_string(channels - 1) + ", no " +
                std::to_string(command.channel) + ".");
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
  const auto index = find_class(document, command.target);
  if (!index) return std::unexpected(index.error());
  document.target = *index;
  return {};
}

Status handle(Document& document, const command::SetMethod& command) {
  const explain::MethodDef* method = explain::find_method(command.method);
  if (method == nullptr) return fail("There is no method '" + command.method.substr(0, 60) + "'.");
  auto params = explain::checked_params(*method, command.params);
  if (!params) return std::unexpected(params.error());
  if (explain::needs_other(*method, *params) && !document.second) {
    return fail("There is no second picture yet: put one on the bench, and remember it.");
  }
  int layer = -1;
  if (!command.layer.empty()) {
    const auto found = find_layer(document, command.layer);
    if (!found) return std::unexpected(found.error());
    const auto allowed = explain::cam_layers(document.graph());
    if (std::ranges::find(allowed, *found) == allowed.end()) {
      return fail("'" + command.layer + "' has no maps that a class activation map could be made of.");
    }
    layer = *found;
  }
  document.map = {command.method, std::move(*params), layer};
  return {};
}

Status handle(Document& document, const command::RememberPicture& command) {
  if (command.remember && !document.picture) return fail("There is no picture on the bench to remember.");
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
    if (it == std::end(kOverlayNames)) return fail("There is no overlay '" + command.overlay->substr(0, 60) + "'.");
    view.overlay = static_cast<Overlay>(it - std::begin(kOverlayNames));
  }
  if (command.opacity) {
    if (!(*command.opacity >= 0.0 && *command.opacity <= 1.0)) return fail("The opacity must be from 0 to 1.");
    view.opacity = *command.opacity;
  }
  view.map = command.map.value_or(view.map);
  view.seen = command.seen.value_or(view.seen);
  view.compare = command.compare.value_or(view.compare);
  document.view = view;
  return {};
}

Status handle(Document& document, const command::SetCrop& command) {
  if (!document.picture) return fail("There is no picture to crop.");
  const Picture& old = *document.picture;
  const Crop& crop = command.crop;
  const bool inside = crop.side >= 1 && crop.x >= 0 && crop.y >= 0 && crop.side <= old.image->width - crop.x &&
                      crop.side <= old.image->height - crop.y;
  if (!inside) {
    return fail("The crop must lie within the picture, which is " + std::to_string(old.image->width) + " x " +
                std::to_string(old.image->height) + ".");
  }
  document.picture = make_picture(*document.model, old.name, old.image, old.native_size, crop);
  return {};
}

// Another model of the same weights, and the picture read anew.
Status use_model(Document& document, Result<nn::Model> model) {
  if (!model) return std::unexpected(model.error());
  document.model = std::make_shared<const nn::Model>(std::move(*model));
  document.pictures.reset();  // read as before
  if (document.picture) {
    const Picture& old = *document.picture;
    document.picture = make_picture(*document.model, old.name, old.image, old.native_size, old.crop);
  }
  return {};
}

Status handle(Document& document, const command::SetReading& command) {
  return use_model(document, with_reading(*document.model, command));
}

Status handle(Document& document, const command::SetLabels& command) {
  auto model = with_labels(*document.model, command.labels);
  if (!model) return std::unexpected(model.error());
  document.model = std::make_shared<const nn::Model>(std::move(*model));
  return {};
}

template <class C>
concept StudyCommand =
    requires(StudyChoice& study, const Document& document, const C& command) { choose(study, document, command); };
Status handle(Document& document, const StudyCommand auto& command) {
  return choose(document.study, document, command);
}

Status handle(Document&, const auto&) { return fail("This command works on the whole program, not on a document."); }

}  // namespace

Result<Document> apply(const Document& document, const Command& command) {
  Document next = document;
  const Status status = std::visit([&](const auto& row) { return handle(next, row); }, command);
  if (!status) return std::unexpected(status.error());
  ++next.revision;
  return next;
}

}  // namespace weightroom::lab
