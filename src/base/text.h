#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Sentences by key. They stand in assets/strings/LANGUAGE.json; the keys are made of English at build
// (cmake/strings.py): text::size_title of <strings/size.h> is "size.title" there.
namespace weightroom {

enum class Text : std::uint16_t {};

struct Sentence;

// What a sentence says in the place of {name}: a whole number, grouped as the language does and, where the name is n,
// choosing the plural form; words as they are; another sentence, such as an error. Refers to what it was made of.
class Argument {
 public:
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Argument(const char* name, T value) : name_(name), kind_(Kind::number), number_(static_cast<std::int64_t>(value)) {}
  Argument(const char* name, std::string_view value) : name_(name), kind_(Kind::words), words_(value) {}
  Argument(const char* name, const std::string& value) : Argument(name, std::string_view(value)) {}
  Argument(const char* name, const char* value) : Argument(name, std::string_view(value)) {}
  Argument(const char* name, Text value) : name_(name), kind_(Kind::text), text_(value) {}
  Argument(const char* name, const Sentence& value);

 private:
  friend struct OwnArgument;
  enum class Kind : std::uint8_t { number, words, text, sentence };

  const char* name_;
  Kind kind_;
  union {
    std::int64_t number_;
    std::string_view words_;
    Text text_;
    const Sentence* sentence_;
  };
};

using Arguments = std::initializer_list<Argument>;

// The sentence in the language in use (base/language.h), with its arguments in place. A placeholder without an argument
// stays as it is written: scripts/check_strings finds it.
[[nodiscard]] std::string tr(Text key);
[[nodiscard]] std::string tr(Text key, Arguments arguments);

// The same for keeping: an argument with what it refers to.
struct OwnArgument {
  explicit OwnArgument(const Argument& argument);

  const char* name;  // a literal
  std::int64_t number = 0;
  std::string words{};
  Text text{};
  std::shared_ptr<const Sentence> sentence{};
  [[nodiscard]] std::string said() const;
  [[nodiscard]] bool is_number() const { return kind_ == Argument::Kind::number; }

 private:
  Argument::Kind kind_;
};

// A sentence to be said later, in whatever language is in use then.
struct Sentence {
  Text key{};
  std::vector<OwnArgument> arguments{};

  // In text.cpp: every Result holds one, and code that is made anew at each of them is a part of the page's size.
  Sentence();
  Sentence(Text which, Arguments with = {});
  Sentence(const Sentence& other);
  Sentence(Sentence&& other) noexcept;
  Sentence& operator=(const Sentence& other);
  Sentence& operator=(Sentence&& other) noexcept;
  ~Sentence();
  [[nodiscard]] std::string said() const;
  [[nodiscard]] bool operator==(const Sentence& other) const { return key == other.key && said() == other.said(); }
};

inline Argument::Argument(const char* name, const Sentence& value)
    : name_(name), kind_(Kind::sentence), sentence_(&value) {}

}  // namespace weightroom
