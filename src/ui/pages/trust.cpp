// Can this map be trusted? Two questions that can be put to it, and what their answers do not prove.
#include <array>

#include "ui/context.h"
#include "ui/pages/study_bar.h"
#include "ui/pages/trust_view.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/message.h"

namespace weightroom::ui {
namespace {

void draw_choices(const View& view, CommandQueue& commands, float width) {
  const document::TrustChoice& choice = view.document().study.trust;
  constexpr std::array<std::string_view, 2> kQuestions{"Does it see the model?", "Does it find what counts?"};
  int question = choice.faithfulness ? 1 : 0;
  if (segmented("trust/question", kQuestions, question))
    commands.push(document::command::SetTrust{.question = question == 1 ? "faithfulness" : "sanity"});
  const float part = (width - Metrics::kGap) * 0.4F;
  if (const auto wanted = choose_methods("trust/methods", view, choice.methods, 6, part))
    commands.push(document::command::SetTrust{.methods = *wanted});
  ImGui::SameLine(0, Metrics::kGap);
  if (!choice.faithfulness) {
    constexpr std::array<std::string_view, 2> kShuffles{"From the top", "One by one"};
    int chosen = choice.shuffle == explain::Shuffle::cascading ? 0 : 1;
    if (segmented("trust/shuffle", kShuffles, chosen, width - part - Metrics::kGap))
      commands.push(document::command::SetTrust{.shuffle = chosen == 0 ? "cascading" : "independent"});
    return;
  }
  std::vector<Option> options;
  for (int i = 0; i < 4; ++i) {
    const auto removal = static_cast<explain::Removal>(i);
    options.push_back({std::string(explain::removal_title(removal)), std::string(explain::removal_summary(removal))});
  }
  int chosen = static_cast<int>(choice.removal);
  if (select("trust/removal", options, chosen, width - part - Metrics::kGap))
    commands.push(document::command::SetTrust{.removal = document::kRemovalNames[chosen]});
}

}  // namespace

void trust_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("trust", "Can these maps be trusted?");
  if (!view.answered()) return empty_state("The question can be asked as soon as there is an answer.", 200.0F);
  draw_choices(view, commands, card.width());
  draw_study_bar(view, commands);
  if (view.document().study.trust.faithfulness) {
    draw_faithfulness(view, card.width());
  } else {
    draw_sanity(view, card.width());
  }
}

}  // namespace weightroom::ui
