#include "lab/events.h"

#include <utility>

#include "io/json_writer.h"

namespace weightroom::lab {
namespace {

using io::JsonWriter;

Event told(const char* name, std::uint64_t revision) { return {name, JsonWriter{{"revision", revision}}.text()}; }

}  // namespace

void Events::look(const Lab& lab) {
  if (!lab.jobs().empty()) worked_ = true;
  if (!lab.has_document()) return;
  const Results& results = lab.engine().results();
  const std::uint64_t revision = lab.revision();
  if (results.forward_revision == revision && (results.overflow || !results.order.empty())) results_ = revision;
  const bool whole = results.map_progress >= 1.0 && lab.document().picture;
  if (whole && results.map_revision == revision && map_ != revision) {
    map_ = revision;
    map_due_ = true;
  }
  // Before the results are there the study is still that of another revision.
  if (!results.current) return;
  const studies::StudyResults& study = lab.engine().study();
  const bool done = study.state == studies::StudyState::done;
  study_ = {lab.document().page, study.state, done ? study.version : 0};
  study_revision_ = revision;
}

std::vector<Event> Events::take(Lab& lab) {
  std::vector<Event> events;
  while (change_told_ < lab.revision()) events.push_back(told("change", ++change_told_));
  if (std::exchange(results_told_, results_) != results_) events.push_back(told("results", results_));
  if (std::exchange(map_due_, false)) events.push_back(told("map", map_));
  if (std::exchange(study_told_, study_) != study_) {
    events.push_back({"study", JsonWriter{{"revision", study_revision_},
                                          {"page", study_.page},
                                          {"state", std::string(studies::name_of(study_.state))}}
                                   .text()});
  }
  worked_ = worked_ || !events.empty();
  take_progress(lab, events);
  for (const Said& said : lab.take_said()) {
    events.push_back(
        {said.error ? "error" : "notice", JsonWriter{{"revision", said.revision}, {"sentence", said.sentence}}.text()});
  }
  if (!lab.jobs().empty()) {
    worked_ = true;
  } else if (std::exchange(worked_, false)) {
    events.push_back(told("idle", lab.revision()));
  }
  return events;
}

void Events::take_progress(const Lab& lab, std::vector<Event>& events) {
  std::map<std::string, double> now;
  for (const JobShare& job : lab.jobs()) {
    if (job.progress < 0.0) continue;
    now[job.name] = job.progress;
    const auto before = progress_told_.find(job.name);
    if (before != progress_told_.end() && before->second == job.progress) continue;
    events.push_back(
        {"progress", JsonWriter{{"revision", lab.revision()}, {"job", job.name}, {"progress", job.progress}}.text()});
  }
  progress_told_ = std::move(now);
}

}  // namespace weightroom::lab
