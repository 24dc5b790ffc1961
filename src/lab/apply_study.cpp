#include "lab/apply_study.h"

#include <algorithm>
#include <span>

namespace weightroom::lab {
namespace {

constexpr std::size_t kMostTiles = 24;

// The place of a word among those that are allowed; `what` begins the sentence that refuses another.
Result<int> place_of(const std::string& word, std::span<const char* const> allowed, const std::string& what) {
  std::string all;
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (word == allowed[i]) return static_cast<int>(i);
    all += (i == 0 ? "" : i + 1 == allowed.size() ? " or " : ", ") + std::string(allowed[i]);
  }
  return fail(what + " is " + all + ", not '" + word.substr(0, 60) + "'.");
}

// Sets `to` where the word is given and allowed.
template <class T>
Status read(const std::optional<std::string>& word, std::span<const char* const> allowed, const std::string& what,
            T& to) {
  if (!word) return {};
  const auto place = place_of(*word, allowed, what);
  if (!place) return std::unexpected(place.error());
  to = static_cast<T>(*place);
  return {};
}

Status check_methods(const std::vector<std::string>& names) {
  if (names.size() > kMostTiles) return fail("At most " + std::to_string(kMostTiles) + " methods stand side by side.");
  for (const std::string& name : names) {
    const explain::MethodDef* method = explain::find_method(name);
    if (method == nullptr) return fail("There is no method '" + name.substr(0, 60) + "'.");
    if (std::ranges::count(names, name) > 1) return fail("'" + name + "' stands in the list twice.");
  }
  return {};
}

}  // namespace

Result<int> find_class(const Document& document, const std::string& name) {
  const auto& labels = document.model->labels;
  if (const auto it = std::ranges::find(labels, name); it != labels.end()) return static_cast<int>(it - labels.begin());
  for (int i = 0; i < document.graph().class_count(); ++i) {
    if (std::to_string(i) == name) return i;
  }
  return fail("The model has no class '" + name.substr(0, 60) + "'; it has " + std::to_string(labels.size()) +
              ", from '" + labels.front() + "' to '" + labels.back() + "'.");
}

Status choose(StudyChoice& study, const Document&, const command::OpenPage& command) {
  return read(command.page, kPageNames, "A page", study.page);
}

Status choose(StudyChoice& study, const Document& document, const command::SetCompare& command) {
  CompareChoice next = study.compare;
  constexpr const char* kAcross[] = {"methods", "classes"};
  if (auto ok = read(command.across, kAcross, "What is compared", next.targets); !ok) return ok;
  if (command.methods) {
    if (auto ok = check_methods(*command.methods); !ok) return ok;
    next.methods = *command.methods;
  }
  if (command.classes) {
    next.classes.clear();
    if (command.classes->size() > kMostTiles)
      return fail("At most " + std::to_string(kMostTiles) + " classes stand side by side.");
    for (const std::string& name : *command.classes) {
      const auto index = find_class(document, name);
      if (!index) return std::unexpected(index.error());
      if (std::ranges::find(next.classes, *index) != next.classes.end())
        return fail("'" + name.substr(0, 60) + "' stands in the list twice.");
      next.classes.push_back(*index);
    }
  }
  next.one_scale = command.one_scale.value_or(next.one_scale);
  study.compare = std::move(next);
  return {};
}

Status choose(StudyChoice& study, const Document&, const command::SetTrust& command) {
  TrustChoice next = study.trust;
  constexpr const char* kQuestions[] = {"sanity", "faithfulness"};
  constexpr const char* kShuffles[] = {"cascading", "independent"};
  if (auto ok = read(command.question, kQuestions, "The question", next.faithfulness); !ok) return ok;
  if (auto ok = read(command.shuffle, kShuffles, "The order of the layers", next.shuffle); !ok) return ok;
  if (auto ok = read(command.removal, kRemovalNames, "How the picture is changed", next.removal); !ok) return ok;
  if (command.methods) {
    if (auto ok = check_methods(*command.methods); !ok) return ok;
    next.methods = *command.methods;
  }
  if (command.seed) {
    if (*command.seed < 0) return fail("A seed is 0 or a positive whole number.");
    next.seed = *command.seed;
  }
  study.trust = std::move(next);
  return {};
}

Status choose(StudyChoice& study, const Document&, const command::SetRanking& command) {
  RankingChoice next = study.ranking;
  constexpr const char* kShows[] = {"ranking", "flips"};
  constexpr const char* kOf[] = {"model", "layer"};
  if (auto ok = read(command.show, kShows, "What is shown", next.flips); !ok) return ok;
  if (auto ok = read(command.by, kRankNames, "What is ranked by", next.by); !ok) return ok;
  if (auto ok = read(command.grain, kGrainNames, "What is ranked", next.grain); !ok) return ok;
  if (auto ok = read(command.of, kOf, "The weights ranked are those of the", next.layer); !ok) return ok;
  next.biases = command.biases.value_or(next.biases);
  study.ranking = next;
  return {};
}

}  // namespace weightroom::lab
