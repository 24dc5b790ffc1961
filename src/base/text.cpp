#include "base/text.h"

#include <strings/base.h>

#include "base/language.h"
#include "base/result.h"

namespace weightroom {

OwnArgument::OwnArgument(const Argument& argument) : name(argument.name_), kind_(argument.kind_) {
  switch (kind_) {
    case Argument::Kind::number:
      number = argument.number_;
      break;
    case Argument::Kind::words:
      words = argument.words_;
      break;
    case Argument::Kind::text:
      text = argument.text_;
      break;
    case Argument::Kind::error:
      error = std::make_shared<const Error>(*argument.error_);
      break;
  }
}

std::string OwnArgument::said() const {
  switch (kind_) {
    case Argument::Kind::number:
      return number < 0 ? "−" + base::grouped(0 - static_cast<std::uint64_t>(number))
                        : base::grouped(static_cast<std::uint64_t>(number));
    case Argument::Kind::words:
      return words;
    case Argument::Kind::text:
      return tr(text);
    case Argument::Kind::error:
      return error->message();
  }
  return {};
}

Sentence::Sentence(Text which, Arguments with) : key(which), arguments(with.begin(), with.end()) {}

std::string Sentence::said() const { return base::said(key, arguments); }

std::string tr(Text key) { return std::string(base::form_of(key, 0)); }

std::string tr(Text key, Arguments arguments) { return Sentence(key, arguments).said(); }

std::unexpected<Error> fail(Text key, Arguments arguments) { return std::unexpected<Error>(Error(key, arguments)); }

std::unexpected<Error> fail(std::string sentence) { return fail(text::base_as_it_is, {{"sentence", sentence}}); }

}  // namespace weightroom
