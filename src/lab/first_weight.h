#pragma once

#include <optional>

#include "base/job.h"
#include "base/task.h"
#include "document/document.h"
#include "nn/session_pool.h"

namespace weightroom::lab {

// Looks for a weight of the first two layers with kernels, the first one's rather, that, dragged to some place within
// its slider's range, changes the top class of the document's picture: what a newcomer should drag first. Candidates
// are ranked by the linear prediction of the margin between the top class and the next ones (weight gradients of their
// logits) and then run. A slice is one step of a session.
class FirstWeight final : public base::Job {
 public:
  FirstWeight(const document::Document& document, nn::SessionPool& sessions);

  // Whether it is about this document's model and picture.
  [[nodiscard]] bool is_about(const document::Document& document) const;
  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override;
  // Once all is done; nullopt where none of the most promising ones does it, or where the net is too large to try.
  [[nodiscard]] std::optional<nn::WeightRef> found() const { return found_; }

 private:
  base::Task search();

  document::Document document_;
  nn::SessionPool& sessions_;
  std::optional<nn::WeightRef> found_;
  int passes_ = 0;
  base::Task task_;
};

// The same at once.
[[nodiscard]] std::optional<nn::WeightRef> find_telling_weight(const document::Document& document,
                                                               nn::SessionPool& sessions);

}  // namespace weightroom::lab
