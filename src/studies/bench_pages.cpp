// The pages that ask nothing which takes a pass of its own: what they show is worked out all the time.
#include "studies/study.h"

namespace weightroom::studies {

StudyDef layers_study() {
  return {.name = "layers",
          .group = Group::look,
          .title = "Layers",
          .help = "The network layer by layer, with its feature maps and every weight.",
          .wall = Wall::shown};
}

StudyDef edit_study() {
  return {.name = "edit",
          .group = Group::change,
          .title = "Edit",
          .help = "One operation on many weights: prune, quantise, scale, shuffle. Choose them on the wall.",
          .wall = Wall::drawn_on};
}

StudyDef accuracy_study() {
  return {.name = "accuracy",
          .group = Group::measure,
          .title = "Accuracy",
          .help = "How often the model is right on a set of pictures, and what every edit changes in that."};
}

StudyDef size_study() {
  return {.name = "size",
          .group = Group::change,
          .title = "Size",
          .help = "What the model takes as a file, layer by layer, and in how few bytes it could be stored.",
          .wants = [](const document::Document&) { return Wants{.sizes = true}; }};
}

}  // namespace weightroom::studies
