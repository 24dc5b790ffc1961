#pragma once

#include <optional>

#include "document/document.h"
#include "nn/session_pool.h"

namespace weightroom::lab {

// A weight of the first two layers with kernels, the first one's rather, that, dragged to some place within its
// slider's range, changes the top class of the document's picture: what a newcomer should drag first. Candidates are
// ranked by the linear prediction of the margin between the top class and the next ones (weight gradients of their
// logits) and then run; nullopt where none of the most promising ones does it, or where the net is too large to try.
[[nodiscard]] std::optional<nn::WeightRef> find_telling_weight(const document::Document& document,
                                                               nn::SessionPool& sessions);

}  // namespace weightroom::lab
