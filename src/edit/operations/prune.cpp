// prune: the least important weights, kernels or channels become 0. By size (Han et al. 2015), by |w x gradient|
// (Molchanov et al. 2017), or by what the loss should gain, w^2 h / 2 (optimal brain damage: LeCun et al. 1990).
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/decimal.h"
#include "edit/operation.h"

namespace weightroom::edit {
namespace {

enum By { kSize = 0, kGradient = 1, kLoss = 2 };
enum Grain { kWeight = 0, kKernel = 1, kChannel = 2 };

// Biases and what else has a single axis are few, and each joins many: they stay.
bool is_pruned(const nn::GraphWeight& tensor) { return tensor.trainable && tensor.shape.rank() >= 2; }

std::size_t group_size(const nn::GraphWeight& tensor, int grain) {
  if (grain == kWeight) return 1;
  const std::size_t fan = tensor.shape.sample_size();
  return grain == kChannel ? fan : fan / static_cast<std::size_t>(tensor.shape[1]);
}

// The weights of a kernel or a channel that are in the region: one is pruned whole.
struct Group {
  double score;       // of a whole group: its mean size, or the sum of its effects
  std::size_t first;  // flat index of the group's first weight: ties are broken by it
};

class Scores {
 public:
  explicit Scores(const Request& request) : request_(request), by_(request.count("by")) {}

  [[nodiscard]] double of(std::size_t flat, double w) const {
    if (by_ == kSize) return std::fabs(w);
    const auto& importance = request_.importance;
    if (by_ == kGradient) return std::fabs(w * static_cast<double>(importance.gradient[flat]));
    return 0.5 * w * w * static_cast<double>(importance.curvature[flat]);
  }
  // Sizes are compared by their mean, so that small kernels are not the first to go.
  [[nodiscard]] double of_group(double sum, std::size_t count) const {
    return by_ == kSize ? sum / static_cast<double>(count) : sum;
  }

 private:
  const Request& request_;
  int by_;
};

std::vector<Group> groups_of(const Request& request, Weights& weights, const std::vector<Run>& runs) {
  const Scores scores(request);
  std::vector<Group> groups;
  double sum = 0.0;
  std::size_t count = 0;
  const auto end_group = [&] {
    if (count > 0) groups.back().score = scores.of_group(sum, count);
    sum = 0.0;
    count = 0;
  };
  for (const Run& run : runs) {
    const nn::GraphWeight& tensor = request.graph.weights()[static_cast<std::size_t>(run.tensor)];
    if (!is_pruned(tensor)) continue;
    const std::size_t each = group_size(tensor, request.count("grain"));
    const auto values = weights.read(run.tensor);
    for (std::size_t k = run.first; k < run.first + run.count; ++k) {
      const std::size_t first = tensor.offset + (k - tensor.offset) / each * each;
      if (groups.empty() || groups.back().first != first) {
        end_group();
        groups.push_back({0.0, first});
      }
      sum += scores.of(k, static_cast<double>(values[k - tensor.offset]));
      ++count;
    }
  }
  end_group();
  return groups;
}

Status check(const Request& request) {
  const std::size_t all = request.graph.weight_count();
  const int by = request.count("by");
  if (by == kGradient && request.importance.gradient.size() != all)
    return fail("Pruning by weight x gradient needs a picture to take the gradient at.");
  if (by == kLoss && request.importance.curvature.size() != all)
    return fail("Pruning by the loss needs a picture to take its second derivative at.");
  for (const Box& box : request.region.boxes) {
    if (is_pruned(request.graph.weights()[static_cast<std::size_t>(box.tensor)])) return {};
  }
  return fail("Biases are not pruned: choose weights that join one layer to the next.");
}

void run(const Request& request, Weights& weights) {
  const std::vector<Run> runs = runs_of(request.graph, request.region);
  std::vector<Group> groups = groups_of(request, weights, runs);
  const auto wanted =
      static_cast<std::size_t>(std::floor(request.param("share") * static_cast<double>(groups.size()) + 0.5));
  std::ranges::sort(groups, {}, [](const Group& g) { return std::pair(g.score, g.first); });
  groups.resize(std::min(groups.size(), wanted));
  std::ranges::sort(groups, {}, &Group::first);
  const int grain = request.count("grain");
  for_each_weight(request, weights, [&](nn::WeightRef ref, float w) {
    const nn::GraphWeight& tensor = request.graph.weights()[static_cast<std::size_t>(ref.tensor)];
    if (!is_pruned(tensor)) return w;
    const std::size_t each = group_size(tensor, grain);
    const std::size_t first = tensor.offset + ref.element / each * each;
    const auto at = std::ranges::lower_bound(groups, first, {}, &Group::first);
    return at != groups.end() && at->first == first ? 0.0F : w;
  });
}

}  // namespace

OperationDef prune_operation() {
  return {.name = "prune",
          .title = "Prune",
          .summary = "Makes the least important weights, kernels or channels 0; biases stay.",
          .params = {{.name = "share", .summary = "how many of them", .fallback = 0.3},
                     base::choice_param("by", "what makes one unimportant", {"size", "gradient", "loss"}),
                     base::choice_param("grain", "what is pruned as one", {"weight", "kernel", "channel"})},
          .check = check,
          .run = run,
          .words = [](const Request& request) {
            constexpr std::string_view kBy[] = {"by size", "by weight x gradient", "by the loss"};
            constexpr std::string_view kGrains[] = {"", " of the kernels", " of the channels"};
            return "pruned " + base::number_text(100.0 * request.param("share")) + " %" +
                   std::string(kGrains[request.count("grain")]) + " " + std::string(kBy[request.count("by")]);
          }};
}

}  // namespace weightroom::edit
