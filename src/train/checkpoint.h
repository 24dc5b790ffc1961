#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/state.h"

namespace weightroom::train {

// A run's state as bytes, for a file: "WRCKPT1\n", then little-endian fields, then the SHA-256 of all before it.
// `identity` is any text that tells one run from another (recipe and digest of the data); reading demands the same.
[[nodiscard]] std::vector<std::byte> write_checkpoint(const TrainerState& state, std::string_view identity);

// Refuses by a sentence what is no checkpoint, is damaged, or was written with another identity.
[[nodiscard]] Result<TrainerState> read_checkpoint(std::span<const std::byte> bytes, std::string_view identity);

}  // namespace weightroom::train
