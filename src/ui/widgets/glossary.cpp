#include "ui/widgets/glossary.h"

#include <array>
#include <string>
#include <unordered_map>

#include <imgui_internal.h>
#include <strings/glossary.h>

#include "ui/context.h"
#include "ui/widgets/text.h"
#include "ui/widgets/tooltip.h"

namespace weightroom::ui {
namespace {

struct Term {
  std::string_view name;
  Text forms;  // all that stand for it, in small letters
  Text sentence;
};

constexpr std::array<Term, kTerms> kGlossary{{
    {"weight", text::glossary_weight_forms, text::glossary_weight},
    {"kernel", text::glossary_kernel_forms, text::glossary_kernel},
    {"channel", text::glossary_channel_forms, text::glossary_channel},
    {"layer", text::glossary_layer_forms, text::glossary_layer},
    {"activation", text::glossary_activation_forms, text::glossary_activation},
    {"logit", text::glossary_logit_forms, text::glossary_logit},
    {"gradient", text::glossary_gradient_forms, text::glossary_gradient},
    {"saliency", text::glossary_saliency_forms, text::glossary_saliency},
    {"accuracy", text::glossary_accuracy_forms, text::glossary_accuracy},
    {"loss", text::glossary_loss_forms, text::glossary_loss},
    {"prune", text::glossary_prune_forms, text::glossary_prune},
    {"quantise", text::glossary_quantise_forms, text::glossary_quantise},
}};

// Letters, and what of a letter is more than a byte.
bool in_word(char ch) {
  const auto byte = static_cast<unsigned char>(ch);
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

std::string small_letters(std::string_view word) {
  std::string out(word);
  for (char& ch : out) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
  return out;
}

const std::unordered_map<std::string, std::size_t>& terms_by_form() {
  static const auto made = [] {
    std::unordered_map<std::string, std::size_t> all;
    for (std::size_t i = 0; i < kGlossary.size(); ++i) {
      const std::string forms = tr(kGlossary[i].forms);
      for (std::size_t at = 0; at < forms.size();) {
        const std::size_t end = std::min(forms.find(' ', at), forms.size());
        all.emplace(forms.substr(at, end - at), i);
        at = end + 1;
      }
    }
    return all;
  }();
  return made;
}

void underline(ImDrawList& list, ImVec2 from, float width) {
  constexpr float kStep = 4.0F;
  for (float x = from.x + 1.0F; x < from.x + width; x += kStep)
    list.AddRectFilled({x, from.y}, {x + 1.6F, from.y + 1.6F}, colours().accent);
}

void explain(const Term& term, std::size_t index, ImVec2 from, ImVec2 to) {
  Context& c = context();
  const bool inside = ImGui::IsWindowHovered() && ImGui::IsMouseHoveringRect(from, to);
  if (c.touch && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
    if (inside) {
      c.open_term = static_cast<int>(index);
    } else if (c.open_term == static_cast<int>(index)) {
      c.open_term = -1;
    }
  }
  if (c.touch ? c.open_term == static_cast<int>(index) : inside) tooltip_beside(say(term.sentence), from, to);
}

}  // namespace

void mark_terms(ImDrawList& list, ImFont* font, ImVec2 at, std::string_view lines) {
  Context& c = context();
  if ((ImGui::GetCurrentWindow()->RootWindow->Flags & (ImGuiWindowFlags_Tooltip | ImGuiWindowFlags_Popup)) != 0) return;
  const ImVec2 low = list.GetClipRectMin();
  const ImVec2 high = list.GetClipRectMax();
  const float height = font_height(font);
  std::size_t line = 0;  // where it begins
  float y = at.y;
  for (std::size_t i = 0; i < lines.size();) {
    if (lines[i] == '\n') {
      line = i + 1;
      y += height;
    }
    if (!in_word(lines[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < lines.size() && in_word(lines[end])) ++end;
    const auto found = terms_by_form().find(small_letters(lines.substr(i, end - i)));
    // Names of layers and weights are no words: "conv1.weight".
    const bool name = (i > 0 && (lines[i - 1] == '.' || lines[i - 1] == '_')) ||
                      (end < lines.size() && (lines[end] == '[' || lines[end] == '_'));
    if (found != terms_by_form().end() && !name && !c.marked_terms[found->second]) {
      const float before = i > line ? text_size(lines.substr(line, i - line), font).x : 0.0F;
      const ImVec2 from{at.x + before, y};
      const ImVec2 to{from.x + text_size(lines.substr(i, end - i), font).x, y + height};
      if (from.x >= low.x && to.x <= high.x && from.y >= low.y && to.y <= high.y) {
        c.marked_terms[found->second] = true;
        const Term& term = kGlossary[found->second];
        underline(list, {from.x, to.y - 2.0F}, to.x - from.x);
        note_rect("term/" + std::string(term.name), from, to);
        explain(term, found->second, from, to);
      }
    }
    i = end;
  }
}

}  // namespace weightroom::ui
