#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/job.h"
#include "nn/dataset.h"
#include "nn/graph.h"
#include "nn/model.h"
#include "nn/none_of_these.h"

namespace weightroom::train {

// A net's answer for one picture, compared with its label.
struct Judgement {
  int rank = 0;             // of the label among the logits, 0 the highest
  int top = -1;             // the class answered; -1: the logits are no numbers
  float confidence = 0.0F;  // its probability
  double loss = 0.0;        // cross-entropy in nats; NaN without an answer
  double none = 0.0;        // score of the gauge, where the model has one (nn::NoneOfThese)
};
// label -1: the picture has none, and so no rank and no loss.
[[nodiscard]] Judgement judge(nn::Answer answer, std::span<const float> logits, int label);

// How well a net answers for a labelled set.
struct Evaluation {
  std::size_t count = 0;
  double top1 = 0.0;             // share of pictures whose label has the highest logit, 0 to 1
  double top5 = 0.0;             // ... one of the five highest
  double loss = 0.0;             // mean cross-entropy in nats
  std::vector<int> class_count;  // pictures of each class
  std::vector<int> class_right;  // of these, right at once
  std::vector<int> confusion;    // (truth, answer), classes x classes, row-major; without those of no answer
  std::size_t unanswered = 0;    // the logits were no numbers
  // Of all pictures, whatever their label: those that the gauge refuses; nothing without one.
  std::optional<std::size_t> none_of_these{};
  // Expected calibration error (Guo et al. 2017): the mean over pictures of |accuracy - confidence| of the bin of
  // confidence that they fall into, (0, 1/15], (1/15, 2/15], ...
  struct Bin {
    int count = 0;
    int right = 0;
    double confidence = 0.0;  // sum
  };
  static constexpr int kBins = 15;
  std::vector<Bin> bins;
  double calibration = 0.0;

  // Share of a class's pictures that were right; NaN where it has none.
  [[nodiscard]] double recall(std::size_t k) const {
    return class_count[k] > 0 ? static_cast<double>(class_right[k]) / class_count[k]
                              : std::numeric_limits<double>::quiet_NaN();
  }
};

// Of the pictures with a label among the classes: all others, such as -1, do not count.
[[nodiscard]] Evaluation sum_up(std::span<const Judgement> answers, std::span<const int> labels, std::size_t classes);

// Pictures done, pictures in all; called from the calling thread.
using EvaluationProgress = std::function<void(std::size_t done, std::size_t total)>;

// What is evaluated.
struct Subject {
  std::shared_ptr<const nn::Graph> graph;
  std::span<const float> weights;
  nn::Preprocessing preprocessing;
  const nn::NoneOfThese* gauge = nullptr;  // must outlive what works with it
};

// The set's classes must be the graph's (with a gauge one more may come after them), its pictures of the graph's input
// extents. The same numbers on any number of threads. `answers` gets what was answered for each picture.
[[nodiscard]] Evaluation evaluate(const Subject& subject, const nn::LabelledImages& images, int threads,
                                  const EvaluationProgress& progress = {}, std::vector<Judgement>* answers = nullptr);

// The same in slices, each at most one node for a few pictures. The set must outlive the job.
class EvaluationJob : public base::Job {
 public:
  EvaluationJob(const std::shared_ptr<const nn::Graph>& graph, const nn::FlatWeights& weights,
                const nn::Preprocessing& preprocessing, const nn::LabelledImages& images, int threads,
                const nn::NoneOfThese* gauge = nullptr);
  ~EvaluationJob() override;

  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override;
  [[nodiscard]] std::size_t judged() const;  // pictures done
  // Once all is done.
  [[nodiscard]] Evaluation result() const;
  [[nodiscard]] const std::vector<Judgement>& answers() const { return answers_; }  // one a picture

 private:
  struct Worker;
  bool begin_round();
  void slice(Worker& worker);

  const nn::Preprocessing preprocessing_;
  const nn::LabelledImages& images_;
  std::size_t classes_;
  const nn::NoneOfThese* gauge_;
  std::vector<Worker> workers_;
  std::size_t given_ = 0;  // pictures that were given to a worker
  std::vector<Judgement> answers_;
};

// Channel means and the standard deviations of all pictures, of value / 255, to four decimals: what a reader can write
// down again.
[[nodiscard]] nn::Preprocessing measure(const nn::LabelledImages& images);

}  // namespace weightroom::train
