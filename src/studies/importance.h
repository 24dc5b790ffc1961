#pragma once

#include <memory>
#include <optional>

#include <strings/edits.h>

#include "base/job.h"
#include "base/task.h"
#include "document/command.h"
#include "document/document.h"
#include "edit/operation.h"
#include "nn/session_pool.h"

namespace weightroom::studies {

// How much each weight counts for pictures, for operations that ask: the mean over the pictures of |d loss / d weight|,
// the cross-entropy of the right class (Molchanov et al. 2017), or of the loss's second derivative by each weight alone
// (LeCun et al. 1990; explain/influence.h). The pictures are the bench's, with the class that is answered for the right
// one. Kept until the weights or the picture are others.
class Importance {
 public:
  explicit Importance(nn::SessionPool& sessions) : sessions_(&sessions) {}
  // What is to be known; cheap. Work under way for anything else is dropped.
  void ask(const document::Document& document, edit::Asks asks);
  void forget();
  // True once there is nothing to do.
  bool step(const base::Budget& budget);
  [[nodiscard]] bool pending() const { return task_.has_value(); }
  [[nodiscard]] double progress() const { return progress_; }
  // Of this document; nullptr: not known. Empty spans: the model has no answer.
  [[nodiscard]] const edit::Importance* find(const document::Document& document, edit::Asks asks) const;

 private:
  struct Asked {
    document::PagedWeights weights;
    std::vector<int> bypassed;
    std::shared_ptr<const std::vector<float>> input;
    edit::Asks asks = edit::Asks::nothing;
    [[nodiscard]] bool same(const Asked& other) const;
  };
  [[nodiscard]] static Asked asked_of(const document::Document& document, edit::Asks asks);

  std::optional<Asked> asked_;
  std::shared_ptr<const nn::Model> model_;
  nn::SessionPool* sessions_;
  nn::SessionPool::Lease session_;  // while it is worked out; a visitor waits for it, so that it is asked for nothing
  std::optional<base::Task> task_;
  double progress_ = 0.0;
  std::vector<float> gradient_;
  std::vector<float> curvature_;
  edit::Importance found_;
};

inline constexpr Text kNoPicture = text::edits_no_picture;
[[nodiscard]] Result<document::command::Change> with_choice(const document::Document& document,
                                                            const document::command::Change& change,
                                                            const edit::Importance& importance);
// A change that asks pictures which weights it is about, with their answer, however long that takes; others as they
// are.
[[nodiscard]] Result<document::command::Change> choose_now(const document::Document& document,
                                                           const document::command::Change& change);

}  // namespace weightroom::studies
