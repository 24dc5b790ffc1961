#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lab/lab.h"
#include "studies/study.h"

namespace weightroom::lab {

inline constexpr const char* kEventNames[] = {"change",   "results", "map",   "study",
                                              "progress", "notice",  "error", "idle"};

struct Event {
  std::string name;  // one of kEventNames
  std::string json;  // what its listeners get: an object whose `revision` counts as Lab::revision() does
};

// What has happened in a Lab, for whoever listens from outside: told once a frame, when the frame is drawn and no
// command is under way, each thing once and in the order of kEventNames (notices and errors as they came).
//   change    {revision}                  every revision that the document has had since, one after another
//   results   {revision}                  the bars of this revision are drawn
//   map       {revision}                  and its whole map
//   study     {revision, page, state}     the open page asks something else, or has come to another state
//   progress  {revision, job, progress}   of each job whose share is known and another than before
//   notice, error {revision, sentence}    something was said; the revision is the one it was said at
//   idle      {revision}                  there is nothing left to do, after there was
class Events {
 public:
  // After each slice of work: what is found belongs to the frame that is drawn next.
  void look(const Lab& lab);
  // Once that frame is drawn.
  [[nodiscard]] std::vector<Event> take(Lab& lab);

 private:
  struct Study {
    std::string page = "layers";
    studies::StudyState state = studies::StudyState::none;
    std::uint64_t version = 0;  // of what was found, once it is done: the same question may be answered again
    [[nodiscard]] bool operator==(const Study&) const = default;
  };

  void take_progress(const Lab& lab, std::vector<Event>& events);

  std::uint64_t change_told_ = 0;
  std::uint64_t results_ = 0;  // the revision whose bars the frame shows
  std::uint64_t results_told_ = 0;
  std::uint64_t map_ = 0;  // the revision whose whole map it shows
  bool map_due_ = false;   // that has not been told yet
  Study study_;
  Study study_told_;
  std::uint64_t study_revision_ = 0;
  std::map<std::string, double> progress_told_;
  bool worked_ = false;  // since it was idle
};

}  // namespace weightroom::lab
