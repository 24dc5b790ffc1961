#include "teach/estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/math.h"
#include "teach/sums.h"

namespace weightroom::teach {
namespace {

constexpr int kFolds = 5;

// Of z to the nearest of the means of classes that have pictures.
double nearest(const Examples& examples, std::span<const double> means, std::span<const int> counts,
               std::span<const double> z) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;
    least = std::min(least, square_distance(means.subspan(c * examples.width, examples.width), z));
  }
  return std::sqrt(least);
}

}  // namespace

Head make_head(const Examples& examples, Method method, const FitOptions& options) {
  return method == Method::instant ? instant_head(examples) : fitted_head(examples, options);
}

Estimate::Trust Estimate::trust() const {
  return fewest_takes < 3 ? Trust::unknown : fewest_takes < kFolds ? Trust::at_least : Trust::about;
}

std::optional<double> Estimate::strangeness() const {
  if (trust() == Trust::unknown || pictures.empty()) return std::nullopt;
  std::vector<double> distances;
  for (const HeldOut& picture : pictures) distances.push_back(picture.distance);
  std::ranges::sort(distances);
  const auto place = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(distances.size())));
  return distances[place - 1];
}

std::vector<std::size_t> Estimate::suspects(const Examples& examples) const {
  constexpr double kLoss = 1.5;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].loss > kLoss && pictures[i].answer != examples.labels[i]) found.push_back(i);
  }
  std::ranges::sort(found, [this](std::size_t a, std::size_t b) {
    return pictures[a].loss > pictures[b].loss || (pictures[a].loss == pictures[b].loss && a < b);
  });
  return found;
}

// The pictures that a fold leaves to learn from, and the head they give by and by.
struct EstimateJob::Fold {
  Examples rest;
  std::unique_ptr<HeadFit> fit;
};

EstimateJob::EstimateJob(const Examples& examples, Method method, const FitOptions& options)
    : examples_(examples), method_(method), options_(options) {
  const std::vector<int> takes = examples.takes_by_class();
  estimate_.fewest_takes = takes.empty() ? 0 : std::ranges::min(takes);
  if (estimate_.fewest_takes < 2) return;
  estimate_.folds = std::min(kFolds, estimate_.fewest_takes);
  estimate_.pictures.resize(examples.count());
}
EstimateJob::~EstimateJob() = default;

void EstimateJob::begin_fold() {
  std::vector<bool> keep(examples_.count());
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = examples_.takes[i] % estimate_.folds != next_;
  fold_ = std::make_unique<Fold>();
  fold_->rest = examples_.only(keep);
  if (method_ == Method::fitted) fold_->fit = std::make_unique<HeadFit>(fold_->rest, options_);
}

void EstimateJob::judge(const Head& head) {
  const std::vector<double> means = class_means(fold_->rest);
  const std::vector<int> counts = fold_->rest.pictures_by_class();
  for (std::size_t i = 0; i < examples_.count(); ++i) {
    if (examples_.takes[i] % estimate_.folds != next_) continue;
    const auto z = examples_.row(i);
    const std::vector<double> logits = head.logits(z);
    const double share = probabilities(logits)[static_cast<std::size_t>(examples_.labels[i])];
    estimate_.pictures[i] = {.answer = top_class(logits),
                             .loss = -base::log(std::max(share, std::numeric_limits<double>::min())),
                             .distance = nearest(examples_, means, counts, z)};
  }
}

bool EstimateJob::step(const base::Budget& budget) {
  while (next_ < estimate_.folds) {
    if (!fold_) begin_fold();
    if (fold_->fit && !fold_->fit->step(budget)) return false;
    judge(fold_->fit ? fold_->fit->head() : instant_head(fold_->rest));
    fold_.reset();
    ++next_;
    if (next_ < estimate_.folds && budget.spent()) return false;
  }
  return true;
}

double EstimateJob::progress() const {
  if (estimate_.folds == 0) return 1.0;
  const double of_fold = fold_ && fold_->fit ? fold_->fit->progress() : 0.0;
  return (next_ + of_fold) / estimate_.folds;
}

std::optional<Estimate> EstimateJob::result() const {
  if (estimate_.folds == 0) return std::nullopt;
  Estimate made = estimate_;
  std::size_t right = 0;
  for (std::size_t i = 0; i < made.pictures.size(); ++i)
    right += made.pictures[i].answer == examples_.labels[i] ? 1U : 0U;
  made.accuracy = static_cast<double>(right) / static_cast<double>(made.pictures.size());
  return made;
}

std::optional<Estimate> estimate(const Examples& examples, Method method, const FitOptions& options) {
  EstimateJob job(examples, method, options);
  while (!job.step(base::Budget::unlimited())) continue;
  return job.result();
}

}  // namespace weightroom::teach
