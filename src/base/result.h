#pragma once

#include <expected>
#include <string>
#include <utility>

namespace weightroom {

// One clear sentence for a person: names the cause and, where there is one, the remedy. Shown exactly once.
struct Error {
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(std::string sentence) {
  return std::unexpected<Error>(Error{std::move(sentence)});
}

}  // namespace weightroom
