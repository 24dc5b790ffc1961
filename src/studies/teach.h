#pragma once

#include <string_view>

#include "studies/study.h"
#include "teach/head.h"

namespace weightroom::studies {

// How classes of one's own are learnt. Automatic: fitted as soon as every class has three pictures.
enum class TeachHead { automatic, instant, fitted };

struct TeachChoice {
  static constexpr std::string_view kPart = "teach";
  TeachHead head = TeachHead::automatic;
  double lambda = teach::kLambda;
  bool alike = true;  // every class counts alike, however many pictures it has
  bool wait = false;  // nothing is learnt until the visitor says so
  int into = 0;       // the class that pictures go to which are dropped, pasted or chosen; -1: to the bench
  [[nodiscard]] bool operator==(const TeachChoice&) const = default;
};

// Whether files that come are pictures to teach with, and not for the bench.
[[nodiscard]] bool takes_pictures(const document::Document& document);

}  // namespace weightroom::studies
