#pragma once

#include <string>

#include "document/command.h"
#include "edit/operation.h"

namespace weightroom::document {

// What commands do to weights, and which parts of a model are off. The words for the list of edits, empty for a
// preview; or why not.
[[nodiscard]] Result<std::string> edit(Document& document, const command::SetWeight& command);
[[nodiscard]] Result<std::string> edit(Document& document, const command::TransformWeight& command);
[[nodiscard]] Result<std::string> edit(Document& document, const command::Reset& command);
[[nodiscard]] Result<std::string> edit(Document& document, const command::Change& command);
[[nodiscard]] Result<std::string> edit(Document& document, const command::Switch& command);

// What a change has to know about pictures, and with that the base64 of the weights it is about (command::Change).
// Without importance it only tells whether the change is one that can be done here.
[[nodiscard]] edit::Asks asks_pictures(const command::Change& change);
[[nodiscard]] Result<std::string> chosen_weights(const Document& document, const command::Change& change,
                                                 const edit::Importance& importance);

// The node of this name, or a sentence.
[[nodiscard]] Result<int> find_layer(const Document& document, const std::string& name);

}  // namespace weightroom::document
