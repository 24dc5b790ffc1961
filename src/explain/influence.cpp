#include "explain/influence.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/sort.h"
#include "base/statistics.h"
#include "explain/one_weight.h"
#include "nn/answer.h"

namespace weightroom::explain {
namespace {

constexpr int kRivals = 3;

std::vector<float> logits_of(const nn::Session& session) {
  const auto values = session.logits().values();
  return {values.begin(), values.end()};
}

// A tensor's part of the groups of a grain: how many weights each has.
std::size_t group_size(const nn::GraphWeight& tensor, Grain grain) {
  if (grain == Grain::weight || tensor.shape.rank() < 2) return 1;
  const std::size_t fan = tensor.shape.sample_size();
  return grain == Grain::channel ? fan : fan / static_cast<std::size_t>(tensor.shape[1]);
}

// Sums over pictures, as means into an Influence. Of one picture the gradient is its own sum and needs no room in
// double.
class Means {
 public:
  Means(std::size_t weights, bool several, bool curvature)
      : weights_(weights),
        gradient_(several ? weights : 0, 0.0),
        size_(several ? weights : 0, 0.0),
        curvature_(curvature ? weights : 0, 0.0) {}

  // Takes the buffer out of the session that has just made it, or reads it there.
  void add_gradient(nn::Session& session, Influence& out) {
    ++count_;
    if (gradient_.empty()) {
      out.gradient = std::vector<float>();
      session.swap_d_weights(out.gradient);
      for (float& g : out.gradient) g = 0.0F + g;  // zeros without sign, as sums of them have none
      return;
    }
    const auto gradient = session.d_weights();
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient_[i] += static_cast<double>(gradient[i]);
    for (std::size_t i = 0; i < size_.size(); ++i) size_[i] += std::fabs(static_cast<double>(gradient[i]));
  }
  // J of a class with this probability; end_classes() once all of a picture's are there. Of classes that are each by
  // itself the loss has no mixed terms: its second derivative by a logit is p (1 - p) / K.
  void add_class(std::span<const float> slope, nn::Answer answer, double probability, std::size_t classes) {
    const bool each = answer == nn::Answer::sigmoid;
    const double share = each ? probability * (1.0 - probability) / static_cast<double>(classes) : probability;
    mean_.resize(curvature_.size(), 0.0);
    square_.resize(curvature_.size(), 0.0);
    for (std::size_t i = 0; i < slope.size(); ++i) {
      const auto j = static_cast<double>(slope[i]);
      if (!each) mean_[i] += share * j;
      square_[i] += share * j * j;
    }
  }
  void end_classes() {
    for (std::size_t i = 0; i < curvature_.size(); ++i)
      curvature_[i] += std::max(0.0, square_[i] - mean_[i] * mean_[i]);
    std::ranges::fill(mean_, 0.0);
    std::ranges::fill(square_, 0.0);
  }
  void show(Influence& out) const {
    const double share = 1.0 / std::max(1, count_);
    const auto copy = [&](const std::vector<double>& from, std::vector<float>& to) {
      to.resize(from.size());
      std::ranges::transform(from, to.begin(), [&](double v) { return static_cast<float>(v * share); });
    };
    if (!gradient_.empty()) copy(gradient_, out.gradient);
    out.gradient.resize(weights_);  // of a picture without an answer: zeros
    copy(size_, out.size);
    copy(curvature_, out.curvature);
  }

 private:
  std::size_t weights_;
  std::vector<double> gradient_;
  std::vector<double> size_;
  std::vector<double> curvature_;
  std::vector<double> mean_;
  std::vector<double> square_;
  int count_ = 0;
};

}  // namespace

base::Task study_weights(const MethodInput& input, const Pictures& pictures, bool curvature, Influence& out,
                         double& progress) {
  CHECK(!pictures.empty());
  Means means(input.graph().weight_count(), pictures.size() > 1, curvature);
  TargetPass pass(input.session, input.target);
  double done = 0.0;
  for (const std::vector<float>& picture : pictures) {
    (void)co_await pass.weight_gradient(picture);
    const std::vector<float> logits = logits_of(input.session);
    if (!nn::all_finite(logits)) {
      ++out.overflows;
      progress = (done += 1.0) / static_cast<double>(pictures.size());
      continue;
    }
    means.add_gradient(input.session, out);
    out.classes = curvature ? looked_at(logits, input.target) : std::vector<int>{};
    const double each = 1.0 / static_cast<double>(out.classes.size() + 1);
    progress = (done += each) / static_cast<double>(pictures.size());
    const nn::Answer answer = input.graph().answer();
    const std::vector<float> probabilities = nn::probabilities(answer, logits);
    for (const int c : out.classes) {
      TargetPass other(input.session, c);  // the target's once more: a gradient is not kept while others are made
      means.add_class(co_await other.weight_gradient(picture), answer,
                      static_cast<double>(probabilities[static_cast<std::size_t>(c)]), logits.size());
      progress = (done += each) / static_cast<double>(pictures.size());
    }
    means.end_classes();
    means.show(out);
  }
  means.show(out);
  progress = 1.0;
}

std::vector<Ranked> rank(const nn::Graph& graph, const WeightsOf& weights, const Influence& influence,
                         Criterion criterion, Grain grain, std::size_t most, RankScope scope) {
  CHECK(influence.gradient.size() == graph.weight_count());
  CHECK(criterion != Criterion::loss || influence.curvature.size() == graph.weight_count());
  std::vector<Ranked> rows;
  const auto better = [](const Ranked& a, const Ranked& b) {
    return a.score != b.score ? a.score > b.score : a.first < b.first;
  };
  const auto trim = [&](std::size_t keep) {
    if (rows.size() <= keep) return;
    std::ranges::nth_element(rows, rows.begin() + static_cast<std::ptrdiff_t>(keep), better);
    rows.resize(keep);
  };
  const std::size_t room = std::max<std::size_t>(4 * most, 4096);  // memory stays bounded, whatever the network
  const std::vector<float>& size = influence.size.empty() ? influence.gradient : influence.size;
  for (std::size_t t = 0; t < graph.weights().size(); ++t) {
    const nn::GraphWeight& tensor = graph.weights()[t];
    const bool kernels = grain != Grain::weight || !scope.biases;
    if (!tensor.trainable || (kernels && tensor.shape.rank() < 2) || (scope.node >= 0 && tensor.node != scope.node))
      continue;
    const std::size_t each = group_size(tensor, grain);
    const std::span<const float> values = weights(static_cast<int>(t));
    for (std::size_t at = tensor.offset; at < tensor.offset + tensor.shape.size(); at += each) {
      Ranked row{.tensor = static_cast<int>(t), .first = at, .count = each};
      double sum = 0.0;
      double sizes = 0.0;
      double loss = 0.0;
      for (std::size_t i = at; i < at + each; ++i) {
        const auto w = static_cast<double>(values[i - tensor.offset]);
        sum += w * static_cast<double>(influence.gradient[i]);
        sizes += std::fabs(w * static_cast<double>(size[i]));
        if (criterion == Criterion::loss) loss += 0.5 * w * w * static_cast<double>(influence.curvature[i]);
      }
      row.predicted = -sum;
      row.score = criterion == Criterion::loss ? loss : criterion == Criterion::ablation ? std::fabs(sum) : sizes;
      rows.push_back(row);
      if (rows.size() >= 2 * room) trim(room);
    }
  }
  trim(most);
  base::sort(rows, better);
  return rows;
}

base::Task check_ranked(const MethodInput& input, const Pictures& pictures, std::vector<Ranked>& rows,
                        double& progress) {
  TargetPass pass(input.session, input.target);
  std::vector<double> exact(rows.size(), 0.0);
  // Picture by picture: a session runs from the changed layer on, as long as its picture stays.
  const double steps = static_cast<double>(rows.size() * pictures.size());
  double done = 0.0;
  for (const std::vector<float>& picture : pictures) {
    const auto score = static_cast<double>(co_await pass.logit(picture));
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Ranked& row = rows[k];
      const nn::GraphWeight& tensor = input.graph().weights()[static_cast<std::size_t>(row.tensor)];
      const auto now = input.session.weight(row.tensor).subspan(row.first - tensor.offset, row.count);
      const std::vector<float> kept(now.begin(), now.end());
      input.session.set_weights(std::vector<float>(row.count, 0.0F), row.first);
      exact[k] += static_cast<double>(co_await pass.logit(picture)) - score;
      input.session.set_weights(kept, row.first);
      if (pictures.size() == 1) rows[k].exact = exact[k];  // to be seen while the others are still run
      progress = (done += 1.0) / steps;
    }
  }
  for (std::size_t k = 0; k < rows.size(); ++k) rows[k].exact = exact[k] / static_cast<double>(pictures.size());
}

namespace {

// A weight that should change the answer, and by how much.
struct Candidate {
  std::size_t weight;
  double change;
  double size;   // of the change in deviations
  double limit;  // no value beyond it, either side
};

// By f_a + g_a d = f_b + g_b d for the answer a and a rival b: the change d of one weight at which they meet.
class Foretelling {
 public:
  Foretelling(const nn::Session& session, const FlipSearch& search)
      : session_(session), search_(search), best_(session.graph().weight_count(), 0.0) {}

  void add(std::span<const float> answer, std::span<const float> rival, double margin) {
    for (std::size_t i = 0; i < best_.size(); ++i) {
      const double slope = static_cast<double>(rival[i]) - static_cast<double>(answer[i]);
      if (slope == 0.0) continue;
      const double change = margin / slope;
      if (best_[i] == 0.0 || std::fabs(change) < std::fabs(best_[i])) best_[i] = change;
    }
  }
  [[nodiscard]] std::vector<Candidate> take() const {
    std::vector<Candidate> all;
    const auto order = [](const Candidate& c) { return std::pair(c.size, c.weight); };
    const auto trim = [&] {
      if (all.size() <= search_.tries) return;
      std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(search_.tries), {}, order);
      all.resize(search_.tries);
    };
    const std::size_t room = std::max<std::size_t>(4 * search_.tries, 4096);  // of millions a few
    const auto& tensors = session_.graph().weights();
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const nn::GraphWeight& tensor = tensors[t];
      if (!tensor.trainable || (!search_.biases && tensor.shape.rank() < 2)) continue;
      const auto part = session_.weight(static_cast<int>(t));
      const double spread = base::deviation(part);
      double largest = 0.0;
      for (float w : part) largest = std::max(largest, std::fabs(static_cast<double>(w)));
      for (std::size_t k = 0; k < part.size(); ++k) {
        const double change = best_[tensor.offset + k];
        const double to = static_cast<double>(part[k]) + change;
        if (change != 0.0 && std::fabs(to) <= search_.reach * largest)
          all.push_back({tensor.offset + k, change, std::fabs(change) / spread, search_.reach * largest});
        if (all.size() >= 2 * room) trim();
      }
    }
    trim();
    base::sort(all, {}, order);
    return all;
  }

 private:
  const nn::Session& session_;
  const FlipSearch& search_;
  std::vector<double> best_;
};

struct Tried {
  double factor = 0.0;  // of the candidate's change: the least that flips, to 1 %
  int answer = 0;       // then; that of before where nothing within the limit flips
};

// Further and further until it flips, then between. Leaves the candidate's value in the session.
base::Task try_flip(const MethodInput& input, const Candidate& candidate, float from, int answer, Tried& tried) {
  TargetPass pass(input.session, answer);
  tried = {.answer = answer};
  const auto set = [&](double factor) {
    const auto value = static_cast<float>(static_cast<double>(from) + factor * candidate.change);
    input.session.set_weights(std::span(&value, 1), candidate.weight);
    return std::fabs(static_cast<double>(value)) <= candidate.limit;
  };
  double holds = 0.0;
  for (double factor = 1.01; factor < 5.0 && tried.answer == answer && set(factor); factor *= 1.5) {
    (void)co_await pass.logit(input.input);
    tried.answer = nn::best_of(input.session.logits().values());
    (tried.answer == answer ? holds : tried.factor) = factor;
  }
  while (tried.answer != answer && tried.factor - holds > 0.01 * tried.factor) {
    const double middle = 0.5 * (holds + tried.factor);
    set(middle);
    (void)co_await pass.logit(input.input);
    const int there = nn::best_of(input.session.logits().values());
    if (there == answer) {
      holds = middle;
    } else {
      tried = {middle, there};
    }
  }
}

}  // namespace

base::Task find_flips(const MethodInput& input, FlipSearch search, std::vector<Flip>& found, double& progress) {
  TargetPass first(input.session, input.target);
  (void)co_await first.logit(input.input);
  const std::vector<float> logits = logits_of(input.session);
  if (!nn::all_finite(logits)) co_return;
  const std::vector<int> order = nn::best_first(logits);
  const int answer = order[0];
  TargetPass of_answer(input.session, answer);
  const auto slopes = co_await of_answer.weight_gradient(input.input);
  const std::vector<float> gradient(slopes.begin(), slopes.end());
  Foretelling foretelling(input.session, search);
  for (int r = 1; r <= std::min(kRivals, static_cast<int>(order.size()) - 1); ++r) {
    const int rival = order[static_cast<std::size_t>(r)];
    TargetPass of_rival(input.session, rival);
    const auto theirs = co_await of_rival.weight_gradient(input.input);
    foretelling.add(gradient, theirs,
                    static_cast<double>(logits[static_cast<std::size_t>(answer)]) -
                        static_cast<double>(logits[static_cast<std::size_t>(rival)]));
  }
  progress = 0.05;
  const std::vector<Candidate> candidates = foretelling.take();
  TargetPass pass(input.session, answer);
  for (std::size_t k = 0; k < candidates.size() && found.size() < search.wanted; ++k) {
    const Candidate& candidate = candidates[k];
    const float from = input.session.weight_at(candidate.weight);
    Tried tried;
    base::Task task = try_flip(input, candidate, from, answer, tried);
    while (!task.step()) co_await base::Pause{};
    input.session.set_weights(std::span(&from, 1), candidate.weight);
    if (tried.answer != answer) {
      found.push_back({.weight = candidate.weight,
                       .from = from,
                       .to = static_cast<float>(static_cast<double>(from) + tried.factor * candidate.change),
                       .answer = tried.answer,
                       .size = candidate.size * tried.factor});
    }
    progress = 0.05 + 0.95 * std::max(static_cast<double>(k + 1) / static_cast<double>(candidates.size()),
                                      static_cast<double>(found.size()) / static_cast<double>(search.wanted));
  }
  (void)co_await pass.logit(input.input);  // the session is left as it was
  base::sort(found, {}, [](const Flip& f) { return std::pair(f.size, f.weight); });
  progress = 1.0;
}

}  // namespace weightroom::explain
