#pragma once

#include <optional>

#include "document/command.h"
#include "edit/operation.h"

namespace weightroom::document {

// What commands do to weights, and which parts of a model are off. What to call it in the list of edits,
// nothing for a preview; or why not.
[[nodiscard]] Result<std::optional<Sentence>> edit(Document& document, const command::SetWeight& command);
[[nodiscard]] Result<std::optional<Sentence>> edit(Document& document, const command::TransformWeight& command);
[[nodiscard]] Result<std::optional<Sentence>> edit(Document& document, const command::Reset& command);
[[nodiscard]] Result<std::optional<Sentence>> edit(Document& document, const command::Change& command);
[[nodiscard]] Result<std::optional<Sentence>> edit(Document& document, const command::Switch& command);
[[nodiscard]] Result<std::optional<Sentence>> edit(Document& document, const command::TakeWeights& command);

// What a change has to know about pictures, and with that the weights it is about, as bits. Without importance it only
// tells whether the change is one that can be done here.
[[nodiscard]] edit::Asks asks_pictures(const command::Change& change);
[[nodiscard]] Result<edit::Chosen> chosen_weights(const Document& document, const command::Change& change,
                                                  const edit::Importance& importance);
// Makes the choice of a change short, to be done again on these weights.
void pack_choice(const Document& document, command::Change& change);

}  // namespace weightroom::document
