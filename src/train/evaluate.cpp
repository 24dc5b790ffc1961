#include "train/evaluate.h"

#include <algorithm>
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
constexpr std::size_t kBlock = 256;  // pictures of a task between two reports of progress

// Answers for pictures [first, last) with a session of its own.
void answer_block(nn::Session& session, const nn::Preprocessing& preprocessing, const nn::LabelledImages& images,
                  std::size_t first, std::size_t last, std::span<Judgement> answers) {
  const Extents extents{images.channels, images.height, images.width};
  const std::size_t classes = static_cast<std::size_t>(session.graph().class_count());
  std::vector<float> input(kBatch * extents.size(), 0.0F);
  for (std::size_t start = first; start < last; start += kBatch) {
    const std::size_t count = std::min(kBatch, last - start);
    for (std::size_t i = 0; i < count; ++i) {
      normalise(images.sample(start + i), extents, preprocessing,
                std::span(input).subspan(i * extents.size(), extents.size()));
    }
    session.set_input(input);
    session.forward();
    for (std::size_t i = 0; i < count; ++i) {
      const std::span<const float> logits(session.logits().sample(static_cast<int>(i)), classes);
      answers[start + i] = judge(logits, images.labels[start + i]);
    }
  }
}

}  // namespace

Judgement judge(std::span<const float> logits, int label) {
  Judgement answer;
  answer.rank = rank_of(logits, label);
  answer.loss = std::numeric_limits<double>::quiet_NaN();
  if (!nn::all_finite(logits)) return answer;
  answer.top = static_cast<int>(std::ranges::max_element(logits) - logits.begin());
  answer.loss = cross_entropy(logits, Target{label, label, 1.0F}, 0.0, 1.0, {});
  answer.confidence =
      static_cast<float>(base::exp(-cross_entropy(logits, Target{answer.top, answer.top, 1.0F}, 0.0, 1.0, {})));
  return answer;
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
    if (labels[i] < 0) continue;
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

Evaluation evaluate(const std::shared_ptr<const nn::Graph>& graph, std::span<const float> weights,
                    const nn::Preprocessing& preprocessing, const nn::LabelledImages& images, int threads,
                    const EvaluationProgress& progress) {
  CHECK(graph->spec().input == (nn::Shape{images.channels, images.height, images.width}));
  const auto classes = static_cast<std::size_t>(graph->class_count());
  CHECK(images.class_names.size() <= classes);
  const int workers = std::max(1, threads);
  const nn::FlatWeights shared(std::vector<float>(weights.begin(), weights.end()));
  std::vector<nn::Session> sessions;
  for (int i = 0; i < workers; ++i)
    sessions.emplace_back(graph, shared, nn::Session::Options{.batch = static_cast<int>(kBatch), .threads = 1});
  std::vector<Judgement> answers(images.count());
  const std::size_t round = kBlock * static_cast<std::size_t>(workers);
  for (std::size_t start = 0; start < images.count(); start += round) {
    base::parallel_for(workers, workers, [&](int worker) {
      const std::size_t first = std::min(images.count(), start + static_cast<std::size_t>(worker) * kBlock);
      const std::size_t last = std::min(images.count(), first + kBlock);
      answer_block(sessions[static_cast<std::size_t>(worker)], preprocessing, images, first, last, answers);
    });
    if (progress) progress(std::min(images.count(), start + round), images.count());
  }
  return sum_up(answers, images.labels, classes);
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
