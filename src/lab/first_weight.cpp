#include "lab/first_weight.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/sort.h"
#include "explain/whole_pass.h"
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

// Both ends of every slider of one tensor against one rival class, some kernels at a time. The weights of one kernel do
// much the same: the best of each and each direction, or a few kernels would fill all.
class FurthestEdits {
 public:
  FurthestEdits(const document::Document& document, const nn::Session& session, int tensor, double margin)
      : range_(slider_range(document, tensor)),
        margin_(margin),
        values_(session.weight(tensor)),
        gradients_(session.d_weights().subspan(document.graph().weights()[static_cast<std::size_t>(tensor)].offset,
                                               values_.size())),
        kernel_(kernel_size(document.graph().weights()[static_cast<std::size_t>(tensor)].shape)) {}

  // True once none is left.
  bool step() {
    constexpr std::size_t kAtOnce = 1 << 16;  // weights: about a millisecond
    const std::size_t end = std::min(values_.size(), next_ + (kAtOnce + kernel_ - 1) / kernel_ * kernel_);
    for (; next_ < end; next_ += kernel_) {
      for (const float value : {-kReach * range_, kReach * range_}) best_.offer(furthest(next_, value));
    }
    return next_ == values_.size();
  }
  [[nodiscard]] const std::vector<Candidate>& all() const { return best_.all(); }

 private:
  [[nodiscard]] Candidate furthest(std::size_t first, float value) const {
    std::optional<Candidate> furthest;
    for (std::size_t e = first; e < first + kernel_; ++e) {
      const double change = static_cast<double>(value) - static_cast<double>(values_[e]);
      const Candidate candidate{e, value, margin_ + static_cast<double>(gradients_[e]) * change};
      if (!furthest || goes_further(candidate, *furthest)) furthest = candidate;
    }
    return *furthest;
  }

  float range_;
  double margin_;
  std::span<const float> values_;
  std::span<const float> gradients_;
  std::size_t kernel_;
  std::size_t next_ = 0;
  Best best_;
};

// Those predicted to go furthest first, no two that move one kernel the same way.
void keep_best(std::vector<Candidate>& candidates, std::size_t kernel, std::size_t most) {
  base::sort(candidates, goes_further);
  std::set<std::pair<std::size_t, bool>> known;
  std::erase_if(candidates, [&](const Candidate& c) { return !known.emplace(c.element / kernel, c.value > 0).second; });
  if (candidates.size() > most) candidates.resize(most);
}

// Weights of layers with kernels, of the first such layers.
std::vector<int> tensors_to_try(const nn::Graph& graph) {
  std::vector<int> tensors;
  for (std::size_t i = 0; i < graph.weights().size() && tensors.size() < kLayers; ++i) {
    const nn::GraphWeight& weight = graph.weights()[i];
    if (weight.shape.rank() >= 2 && weight.trainable) tensors.push_back(static_cast<int>(i));
  }
  return tensors;
}

}  // namespace

FirstWeight::FirstWeight(const document::Document& document, nn::SessionPool& sessions)
    : document_(document), sessions_(sessions), task_(search()) {}

bool FirstWeight::is_about(const document::Document& document) const {
  return same_model(document_, document) && document_.picture.has_value() == document.picture.has_value() &&
         (!document.picture || document_.picture->input == document.picture->input);
}

bool FirstWeight::step(const base::Budget& budget) {
  while (!task_.step()) {
    if (budget.spent()) return false;
  }
  return true;
}

double FirstWeight::progress() const {
  constexpr double kPasses = 1.0 + kLayers * (kRivals + static_cast<double>(kRuns));
  return passes_ / kPasses;
}

base::Task FirstWeight::search() {
  const nn::Graph& graph = document_.graph();
  if (!document_.picture || graph.multiply_adds() * kLayers > kWork / 4) co_return;
  const auto runs = static_cast<std::size_t>(kWork / kLayers / std::max(1.0, graph.multiply_adds()));
  const nn::SessionPool::Lease lease = sessions_.lend(document_.model->graph, document_.model->weights, {});
  nn::Session& session = *lease;
  run_as(session, document_);
  session.set_input(*document_.picture->input);
  explain::Forward forward(session);
  co_await explain::Whole{forward};
  ++passes_;
  co_await base::Pause{};  // of many classes the order takes as long as a pass
  const std::vector<float> logits(session.logits().values().begin(), session.logits().values().end());
  const std::vector<int> order = nn::best_first(logits);
  const auto top = static_cast<std::size_t>(order[0]);
  // The first layer's kernels before the second's: they weigh colours, which a newcomer can picture.
  for (const int tensor : tensors_to_try(graph)) {
    const nn::GraphWeight& weight = graph.weights()[static_cast<std::size_t>(tensor)];
    co_await explain::Whole{forward};
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
      explain::Backward backward(session, request);
      co_await explain::Whole{backward};
      ++passes_;
      FurthestEdits edits(document_, session, tensor,
                          static_cast<double>(logits[top]) - static_cast<double>(logits[rival]));
      while (!edits.step()) co_await base::Pause{};
      candidates.insert(candidates.end(), edits.all().begin(), edits.all().end());
    }
    keep_best(candidates, kernel_size(weight.shape), std::min(kRuns, runs));
    for (const Candidate& candidate : candidates) {
      const std::size_t at = weight.offset + candidate.element;
      const float before = session.weight_at(at);
      session.set_weights(std::span(&candidate.value, 1), at);
      co_await explain::Whole{forward};
      ++passes_;
      const bool changed = top_class(session.logits()) != order[0];
      session.set_weights(std::span(&before, 1), at);
      if (!changed) continue;
      found_ = nn::WeightRef{tensor, candidate.element};
      co_return;
    }
  }
}

std::optional<nn::WeightRef> find_telling_weight(const document::Document& document, nn::SessionPool& sessions) {
  FirstWeight search(document, sessions);
  search.step(base::Budget::unlimited());
  return search.found();
}

}  // namespace weightroom::lab
