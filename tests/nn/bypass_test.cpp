// Activation functions that are switched off.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/session_testing.h"
#include "support/nets.h"

namespace weightroom::nn {
namespace {

using test::Net;
using testing::change;
using testing::copy;
using testing::gradients;
using testing::same_bits;
using testing::steps_to_current;

// Against a net that never had the activation functions.
TEST(Session, BypassedNodesPassOnWhatTheyGet) {
  const auto build = [](bool relus) {
    test::SpecBuilder spec({2, 9, 7});
    spec.conv("conv1", 5, 3, 1);
    if (relus) spec.add("relu1", "relu");
    spec.conv("conv2", 4, 3, 0);
    if (relus) spec.add("relu2", "relu");
    spec.add("flatten", "flatten").linear("fc", 3);
    return spec.spec();
  };
  const Net with = test::random_net(build(true), 5);
  const Net without = test::random_net(build(false), 5);
  ASSERT_EQ(with.weights, without.weights);
  Session session = with.session();
  session.forward();
  const auto before = copy(session.logits());
  const auto gradients_before = gradients(session);
  session.bypass({with.node("relu2"), with.node("relu1")});
  EXPECT_EQ(session.bypassed(), (std::vector<int>{with.node("relu1"), with.node("relu2")}));
  Session plain = without.session();
  plain.forward();
  session.forward();
  EXPECT_TRUE(same_bits(session.logits().values(), plain.logits().values()));
  const auto bypassed = gradients(session);
  const auto expected = gradients(plain);
  EXPECT_TRUE(same_bits(bypassed.input, expected.input));
  EXPECT_TRUE(same_bits(bypassed.weights, expected.weights));
  // Off and on again; only the nodes from the first one on run again.
  session.bypass({with.node("relu1"), with.node("relu2")});
  EXPECT_TRUE(session.current());
  session.bypass({with.node("relu1")});
  EXPECT_EQ(steps_to_current(session), 3);
  session.bypass({});
  session.forward();
  EXPECT_TRUE(same_bits(session.logits().values(), before));
  EXPECT_TRUE(same_bits(gradients(session).input, gradients_before.input));
}

}  // namespace
}  // namespace weightroom::nn
