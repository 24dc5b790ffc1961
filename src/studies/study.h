#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "document/by_type.h"
#include "document/command.h"
#include "document/value.h"
#include "explain/method.h"
#include "io/json_writer.h"
#include "nn/session.h"
#include "nn/session_pool.h"

// The pages of the bench: what each lets a visitor choose, what it asks of the model, and what it found. Adding one:
// src/studies/NAME.cpp, its panel src/ui/pages/NAME.cpp, and a line in studies.inc (docs/adding.md).
namespace weightroom::studies {

enum class StudyState {
  none,     // the page asks nothing
  waiting,  // it would take long, and waits to be started
  running,
  stopped,
  done,
};
[[nodiscard]] std::string_view name_of(StudyState state);

struct StudyResults {
  StudyState state = StudyState::none;
  double progress = 0.0;
  double passes = 0.0;        // that the whole of it takes, about
  std::uint64_t version = 0;  // another number for each content of what was found
  document::Found found;      // by its type

  template <class T>
  [[nodiscard]] const T& get() const {
    return found.get<T>();
  }
};

// What a study works with; lives as long as its task.
struct StudyInput {
  const document::Document& document;
  nn::Session& session;  // runs with the document's weights, its picture set
  int target = 0;
  // A further session, of `batch` pictures, with the document's weights or those that were loaded; empty where there is
  // no room for one yet: ask again after a pause.
  enum class Of { running, loaded };
  std::function<nn::SessionPool::Lease(Of, int batch)> another{};

  // Of this method for this class: with the bench's parameters and layer where it is the bench's method.
  [[nodiscard]] explain::MethodInput of(const explain::MethodDef& method, int target) const;
};
// What a method costs on the open model as studies set it, in forward passes.
[[nodiscard]] double method_passes(const document::Document& document, const explain::MethodDef& method);

enum class Group { look, why, change, measure, teach };
[[nodiscard]] Text title_of(Group group);
[[nodiscard]] std::string_view name_of(Group group);

// What a page has of the weight wall.
enum class Wall { none, shown, drawn_on };  // drawn_on: a drag on it chooses a part

// What has to be there for a page beside the document.
struct Wants {
  bool pictures = false;  // Document::pictures
  bool sizes = false;     // as files, layer by layer
};

struct FieldHelp {
  std::string_view name;
  std::string form;  // "'sanity' or 'faithfulness'"
  std::string_view help;
};

// What a page lets a visitor choose: a struct of its own type, whose fields are listed once (choice_of(), fields.h).
class ChoiceDef {
 public:
  virtual ~ChoiceDef() = default;
  // The document's choices with the given fields in place of those they name. Refuses by a sentence.
  [[nodiscard]] virtual Result<document::Choices> choose(const document::Document& document,
                                                         std::span<const document::Field> given) const = 0;
  // The fields in which `choice`, of the page's own type, differs from what the document holds.
  [[nodiscard]] virtual std::vector<document::Field> given(const document::Document& document,
                                                           const void* choice) const = 0;
  virtual void write(const document::Document& document, io::JsonWriter& json) const = 0;
  [[nodiscard]] virtual std::vector<FieldHelp> fields() const = 0;
  // Another model was opened: what names parts of the former one is forgotten.
  virtual void for_another_model(document::Choices& choices) const = 0;
};

struct SavedFile {
  std::string name;
  std::vector<std::byte> bytes;
};

struct StudyDef {
  std::string_view name;    // of the page: open_page, where("page/NAME")
  std::string_view part{};  // of its commands set_PART and save_PART and of state().study.PART; empty: it has none
  Group group = Group::look;
  Text title{};
  Text help{};  // one sentence
  Wall wall = Wall::none;

  std::shared_ptr<const ChoiceDef> choice{};  // null: nothing can be chosen

  // ---- what is asked. `run` nullptr: nothing, the three above it too.
  // Of two documents with this page open: whether its own choices and what else it looks at ask the same. Picture,
  // target and weights are compared for it, unless `whole_question`.
  bool (*same_question)(const document::Document& a, const document::Document& b) = nullptr;
  bool whole_question = false;
  double (*passes)(const document::Document& document) = nullptr;  // in forward passes, about
  // Writes what it finds into results.found, its progress and version.
  base::Task (*run)(StudyInput input, StudyResults& results) = nullptr;
  // What was found is there to be tried out: an edit leaves it until it is asked for anew. nullptr: never.
  bool (*stays)(const document::Document& document) = nullptr;
  Wants (*wants)(const document::Document& document) = nullptr;  // nullptr: nothing
  // What this page would ask for the overlay that the weight wall shows; nothing where it knows no such overlay.
  std::optional<document::Document> (*for_overlay)(const document::Document& document) = nullptr;

  // ---- what was found, for state(); beside the fields of the choice. nullptr: nothing is told.
  void (*write_found)(const document::Document& document, const StudyResults& results, io::JsonWriter& json) = nullptr;
  // The file that save_PART offers; nullptr: there is none.
  Result<SavedFile> (*save)(const document::Document& document, const StudyResults& results) = nullptr;
};

// All pages in the order of studies.inc.
[[nodiscard]] std::span<const StudyDef> pages();
[[nodiscard]] const StudyDef& page_of(const document::Document& document);
[[nodiscard]] const StudyDef* find_page(std::string_view name);  // nullptr: there is none
[[nodiscard]] const StudyDef* find_part(std::string_view part);
// A page that is not in studies.inc, from then on; before anything is drawn or asked. Its name must be new.
void add_page(const StudyDef& page);

// The document with another page open, or with something else chosen on a page: pure, like document::apply().
[[nodiscard]] Result<document::Document> open_page(const document::Document& document, const std::string& name);
[[nodiscard]] Result<document::Document> choose(const document::Document& document,
                                                const document::command::Choose& command);
// The command that makes `change(choice)` of what the document's page has chosen.
template <class Choice, class Change>
[[nodiscard]] document::command::Choose choosing(const document::Document& document, const Change& change) {
  Choice next = document.choice<Choice>();
  change(next);
  return {std::string(Choice::kPart), find_part(Choice::kPart)->choice->given(document, &next)};
}

// {"page", "state", "progress", "passes"} and, by its part, what each page has chosen and found.
[[nodiscard]] io::JsonWriter study_json(const document::Document& document, const StudyResults& results);
// The pages' commands as rows of a table in Markdown; docs/api.md holds them.
[[nodiscard]] std::string command_table();

}  // namespace weightroom::studies
