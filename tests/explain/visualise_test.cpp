#include "explain/visualise.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "support/nets.h"

namespace weightroom::explain {
namespace {

void finish_picture(base::Task task) {
  while (!task.step()) {
  }
}

nn::Preprocessing plain_reading() {
  nn::Preprocessing reading;
  reading.mean = {0.5F, 0.4F, 0.3F};
  reading.std = {0.25F, 0.2F, 0.5F};
  return reading;
}

// The gradient that climb() follows is that of show(): a step of any rate moves each coefficient the way that raises
// w . picture, so for one small step the sum must rise, for random w of every sign.
TEST(FourierPicture, ClimbsWhatItShows) {
  for (const nn::Shape shape : {nn::Shape{3, 8, 8}, nn::Shape{1, 9, 7}, nn::Shape{3, 5, 6}}) {
    for (const bool bgr : {false, true}) {
      nn::Preprocessing reading = plain_reading();
      reading.bgr = bgr;
      FourierPicture picture(shape, reading, 3, 0);
      std::vector<float> before(shape.size());
      std::vector<float> after(shape.size());
      base::Rng rng(9, "test");
      for (int step = 0; step < 20; ++step) {
        std::vector<float> w(shape.size());
        for (float& v : w) v = static_cast<float>(rng.normal());
        picture.show(before);
        picture.climb(w, 1e-4);
        picture.show(after);
        if (step > 0) continue;  // later steps carry Adam's memory along
        double rise = 0.0;
        for (std::size_t i = 0; i < w.size(); ++i)
          rise += static_cast<double>(w[i]) * (static_cast<double>(after[i]) - static_cast<double>(before[i]));
        EXPECT_GT(rise, 0.0) << shape.text();
      }
    }
  }
}

TEST(FourierPicture, StaysBetweenBlackAndWhite) {
  const nn::Shape shape{3, 8, 8};
  const nn::Preprocessing reading = plain_reading();
  FourierPicture picture(shape, reading, 1, 0);
  std::vector<float> shown(shape.size());
  for (int step = 0; step < 200; ++step) {
    picture.show(shown);
    picture.climb(std::vector<float>(shape.size(), 1.0F), 1.0);
  }
  picture.show(shown);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::size_t c = i / 64;
    EXPECT_LE(shown[i], (1.0F - reading.mean[c]) / reading.std[c] + 1e-5F);
    EXPECT_GE(shown[i], (0.0F - reading.mean[c]) / reading.std[c] - 1e-5F);
  }
}

// methods.md: what a linear unit wants to see is its own weights. Without a frame of black and white near, the picture
// points along w: the cosine between picture and w comes near 1.
TEST(Visualise, ALinearUnitWantsItsWeights) {
  test::SpecBuilder spec({1, 8, 8});
  spec.add("flatten", "flatten").linear("fc", 3);
  const test::Net net = test::random_net(spec.spec(), 5);
  nn::Session session = net.session();
  nn::Preprocessing reading;
  reading.mean = {0.5F, 0, 0};
  reading.std = {0.5F, 1, 1};
  Visualised found;
  double progress = 0.0;
  const Unit unit{net.node("fc"), 1};
  finish_picture(visualise(session, reading, unit, {.steps = 3000, .rate = 0.1, .jitter = 0.0}, found, progress));
  EXPECT_EQ(progress, 1.0);
  const auto w = std::span(net.weights).subspan(64, 64);
  double dot = 0.0;
  double a = 0.0;
  double b = 0.0;
  for (std::size_t i = 0; i < 64; ++i) {
    // Saturated: only the sign of each weight is left to see.
    const double wanted = w[i] > 0.0F ? 1.0 : -1.0;
    const double seen = static_cast<double>(found.pictures[0][i]);
    dot += wanted * seen;
    a += wanted * wanted;
    b += seen * seen;
  }
  EXPECT_GT(dot / std::sqrt(a * b), 0.9);
  EXPECT_GT(found.values[0], found.history.front());
  // Nothing in the frame does better.
  double best = static_cast<double>(net.weights[3 * 64 + 1]);
  for (const float v : w) best += std::fabs(static_cast<double>(v));
  EXPECT_LE(found.values[0], best + 1e-4);
  EXPECT_GT(found.values[0], 0.9 * best);
}

TEST(Visualise, RaisesEveryUnitAndGivesTheSameBytes) {
  const test::Net net = test::mixed_net(8);
  const nn::Preprocessing reading = plain_reading();
  for (const Unit unit : {Unit{net.node("conv1"), 1}, Unit{net.node("conv1"), 0, 2, 3}, Unit{net.graph->logits(), 2}}) {
    std::vector<std::vector<float>> pictures;
    for (int again = 0; again < 2; ++again) {
      nn::Session session = net.session();
      Visualised found;
      double progress = 0.0;
      finish_picture(visualise(session, reading, unit, {.steps = 48, .seed = 4}, found, progress));
      EXPECT_GT(found.values[0], found.history.front());
      pictures.push_back(found.pictures[0]);
    }
    EXPECT_EQ(pictures[0], pictures[1]);
  }
}

// Several pictures are driven apart: with diversity their maps at the layer are less alike than without.
TEST(Visualise, DiversityDrivesPicturesApart) {
  const test::Net net = test::mixed_net(8);
  const auto likeness = [&](double diversity) {
    nn::Session session(net.graph, nn::FlatWeights(std::vector<float>(net.weights)), {.batch = 3});
    Visualised found;
    double progress = 0.0;
    finish_picture(visualise(session, plain_reading(), {net.node("conv1"), 1}, {.steps = 96, .diversity = diversity},
                             found, progress));
    double sum = 0.0;
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < a; ++b) {
        double dot = 0.0;
        double la = 0.0;
        double lb = 0.0;
        for (std::size_t i = 0; i < found.pictures[0].size(); ++i) {
          const double x = static_cast<double>(found.pictures[static_cast<std::size_t>(a)][i]);
          const double y = static_cast<double>(found.pictures[static_cast<std::size_t>(b)][i]);
          dot += x * y;
          la += x * x;
          lb += y * y;
        }
        sum += dot / std::sqrt(la * lb);
      }
    }
    return sum / 3.0;
  };
  EXPECT_LT(likeness(4.0), likeness(0.0) - 0.01);
}

TEST(Visualise, LooksAtWhatAReluIsGiven) {
  const test::Net net = test::chain_net(2);
  const int relu = net.node("relu1");
  EXPECT_EQ(before_kinks(*net.graph, relu), net.graph->nodes()[static_cast<std::size_t>(relu)].inputs[0]);
  EXPECT_EQ(before_kinks(*net.graph, net.node("conv1")), net.node("conv1"));
}

}  // namespace
}  // namespace weightroom::explain
