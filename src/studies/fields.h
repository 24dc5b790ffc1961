#pragma once

#include <algorithm>
#include <climits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/command.h"
#include "nn/weight_ref.h"
#include "studies/study.h"

// The fields of a page's choice, listed once: the command, its JSON both ways, state() and the documentation follow.
//   struct TrustFields {
//     static void visit(auto& choice, const auto& visit) {
//       visit("seed", choice.seed, Whole{0, INT_MAX, "A seed is 0 or a positive whole number."}, "of every random
//       draw");
//     }
//   };
//   choice_of<TrustChoice, TrustFields>(def);
// A kind of field is a struct with read (a sentence refuses), write and form.
namespace weightroom::studies {

struct FieldPlace {
  const document::Document& document;
  std::string_view name;

  [[nodiscard]] Error must_be(std::string_view kind) const {
    return Error{"The command's field '" + std::string(name) + "' must be " + std::string(kind) + "."};
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

// One of several words; `what` begins the sentence that refuses another.
template <class T>
struct OneOf {
  std::span<const Word<T>> words;
  std::string_view what;

  template <std::size_t N>
  OneOf(const Word<T> (&all)[N], std::string_view begins) : words(all), what(begins) {}
  Status read(const document::Value& value, const FieldPlace& place, T& to) const {
    const auto* text = value.get<std::string>();
    if (text == nullptr) return std::unexpected(place.must_be("a text"));
    for (const Word<T>& word : words) {
      if (*text != word.word) continue;
      to = word.value;
      return {};
    }
    return fail(std::string(what) + " is " + listed("") + ", not '" + text->substr(0, 60) + "'.");
  }
  [[nodiscard]] document::Value write(const T& value, const document::Document&) const {
    for (const Word<T>& word : words) {
      if (word.value == value) return {std::string(word.word)};
    }
    return {};
  }
  [[nodiscard]] std::string form() const { return listed("`"); }

 private:
  [[nodiscard]] std::string listed(std::string_view quote) const {
    std::string all;
    for (std::size_t i = 0; i < words.size(); ++i) {
      all += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
      all += std::string(quote) + words[i].word + std::string(quote);
    }
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
  std::string_view refusal{};

  Status read(const document::Value& value, const FieldPlace& place, int& to) const;
  static document::Value write(int value, const document::Document&) { return {std::int64_t{value}}; }
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

[[nodiscard]] io::JsonWriter to_json(const document::Value& value);
[[nodiscard]] const document::Field* find_field(std::span<const document::Field> given, std::string_view name);
[[nodiscard]] Status check_names(std::string_view part, std::span<const document::Field> given,
                                 const std::vector<FieldHelp>& fields);

// Fills in what StudyDef says of the choice. `Fields` may also have settle(next, document, given): what the fields have
// to say of each other, once all that were given are read.
template <class Choice, class Fields>
void choice_of(StudyDef& def) {
  def.part = Choice::kPart;
  def.fields = [] {
    std::vector<FieldHelp> all;
    Choice none;
    Fields::visit(none, [&](std::string_view name, auto&, const auto& kind, std::string_view help) {
      all.push_back({name, kind.form(), help});
    });
    return all;
  };
  def.choose = [](const document::Document& document,
                  std::span<const document::Field> given) -> Result<document::Choices> {
    Choice next = document.choice<Choice>();
    Status status = check_names(Choice::kPart, given, find_part(Choice::kPart)->fields());
    Fields::visit(next, [&](std::string_view name, auto& to, const auto& kind, std::string_view) {
      const document::Field* field = status ? find_field(given, name) : nullptr;
      if (field != nullptr) status = kind.read(field->value, FieldPlace{document, name}, to);
    });
    if constexpr (requires { Fields::settle(next, document, given); }) {
      if (status) status = Fields::settle(next, document, given);
    }
    if (!status) return std::unexpected(status.error());
    document::Choices choices = document.choices;
    choices.set(std::move(next));
    return choices;
  };
  def.given = [](const document::Document& document, const void* choice) {
    std::vector<document::Field> now;
    const auto write = [&](const Choice& of) {
      std::vector<document::Field> fields;
      Fields::visit(of, [&](std::string_view name, const auto& value, const auto& kind, std::string_view) {
        fields.push_back({std::string(name), kind.write(value, document)});
      });
      return fields;
    };
    now = write(*static_cast<const Choice*>(choice));
    const auto before = write(document.choice<Choice>());
    std::erase_if(now, [&](const document::Field& field) { return std::ranges::find(before, field) != before.end(); });
    return now;
  };
  def.write_choice = [](const document::Document& document, io::JsonWriter& json) {
    Fields::visit(document.choice<Choice>(),
                  [&](std::string_view name, const auto& value, const auto& kind, std::string_view) {
                    json.put(name, to_json(kind.write(value, document)));
                  });
  };
  if constexpr (requires(Choice& choice) { choice.for_another_model(); }) {
    def.for_another_model = [](document::Choices& choices) {
      Choice next = choices.get<Choice>();
      next.for_another_model();
      choices.set(std::move(next));
    };
  }
}

}  // namespace weightroom::studies
