#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/text.h"

namespace weightroom {

// One clear sentence for a person: names the cause and, where there is one, the remedy. Shown exactly once. It is kept
// as its key and arguments, so that it can be said in any language.
struct Error : Sentence {
  using Sentence::Sentence;
  [[nodiscard]] std::string message() const { return said(); }
};

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] std::unexpected<Error> fail(Text key, Arguments arguments = {});
// What is said in English alone: by the command line, and by what only engineers meet.
[[nodiscard]] std::unexpected<Error> fail(std::string sentence);

}  // namespace weightroom
