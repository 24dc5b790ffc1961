// The pages that ask nothing which takes a pass of its own: what they show is worked out all the time.
#include <strings/page.h>

#include "studies/study.h"

namespace weightroom::studies {

StudyDef layers_study() {
  return {.name = "layers",
          .group = Group::look,
          .title = text::page_layers_title,
          .help = text::page_layers_help,
          .wall = Wall::shown};
}

StudyDef edit_study() {
  return {.name = "edit",
          .group = Group::change,
          .title = text::page_edit_title,
          .help = text::page_edit_help,
          .wall = Wall::drawn_on};
}

StudyDef accuracy_study() {
  return {.name = "accuracy",
          .group = Group::measure,
          .title = text::page_accuracy_title,
          .help = text::page_accuracy_help};
}

StudyDef size_study() {
  return {.name = "size",
          .group = Group::change,
          .title = text::page_size_title,
          .help = text::page_size_help,
          .wants = [](const document::Document&) { return Wants{.sizes = true}; }};
}

}  // namespace weightroom::studies
