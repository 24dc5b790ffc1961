#pragma once

#include "document/command.h"

// The part of apply() that is about the pages beside the layers. Each refuses by a sentence and then has changed
// nothing.
namespace weightroom::document {

[[nodiscard]] Status choose(StudyChoice& study, const Document& document, const command::OpenPage& command);
[[nodiscard]] Status choose(StudyChoice& study, const Document& document, const command::SetCurve& command);
[[nodiscard]] Status choose(StudyChoice& study, const Document& document, const command::SetCompare& command);
[[nodiscard]] Status choose(StudyChoice& study, const Document& document, const command::SetTrust& command);
[[nodiscard]] Status choose(StudyChoice& study, const Document& document, const command::SetRanking& command);

[[nodiscard]] Status choose(StudyChoice& study, const Document& document, const command::SetUnits& command);

// The index of a class by its label, or by its index as text.
[[nodiscard]] Result<int> find_class(const Document& document, const std::string& name);

}  // namespace weightroom::document
