#include "ui/pages/part.h"

#include "edit/region.h"
#include "ui/widgets/common.h"

namespace weightroom::ui {
namespace {

struct LitKernel {
  const nn::GraphWeight* tensor = nullptr;  // nullptr: no weight of the chosen layer is selected
  int output = 0;
  int input = 0;
};

LitKernel lit_of(const document::Document& document) {
  const auto& weight = document.selection.weight;
  if (!weight) return {};
  const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(weight->tensor)];
  if (tensor.node != document.selection.layer) return {};
  const std::size_t each = tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0]);
  LitKernel lit{&tensor, static_cast<int>(weight->element / each), 0};
  if (tensor.shape.rank() >= 2)
    lit.input = static_cast<int>(weight->element % each / (each / static_cast<std::size_t>(tensor.shape[1])));
  return lit;
}

bool has_weights(const document::Document& document) {
  return !document.graph().nodes()[static_cast<std::size_t>(document.selection.layer)].weights.empty();
}

}  // namespace

int lit_channel(const document::Document& document) {
  const LitKernel lit = lit_of(document);
  return lit.tensor == nullptr ? -1 : lit.output;
}

std::string part_text(const document::Document& document, const UiState& ui, int part) {
  const LitKernel lit = lit_of(document);
  const bool matrix = lit.tensor != nullptr && lit.tensor->shape.rank() >= 2;
  switch (part) {
    case 0:
      return lit.tensor == nullptr ? "" : nn::format_weight_ref(document.graph(), *document.selection.weight);
    case 1:
      if (lit.tensor == nullptr || lit.tensor->shape.rank() != 4) return "";
      return lit.tensor->name + "[" + std::to_string(lit.output) + "," + std::to_string(lit.input) + "]";
    case 2:
      return lit.tensor == nullptr ? "" : lit.tensor->name + "[" + std::to_string(lit.output) + "]";
    case 3:
      return matrix ? lit.tensor->name + "[:," + std::to_string(lit.input) + "]" : "";
    case kPartLayer:
      return has_weights(document) ? node_name(document, document.selection.layer) : "";
    case 5:
      return "all";
    default:
      // Of another layer once that is chosen, it is no longer seen.
      return ui.change.drawn.starts_with(node_name(document, document.selection.layer) + ".") ? ui.change.drawn : "";
  }
}

std::string part_text(const document::Document& document, const UiState& ui) {
  return part_text(document, ui, ui.change.part);
}

std::string part_words(const document::Document& document, const UiState& ui, int part) {
  const std::string region = part_text(document, ui, part);
  if (region.empty()) return "";
  const LitKernel lit = lit_of(document);
  const std::string& layer = node_name(document, document.selection.layer);
  switch (part) {
    case 0:
      return tr(text::part_weight, {{"place", region.substr(region.find('['))}});
    case 1:
      return tr(text::part_kernel,
                {{"place", std::to_string(lit.output) + "," + std::to_string(lit.input)}, {"layer", layer}});
    case 2:
      return tr(text::part_output, {{"channel", lit.output}, {"layer", layer}});
    case 3:
      return tr(text::part_input, {{"channel", lit.input}, {"layer", layer}});
    case kPartLayer:
      return tr(text::part_layer, {{"layer", layer}});
    case 5:
      return tr(text::part_model);
    default:
      return tr(text::part_drawn, {{"part", region}});
  }
}

std::size_t part_count(const document::Document& document, const UiState& ui) {
  const auto region = edit::parse_region(document.graph(), part_text(document, ui));
  return region ? edit::count_of(edit::runs_of(document.graph(), *region)) : 0;
}

}  // namespace weightroom::ui
