#include "lab/first_weight.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "nn/session.h"

namespace weightroom::lab {
namespace {

constexpr int kRivals = 3;         // classes next to the top one that are tried
constexpr std::size_t kRuns = 24;  // edits that are really run

struct Candidate {
  std::size_t element = 0;
  float value = 0.0F;
  double margin = 0.0;  // predicted top logit minus rival's; negative: the rival wins
};

int top_class(nn::ConstTensor logits) {
  const auto values = logits.values();
  return static_cast<int>(std::ranges::max_element(values) - values.begin());
}

// Both ends of every slider of one tensor against one rival class.
void add_candidates(const Document& document, const nn::Session& session, int tensor, double margin,
                    std::vector<Candidate>& candidates) {
  const nn::GraphWeight& weight = document.graph().weights()[static_cast<std::size_t>(tensor)];
  const float range = slider_range(document, tensor);
  for (std::size_t e = 0; e < weight.shape.size(); ++e) {
    const double gradient = static_cast<double>(session.d_weights()[weight.offset + e]);
    const double now = static_cast<double>(session.weights()[weight.offset + e]);
    // Well inside the slider, so that the change is seen before its end.
    for (const float value : {-0.8F * range, 0.8F * range}) {
      candidates.push_back({e, value, margin + gradient * (static_cast<double>(value) - now)});
    }
  }
}

}  // namespace

std::optional<nn::WeightRef> find_telling_weight(const Document& document) {
  const nn::Graph& graph = document.graph();
  if (!document.picture || graph.weights().empty()) return std::nullopt;
  constexpr int kTensor = 0;  // the first layer's kernels: nine numbers that a newcomer can read
  nn::Session session(document.model->graph);
  session.set_weights(document.edit.weights.flat());
  session.set_input(*document.picture->input);
  session.forward();
  const auto logits = std::vector<float>(session.logits().values().begin(), session.logits().values().end());
  const int top = top_class(session.logits());
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::ranges::greater{},
                    [&](int c) { return std::pair(logits[static_cast<std::size_t>(c)], -c); });

  std::vector<Candidate> candidates;
  for (std::size_t k = 1; k < order.size() && k <= kRivals; ++k) {
    const auto rival = static_cast<std::size_t>(order[k]);
    std::vector<float> seed(logits.size(), 0.0F);  // derivative of (top logit - rival logit)
    seed[static_cast<std::size_t>(top)] = 1.0F;
    seed[rival] = -1.0F;
    session.clear_d_weights();
    nn::BackwardRequest request;
    request.d_from = seed;
    request.input = false;
    request.weights = true;
    session.backward(request);
    const double margin =
        static_cast<double>(logits[static_cast<std::size_t>(top)]) - static_cast<double>(logits[rival]);
    add_candidates(document, session, kTensor, margin, candidates);
  }
  std::ranges::sort(candidates, {}, [](const Candidate& c) { return std::tuple(c.margin, c.element, c.value); });
  if (candidates.size() > kRuns) candidates.resize(kRuns);

  const std::size_t offset = graph.weights()[kTensor].offset;
  for (const Candidate& candidate : candidates) {
    const float before = session.weights()[offset + candidate.element];
    session.set_weights(std::span(&candidate.value, 1), offset + candidate.element);
    session.forward();
    const bool changed = top_class(session.logits()) != top;
    session.set_weights(std::span(&before, 1), offset + candidate.element);
    if (changed) return nn::WeightRef{kTensor, candidate.element};
  }
  return std::nullopt;
}

}  // namespace weightroom::lab
