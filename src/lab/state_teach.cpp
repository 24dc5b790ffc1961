#include "lab/state_teach.h"

#include "nn/none_of_these.h"

namespace weightroom::lab {
namespace {

using io::JsonWriter;

JsonWriter classes_json(const teach::Project& project) {
  JsonWriter rows = JsonWriter::array();
  for (const teach::TaughtClass& row : project.classes) {
    JsonWriter pictures = JsonWriter::array();
    for (const teach::TaughtPicture& picture : row.pictures)
      pictures.push_back({{"picture", picture.id}, {"name", picture.kept->name}, {"take", picture.take}});
    rows.push_back({{"name", row.name}, {"takes", row.take_count()}, {"pictures", std::move(pictures)}});
  }
  return rows;
}

JsonWriter held_out_json(const Learnt& learnt) {
  if (!learnt.held_out) return nullptr;
  const teach::Estimate& held_out = *learnt.held_out;
  JsonWriter suspects = JsonWriter::array();
  for (const std::size_t i : held_out.suspects(learnt.of.examples)) suspects.push_back(learnt.of.ids[i]);
  const auto threshold = held_out.strangeness();
  return {{"accuracy", held_out.accuracy},
          {"pictures", held_out.pictures.size()},
          {"folds", held_out.folds},
          {"fewest_takes", held_out.fewest_takes},
          {"known", held_out.trust() != teach::Estimate::Trust::unknown},
          {"suspects", std::move(suspects)},
          {"strangeness", threshold ? JsonWriter(*threshold) : JsonWriter()}};
}

JsonWriter learnt_json(const Learnt& learnt) {
  const bool fitted = learnt.method == teach::Method::fitted;
  JsonWriter json{{"head", fitted ? "fitted" : "instant"},
                  {"classes", learnt.labels},
                  {"pictures", learnt.of.ids.size()},
                  {"scale", learnt.of.examples.scale},
                  {"ms", learnt.ms}};
  json.put("fit",
           fitted ? JsonWriter{{"iterations", learnt.iterations}, {"loss", learnt.loss}, {"gradient", learnt.gradient}}
                  : JsonWriter());
  json.put("held_out", held_out_json(learnt));
  return json;
}

// Of the picture on the bench.
JsonWriter made_of_json(const Lab& lab, const Learnt& learnt) {
  const auto made = lab.made_of_answer();
  if (!made) return nullptr;
  JsonWriter shares = JsonWriter::array();
  for (std::size_t i = 0; i < made->shares.size(); ++i)
    shares.push_back({{"picture", learnt.of.ids[i]}, {"share", made->shares[i]}});
  return {{"logit", made->logit}, {"bias", made->bias}, {"edits", made->edits}, {"shares", std::move(shares)}};
}

}  // namespace

JsonWriter teach_json(const Lab& lab) {
  const document::Document& document = lab.document();
  if (!document.project) return nullptr;
  const auto& learnt = lab.teaching().learnt();
  JsonWriter warnings = JsonWriter::array();
  for (const Error& warning : lab.teaching().warnings()) warnings.push_back(warning.message());
  return {{"classes", classes_json(*document.project)},
          {"base", document.base ? JsonWriter(document.base->name) : JsonWriter()},
          {"waits", lab.waits_to_learn()},
          {"warnings", std::move(warnings)},
          {"learnt", learnt ? learnt_json(*learnt) : JsonWriter()},
          {"made_of", learnt ? made_of_json(lab, *learnt) : JsonWriter()}};
}

}  // namespace weightroom::lab
