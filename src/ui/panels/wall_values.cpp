#include "ui/panels/wall_values.h"

#include <algorithm>
#include <array>

#include "explain/geometry.h"
#include "ui/panels/common.h"
#include "ui/panels/network_words.h"
#include "ui/panels/scale_line.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui::wall {
namespace {

const nn::GraphWeight& tensor_of(const lab::Document& document, int tensor) {
  return document.graph().weights()[static_cast<std::size_t>(tensor)];
}

std::string target_words(const View& view) {
  return view.answered() && view.results().target >= 0 ? class_label(view.document(), view.results().target)
                                                       : "the target";
}

void row(std::string_view label, std::string_view value) {
  constexpr float kValues = 176.0F;
  const float left = ImGui::GetCursorPosX();
  text(label, Role::quiet);
  ImGui::SameLine(left + kValues);
  text(value);
}

}  // namespace

bool available(const View& view, lab::Overlay overlay) {
  const bool gradient = overlay == lab::Overlay::gradient || overlay == lab::Overlay::weight_x_gradient;
  return !gradient ||
         (view.answered() && view.results().weight_gradient.size() == view.document().graph().weight_count());
}

void shade(const View& view, lab::Overlay overlay, std::size_t first, std::span<float> out) {
  const lab::Document& document = view.document();
  std::vector<float> scratch;
  const auto gradient = [&] { return view.results().weight_gradient.subspan(first, out.size()); };
  if (overlay == lab::Overlay::gradient) {
    std::ranges::copy(gradient(), out.begin());
    return;
  }
  std::ranges::copy(document.shown_weights().values(first, out.size(), scratch), out.begin());
  if (overlay == lab::Overlay::weight_x_gradient) {
    std::ranges::transform(out, gradient(), out.begin(), std::multiplies<>());
  } else if (overlay == lab::Overlay::change) {
    const auto loaded = std::span<const float>(document.model->weights).subspan(first, out.size());
    std::ranges::transform(out, loaded, out.begin(), std::minus<>());
  }
}

Shades shades(const View& view, lab::Overlay overlay, int tensor) {
  const nn::GraphWeight& of = tensor_of(view.document(), tensor);
  Shades out;
  out.values.resize(of.shape.size());
  shade(view, overlay, of.offset, out.values);
  out.scale = overlay == lab::Overlay::value ? (*view.document().largest_loaded)[static_cast<std::size_t>(tensor)]
                                             : largest(out.values);
  return out;
}

std::uint64_t revision(const View& view) {
  return view.document().revision * 1'000'003U + view.results().gradient_revision;
}

std::vector<nn::WeightRef> edited_weights(const lab::Document& document, int tensor) {
  constexpr std::size_t kPage = lab::PagedWeights::kPage;
  const nn::GraphWeight& of = tensor_of(document, tensor);
  const std::size_t end = of.offset + of.shape.size();
  const lab::PagedWeights& weights = document.shown_weights();
  std::vector<nn::WeightRef> edited;
  for (std::size_t i = of.offset; i < end;) {
    const std::size_t p = i / kPage;
    const std::size_t past = std::min(end, (p + 1) * kPage);
    // Pages are copied when a weight of theirs is set: the others hold no edit.
    if (!weights.shares_page(document.loaded, p)) {
      for (std::size_t k = i; k < past; ++k) {
        if (weights[k] != document.model->weights[k]) edited.push_back({tensor, k - of.offset});
      }
    }
    i = past;
  }
  return edited;
}

std::string_view overlay_name(lab::Overlay overlay) {
  constexpr std::array<std::string_view, 4> kNames{"value", "gradient", "weight_x_gradient", "change"};
  return kNames[static_cast<std::size_t>(overlay)];
}

std::string overlay_sentence(const View& view, lab::Overlay overlay) {
  switch (overlay) {
    case lab::Overlay::value:
      return "The weights themselves: blue is negative, orange positive.";
    case lab::Overlay::gradient:
      return "How fast the score of " + target_words(view) + " rises (orange) or falls (blue) with each weight.";
    case lab::Overlay::weight_x_gradient:
      return "Weight times gradient: each weight's share of the score of " + target_words(view) +
             ", as long as no ReLU switches.";
    case lab::Overlay::change:
      return "What was changed since the model was loaded: blue is less, orange more.";
  }
  return {};
}

void weight_tooltip(const View& view, nn::WeightRef ref) {
  if (!begin_tooltip(true)) return;
  const lab::Document& document = view.document();
  const std::size_t i = nn::flat_index(document.graph(), ref);
  const float value = document.shown_weights()[i];
  const float loaded = document.model->weights[i];
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {8, 4});
  text(nn::format_weight_ref(document.graph(), ref), Role::strong);
  text(network::weight_words(document, ref), Role::quiet);
  row("Value", lab::number_text(value));
  row("Loaded as", lab::number_text(loaded));
  if (available(view, lab::Overlay::gradient)) {
    const float gradient = view.results().weight_gradient[i];
    row("Gradient for " + target_words(view), lab::number_text(gradient));
    row("Weight × gradient", lab::number_text(value * gradient));
  }
  ImGui::PopStyleVar();
  end_tooltip();
}

}  // namespace weightroom::ui::wall
