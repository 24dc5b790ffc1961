#include <algorithm>

#include <strings/command.h>
#include <strings/list.h>
#include <strings/page.h>

#include "base/check.h"
#include "base/language.h"
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

Text title_of(Group group) {
  switch (group) {
    case Group::look:
      return text::page_group_look;
    case Group::why:
      return text::page_group_why;
    case Group::change:
      return text::page_group_change;
    case Group::measure:
      return text::page_group_measure;
    case Group::teach:
      return text::page_group_teach;
  }
  return text::page_group_look;
}

std::string_view name_of(Group group) {
  switch (group) {
    case Group::look:
      return "look";
    case Group::why:
      return "why";
    case Group::change:
      return "change";
    case Group::measure:
      return "measure";
    case Group::teach:
      return "teach";
  }
  return "look";
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
    std::vector<std::string> all;
    for (const StudyDef& page : pages()) all.emplace_back(page.name);
    return fail(text::page_unknown, {{"pages", base::list_of(all, text::list_or)}, {"name", name.substr(0, 60)}});
  }
  document::Document next = document;
  next.page = name;
  return next;
}

Result<document::Document> choose(const document::Document& document, const document::command::Choose& command) {
  const StudyDef* page = find_part(command.part);
  if (page == nullptr || page->choice == nullptr)
    return fail(text::command_unknown, {{"name", "set_" + command.part.substr(0, 60)}});
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
    table += "| `set_" + std::string(page.part) + "` | " + tr(page.title) + " | " + fields + " |\n";
  }
  return table;
}

}  // namespace weightroom::studies
