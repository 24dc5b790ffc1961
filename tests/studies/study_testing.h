#pragma once

#include <string>
#include <vector>

#include "lab/bench_model.h"
#include "studies/studies.h"

// What the tests of the studies compare with: everything made anew, on sessions of their own.
namespace weightroom::studies::testing {

// The document's weights and picture on a session of its own.
inline nn::Session fresh(const document::Document& document) {
  nn::Session session(document.model->graph);
  session.set_weights(document.shown_weights().flat());
  session.set_input(*document.picture->input);
  session.forward();
  return session;
}

inline std::vector<float> map_of(const document::Document& document, const std::string& name, int target) {
  nn::Session session = fresh(document);
  const explain::MethodDef& method = *explain::find_method(name);
  explain::MapJob job(method, StudyInput{document, session, target}.of(method, target));
  while (!job.step(base::Budget::unlimited())) {
  }
  const nn::Shape& shape = document.graph().spec().input;
  return explain::display_map(job.result().attribution, shape[1], shape[2]).values;
}

inline double logit(const document::Document& document, int target, const std::vector<float>& weights) {
  nn::Session session = fresh(document);
  session.set_weights(weights);
  session.forward();
  return static_cast<double>(session.logits().data[target]);
}

}  // namespace weightroom::studies::testing
