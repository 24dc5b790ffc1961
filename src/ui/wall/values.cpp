#include "ui/wall/values.h"

#include <algorithm>
#include <cmath>

#include <strings/wall.h>

#include "explain/geometry.h"
#include "studies/ranking.h"
#include "ui/network/words.h"
#include "ui/widgets/common.h"
#include "ui/widgets/scale_line.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui::wall {
namespace {

const nn::GraphWeight& tensor_of(const document::Document& document, int tensor) {
  return document.graph().weights()[static_cast<std::size_t>(tensor)];
}

// A sentence about the class that is explained; before there is one, about the target.
std::string of_target(const View& view, Text of_class, Text of_none) {
  if (!view.answered() || view.results().target < 0) return tr(of_none);
  return tr(of_class, {{"class", class_label(view.document(), view.results().target)}});
}

void row(std::string_view label, std::string_view value) {
  constexpr float kValues = 176.0F;
  const float left = ImGui::GetCursorPosX();
  text(label, Role::quiet);
  ImGui::SameLine(left + kValues);
  text(value);
}

}  // namespace

bool of_gradient(document::Overlay overlay) {
  return overlay == document::Overlay::gradient || overlay == document::Overlay::weight_x_gradient;
}

bool of_study(document::Overlay overlay) {
  return overlay == document::Overlay::loss || overlay == document::Overlay::ablation;
}

bool available(const View& view, document::Overlay overlay) {
  const std::size_t count = view.document().graph().weight_count();
  const studies::Ranking& ranking = view.lab.engine().study().get<studies::Ranking>();
  if (of_gradient(overlay)) return view.answered() && view.results().weight_gradient.size() == count;
  if (overlay == document::Overlay::loss) return view.answered() && ranking.influence.curvature.size() == count;
  return overlay != document::Overlay::ablation || (view.answered() && ranking.of_wall);
}

std::uint64_t data_version(const View& view, document::Overlay overlay) {
  return of_gradient(overlay) ? view.results().gradient_version
         : of_study(overlay)  ? view.lab.engine().study().version
                              : 0;
}

void shade(const View& view, document::Overlay overlay, std::size_t first, std::span<float> out) {
  const document::Document& document = view.document();
  std::vector<float> scratch;
  const auto gradient = [&] { return view.results().weight_gradient.subspan(first, out.size()); };
  if (overlay == document::Overlay::gradient) {
    std::ranges::copy(gradient(), out.begin());
    return;
  }
  const studies::Ranking& ranking = view.lab.engine().study().get<studies::Ranking>();
  if (overlay == document::Overlay::ablation) {
    std::ranges::fill(out, 0.0F);
    for (const explain::Ranked& row : ranking.rows) {
      const bool here = row.first >= first && row.first < first + out.size() && std::isfinite(row.exact);
      if (here) out[row.first - first] = static_cast<float>(-row.exact);
    }
    return;
  }
  std::ranges::copy(document.shown_weights().values(first, out.size(), scratch), out.begin());
  if (overlay == document::Overlay::weight_x_gradient) {
    std::ranges::transform(out, gradient(), out.begin(), std::multiplies<>());
  } else if (overlay == document::Overlay::loss) {
    const auto curvature = std::span(ranking.influence.curvature).subspan(first, out.size());
    std::ranges::transform(out, curvature, out.begin(), [](float w, float h) { return 0.5F * w * w * h; });
  } else if (overlay == document::Overlay::change) {
    const auto loaded = std::span<const float>(document.model->weights).subspan(first, out.size());
    std::ranges::transform(out, loaded, out.begin(), std::minus<>());
  }
}

Shades shades(const View& view, document::Overlay overlay, int tensor) {
  const nn::GraphWeight& of = tensor_of(view.document(), tensor);
  Shades out;
  out.values.resize(of.shape.size());
  shade(view, overlay, of.offset, out.values);
  out.scale = overlay == document::Overlay::value ? (*view.document().largest_loaded)[static_cast<std::size_t>(tensor)]
                                                  : largest(out.values);
  return out;
}

std::uint64_t revision(const View& view) {
  const document::Overlay overlay = view.document().view.overlay;
  return view.document().revision * 1'000'003U + view.results().gradient_revision +
         (of_study(overlay) ? data_version(view, overlay) << 20U : 0U);
}

std::vector<nn::WeightRef> edited_weights(const document::Document& document, int tensor, std::size_t most) {
  constexpr std::size_t kPage = document::PagedWeights::kPage;
  const nn::GraphWeight& of = tensor_of(document, tensor);
  const std::size_t end = of.offset + of.shape.size();
  const document::PagedWeights& weights = document.shown_weights();
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

std::string_view overlay_name(document::Overlay overlay) {
  return document::kOverlayNames[static_cast<std::size_t>(overlay)];
}

std::string overlay_sentence(const View& view, document::Overlay overlay) {
  switch (overlay) {
    case document::Overlay::value:
      return tr(text::wall_value_help);
    case document::Overlay::gradient:
      return of_target(view, text::wall_gradient_help, text::wall_gradient_help_target);
    case document::Overlay::weight_x_gradient:
      return of_target(view, text::wall_product_help, text::wall_product_help_target);
    case document::Overlay::loss:
      return tr(text::wall_loss_help);
    case document::Overlay::ablation:
      return of_target(view, text::wall_without_help, text::wall_without_help_target);
    case document::Overlay::change:
      return tr(text::wall_change_help);
  }
  return {};
}

void weight_tooltip(const View& view, nn::WeightRef ref) {
  if (!begin_tooltip(true)) return;
  const document::Document& document = view.document();
  const std::size_t i = nn::flat_index(document.graph(), ref);
  const float value = document.shown_weights()[i];
  const float loaded = document.model->weights[i];
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {8, 4});
  text(nn::format_weight_ref(document.graph(), ref), Role::strong);
  text(network::weight_words(document, ref), Role::quiet);
  row(tr(text::wall_tooltip_value), document::number_text(value));
  row(tr(text::wall_tooltip_loaded), document::number_text(loaded));
  if (available(view, document::Overlay::gradient)) {
    const float gradient = view.results().weight_gradient[i];
    row(of_target(view, text::wall_tooltip_gradient, text::wall_tooltip_gradient_target),
        document::number_text(gradient));
    row(tr(text::wall_tooltip_product), document::number_text(value * gradient));
  }
  ImGui::PopStyleVar();
  end_tooltip();
}

}  // namespace weightroom::ui::wall
