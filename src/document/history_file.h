#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/command.h"

// The steps of a history as a file, to be done again on the same model by anybody:
// {"format":"weightroom-history","version":1,"model":{"name":"garments","fingerprint":"<64 digits>"},
//  "steps":[{"words":"conv1.weight[0,0,1,1]: 0.1 -> 0.2","command":{...}}],"fingerprint":"<64 digits>"}
// The first fingerprint is of the model as loaded, the second of what the steps make of it; words are for people alone.
namespace weightroom::document {

inline constexpr std::size_t kMostSteps = 10'000;

struct HistoryFile {
  std::string model;               // its name
  std::string loaded_fingerprint;  // what the steps begin from
  std::string fingerprint;         // what they end in; empty: not said
  std::vector<Command> steps;      // that edit weights, none a preview
};

// Refuses by a sentence: no JSON, another format or version, more than kMostSteps, a step that is no edit.
[[nodiscard]] Result<HistoryFile> read_history(std::span<const std::byte> bytes);
[[nodiscard]] std::vector<std::byte> write_history(const Document& document, const std::string& loaded_fingerprint,
                                                   const std::string& fingerprint);

// Whether the file's steps belong to this model, else a sentence.
[[nodiscard]] Status check_history(const HistoryFile& file, const Document& document,
                                   const std::string& loaded_fingerprint);

}  // namespace weightroom::document
