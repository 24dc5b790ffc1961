#include "train/evaluate.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "base/math.h"
#include "base/parallel.h"
#include "nn/answer.h"
#include "nn/session.h"
#include "train/augment.h"
#include "train/loss.h"

namespace weightroom::train {
namespace {

constexpr std::size_t kBatch = 8;    // small, so that activations stay in the cache
constexpr std::size_t kBlock = 256;  // pictures that a worker answers before it waits for the others

}  // namespace

Judgement judge(nn::Answer answer, std::span<const float> logits, int label) {
  Judgement judged;
  judged.rank = label < 0 ? static_cast<int>(logits.size()) : rank_of(logits, label);
  judged.loss = std::numeric_limits<double>::quiet_NaN();
  if (!nn::all_finite(logits)) return judged;
  judged.top = static_cast<int>(std::ranges::max_element(logits) - logits.begin());
  if (label >= 0) judged.loss = cross_entropy(answer, logits, Target{label, label, 1.0F}, 0.0, 1.0, {});
  const double confidence =
      answer == nn::Answer::sigmoid
          ? nn::sigmoid(static_cast<double>(logits[static_cast<std::size_t>(judged.top)]))
          : base::exp(-cross_entropy(answer, logits, Target{judged.top, judged.top, 1.0F}, 0.0, 1.0, {}));
  judged.confidence = static_cast<float>(confidence);
  return judged;
}

Evaluation sum_up(std::span<const Judgement> answers, std::span<const int> labels, std::size_t classes) {
  Evaluation result;
  result.class_count.assign(classes, 0);
  result.class_right.assign(classes, 0);
  result.confusion.assign(classes * classes, 0);
  result.bins.assign(Evaluation::kBins, {});
  std::size_t right = 0;
  std::size_t among = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= static_cast<int>(classes)) continue;
    const Judgement& answer = answers[i];
    const auto label = static_cast<std::size_t>(labels[i]);
    const bool is_right = answer.rank == 0 && answer.top >= 0;
    ++result.count;
    ++result.class_count[label];
    result.loss += answer.loss;
    if (answer.top < 0) {
      ++result.unanswered;
      continue;
    }
    right += static_cast<std::size_t>(is_right);
    among += static_cast<std::size_t>(answer.rank < 5);
    result.class_right[label] += static_cast<int>(is_right);
    ++result.confusion[label * classes + static_cast<std::size_t>(answer.top)];
    const int bin = static_cast<int>(std::ceil(static_cast<double>(answer.confidence) * Evaluation::kBins)) - 1;
    Evaluation::Bin& of = result.bins[static_cast<std::size_t>(std::clamp(bin, 0, Evaluation::kBins - 1))];
    ++of.count;
    of.right += static_cast<int>(is_right);
    of.confidence += static_cast<double>(answer.confidence);
  }
  if (result.count > 0) {
    const double count = static_cast<double>(result.count);
    result.top1 = static_cast<double>(right) / count;
    result.top5 = static_cast<double>(among) / count;
    result.loss /= count;
    for (const Evaluation::Bin& bin : result.bins) result.calibration += std::abs(bin.right - bin.confidence) / count;
  }
  return result;
}

struct EvaluationJob::Worker {
  nn::Session session;
  std::vector<float> input;
  std::size_t next = 0;  // the batch under way, or to be begun
  std::size_t last = 0;  // end of the block
  bool running = false;
};

EvaluationJob::EvaluationJob(const std::shared_ptr<const nn::Graph>& graph, const nn::FlatWeights& weights,
                             const nn::Preprocessing& preprocessing, const nn::LabelledImages& images, int threads,
                             const nn::NoneOfThese* gauge)
    : preprocessing_(preprocessing),
      images_(images),
      classes_(static_cast<std::size_t>(graph->class_count())),
      gauge_(gauge),
      answers_(images.count()) {
  CHECK(graph->spec().input == (nn::Shape{images.channels, images.height, images.width}));
  CHECK(images.class_names.size() <= classes_ + (gauge == nullptr ? 0 : 1));
  for (int i = 0; i < std::max(1, threads); ++i) {
    workers_.push_back({.session = nn::Session(graph, weights, {.batch = static_cast<int>(kBatch), .threads = 1}),
                        .input = std::vector<float>(kBatch * images.sample_bytes(), 0.0F)});
  }
}

EvaluationJob::~EvaluationJob() = default;

// A block for each worker; false where none is left.
bool EvaluationJob::begin_round() {
  if (given_ == answers_.size()) return false;
  for (Worker& worker : workers_) {
    worker.next = given_;
    given_ = std::min(answers_.size(), given_ + kBlock);
    worker.last = given_;
  }
  return true;
}

void EvaluationJob::slice(Worker& worker) {
  const std::size_t count = std::min(kBatch, worker.last - worker.next);
  if (!worker.running) {
    const Extents extents{images_.channels, images_.height, images_.width};
    for (std::size_t i = 0; i < count; ++i) {
      normalise(images_.sample(worker.next + i), extents, preprocessing_,
                std::span(worker.input).subspan(i * extents.size(), extents.size()));
    }
    worker.session.set_input(worker.input);
    worker.running = true;
    return;
  }
  if (!worker.session.forward_step()) return;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> logits(worker.session.logits().sample(static_cast<int>(i)), classes_);
    Judgement& answer = answers_[worker.next + i];
    const int label = images_.labels[worker.next + i];
    answer = judge(worker.session.graph().answer(), logits, label < static_cast<int>(classes_) ? label : -1);
    if (gauge_ != nullptr) answer.none = gauge_->score(nn::features(worker.session, static_cast<int>(i)), logits);
  }
  worker.next += count;
  worker.running = false;
}

bool EvaluationJob::step(const base::Budget& budget) {
  std::atomic<bool> worked = false;
  const int count = static_cast<int>(workers_.size());
  do {
    base::parallel_for(count, count, [&](int i) {
      Worker& worker = workers_[static_cast<std::size_t>(i)];
      while (worker.next < worker.last) {
        if (worked.exchange(true) && budget.spent()) return;
        slice(worker);
      }
    });
    const bool round = std::ranges::all_of(workers_, [](const Worker& at) { return at.next == at.last; });
    if (round && !begin_round()) return true;
  } while (!budget.spent());
  return false;
}

std::size_t EvaluationJob::judged() const {
  std::size_t left = answers_.size() - given_;
  for (const Worker& worker : workers_) left += worker.last - worker.next;
  return answers_.size() - left;
}

double EvaluationJob::progress() const {
  return answers_.empty() ? 1.0 : static_cast<double>(judged()) / static_cast<double>(answers_.size());
}

Evaluation EvaluationJob::result() const {
  Evaluation result = sum_up(answers_, images_.labels, classes_);
  if (gauge_ != nullptr)
    result.none_of_these = static_cast<std::size_t>(
        std::ranges::count_if(answers_, [this](const Judgement& at) { return gauge_->says(at.none); }));
  return result;
}

Evaluation evaluate(const Subject& subject, const nn::LabelledImages& images, int threads,
                    const EvaluationProgress& progress, std::vector<Judgement>* answers) {
  constexpr double kBetweenReports = 100.0;  // milliseconds
  EvaluationJob job(subject.graph, std::vector<float>(subject.weights.begin(), subject.weights.end()),
                    subject.preprocessing, images, threads, subject.gauge);
  while (!job.step(progress ? base::Budget::milliseconds(kBetweenReports) : base::Budget::unlimited()))
    progress(job.judged(), images.count());
  if (progress) progress(images.count(), images.count());
  if (answers != nullptr) *answers = job.answers();
  return job.result();
}

nn::Preprocessing measure(const nn::LabelledImages& images) {
  nn::Preprocessing result;
  const std::size_t plane = static_cast<std::size_t>(images.height) * static_cast<std::size_t>(images.width);
  CHECK(images.channels <= 3 && images.count() > 0);
  for (std::size_t c = 0; c < static_cast<std::size_t>(images.channels); ++c) {
    std::uint64_t sum = 0;  // whole numbers: exact in any order
    std::uint64_t squares = 0;
    for (std::size_t i = 0; i < images.count(); ++i) {
      for (const std::uint8_t value : images.sample(i).subspan(c * plane, plane)) {
        sum += value;
        squares += static_cast<std::uint64_t>(value) * value;
      }
    }
    const double count = static_cast<double>(images.count() * plane);
    const double mean = static_cast<double>(sum) / count;
    const double variance = std::max(0.0, static_cast<double>(squares) / count - mean * mean);
    const auto to_four = [](double value) { return static_cast<float>(std::floor(value * 10000.0 + 0.5) / 10000.0); };
    result.mean[c] = to_four(mean / 255.0);
    result.std[c] = std::max(0.0001F, to_four(std::sqrt(variance) / 255.0));
  }
  return result;
}

}  // namespace weightroom::train
