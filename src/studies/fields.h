#pragma once

#include <algorithm>
#include <climits>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strings/command.h>

#include "document/command.h"
#include "nn/weight_ref.h"
#include "studies/study.h"

// The fields of a page's choice, listed once: the command, its JSON both ways, state() and the documentation follow.
//   struct TrustFields {
//     static void visit(auto& choice, const auto& visit) {
//       visit("seed", choice.seed, Whole{0}, "of every random draw");
//     }
//   };
//   choice_of<TrustChoice, TrustFields>(def);
// A kind of field is a struct with read (a sentence refuses), write and form.

namespace weightroom::studies {

struct FieldPlace {
  const document::Document& document;
  std::string_view name;

  [[nodiscard]] Error must_be(Text kind) const {
    return {text::command_field_must_be, {{"name", name}, {"kind", kind}}};
  }
};

// A word that stands for a value, such as an enumerator.
template <class T>
struct Word {
  T value;
  const char* word;
};
template <class T, std::size_t N>
[[nodiscard]] constexpr const char* word_of(const Word<T> (&words)[N], T value) {
  for (const Word<T>& word : words) {
    if (word.value == value) return word.word;
  }
  return "";
}

// "a, b or c", each between quotes; and the sentence that refuses a word which is none of them.
[[nodiscard]] std::string listed(std::span<const char* const> words, std::string_view quote);
[[nodiscard]] Error none_of(const FieldPlace& place, std::span<const char* const> words, const std::string& word);

// One of several words.
template <class T>
struct OneOf {
  std::span<const Word<T>> words;

  template <std::size_t N>
  explicit OneOf(const Word<T> (&all)[N]) : words(all) {}
  Status read(const document::Value& value, const FieldPlace& place, T& to) const {
    const auto* text = value.get<std::string>();
    if (text == nullptr) return std::unexpected(place.must_be(text::command_kind_text));
    for (const Word<T>& word : words) {
      if (*text != word.word) continue;
      to = word.value;
      return {};
    }
    return std::unexpected(none_of(place, all_words(), *text));
  }
  [[nodiscard]] document::Value write(const T& value, const document::Document&) const {
    for (const Word<T>& word : words) {
      if (word.value == value) return {std::string(word.word)};
    }
    return {};
  }
  [[nodiscard]] std::string form() const { return listed(all_words(), "`"); }

 private:
  [[nodiscard]] std::vector<const char*> all_words() const {
    std::vector<const char*> all;
    for (const Word<T>& word : words) all.push_back(word.word);
    return all;
  }
};

struct Flag {
  static Status read(const document::Value& value, const FieldPlace& place, bool& to);
  static document::Value write(bool value, const document::Document&) { return {value}; }
  static std::string form() { return "true or false"; }
};

struct Whole {
  int low = INT_MIN;
  int high = INT_MAX;

  Status read(const document::Value& value, const FieldPlace& place, int& to) const;
  static document::Value write(int value, const document::Document&) { return {std::int64_t{value}}; }
  [[nodiscard]] std::string form() const;
};

struct Number {
  double low;
  double high;

  Status read(const document::Value& value, const FieldPlace& place, double& to) const;
  static document::Value write(double value, const document::Document&) { return {value}; }
  [[nodiscard]] std::string form() const;
};

// A row or column counted from 0; null: -1.
struct PlaceOrNull {
  static Status read(const document::Value& value, const FieldPlace& place, int& to);
  static document::Value write(int value, const document::Document&);
  static std::string form() { return "a whole number or null"; }
};

// A part of the model, edit/region.h.
struct Part {
  static Status read(const document::Value& value, const FieldPlace& place, std::string& to);
  static document::Value write(const std::string& value, const document::Document&) { return {value}; }
  static std::string form() { return "a part of the model"; }
};

struct WeightOrNull {
  static Status read(const document::Value& value, const FieldPlace& place, std::optional<nn::WeightRef>& to);
  static document::Value write(const std::optional<nn::WeightRef>& value, const document::Document& document);
  static std::string form() { return "a weight or null"; }
};

// A node of the graph but the input; null: -1.
struct LayerOrNull {
  static Status read(const document::Value& value, const FieldPlace& place, int& to);
  static document::Value write(int value, const document::Document& document);
  static std::string form() { return "a layer or null"; }
};

// A class by its label or index; null: -1.
struct ClassOrNull {
  static Status read(const document::Value& value, const FieldPlace& place, int& to);
  static document::Value write(int value, const document::Document& document);
  static std::string form() { return "a class or null"; }
};

inline constexpr std::size_t kMostSideBySide = 24;

struct Methods {
  static Status read(const document::Value& value, const FieldPlace& place, std::vector<std::string>& to);
  static document::Value write(const std::vector<std::string>& value, const document::Document&);
  static std::string form() { return "a list of methods"; }
};

// Classes by their labels or indices; null: none.
struct ClassesOrNull {
  static Status read(const document::Value& value, const FieldPlace& place, std::vector<int>& to);
  static document::Value write(const std::vector<int>& value, const document::Document& document);
  static std::string form() { return "a list of classes or null"; }
};

[[nodiscard]] const document::Field* find_field(std::span<const document::Field> given, std::string_view name);

// Whether fields keep what the documentation says of them: the page has no use for it.
#ifdef WEIGHTROOM_LEAN
inline constexpr bool kDescribed = false;
#else
inline constexpr bool kDescribed = true;
#endif

// One field of a choice at some address, whatever the types of both.
class FieldDef {
 public:
  FieldDef(std::string_view name, [[maybe_unused]] std::string_view help, std::size_t offset)
      : name_(name), help_(kDescribed ? help : std::string_view()), offset_(offset) {}
  virtual ~FieldDef() = default;
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::string_view help() const { return help_; }
  virtual Status read(const document::Value& value, const FieldPlace& place, void* choice) const = 0;
  [[nodiscard]] virtual document::Value write(const void* choice, const document::Document& document) const = 0;
  [[nodiscard]] virtual std::string form() const = 0;

 protected:
  [[nodiscard]] std::size_t offset() const { return offset_; }

 private:
  std::string_view name_;
  std::string_view help_;
  std::size_t offset_;  // of the field in the choice, in bytes
};

template <class T, class Kind>
class FieldOf final : public FieldDef {
 public:
  FieldOf(std::string_view name, std::string_view help, std::size_t offset, const Kind& kind)
      : FieldDef(name, help, offset), kind_(kind) {}
  Status read(const document::Value& value, const FieldPlace& place, void* choice) const override {
    return kind_.read(value, place, *reinterpret_cast<T*>(static_cast<char*>(choice) + offset()));
  }
  [[nodiscard]] document::Value write(const void* choice, const document::Document& document) const override {
    return kind_.write(*reinterpret_cast<const T*>(static_cast<const char*>(choice) + offset()), document);
  }
  [[nodiscard]] std::string form() const override {
    if constexpr (kDescribed) return kind_.form();
    return {};
  }

 private:
  Kind kind_;
};

// What a ChoiceDef does with fields, whatever the choice is.
class FieldChoice : public ChoiceDef {
 public:
  explicit FieldChoice(std::string_view part) : part_(part) {}
  [[nodiscard]] Result<document::Choices> choose(const document::Document& document,
                                                 std::span<const document::Field> given) const final;
  [[nodiscard]] std::vector<document::Field> given(const document::Document& document, const void* choice) const final;
  void write(const document::Document& document, io::JsonWriter& json) const final;
  [[nodiscard]] std::vector<FieldHelp> fields() const final;

 protected:
  std::vector<std::unique_ptr<const FieldDef>> all_;  // in the order they are listed

 private:
  [[nodiscard]] virtual const void* get(const document::Document& document) const = 0;
  [[nodiscard]] virtual std::shared_ptr<void> copy(const document::Document& document) const = 0;
  virtual void put(document::Choices& choices, const void* choice) const = 0;
  virtual Status settle(void* next, const document::Document& document,
                        std::span<const document::Field> given) const = 0;

  std::string_view part_;
};

template <class Choice, class Fields>
class ChoiceOf final : public FieldChoice {
 public:
  ChoiceOf() : FieldChoice(Choice::kPart) {
    Choice one;
    Fields::visit(
        one, [&]<class T, class Kind>(std::string_view name, T& field, const Kind& kind, std::string_view help) {
          const auto offset = reinterpret_cast<const char*>(&field) - reinterpret_cast<const char*>(&one);
          all_.push_back(std::make_unique<FieldOf<T, Kind>>(name, help, static_cast<std::size_t>(offset), kind));
        });
  }
  void for_another_model(document::Choices& choices) const override {
    if constexpr (requires(Choice& choice) { choice.for_another_model(); }) {
      Choice next = choices.get<Choice>();
      next.for_another_model();
      choices.set(std::move(next));
    }
  }

 private:
  [[nodiscard]] const void* get(const document::Document& document) const override {
    return &document.choice<Choice>();
  }
  [[nodiscard]] std::shared_ptr<void> copy(const document::Document& document) const override {
    return std::make_shared<Choice>(document.choice<Choice>());
  }
  void put(document::Choices& choices, const void* choice) const override {
    choices.set(*static_cast<const Choice*>(choice));
  }
  Status settle(void* next, const document::Document& document, std::span<const document::Field> given) const override {
    if constexpr (requires(Choice& choice) { Fields::settle(choice, document, given); }) {
      return Fields::settle(*static_cast<Choice*>(next), document, given);
    } else {
      return {};
    }
  }
};

// Fills in what StudyDef says of the choice. `Fields` may also have settle(next, document, given): what the fields have
// to say of each other, once all that were given are read.
template <class Choice, class Fields>
void choice_of(StudyDef& def) {
  def.part = Choice::kPart;
  def.choice = std::make_shared<const ChoiceOf<Choice, Fields>>();
}

}  // namespace weightroom::studies
