// What works on borrowed sessions: it waits where there is none, gives back what it is done with, and its results are
// the same.
#include <gtest/gtest.h>

#include "lab/garments.h"
#include "studies/difference.h"
#include "studies/measure.h"
#include "studies/sizes.h"
#include "studies/studies.h"
#include "studies/units.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::Garments;
using lab::testing::run;
using lab::testing::state_of;

constexpr auto kNow = [] { return base::Budget::milliseconds(0.0); };

// A pool without room beside somebody who has one of its sessions.
struct Full {
  explicit Full(const document::Document& document) : graph(document.model->graph) {
    taken = pool.try_lend(this, graph, document.model->weights, {});
  }
  std::shared_ptr<const nn::Graph> graph;
  nn::SessionPool pool{1};
  nn::SessionPool::Lease taken;
};

document::Document on_page(Bench& bench, const char* page) {
  run(bench, std::string(R"({"command":"open_page","page":")") + page + "\"}");
  return bench.lab.document();
}

TEST(BorrowedSessions, OnlyTheTwoOfTheBenchAreLentOnceAllIsWorkedOut) {
  Garments bench;
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":0.5})");
  const nn::SessionPool& sessions = bench.lab.engine().sessions();
  for (const StudyDef& page : pages()) {
    run(bench, R"({"command":"open_page","page":")" + std::string(page.name) + "\"}");
    if (page.run != nullptr) run(bench, R"({"command":"start_study"})");
    EXPECT_EQ(sessions.lent(), 2U) << page.name;
    run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.3,"by":"gradient"}})");
    EXPECT_EQ(sessions.lent(), 2U) << page.name;
  }
  EXPECT_LT(sessions.held_bytes(), lab::Engine::kMostSessionBytes);
}

TEST(BorrowedSessions, AStudyWaitsForOneAndThenFindsTheSame) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":0.5})");
  const document::Document document = on_page(bench, "difference");
  const int target = bench.lab.engine().results().target;
  const Beside& expected = bench.lab.engine().study().get<Beside>();
  ASSERT_FALSE(expected.rows.empty());

  Full full(document);
  Studies studies(full.pool);
  studies.show(document, target);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(studies.step(base::Budget::unlimited()));
  EXPECT_EQ(studies.results().state, StudyState::running);
  EXPECT_EQ(studies.results().progress, 0.0);
  EXPECT_TRUE(full.pool.take_refused());

  full.taken.give_back();
  while (!studies.step(base::Budget::unlimited())) {
  }
  const Beside& found = studies.results().get<Beside>();
  ASSERT_EQ(found.rows.size(), expected.rows.size());
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    EXPECT_EQ(found.rows[i].relative, expected.rows[i].relative);
    EXPECT_EQ(found.rows[i].largest, expected.rows[i].largest);
  }
  EXPECT_EQ(full.pool.lent(), 0U) << "both sessions came back";
}

TEST(BorrowedSessions, AStudyThatIsStoppedWhileItWaitsStays) {
  Bench bench;
  const document::Document document = on_page(bench, "compare");
  Full full(document);
  Studies studies(full.pool);
  studies.show(document, 0);
  EXPECT_FALSE(studies.step(kNow()));
  studies.stop();
  full.taken.give_back();
  EXPECT_TRUE(studies.step(base::Budget::unlimited()));
  EXPECT_EQ(studies.results().state, StudyState::stopped);
  EXPECT_EQ(full.pool.lent(), 0U);
}

TEST(BorrowedSessions, TheEngineGoesOnUntilThereIsOne) {
  Bench bench;
  const document::Document document = on_page(bench, "difference");
  lab::Engine engine;
  engine.show(document);
  while (engine.study().state != StudyState::done) (void)engine.step(kNow());
  document::Document next = document;
  next.edit.weights.set(0, 0.5F);
  next.edit.running = next.edit.weights;
  next.revision += 1;
  // Somebody has a session that leaves no room beside it.
  const nn::Model& model = *document.model;
  auto taken = engine.sessions().try_lend(this, model.graph, model.weights, {.batch = 8000});
  ASSERT_GT(engine.sessions().held_bytes(), lab::Engine::kMostSessionBytes);
  engine.show(next);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(engine.step(base::Budget::unlimited())) << "it is not idle";
  EXPECT_EQ(engine.study().state, StudyState::running);
  taken.give_back();
  EXPECT_TRUE(engine.step(base::Budget::unlimited()));
  EXPECT_EQ(engine.study().state, StudyState::done);
}

TEST(BorrowedSessions, TheEngineAsksAgainForAccuracy) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  const document::Document& document = bench.lab.document();
  lab::Engine engine;
  engine.show(document);
  const nn::Model& model = *document.model;
  auto taken = engine.sessions().try_lend(this, model.graph, model.weights, {.batch = 3000});
  ASSERT_GT(engine.sessions().held_bytes(), lab::Engine::kMostSessionBytes);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(engine.step(base::Budget::unlimited())) << "it is not idle";
  EXPECT_TRUE(engine.measure().pending());
  taken.give_back();
  while (!engine.step(base::Budget::unlimited())) {
  }
  EXPECT_FALSE(engine.measure().pending());
}

TEST(BorrowedSessions, AccuracyWaitsForOneAndThenMeasuresTheSame) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":0.5})");
  const document::Document& document = bench.lab.document();
  Full full(document);
  Measure measure(full.pool);
  measure.show(document);
  ASSERT_TRUE(measure.open());
  EXPECT_TRUE(measure.step(base::Budget::unlimited())) << "there is nothing that it could do";
  EXPECT_TRUE(measure.pending());
  EXPECT_TRUE(full.pool.take_refused()) << "so that it is asked again";

  full.taken.give_back();
  // In small slices, other weights in between: what was begun is begun anew.
  EXPECT_FALSE(measure.step(kNow()));
  EXPECT_EQ(full.pool.lent(), 1U);
  while (!measure.step(kNow())) {
  }
  EXPECT_EQ(full.pool.lent(), 0U);
  EXPECT_EQ(measure.now().top1, bench.lab.engine().measure().now().top1);
  EXPECT_EQ(measure.now().confusion, bench.lab.engine().measure().now().confusion);
}

TEST(BorrowedSessions, LayersAreTimedAnewWhereThePageWasLeftInTheMiddle) {
  Bench bench;
  document::Document document = on_page(bench, "size");
  document::Document away = document;
  away.page = "layers";
  nn::SessionPool pool;
  Sizes sizes(pool);
  sizes.show(document);
  for (int i = 0; pool.lent() == 0; ++i) {
    ASSERT_LT(i, 10'000);
    ASSERT_FALSE(sizes.step(kNow()));
  }
  sizes.show(away);
  EXPECT_EQ(pool.lent(), 0U) << "nobody looks";
  sizes.show(document);
  EXPECT_FALSE(sizes.step(kNow()));
  EXPECT_EQ(pool.lent(), 1U);
  EXPECT_TRUE(sizes.sizes()->ms.empty()) << "sums of a few passes are no times";
  while (!sizes.step(kNow())) {
  }
  EXPECT_EQ(pool.lent(), 0U);
  EXPECT_EQ(sizes.sizes()->ms.size(), document.graph().nodes().size());
}

}  // namespace
}  // namespace weightroom::studies
