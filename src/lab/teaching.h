#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/job.h"
#include "document/document.h"
#include "studies/teach.h"
#include "teach/estimate.h"
#include "teach/project.h"
#include "train/features.h"

namespace weightroom::lab {

// What was learnt from the pictures of a project.
struct Learnt {
  std::shared_ptr<const teach::Project> project;
  std::shared_ptr<const nn::Model> base;
  studies::TeachChoice choice;
  teach::Method method = teach::Method::fitted;
  std::vector<std::string> labels;  // of the head's classes: those with pictures
  teach::ProjectExamples of;
  teach::Head head;
  std::vector<double> coefficients;  // (N, K): what each picture adds to the weights of each class (teach/made_of.h)
  // Of the fit; 0 where it is instant.
  int iterations = 0;
  double loss = 0.0;
  double gradient = 0.0;
  std::optional<teach::Estimate> held_out;  // once `judged`; nothing where a class has a single take
  bool judged = false;
  double ms = 0.0;            // from the first slice to the head, without the estimate
  std::uint64_t version = 0;  // of the head; grows
};

// Learns the document's classes on its base, in slices: what the base makes of each new picture, the head, and how good
// it is on pictures it has not seen. What has been learnt stays until there is something to put in its place.
class Teaching {
 public:
  // Cheap. Where nothing is taught, or too little to learn from, there is nothing to do.
  void show(const document::Document& document);
  bool step(const base::Budget& budget);  // true once there is nothing to do
  [[nodiscard]] double progress() const;  // of the pictures' features
  // Null: nothing was learnt, or what is taught now is too little.
  [[nodiscard]] const std::shared_ptr<const Learnt>& learnt() const { return learnt_; }
  // What is worth saying about the pictures.
  [[nodiscard]] const std::vector<Error>& warnings() const { return warnings_; }

 private:
  struct Asked;
  void begin();
  bool step_features(const base::Budget& budget);
  bool step_head(const base::Budget& budget);
  bool step_estimate(const base::Budget& budget);

  std::shared_ptr<const teach::Project> project_;
  std::shared_ptr<const nn::Model> base_;
  studies::TeachChoice choice_;
  std::vector<Error> warnings_;
  // By the picture as it is kept, of this base.
  std::unordered_map<std::shared_ptr<const teach::KeptPicture>, std::vector<float>> features_;
  std::shared_ptr<Asked> asked_;  // under way
  std::shared_ptr<const Learnt> learnt_;
  std::uint64_t versions_ = 0;
};

// The base with what was learnt in place of its last layer: named and described as what it is.
[[nodiscard]] nn::Model taught_model(const Learnt& learnt);

// The parts that an answer of the model is made of, by 4.4 of Yeh et al. (teach/made_of.h): each picture's share in the
// logit of class c, in the order of the examples; what the bias adds; and what edits of weights have added since.
struct MadeOf {
  std::vector<double> shares;
  double bias = 0.0;
  double edits = 0.0;
  double logit = 0.0;
};
[[nodiscard]] MadeOf made_of(const Learnt& learnt, std::span<const float> features, std::size_t c, double logit);

}  // namespace weightroom::lab
