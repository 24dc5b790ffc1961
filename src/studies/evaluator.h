#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/job.h"
#include "document/paged_weights.h"
#include "document/picture_set.h"
#include "nn/session_pool.h"
#include "train/evaluate.h"

namespace weightroom::studies {

// Judges a model's answers for every picture of a labelled set, again and again for other weights. It keeps what some
// layers gave for each picture, so that only the layers from the first changed one on are run: to the same bits as a
// whole run. Pictures are taken in blocks spread evenly over the set, so that a part of them already tells of the
// whole.
class Evaluator {
 public:
  static constexpr std::size_t kMostCached = std::size_t{64} << 20U;  // bytes

  // A session of so many pictures with the loaded weights; empty where there is none for now.
  using Borrow = std::function<nn::SessionPool::Lease(int batch)>;
  // class_of: for each class of the set the model's, or -1: not counted. Shares the model's weights.
  Evaluator(Borrow borrow, std::shared_ptr<const nn::Model> model, std::shared_ptr<const document::PictureSet> set,
            const std::vector<int>& class_of, std::size_t most_cached = kMostCached);

  // From now on these weights, with these nodes' activation functions off.
  void begin(const document::PagedWeights& weights, std::vector<int> bypassed);
  // True once every picture has been judged with them. Where there is no session for it, nothing is done.
  bool step(const base::Budget& budget);
  [[nodiscard]] bool done() const { return state_ && !running_ && next_ == blocks_.size(); }
  [[nodiscard]] double progress() const;
  // For a session.
  [[nodiscard]] bool waits() const { return running_ && !begun_ && !session_; }

  // Pictures that count: their places in the set and right classes; and what was answered. Of those not judged yet with
  // these weights the label is -1.
  [[nodiscard]] const std::vector<std::size_t>& pictures() const { return pictures_; }
  [[nodiscard]] std::span<const int> truths() const { return truths_; }
  [[nodiscard]] std::span<const train::Judgement> judgements() const { return judgements_; }
  [[nodiscard]] std::span<const int> judged_truths() const { return judged_truths_; }
  [[nodiscard]] train::Evaluation evaluation() const;

  // Share of the multiply-adds of whole runs that the last begin() was spared so far.
  [[nodiscard]] double spared() const;
  [[nodiscard]] std::size_t cached_bytes() const;

 private:
  struct State {
    document::PagedWeights weights;
    std::vector<int> bypassed;
  };
  struct Block {
    std::shared_ptr<const State> state;      // its judgements' and caches'; null: never run
    std::vector<std::vector<float>> cached;  // of each of cuts_
  };

  void choose_cuts(std::size_t most_cached);
  bool prepare();
  void start_block();
  void end_block();
  void next_block();
  [[nodiscard]] int first_changed(const State& from) const;
  [[nodiscard]] std::size_t places(std::size_t block) const;

  std::shared_ptr<const nn::Model> model_;
  std::shared_ptr<const document::PictureSet> set_;
  std::vector<std::size_t> pictures_;
  std::vector<int> truths_;
  std::vector<int> judged_truths_;
  std::vector<train::Judgement> judgements_;
  std::size_t batch_ = 1;
  Borrow borrow_;
  nn::SessionPool::Lease session_;   // while blocks are run
  std::vector<int> cuts_;            // nodes whose output alone leads on, ascending
  std::vector<double> work_before_;  // multiply-adds of the nodes up to each one, itself included
  std::vector<Block> blocks_;
  std::shared_ptr<const State> state_;    // asked for
  std::shared_ptr<const State> synced_;   // the session's; null: the loaded weights
  std::shared_ptr<const State> running_;  // of the block under way, at_
  std::size_t at_ = 0;
  bool begun_ = false;                     // the session has its pictures
  int from_ = -1;                          // the node it began behind; -1: it is run whole
  std::shared_ptr<const State> compared_;  // the last one that first_changed was asked about, and the answer
  int compared_first_ = 0;
  std::size_t next_ = 0;
  double spared_ = 0.0;
  double whole_ = 0.0;
};

}  // namespace weightroom::studies
