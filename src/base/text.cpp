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
    case Argument::Kind::sentence:
      sentence = std::make_shared<const Sentence>(*argument.sentence_);
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
    case Argument::Kind::sentence:
      return sentence->said();
  }
  return {};
}

Sentence::Sentence(Text which, Arguments with) : key(which), arguments(with.begin(), with.end()) {}

Sentence::Sentence() = default;
Sentence::Sentence(const Sentence& other) = default;
Sentence::Sentence(Sentence&& other) noexcept = default;
Sentence& Sentence::operator=(const Sentence& other) = default;
Sentence& Sentence::operator=(Sentence&& other) noexcept = default;
Sentence::~Sentence() = default;

std::string Sentence::said() const { return base::said(key, arguments); }

std::string tr(Text key) { return std::string(base::form_of(key, 0)); }

std::string tr(Text key, Arguments arguments) { return Sentence(key, arguments).said(); }

std::unexpected<Error> fail(Text key, Arguments arguments) { return std::unexpected<Error>(Error(key, arguments)); }

std::unexpected<Error> fail(std::string sentence) { return fail(text::base_as_it_is, {{"sentence", sentence}}); }

}  // namespace weightroom
