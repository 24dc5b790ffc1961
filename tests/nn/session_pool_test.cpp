// Sessions that are lent: as good as new, however the last borrower left them, and bounded in what they hold.
#include "nn/session_pool.h"

#include <optional>

#include <gtest/gtest.h>

#include "nn/session_testing.h"
#include "support/nets.h"

namespace weightroom::nn {
namespace {

using test::Net;

using testing::copy;
using testing::gradients;
using testing::same_bits;

constexpr int kOne = 1;
constexpr int kOther = 2;

TEST(SessionPool, WhatComesBackIsAsGoodAsNew) {
  const Net net = test::mixed_net(3);
  SessionPool pool;
  const Session* first = nullptr;
  {
    const auto lease = pool.lend(net.graph, net.weights, {});
    first = &*lease;
    // Left as badly as can be: other weights, a node switched off, another picture, an output put in place, gradients.
    testing::change(*lease, "conv1.weight[0,0,1,1]", 3.0F);
    lease->bypass({net.node("relu1")});
    lease->set_input(test::random_values(net.input.size(), 9, "another picture"));
    lease->forward();
    (void)gradients(*lease, 2);
    lease->set_activation(net.node("relu1"), copy(lease->activation(net.node("conv1"))));
  }
  const auto lease = pool.lend(net.graph, net.weights, {});
  EXPECT_EQ(&*lease, first) << "the one that came back";
  EXPECT_TRUE(lease->bypassed().empty());
  lease->set_input(net.input);
  lease->forward();
  Session fresh = net.session();
  fresh.forward();
  for (int node = 0; node < static_cast<int>(net.graph->nodes().size()); ++node)
    EXPECT_TRUE(same_bits(lease->activation(node).values(), fresh.activation(node).values())) << node;
  const auto again = gradients(*lease, 1);
  const auto expected = gradients(fresh, 1);
  EXPECT_TRUE(same_bits(again.input, expected.input));
  EXPECT_TRUE(same_bits(again.weights, expected.weights));
}

TEST(SessionPool, TheSamePictureIsRunAgainByTheNextBorrower) {
  const Net net = test::chain_net(8);
  SessionPool pool;
  {
    const auto lease = pool.lend(net.graph, net.weights, {});
    lease->set_input(net.input);
    testing::change(*lease, "conv1.weight[0,0,1,1]", 3.0F);
    lease->forward();
  }
  const auto lease = pool.lend(net.graph, net.weights, {});
  lease->set_input(net.input);
  lease->forward();
  Session fresh = net.session();
  fresh.forward();
  EXPECT_TRUE(same_bits(lease->logits().values(), fresh.logits().values()));
}

TEST(SessionPool, ALeaseThatTakesAnothersPlaceGivesItsOwnBack) {
  const Net net = test::chain_net(9);
  SessionPool pool;
  auto one = pool.lend(net.graph, net.weights, {});
  auto other = pool.lend(net.graph, net.weights, {});
  const Session* kept = &*other;
  one = std::move(other);
  EXPECT_EQ(pool.lent(), 1U);
  EXPECT_EQ(&*one, kept);
}

TEST(SessionPool, LendsItAgainWithOtherWeightsAndOnlyForTheSameGraphAndOptions) {
  const Net net = test::chain_net(4);
  const Net other = test::smooth_net(4);
  SessionPool pool;
  const Session* first = &*pool.lend(net.graph, net.weights, {});
  const auto scaled = test::random_values(net.weights.size(), 5, "weights");
  auto lease = pool.lend(net.graph, scaled, {});
  EXPECT_EQ(&*lease, first);
  EXPECT_EQ(lease->copy_weights(), scaled);
  lease.give_back();
  EXPECT_FALSE(lease);
  EXPECT_EQ(pool.lend(net.graph, net.weights, {.batch = 2})->batch(), 2);
  EXPECT_EQ(&pool.lend(other.graph, other.weights, {})->graph(), other.graph.get());
}

TEST(SessionPool, KeepsOneForTheNextBorrowerAndNotItsWeights) {
  const Net net = test::chain_net(5);
  SessionPool pool;
  {
    const auto a = pool.lend(net.graph, net.weights, {});
    const auto b = pool.lend(net.graph, net.weights, {});
    for (const auto* lease : {&a, &b}) (*lease)->clear_d_weights();
    EXPECT_EQ(pool.lent(), 2U);
    EXPECT_EQ(pool.held_bytes(), a->held_bytes() + b->held_bytes());
  }
  EXPECT_EQ(pool.lent(), 0U);
  EXPECT_EQ(pool.held_bytes(), Session(net.graph, net.weights, {}).held_bytes()) << "one, without gradients of weights";
}

TEST(SessionPool, BeyondItsBoundOneBorrowerIsServed) {
  const Net net = test::chain_net(6);
  SessionPool pool(1);
  const auto shown = pool.lend(net.graph, net.weights, {});
  auto one = pool.try_lend(&kOne, net.graph, net.weights, {});
  EXPECT_TRUE(one) << "what is lent without asking keeps nobody away";
  const auto second = pool.try_lend(&kOne, net.graph, net.weights, {});
  EXPECT_TRUE(second) << "the borrower that is served gets what it needs";
  EXPECT_FALSE(pool.take_refused());
  EXPECT_FALSE(pool.try_lend(&kOther, net.graph, net.weights, {}));
  EXPECT_TRUE(pool.take_refused());
  EXPECT_FALSE(pool.take_refused()) << "told once";
  EXPECT_TRUE(pool.lend(net.graph, net.weights, {})) << "never refused";
  one.give_back();
  EXPECT_FALSE(pool.try_lend(&kOther, net.graph, net.weights, {})) << "one of two came back";
}

TEST(SessionPool, WithinItsBoundAllAreServed) {
  const Net net = test::chain_net(6);
  SessionPool pool(3 * net.session().held_bytes());
  const auto one = pool.try_lend(&kOne, net.graph, net.weights, {});
  const auto other = pool.try_lend(&kOther, net.graph, net.weights, {});
  EXPECT_TRUE(one && other);
  EXPECT_FALSE(pool.try_lend(&kOther, net.graph, net.weights, {.batch = 64})) << "too large beside the others";
  EXPECT_TRUE(pool.try_lend(&kOther, net.graph, net.weights, {}));
}

TEST(SessionPool, ALeaseOutlivesIt) {
  const Net net = test::chain_net(7);
  auto pool = std::make_optional<SessionPool>();
  auto lease = pool->lend(net.graph, net.weights, {});
  pool.reset();
  lease->set_input(net.input);
  lease->forward();
  const auto moved = std::move(lease);
  EXPECT_FALSE(lease);  // NOLINT(bugprone-use-after-move): that is the question
  EXPECT_TRUE(moved->current());
}

}  // namespace
}  // namespace weightroom::nn
