// prune: the least important weights, kernels or channels become 0. By size (Han et al. 2015), by |w x gradient|
// (Molchanov et al. 2017), or by what the loss should gain, w^2 h / 2 (optimal brain damage: LeCun et al. 1990).
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <strings/choice.h>
#include <strings/operation.h>
#include <strings/param.h>

#include "base/language.h"
#include "edit/operation.h"
#include "edit/smallest.h"

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
  [[nodiscard]] float of_group(double sum, std::size_t count) const {
    return static_cast<float>(by_ == kSize ? sum / static_cast<double>(count) : sum);
  }

 private:
  const Request& request_;
  int by_;
};

// Calls found(weights of the region, whether they begin another group) for every piece of the region that lies in one
// group: a kernel or a channel is pruned whole, as far as it is in the region. Weights that are never pruned are a
// piece too, of group `false`.
template <class Found>
void for_each_piece(const Request& request, const Found& found) {
  std::size_t group = static_cast<std::size_t>(-1);
  for (const Run& run : runs_of(request.graph, request.region)) {
    const nn::GraphWeight& tensor = request.graph.weights()[static_cast<std::size_t>(run.tensor)];
    if (!is_pruned(tensor)) {
      found(run, false, false);
      continue;
    }
    const std::size_t each = group_size(tensor, request.count("grain"));
    for (std::size_t k = run.first; k < run.first + run.count;) {
      const std::size_t first = tensor.offset + (k - tensor.offset) / each * each;
      const std::size_t end = std::min(first + each, run.first + run.count);
      found(Run{run.tensor, k, end - k}, true, first != group);
      group = first;
      k = end;
    }
  }
}

std::vector<float> scores_of(const Request& request, Weights& weights) {
  const Scores scores(request);
  std::vector<float> out;
  double sum = 0.0;
  std::size_t count = 0;
  const auto end_group = [&] {
    if (count > 0) out.push_back(scores.of_group(sum, count));
    sum = 0.0;
    count = 0;
  };
  int tensor = -1;
  std::span<const float> values;
  for_each_piece(request, [&](const Run& piece, bool pruned, bool another) {
    if (!pruned) return;
    if (another) end_group();
    if (piece.tensor != tensor) values = weights.read(tensor = piece.tensor);
    const std::size_t offset = request.graph.weights()[static_cast<std::size_t>(tensor)].offset;
    for (std::size_t k = piece.first; k < piece.first + piece.count; ++k)
      sum += scores.of(k, static_cast<double>(values[k - offset]));
    count += piece.count;
  });
  end_group();
  return out;
}

std::vector<std::uint8_t> choose(const Request& request, Weights& weights) {
  const std::vector<float> scores = scores_of(request, weights);
  const auto wanted =
      static_cast<std::size_t>(std::floor(request.param("share") * static_cast<double>(scores.size()) + 0.5));
  Smallest smallest(scores, wanted);
  std::vector<std::uint8_t> bits((count_of(runs_of(request.graph, request.region)) + 7) / 8, 0);
  std::size_t at = 0;
  std::size_t group = 0;
  bool goes = false;
  for_each_piece(request, [&](const Run& piece, bool pruned, bool another) {
    if (another) goes = smallest.takes(scores[group++]);
    for (std::size_t k = at; pruned && goes && k < at + piece.count; ++k)
      bits[k / 8] = static_cast<std::uint8_t>(bits[k / 8] | 1U << k % 8);
    at += piece.count;
  });
  return bits;
}

Status check(const Request& request) {
  if (!request.chosen.empty() && request.chosen.size() != (count_of(runs_of(request.graph, request.region)) + 7) / 8)
    return fail(text::operation_prune_other_selection);
  for (const Box& box : request.region.boxes) {
    if (is_pruned(request.graph.weights()[static_cast<std::size_t>(box.tensor)])) return {};
  }
  return fail(text::operation_prune_biases);
}

void run(const Request& request, Weights& weights) {
  std::vector<std::uint8_t> own;
  if (request.chosen.empty()) own = choose(request, weights);
  const std::span<const std::uint8_t> bits = request.chosen.empty() ? own : request.chosen;
  std::size_t at = 0;
  for_each_weight(request, weights, [&](nn::WeightRef, float w) {
    const bool goes = (bits[at / 8] >> at % 8 & 1U) != 0;
    ++at;
    return goes ? 0.0F : w;
  });
}

}  // namespace

OperationDef prune_operation() {
  return {
      .name = "prune",
      .title = text::operation_prune_title,
      .summary = text::operation_prune_summary,
      .params =
          {{.name = "share", .title = text::param_share, .summary = text::param_prune_share_help, .fallback = 0.3},
           base::choice_param(
               "by", text::param_by, text::param_by_help,
               {{"size", text::choice_size}, {"gradient", text::choice_gradient}, {"loss", text::choice_loss}}),
           base::choice_param(
               "grain", text::param_grain, text::param_grain_help,
               {{"weight", text::choice_weight}, {"kernel", text::choice_kernel}, {"channel", text::choice_channel}})},
      .check = check,
      .asks_pictures =
          [](const base::Params& params) {
            const int by = static_cast<int>(params.find("by")->second);
            return by == kGradient ? Asks::gradient : by == kLoss ? Asks::curvature : Asks::nothing;
          },
      .choose = choose,
      .run = run,
      .words = [](const Request& request) -> Sentence {
        constexpr Text kBy[] = {text::operation_prune_by_size, text::operation_prune_by_gradient,
                                text::operation_prune_by_loss};
        constexpr Text kGrains[] = {text::operation_prune_words, text::operation_prune_kernels_words,
                                    text::operation_prune_channels_words};
        return {kGrains[request.count("grain")],
                {{"percent", base::exact(100.0 * request.param("share"))}, {"by", kBy[request.count("by")]}}};
      }};
}

}  // namespace weightroom::edit
