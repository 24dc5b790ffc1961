#include "ui/panels/wall_values.h"

#include <algorithm>
#include <cmath>

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

bool of_gradient(lab::Overlay overlay) {
  return overlay == lab::Overlay::gradient || overlay == lab::Overlay::weight_x_gradient;
}

bool of_study(lab::Overlay overlay) { return overlay == lab::Overlay::loss || overlay == lab::Overlay::ablation; }

bool available(const View& view, lab::Overlay overlay) {
  const std::size_t count = view.document().graph().weight_count();
  const lab::Ranking& ranking = view.lab.engine().study().ranking;
  if (of_gradient(overlay)) return view.answered() && view.results().weight_gradient.size() == count;
  if (overlay == lab::Overlay::loss) return view.answered() && ranking.influence.curvature.size() == count;
  return overlay != lab::Overlay::ablation || (view.answered() && ranking.of_wall);
}

std::uint64_t data_version(const View& view, lab::Overlay overlay) {
  return of_gradient(overlay) ? view.results().gradient_version
         : of_study(overlay)  ? view.lab.engine().study().version
                              : 0;
}

void shade(const View& view, lab::Overlay overlay, std::size_t first, std::span<float> out) {
  const lab::Document& document = view.document();
  std::vector<float> scratch;
  const auto gradient = [&] { return view.results().weight_gradient.subspan(first, out.size()); };
  if (overlay == lab::Overlay::gradient) {
    std::ranges::copy(gradient(), out.begin());
    return;
  }
  const lab::Ranking& ranking = view.lab.engine().study().ranking;
  if (overlay == lab::Overlay::ablation) {
    std::ranges::fill(out, 0.0F);
    for (const explain::Ranked& row : ranking.rows) {
      const bool here = row.first >= first && row.first < first + out.size() && std::isfinite(row.exact);
      if (here) out[row.first - first] = static_cast<float>(-row.exact);
    }
    return;
  }
  std::ranges::copy(document.shown_weights().values(first, out.size(), scratch), out.begin());
  if (overlay == lab::Overlay::weight_x_gradient) {
    std::ranges::transform(out, gradient(), out.begin(), std::multiplies<>());
  } else if (overlay == lab::Overlay::loss) {
    const auto curvature = std::span(ranking.influence.curvature).subspan(first, out.size());
    std::ranges::transform(out, curvature, out.begin(), [](float w, float h) { return 0.5F * w * w * h; });
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
  const lab::Overlay overlay = view.document().view.overlay;
  return view.document().revision * 1'000'003U + view.results().gradient_revision +
         (of_study(overlay) ? data_version(view, overlay) << 20U : 0U);
}

std::vector<nn::WeightRef> edited_weights(const lab::Document& document, int tensor, std::size_t most) {
  constexpr std::size_t kPage = lab::PagedWeights::kPage;
  const nn::GraphWeight& of = tensor_of(document, tensor);
  const std::size_t end = of.offset + of.shape.size();
  const lab::PagedWeights& weights = document.shown_weights();
  std::vector<nn::WeightRef> edited;
  for (std::size_t i = of.offset; i < end && edited.size() < most;) {
    const std::size_t p = i / kPage;
    const std::size_t past = std::min(end, (p + 1) * kPage);
    // Pages are copied when a weight of theirs is set: the others hold no edit.
    if (!weights.shares_page(document.loaded, p)) {
      for (std::size_t k = i; k < past && edited.size() < most; ++k) {
        if (weights[k] != document.model->weights[k]) edited.push_back({tensor, k - of.offset});
      }
    }
    i = past;
  }
  return edited;
}

std::string_view overlay_name(lab::Overlay overlay) { return lab::kOverlayNames[static_cast<std::size_t>(overlay)]; }

std::string overlay_sentence(const View& view, lab::Overlay overlay) {
  switch (overlay) {
    case lab::Overlay::value:
      return "The weights themselves: blue is negative, orange positive.";
    case lab::Overlay::gradient:
      return "How fast the score of " + target_words(view) + " rises (orange) or falls (blue) with each weight.";
    case lab::Overlay::weight_x_gradient:
      return "Weight times gradient: each weight's share of the score of " + target_words(view) +
             ", as long as no ReLU switches.";
    case lab::Overlay::loss:
      return "What the loss gains without each weight, to second order: half of w² times its second derivative "
             "(optimal brain damage).";
    case lab::Overlay::ablation: {
      std::string words =
          "What the score of " + target_words(view) + " loses without each weight, every one of them run";
      return words + ": orange speaks for it.";
    }
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
