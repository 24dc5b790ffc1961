// Can this map be trusted? Two questions that can be put to it, and what their answers do not prove.
#include "studies/trust.h"

#include <array>

#include <strings/page.h>
#include <strings/trust.h>

#include "ui/context.h"
#include "ui/pages/page.h"
#include "ui/pages/study_bar.h"
#include "ui/pages/trust_view.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/message.h"

namespace weightroom::ui {
namespace {

void draw_choices(const View& view, CommandQueue& commands, float width) {
  const studies::TrustChoice& choice = view.document().choice<studies::TrustChoice>();
  constexpr Keyed<bool> kQuestions[] = {{false, text::trust_by_shuffling}, {true, text::trust_by_removal}};
  bool faithfulness = choice.faithfulness;
  if (segmented("trust/question", kQuestions, faithfulness))
    choose<studies::TrustChoice>(view, commands, [&](auto& c) { c.faithfulness = faithfulness; });
  const float part = (width - Metrics::kGap) * 0.4F;
  if (const auto wanted = choose_methods("trust/methods", view, choice.methods, 6, part))
    choose<studies::TrustChoice>(view, commands, [&](auto& c) { c.methods = *wanted; });
  ImGui::SameLine(0, Metrics::kGap);
  if (!choice.faithfulness) {
    constexpr Keyed<explain::Shuffle> kShuffles[] = {{explain::Shuffle::cascading, text::trust_cascading},
                                                     {explain::Shuffle::independent, text::trust_independent}};
    explain::Shuffle shuffle = choice.shuffle;
    if (segmented("trust/shuffle", kShuffles, shuffle, width - part - Metrics::kGap))
      choose<studies::TrustChoice>(view, commands, [&](auto& c) { c.shuffle = shuffle; });
    return;
  }
  std::vector<Option> options;
  for (int i = 0; i < 4; ++i) {
    const auto removal = static_cast<explain::Removal>(i);
    options.push_back({tr(explain::removal_title(removal)), tr(explain::removal_summary(removal))});
  }
  int chosen = static_cast<int>(choice.removal);
  if (select("trust/removal", options, chosen, width - part - Metrics::kGap))
    choose<studies::TrustChoice>(view, commands, [&](auto& c) { c.removal = static_cast<explain::Removal>(chosen); });
}

}  // namespace

void trust_panel(const View& view, UiState&, CommandQueue& commands) {
  Card card("trust", say(text::trust_card));
  if (!view.answered()) return empty_state(say(text::page_waiting), 200.0F);
  draw_choices(view, commands, card.width());
  draw_study_bar(view, commands);
  if (view.document().choice<studies::TrustChoice>().faithfulness) {
    draw_faithfulness(view, card.width());
  } else {
    draw_sanity(view, card.width());
  }
}

}  // namespace weightroom::ui
