#include "document/apply_study.h"

#include <algorithm>
#include <span>

#include "edit/region.h"
#include "io/labels.h"
#include "nn/weight_ref.h"

namespace weightroom::document {
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
  return io::find_class(document.model->labels, name);
}

Status choose(StudyChoice& study, const Document&, const command::OpenPage& command) {
  return read(command.page, kPageNames, "A page", study.page);
}

Status choose(StudyChoice& study, const Document& document, const command::SetCurve& command) {
  CurveChoice next = study.curve;
  if (auto ok = read(command.kind, kCurveNames, "A curve", next.kind); !ok) return ok;
  if (command.on) {
    if (auto region = edit::parse_region(document.graph(), *command.on); !region)
      return std::unexpected(region.error());
    next.on = *command.on;
  }
  if (command.second) {
    next.second.reset();
    if (!command.second->empty()) {
      const auto ref = nn::parse_weight_ref(document.graph(), *command.second);
      if (!ref) return std::unexpected(ref.error());
      next.second = *ref;
    }
  }
  study.curve = std::move(next);
  return {};
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

Status choose(StudyChoice& study, const Document& document, const command::SetRanking& command) {
  RankingChoice next = study.ranking;
  constexpr const char* kShows[] = {"ranking", "flips"};
  constexpr const char* kOf[] = {"model", "layer"};
  if (auto ok = read(command.show, kShows, "What is shown", next.flips); !ok) return ok;
  if (auto ok = read(command.by, kRankNames, "What is ranked by", next.by); !ok) return ok;
  if (auto ok = read(command.grain, kGrainNames, "What is ranked", next.grain); !ok) return ok;
  if (auto ok = read(command.of, kOf, "The weights ranked are those of the", next.layer); !ok) return ok;
  next.biases = command.biases.value_or(next.biases);
  if (command.over) {
    const bool one = *command.over == "picture";
    const bool all = *command.over == "pictures";
    const bool known = document.pictures && std::ranges::find(document.pictures->images.class_names, *command.over) !=
                                                document.pictures->images.class_names.end();
    if (!one && !all && !known)
      return fail("The weights are ranked over the picture, all pictures, or those of a class of the open set; '" +
                  command.over->substr(0, 60) + "' is none of these.");
    next.over = one ? "" : all ? "*" : *command.over;
  }
  study.ranking = next;
  return {};
}

Status choose(StudyChoice& study, const Document& document, const command::SetUnits& command) {
  UnitsChoice next = study.units;
  constexpr const char* kShows[] = {"visualise", "nudge"};
  constexpr const char* kNorms[] = {"largest", "length"};
  constexpr const char* kSearches[] = {"fgsm", "pgd"};
  if (auto ok = read(command.show, kShows, "What is shown", next.nudge); !ok) return ok;
  if (auto ok = read(command.norm, kNorms, "The size of a change", next.norm); !ok) return ok;
  if (auto ok = read(command.search, kSearches, "The search", next.search); !ok) return ok;
  const nn::Graph& graph = document.graph();
  if (command.layer) {
    next.node = command.layer->empty() ? -1 : graph.find_node(*command.layer);
    if (next.node < 0 && !command.layer->empty())
      return fail("The model has no layer '" + command.layer->substr(0, 60) + "'.");
    if (next.node == 0) return fail("The picture itself wants to see nothing: choose a layer behind it.");
    if (!command.channel) next.channel = 0;
    next.y = next.x = -1;
  }
  next.channel = command.channel.value_or(next.channel);
  const int channels = next.node < 0 ? 1 : graph.nodes()[static_cast<std::size_t>(next.node)].output.c();
  if (next.node < 0) next.channel = 0;
  if (next.channel < 0 || next.channel >= channels) {
    return fail("'" + graph.nodes()[static_cast<std::size_t>(next.node)].name + "' has channels 0 to " +
                std::to_string(channels - 1) + ", no " + std::to_string(next.channel) + ".");
  }
  next.y = command.y.value_or(next.y);
  next.x = command.x.value_or(next.x);
  if (next.y < 0 || next.x < 0) {
    if (command.y.value_or(-1) >= 0 || command.x.value_or(-1) >= 0)
      return fail("One unit is named by its row and its column: 'y' and 'x'.");
    next.y = next.x = -1;
  } else if (next.node < 0) {
    return fail("A class is one unit already: choose a layer whose maps have rows and columns.");
  } else {
    const nn::Shape& map = graph.nodes()[static_cast<std::size_t>(next.node)].output;
    if (next.y >= map.h() || next.x >= map.w()) {
      return fail("The maps of '" + graph.nodes()[static_cast<std::size_t>(next.node)].name + "' have " +
                  std::to_string(map.h()) + " rows and " + std::to_string(map.w()) + " columns, counted from 0.");
    }
  }
  next.images = command.images.value_or(next.images);
  if (next.images < 1 || next.images > 4) return fail("One to four pictures are made at once.");
  next.steps = command.steps.value_or(next.steps);
  if (next.steps < 1 || next.steps > 4096) return fail("The steps must be from 1 to 4096.");
  next.seed = command.seed.value_or(next.seed);
  if (next.seed < 0) return fail("A seed is 0 or a positive whole number.");
  if (command.toward) {
    next.toward = -1;
    if (!command.toward->empty()) {
      const auto index = find_class(document, *command.toward);
      if (!index) return std::unexpected(index.error());
      next.toward = *index;
    }
  }
  study.units = next;
  return {};
}

}  // namespace weightroom::document
