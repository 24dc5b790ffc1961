#include "lab/first_weight.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "base/sort.h"
#include "nn/session.h"

namespace weightroom::lab {
namespace {

constexpr int kRivals = 3;         // classes next to the top one that are tried
constexpr std::size_t kRuns = 24;  // edits that are really run, of each
constexpr double kWork = 2e9;      // multiply-adds of all runs together: somebody else's net may be large
constexpr int kLayers = 2;         // layers with kernels
constexpr float kReach = 0.9F;     // share of the slider: inside it, so that the change is seen before its end

struct Candidate {
  std::size_t element = 0;
  float value = 0.0F;
  double margin = 0.0;  // predicted top logit minus rival's; negative: the rival wins
};

int top_class(nn::ConstTensor logits) {
  const auto values = logits.values();
  return static_cast<int>(std::ranges::max_element(values) - values.begin());
}

bool goes_further(const Candidate& a, const Candidate& b) {
  return std::tie(a.margin, a.element, a.value) < std::tie(b.margin, b.element, b.value);
}

// The kRuns that go furthest of those offered.
class Best {
 public:
  void offer(const Candidate& candidate) {
    if (heap_.size() == kRuns) {
      if (!goes_further(candidate, heap_.front())) return;
      std::ranges::pop_heap(heap_, goes_further);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::ranges::push_heap(heap_, goes_further);
  }
  [[nodiscard]] const std::vector<Candidate>& all() const { return heap_; }

 private:
  std::vector<Candidate> heap_;  // the one that goes least far in front
};

std::size_t kernel_size(const nn::Shape& weight) {
  return weight.size() / (static_cast<std::size_t>(weight[0]) * static_cast<std::size_t>(weight[1]));
}

// Both ends of every slider of one tensor against one rival class. The weights of one kernel do much the same: the best
// of each and each direction, or a few kernels would fill all.
Best furthest_edits(const document::Document& document, const nn::Session& session, int tensor, double margin) {
  const nn::GraphWeight& weight = document.graph().weights()[static_cast<std::size_t>(tensor)];
  const float range = slider_range(document, tensor);
  const auto values = session.weight(tensor);
  const auto gradients = session.d_weights().subspan(weight.offset, values.size());
  const std::size_t kernel = kernel_size(weight.shape);
  Best best;
  for (std::size_t first = 0; first < values.size(); first += kernel) {
    for (const float value : {-kReach * range, kReach * range}) {
      std::optional<Candidate> furthest;
      for (std::size_t e = first; e < first + kernel; ++e) {
        const double change = static_cast<double>(value) - static_cast<double>(values[e]);
        const Candidate candidate{e, value, margin + static_cast<double>(gradients[e]) * change};
        if (!furthest || goes_further(candidate, *furthest)) furthest = candidate;
      }
      best.offer(*furthest);
    }
  }
  return best;
}

// Classes, most likely first.
std::vector<int> ranking(std::span<const float> logits) {
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  base::sort(order, std::ranges::greater{}, [&](int c) { return std::pair(logits[static_cast<std::size_t>(c)], -c); });
  return order;
}

// Edits of one tensor, those predicted to go furthest first.
std::vector<Candidate> best_candidates(const document::Document& document, nn::Session& session, int tensor) {
  const auto logits = std::vector<float>(session.logits().values().begin(), session.logits().values().end());
  const std::vector<int> order = ranking(logits);
  const auto top = static_cast<std::size_t>(order[0]);
  std::vector<Candidate> candidates;
  for (std::size_t k = 1; k < order.size() && k <= kRivals; ++k) {
    const auto rival = static_cast<std::size_t>(order[k]);
    std::vector<float> seed(logits.size(), 0.0F);  // derivative of (top logit - rival logit)
    seed[top] = 1.0F;
    seed[rival] = -1.0F;
    session.clear_d_weights();
    nn::BackwardRequest request;
    request.d_from = seed;
    request.input = false;
    request.weights = true;
    session.backward(request);
    const double margin = static_cast<double>(logits[top]) - static_cast<double>(logits[rival]);
    const Best best = furthest_edits(document, session, tensor, margin);
    candidates.insert(candidates.end(), best.all().begin(), best.all().end());
  }
  base::sort(candidates, goes_further);
  const std::size_t kernel = kernel_size(document.graph().weights()[static_cast<std::size_t>(tensor)].shape);
  std::set<std::pair<std::size_t, bool>> known;
  std::erase_if(candidates, [&](const Candidate& c) { return !known.emplace(c.element / kernel, c.value > 0).second; });
  if (candidates.size() > kRuns) candidates.resize(kRuns);
  return candidates;
}

}  // namespace

std::optional<nn::WeightRef> find_telling_weight(const document::Document& document, nn::SessionPool& sessions) {
  const nn::Graph& graph = document.graph();
  if (!document.picture || graph.multiply_adds() * kLayers > kWork / 4) return std::nullopt;
  const auto runs = static_cast<std::size_t>(kWork / kLayers / std::max(1.0, graph.multiply_adds()));
  const nn::SessionPool::Lease lease = sessions.lend(document.model->graph, document.model->weights, {});
  nn::Session& session = *lease;
  run_as(session, document);
  session.set_input(*document.picture->input);
  session.forward();
  const int top = top_class(session.logits());
  // The first layer's kernels before the second's: they weigh colours, which a newcomer can picture.
  int tried = 0;
  for (std::size_t tensor = 0; tensor < graph.weights().size() && tried < kLayers; ++tensor) {
    const nn::GraphWeight& weight = graph.weights()[tensor];
    if (weight.shape.rank() < 2 || !weight.trainable) continue;
    ++tried;
    session.forward();
    std::vector<Candidate> candidates = best_candidates(document, session, static_cast<int>(tensor));
    if (candidates.size() > runs) candidates.resize(runs);
    for (const Candidate& candidate : candidates) {
      const std::size_t at = weight.offset + candidate.element;
      const float before = session.weight_at(at);
      session.set_weights(std::span(&candidate.value, 1), at);
      session.forward();
      const bool changed = top_class(session.logits()) != top;
      session.set_weights(std::span(&before, 1), at);
      if (changed) return nn::WeightRef{static_cast<int>(tensor), candidate.element};
    }
  }
  return std::nullopt;
}

}  // namespace weightroom::lab
