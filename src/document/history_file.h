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
  std::string fingerprint;         // what the steps end in; empty: not said
  std::vector<EditCommand> steps;  // none a preview
};

// Of a document's model, whose fingerprint as it was loaded is given. Refuses by a sentence: no JSON, another format or
// version, another model, more than kMostSteps, a step that is no edit or names what the model does not have.
[[nodiscard]] Result<HistoryFile> read_history(std::span<const std::byte> bytes, const Document& document,
                                               const std::string& loaded_fingerprint);
// The name of the model that a history is of; empty: it is no history, or does not say.
[[nodiscard]] std::string history_model(std::span<const std::byte> bytes);
[[nodiscard]] std::vector<std::byte> write_history(const Document& document, const std::string& loaded_fingerprint,
                                                   const std::string& fingerprint);

}  // namespace weightroom::document
