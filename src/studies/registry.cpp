#include <algorithm>

#include "base/check.h"
#include "document/value_json.h"
#include "studies/study.h"

namespace weightroom::studies {

#define STUDY(name) StudyDef name##_study();
#include "studies/studies.inc"
#undef STUDY

namespace {

std::vector<StudyDef>& all_pages() {
  static std::vector<StudyDef> all{
#define STUDY(name) name##_study(),
#include "studies/studies.inc"
#undef STUDY
  };
  return all;
}

const StudyDef* find(std::string_view StudyDef::* what, std::string_view name) {
  const auto& all = all_pages();
  const auto it = std::ranges::find(all, name, what);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace

std::string_view name_of(StudyState state) {
  switch (state) {
    case StudyState::none:
      return "none";
    case StudyState::waiting:
      return "waiting";
    case StudyState::running:
      return "running";
    case StudyState::stopped:
      return "stopped";
    case StudyState::done:
      return "done";
  }
  return "none";
}

std::string_view title_of(Group group) {
  switch (group) {
    case Group::look:
      return "Look";
    case Group::why:
      return "Why";
    case Group::change:
      return "Change";
    case Group::measure:
      return "Measure";
  }
  return "";
}

std::span<const StudyDef> pages() { return all_pages(); }

const StudyDef* find_page(std::string_view name) { return find(&StudyDef::name, name); }

const StudyDef* find_part(std::string_view part) { return part.empty() ? nullptr : find(&StudyDef::part, part); }

const StudyDef& page_of(const document::Document& document) {
  const StudyDef* page = find_page(document.page);
  CHECK(page != nullptr);
  return *page;
}

void add_page(const StudyDef& page) {
  CHECK(find_page(page.name) == nullptr && find_part(page.part) == nullptr);
  all_pages().push_back(page);
}

Result<document::Document> open_page(const document::Document& document, const std::string& name) {
  if (find_page(name) == nullptr) {
    std::string all;
    for (const StudyDef& page : pages()) {
      const bool last = page.name == pages().back().name;
      all += (all.empty() ? "" : last ? " or " : ", ") + std::string(page.name);
    }
    return fail("A page is " + all + ", not '" + name.substr(0, 60) + "'.");
  }
  document::Document next = document;
  next.page = name;
  return next;
}

Result<document::Document> choose(const document::Document& document, const document::command::Choose& command) {
  const StudyDef* page = find_part(command.part);
  if (page == nullptr || page->choice == nullptr)
    return fail("There is no command 'set_" + command.part.substr(0, 60) + "'.");
  auto choices = page->choice->choose(document, command.fields);
  if (!choices) return std::unexpected(choices.error());
  document::Document next = document;
  next.choices = std::move(*choices);
  return next;
}

io::JsonWriter study_json(const document::Document& document, const StudyResults& results) {
  io::JsonWriter json{{"page", document.page},
                      {"state", std::string(name_of(results.state))},
                      {"progress", results.progress},
                      {"passes", results.passes}};
  for (const StudyDef& page : pages()) {
    if (page.part.empty()) continue;
    io::JsonWriter part = io::JsonWriter::object();
    if (page.choice != nullptr) page.choice->write(document, part);
    if (page.write_found != nullptr) page.write_found(document, results, part);
    json.put(page.part, part);
  }
  return json;
}

std::string command_table() {
  std::string table = "| command | page | fields |\n|---|---|---|\n";
  for (const StudyDef& page : pages()) {
    if (page.choice == nullptr) continue;
    std::string fields;
    for (const FieldHelp& field : page.choice->fields()) {
      fields += (fields.empty() ? "`" : "; `") + std::string(field.name) + "`: " + field.form;
      if (!field.help.empty()) fields += " (" + std::string(field.help) + ")";
    }
    table += "| `set_" + std::string(page.part) + "` | " + std::string(page.title) + " | " + fields + " |\n";
  }
  return table;
}

}  // namespace weightroom::studies
