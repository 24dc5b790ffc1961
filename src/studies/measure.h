#pragma once

#include <memory>
#include <optional>

#include "document/document.h"
#include "studies/after_steps.h"
#include "studies/evaluator.h"

namespace weightroom::studies {

using Evaluation = train::Evaluation;

// How well the model answers for the open labelled set, with the loaded weights and with those in use, brought up to
// date slice by slice after every edit.
class Measure {
 public:
  explicit Measure(nn::SessionPool& sessions) : sessions_(&sessions) {}
  void show(const document::Document& document);
  void forget();
  // True once there is nothing to do, or nothing that the pool has a session for.
  bool step(const base::Budget& budget);

  // Whether a set is open of which any class is the model's.
  [[nodiscard]] bool open() const { return evaluator_.has_value(); }
  [[nodiscard]] bool pending() const { return evaluator_ && !(has_unedited_ && now_done_); }
  [[nodiscard]] double progress() const { return evaluator_ ? evaluator_->progress() : 1.0; }
  // Of the loaded weights, once they are measured; and of those in use: while they are measured, of the pictures judged
  // so far, once some of every kind may be among them.
  [[nodiscard]] const train::Evaluation* unedited() const { return has_unedited_ ? &unedited_ : nullptr; }
  [[nodiscard]] const train::Evaluation& now() const { return now_; }
  [[nodiscard]] bool whole() const { return now_done_; }
  // Answers for each picture that counts; the unedited ones are empty until known. Places in the set: evaluator().
  [[nodiscard]] std::span<const train::Judgement> answers() const { return evaluator_->judgements(); }
  [[nodiscard]] std::span<const train::Judgement> unedited_answers() const { return unedited_answers_; }
  [[nodiscard]] const Evaluator& evaluator() const { return *evaluator_; }
  [[nodiscard]] double ms() const { return ms_; }                   // of work, of the last whole measurement
  [[nodiscard]] double spared() const { return spared_; }           // share of it that was known already
  [[nodiscard]] std::uint64_t version() const { return version_; }  // another number for each content

  // The pictures of a cell of the confusion matrix: places in answers(), the surest answers first.
  [[nodiscard]] std::vector<std::size_t> pictures_of(int truth, int answer) const;

  // Share of right answers after a step of the history, or before any (null); nothing where it was not measured.
  [[nodiscard]] std::optional<double> accuracy_after(const std::shared_ptr<const document::Step>& step) const;

 private:
  void begin();
  void finish();
  void remember();

  nn::SessionPool* sessions_;
  std::optional<document::Document> document_;
  std::optional<Evaluator> evaluator_;
  bool has_unedited_ = false;
  bool now_done_ = false;
  bool on_unedited_ = false;  // what the evaluator works on
  train::Evaluation unedited_;
  std::vector<train::Judgement> unedited_answers_;
  train::Evaluation now_;
  AfterSteps<double> after_;
  double ms_ = 0.0;
  double work_ms_ = 0.0;
  double spared_ = 0.0;
  std::uint64_t version_ = 0;
};

}  // namespace weightroom::studies
