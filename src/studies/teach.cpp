// The page Teach: classes of one's own. What it shows is learnt all the time (lab/teaching.h).
#include "studies/teach.h"

#include <strings/page.h>

#include "studies/fields.h"

namespace weightroom::studies {
namespace {

constexpr Word<TeachHead> kHeads[] = {
    {TeachHead::automatic, "automatic"}, {TeachHead::instant, "instant"}, {TeachHead::fitted, "fitted"}};

struct TeachFields {
  static void visit(auto& choice, const auto& visit) {
    visit("head", choice.head, OneOf(kHeads), "automatic: fitted as soon as every class has three pictures");
    visit("lambda", choice.lambda, Number{1e-6, 1.0}, "how strictly the fit keeps weights small");
    visit("alike", choice.alike, Flag{}, "every class counts alike, however many pictures it has");
    visit("wait", choice.wait, Flag{}, "nothing is learned until `learn`");
    visit("into", choice.into, Whole{-1, static_cast<int>(teach::kMostClasses) - 1},
          "the class that pictures go to, by its place; -1: the bench");
  }
};

}  // namespace

bool takes_pictures(const document::Document& document) {
  return document.page == "teach" && document.choice<TeachChoice>().into >= 0;
}

StudyDef teach_study() {
  StudyDef def{.name = "teach", .group = Group::teach, .title = text::page_teach_title, .help = text::page_teach_help};
  choice_of<TeachChoice, TeachFields>(def);
  return def;
}

}  // namespace weightroom::studies
