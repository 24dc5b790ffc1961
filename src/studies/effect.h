#pragma once

#include <optional>

#include "base/job.h"
#include "document/document.h"
#include "explain/display.h"
#include "explain/one_weight.h"

namespace weightroom::studies {

// What the selected weight does, kept up to date on a session that is lent for a step at a time: its share of every
// class at the value it has, and the answer at every other value. The latter does not change while the weight itself is
// dragged, and is found once.
class Effect {
 public:
  void show(const document::Document& document, int target);
  void forget();     // the model is another one
  void interrupt();  // the session was used for something else: what is under way begins anew
  [[nodiscard]] bool pending() const { return share_due_ || curve_due_; }
  [[nodiscard]] bool begun() const { return task_.has_value(); }
  // The session holds the document's weights and picture when the first step is made, and again once nothing is
  // pending. True once nothing is.
  bool step(nn::Session& session, const base::Budget& budget);

  // Of the selected weight; nullptr until known. What they tell of may be a moment old while something else changes.
  [[nodiscard]] const explain::WeightShare* share() const { return share_ ? &*share_ : nullptr; }
  // Where the target's share comes from, to be drawn; empty values where the layer is no sum over positions.
  [[nodiscard]] const explain::DisplayMap& positions() const { return positions_; }
  [[nodiscard]] const explain::WeightCurve* curve() const { return curve_ ? &*curve_ : nullptr; }
  [[nodiscard]] std::size_t target_in_curve() const;                // the target's place among the curve's classes
  [[nodiscard]] std::uint64_t version() const { return version_; }  // another number for each content
  [[nodiscard]] double progress() const { return progress_; }

 private:
  void begin(nn::Session& session);

  std::optional<document::Document> document_;
  int target_ = 0;
  bool share_due_ = false;
  bool curve_due_ = false;
  bool on_share_ = false;  // what the task is
  std::optional<explain::MethodInput> input_;
  std::optional<base::Task> task_;
  explain::WeightShare next_share_;
  explain::WeightCurve next_curve_;
  std::optional<explain::WeightShare> share_;
  std::optional<explain::WeightCurve> curve_;
  explain::DisplayMap positions_;
  double progress_ = 0.0;
  std::uint64_t version_ = 0;
};

}  // namespace weightroom::studies
