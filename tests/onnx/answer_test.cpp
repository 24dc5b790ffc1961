// However a file lays out its answer, the graph's logits and probabilities are those that the file means.
#include "onnx/answer.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/answer.h"
#include "nn/session.h"

namespace weightroom::onnx {
namespace {

using ::testing::HasSubstr;

// Three channels of 2x2; their means are what every tail below starts from.
const std::vector<float> kPicture{1, 2, 3, 2, -1, 0, 1, 0, 0.5F, 0.5F, 1.5F, 1.5F};
const std::vector<double> kMeans{2.0, 0.0, 1.0};

struct Tail {
  Builder builder{nn::Shape{3, 2, 2}};
  Known at = builder.known_of("input");

  Tail& then(const std::string& op, nn::Attributes attributes = {}, std::vector<std::vector<float>> weights = {}) {
    auto next = builder.add(op, op, {at}, std::move(attributes), std::move(weights));
    EXPECT_TRUE(next) << op << ": " << next.error().message();
    if (next) at = *next;
    return *this;
  }
  Tail& means() { return then("global_avg_pool"); }                           // (1,3,1,1)
  Tail& row() { return means().then("flatten"); }                             // (1,3)
  Tail& one() { return row().then("slice", {{"axis", 1LL}, {"end", 1LL}}); }  // (1,1): 2

  struct Said {
    std::shared_ptr<const nn::Graph> graph;
    std::vector<float> logits;
    std::vector<float> probabilities;
    std::vector<std::string> notices;
  };
  Said said() {
    auto found = find_answer(builder, at);
    EXPECT_TRUE(found) << found.error().message();
    auto net = builder.finish(found->last);
    EXPECT_TRUE(net) << net.error().message();
    nn::Session session(net->graph, net->weights, {});
    session.set_input(kPicture);
    session.forward();
    const auto logits = session.logits().values();
    return {
        net->graph, {logits.begin(), logits.end()}, nn::probabilities(net->graph->answer(), logits), found->notices};
  }
  std::string refusal() {
    const auto found = find_answer(builder, at);
    return found ? "accepted" : found.error().message();
  }
};

std::vector<float> softmax(const std::vector<double>& logits) {
  double sum = 0.0;
  for (const double z : logits) sum += std::exp(z);
  std::vector<float> p;
  for (const double z : logits) p.push_back(static_cast<float>(std::exp(z) / sum));
  return p;
}

void expect_near(const std::vector<float>& found, const std::vector<float>& right) {
  ASSERT_EQ(found.size(), right.size());
  for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(found[i], right[i], 2e-7F) << i;
}

TEST(OnnxAnswer, ASoftmaxIsTakenOnceHoweverItIsWritten) {
  const std::vector<std::function<void(Tail&)>> ways{
      [](Tail& t) { t.row(); },
      [](Tail& t) { t.means(); },
      [](Tail& t) { t.row().then("softmax"); },
      [](Tail& t) { t.means().then("softmax"); },
      [](Tail& t) { t.means().then("softmax").then("flatten"); },
      [](Tail& t) { t.means().then("softmax").then("reshape", {{"shape", std::vector<long long>{3}}}); },
      [](Tail& t) {
        t.means()
            .then("transpose", {{"order", std::vector<long long>{0, 2, 3, 1}}})
            .then("softmax", {{"axis", 3LL}})
            .then("flatten");
      },
      [](Tail& t) {
        t.means().then("transpose", {{"order", std::vector<long long>{0, 2, 3, 1}}}).then("softmax", {{"axis", -1LL}});
      },
      [](Tail& t) { t.row().then("reshape", {{"shape", std::vector<long long>{3, 1, 1}}}).then("softmax"); },
      [](Tail& t) { t.row().then("softmax").then("log"); },
      [](Tail& t) { t.means().then("softmax").then("flatten").then("log"); },
  };
  for (std::size_t way = 0; way < ways.size(); ++way) {
    SCOPED_TRACE(way);
    Tail tail;
    ways[way](tail);
    const Tail::Said said = tail.said();
    EXPECT_EQ(said.graph->answer(), nn::Answer::softmax);
    expect_near(said.logits, {2.0F, 0.0F, 1.0F});
    expect_near(said.probabilities, softmax(kMeans));
    EXPECT_TRUE(said.notices.empty());
  }
}

TEST(OnnxAnswer, SigmoidsAreEachByThemselves) {
  for (const bool flat : {true, false}) {
    Tail tail;
    (flat ? tail.row() : tail.means()).then("sigmoid");
    if (!flat) tail.then("flatten");
    const Tail::Said said = tail.said();
    EXPECT_EQ(said.graph->answer(), nn::Answer::sigmoid);
    expect_near(said.logits, {2.0F, 0.0F, 1.0F});
    expect_near(said.probabilities,
                {static_cast<float>(1 / (1 + std::exp(-2.0))), 0.5F, static_cast<float>(1 / (1 + std::exp(-1.0)))});
    ASSERT_EQ(said.notices.size(), 1U);
    EXPECT_THAT(said.notices[0], HasSubstr("sigmoid"));
  }
}

TEST(OnnxAnswer, OneNumberIsTwoClasses) {
  const float p = static_cast<float>(1 / (1 + std::exp(-2.0)));
  for (const char* ending : {"", "sigmoid"}) {
    Tail tail;
    tail.one();
    if (*ending != '\0') tail.then(ending);
    const Tail::Said said = tail.said();
    EXPECT_EQ(said.graph->class_count(), 2);
    expect_near(said.logits, {-2.0F, 2.0F});
    expect_near(said.probabilities, {1.0F - p, p});
    ASSERT_EQ(said.notices.size(), 1U);
    EXPECT_THAT(said.notices[0], HasSubstr("one number"));
  }
  Tail tail;
  EXPECT_THAT(tail.one().then("softmax").refusal(), HasSubstr("softmax of a single number"));
}

// The mean over places of a softmax at each: probabilities, which no softmax is to be taken of again.
TEST(OnnxAnswer, MixedProbabilitiesStayWhatTheyAre) {
  Tail tail;
  tail.then("softmax").means().then("flatten");
  const Tail::Said said = tail.said();
  std::vector<double> mean(3, 0.0);
  for (std::size_t place = 0; place < 4; ++place) {
    const std::vector<float> there = softmax({kPicture[place], kPicture[4 + place], kPicture[8 + place]});
    for (std::size_t c = 0; c < 3; ++c) mean[c] += static_cast<double>(there[c]) / 4.0;
  }
  expect_near(said.probabilities,
              {static_cast<float>(mean[0]), static_cast<float>(mean[1]), static_cast<float>(mean[2])});
  ASSERT_EQ(said.notices.size(), 1U);
  EXPECT_THAT(said.notices[0], HasSubstr("logarithms"));

  Tail mixed;
  EXPECT_THAT(mixed.then("sigmoid").means().refusal(), HasSubstr("several sigmoids"));
}

TEST(OnnxAnswer, ValuesWithPlacesAreNoAnswer) {
  Tail tail;
  EXPECT_THAT(tail.then("relu").refusal(), HasSubstr("(1,3,2,2)"));
}

}  // namespace
}  // namespace weightroom::onnx
