// What every method must do, whichever it is: a new line in methods.inc is tested here at once.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "explain/display.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

using testing::HasSubstr;

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Nothing of it is left after one unit, so that a job goes on step by step.
base::Budget no_time() { return base::Budget::milliseconds(0.0); }

nn::Shape expected_shape(const MethodDef& method, const test::Net& net) {
  const nn::Shape& picture = net.graph->spec().input;
  const nn::Shape& layer = net.graph->nodes()[static_cast<std::size_t>(default_layer(*net.graph))].output;
  switch (method.size) {
    case MapSize::input:
      return picture;
    case MapSize::pixels:
      return {1, picture[1], picture[2]};
    case MapSize::layer:
      return {1, layer.h(), layer.w()};
  }
  return {};
}

class EveryMethod : public testing::TestWithParam<const MethodDef*> {
 protected:
  [[nodiscard]] static std::string name() { return std::string(GetParam()->name); }
};

TEST_P(EveryMethod, SaysWhatItIs) {
  const MethodDef& method = *GetParam();
  EXPECT_FALSE(tr(method.title).empty());
  EXPECT_FALSE(tr(method.plain).empty());
  EXPECT_NE(tr(method.plain), tr(method.title));
  EXPECT_TRUE(tr(method.summary).ends_with(".")) << tr(method.summary);
  EXPECT_NE(tr(colours_of(method, checked_params(method, {}).value()), {{"class", "zebra"}}).find("zebra"),
            std::string::npos);
  EXPECT_FALSE(method.paper.empty());
  EXPECT_NE(method.run, nullptr);
  EXPECT_FALSE(tr(family_title(method.family)).empty());
  for (const ParamSpec& spec : method.params) {
    EXPECT_FALSE(tr(spec.title).empty() || tr(spec.summary).empty()) << spec.name;
    EXPECT_LT(spec.minimum, spec.maximum) << spec.name;
    EXPECT_EQ(param_text(spec, spec.fallback).empty(), false) << spec.name;
    if (!spec.choices.empty()) EXPECT_EQ(spec.maximum + 1.0, static_cast<double>(spec.choices.size())) << spec.name;
  }
  EXPECT_TRUE(checked_params(method, {}).has_value()) << "the fallbacks are accepted";
}

TEST_P(EveryMethod, GivesAFiniteMapOfItsShape) {
  bool anything = false;  // what goes back through positive gradients alone may find none on one net
  for (const test::Net& net : {test::mixed_net(1), test::chain_net(2), test::smooth_net(3)}) {
    for (int target : {0, net.graph->class_count() - 1}) {
      const Attribution map = run_method(name(), net, target).attribution;
      EXPECT_EQ(map.shape, expected_shape(*GetParam(), net));
      ASSERT_EQ(map.values.size(), map.shape.size());
      for (float value : map.values) {
        ASSERT_TRUE(std::isfinite(value));
        anything = anything || value != 0.0F;
      }
    }
  }
  EXPECT_TRUE(anything);
}

TEST_P(EveryMethod, GivesTheSameBytesAgain) {
  const test::Net net = test::mixed_net(4);
  nn::Session session = net.session();
  const auto first = run_method(name(), session, net, 1).attribution.values;
  EXPECT_TRUE(same_bits(first, run_method(name(), session, net, 1).attribution.values)) << "in the same session";
  EXPECT_TRUE(same_bits(first, run_method(name(), net, 1).attribution.values)) << "in a fresh session";

  const auto sliced = start_method(name(), session, net, 1);
  while (!sliced->step(no_time())) {
  }
  EXPECT_TRUE(same_bits(first, sliced->result().attribution.values)) << "in slices";
}

TEST_P(EveryMethod, ProgressGrowsFromZeroToOneWithAReadableMap) {
  const test::Net net = test::chain_net(5);
  nn::Session session = net.session();
  const auto job = start_method(name(), session, net);
  double before = job->progress();
  EXPECT_EQ(before, 0.0);
  bool done = false;
  while (!done) {
    done = job->step(no_time());
    EXPECT_GE(job->progress(), before);
    EXPECT_LE(job->progress(), 1.0);
    before = job->progress();
    const Attribution& map = job->result().attribution;
    ASSERT_EQ(map.values.size(), expected_shape(*GetParam(), net).size());
    for (float value : map.values) ASSERT_TRUE(std::isfinite(value));
  }
  EXPECT_EQ(before, 1.0);
  const auto finished = job->result().attribution.values;
  EXPECT_TRUE(job->step(no_time())) << "further calls do nothing";
  EXPECT_TRUE(same_bits(finished, job->result().attribution.values));
}

TEST_P(EveryMethod, CanBeDroppedMidWay) {
  const test::Net net = test::mixed_net(6);
  nn::Session session = net.session();
  const auto whole = run_method(name(), session, net).attribution.values;
  for (int steps = 0; steps < 4; ++steps) {
    auto job = start_method(name(), session, net);
    for (int i = 0; i < steps; ++i) job->step(no_time());
    job.reset();
    EXPECT_TRUE(same_bits(whole, run_method(name(), session, net).attribution.values)) << "after " << steps << " steps";
  }
}

// Between random pictures and black, and from a black that is not zero. Who does not claim it does not keep it either:
// else the claim would be missing.
TEST_P(EveryMethod, IsAsCompleteAsItSays) {
  double worst = 0.0;
  for (std::uint64_t seed = 10; seed < 16; ++seed) {
    const test::Net net = test::chain_net(seed);
    const std::vector<float> black{-1.5F, -2.0F};
    const Explanation found = run_method(name(), net, 1, {}, -1, black);
    double total = 0.0;
    for (float value : found.attribution.values) total += static_cast<double>(value);
    test::Net dark = net;
    for (std::size_t i = 0; i < dark.input.size(); ++i) dark.input[i] = black[i / (dark.input.size() / 2)];
    nn::Session at_picture = net.session();
    nn::Session at_black = dark.session();
    at_picture.forward();
    at_black.forward();
    const double difference =
        static_cast<double>(at_picture.logits().data[1]) - static_cast<double>(at_black.logits().data[1]);
    const double error = std::fabs(total - difference) / std::max(std::fabs(difference), 0.01);
    worst = std::max(worst, error);
    if (!GetParam()->axioms.complete) continue;
    EXPECT_NEAR(found.completeness_error, error, 1e-9);
    EXPECT_TRUE(error <= 5e-3 || found.note.has_value()) << "error " << error;
  }
  if (GetParam()->axioms.complete) {
    EXPECT_LE(worst, 3e-2);
  } else {
    EXPECT_GT(worst, 0.1) << "sums to the difference, and does not claim it";
  }
}

TEST_P(EveryMethod, RefusesBadParameters) {
  const MethodDef& method = *GetParam();
  const auto sentence = [&](const Params& params) {
    const auto checked = checked_params(method, params);
    return checked ? std::string("accepted") : checked.error().message();
  };
  const std::string unknown = sentence({{"sgima", 1.0}});
  EXPECT_THAT(unknown, HasSubstr("'sgima'"));
  EXPECT_THAT(unknown, HasSubstr(method.params.empty() ? "none" : std::string(method.params[0].name)));
  for (const ParamSpec& spec : method.params) {
    const std::string param(spec.name);
    const double below = spec.minimum - 1.0;
    for (double value : {below, spec.maximum + 1.0, std::numeric_limits<double>::quiet_NaN(),
                         std::numeric_limits<double>::infinity()}) {
      EXPECT_THAT(sentence({{param, value}}), HasSubstr("'" + param + "'")) << value;
      EXPECT_THAT(sentence({{param, value}}), HasSubstr(spec.choices.empty() ? "must be from " : "must be one of "));
    }
    if (!spec.choices.empty()) {
      EXPECT_THAT(sentence({{param, 0.5}}), HasSubstr(std::string(spec.choices.back().word)));
      EXPECT_EQ(read_choice(method, param, spec.choices.back().word).value(), spec.maximum);
      EXPECT_THAT(read_choice(method, param, "purple").error().message(), HasSubstr(std::string(spec.choices[0].word)));
    } else if (spec.integer) {
      EXPECT_THAT(sentence({{param, spec.minimum + 0.5}}), HasSubstr("a whole number"));
    }
    EXPECT_EQ(sentence({{param, spec.minimum}}), "accepted");
    EXPECT_EQ(sentence({{param, spec.maximum}}), "accepted");
  }
}

std::vector<const MethodDef*> all_methods() {
  std::vector<const MethodDef*> all;
  for (const MethodDef& method : methods()) all.push_back(&method);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryMethod, testing::ValuesIn(all_methods()),
                         [](const auto& info) { return std::string(info.param->name); });

// All maps as one number a method: native, Node and every browser must agree on it. The new values are printed where
// they change.
TEST_P(EveryMethod, GivesTheSameBitsEverywhere) {
  static const std::map<std::string, std::string> kRecorded{
#include "method_bits.inc"
  };
  base::Sha256 hash;
  for (const test::Net& net : {test::mixed_net(77), test::chain_net(77), test::fixture_a()}) {
    const Explanation found = run_method(name(), net, 1, {}, last_convolution(net));
    const DisplayMap map = display_map(found.attribution, 9, 8);
    hash.update(std::span<const float>(found.attribution.values));
    hash.update(std::span<const float>(map.values));
    hash.update(std::span<const float>(&map.scale, 1));
  }
  const auto recorded = kRecorded.find(name());
  EXPECT_EQ(hash.finish_hex().substr(0, 16), recorded == kRecorded.end() ? "" : recorded->second);
}

// Recorded of the first five methods together, before they were written as they are now.
TEST(Methods, KeepTheirBits) {
  base::Sha256 hash;
  for (const char* name : {"gradient", "gradient_x_input", "smoothgrad", "integrated_gradients", "grad_cam"}) {
    for (const test::Net& net : {test::mixed_net(77), test::chain_net(77), test::fixture_a()}) {
      const Explanation found = run_method(name, net, 1, {}, last_convolution(net));
      const DisplayMap map = display_map(found.attribution, 9, 8);
      hash.update(std::span<const float>(found.attribution.values));
      hash.update(std::span<const float>(map.values));
      hash.update(std::span<const float>(&map.scale, 1));
    }
  }
  EXPECT_EQ(hash.finish_hex(), "3391afeb8007d21f02af6d08a606bbf94d082faf356c5c2cda8744b1b2efae84");
}

TEST(Methods, OfASinglePassLeaveALiveSessionAlone) {
  const test::Net net = test::mixed_net(7);
  nn::Session session = net.session();
  session.forward();
  int count = 0;
  for (const MethodDef& method : methods()) {
    if (!method.single_pass) continue;
    const auto job = start_method(std::string(method.name), session, net);
    while (!job->step(no_time())) {
    }
    EXPECT_TRUE(session.current()) << method.name;
    EXPECT_TRUE(same_bits({session.input().begin(), session.input().end()}, net.input));
    ++count;
  }
  EXPECT_GE(count, 3);
}

TEST(Methods, AreFoundByName) {
  EXPECT_EQ(find_method("smoothgrad")->name, "smoothgrad");
  EXPECT_EQ(find_method("SmoothGrad"), nullptr);
  EXPECT_EQ(find_method(""), nullptr);
}

TEST(Methods, BeginWithGradCamAndOcclusion) {
  const auto all = methods();
  EXPECT_EQ(all[0].name, "grad_cam");
  EXPECT_EQ(all[1].name, "occlusion");
  EXPECT_EQ(tr(all[1].plain), "Cover a piece");
  // Those of a group stand together: each family is one run behind the first.
  const auto family = [](const MethodDef& method) { return method.first ? -1 : static_cast<int>(method.family); };
  std::set<int> over;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (family(all[i]) == family(all[i - 1])) continue;
    EXPECT_TRUE(over.insert(family(all[i - 1])).second) << all[i - 1].name;
    EXPECT_FALSE(over.contains(family(all[i]))) << all[i].name;
  }
  EXPECT_TRUE(all[0].first);
  EXPECT_EQ(over.size(), 4U) << "the first, and all families but the last";
}

TEST(Methods, SayWhatTheirColoursMean) {
  const auto said = [](const char* name, const Params& params) {
    const MethodDef& method = *find_method(name);
    return tr(colours_of(method, checked_params(method, params).value()), {{"class", "cat"}});
  };
  EXPECT_EQ(said("grad_cam", {}), "Warm: speaks for cat. Cold: speaks against it.");
  EXPECT_THAT(said("grad_cam", {{"positive_only", 1.0}}), HasSubstr("left out"));
  EXPECT_THAT(said("gradient", {}), HasSubstr("lighter"));
  EXPECT_EQ(said("gradient", {{"noise", 1.0}}), said("gradient", {})) << "a mean has the sign of what it is of";
  for (const double unsigned_noise : {2.0, 3.0})
    EXPECT_EQ(said("gradient", {{"noise", unsigned_noise}}), said("vargrad", {})) << "squares have no sign";
  EXPECT_THAT(said("vargrad", {}), testing::Not(HasSubstr("Cold")));
}

TEST(Methods, ParametersAreCompleted) {
  const auto params = checked_params(*find_method("smoothgrad"), {{"samples", 7.0}});
  ASSERT_TRUE(params.has_value());
  EXPECT_EQ(*params, (Params{{"samples", 7.0}, {"sigma", 0.15}, {"seed", 0.0}}));
  const auto refused = checked_params(*find_method("smoothgrad"), {{"samples", 0.0}});
  EXPECT_EQ(refused.error().message(), "The parameter 'samples' of SmoothGrad must be from 1 to 500, not 0.");
}

TEST(Layers, OfMapsOnTheWayToTheLogits) {
  test::SpecBuilder spec({1, 6, 6});
  spec.conv("conv1", 2, 3, 1).add("relu1", "relu").conv("unused", 3, 3, 0).add("flatten", "flatten", {}, {"relu1"});
  spec.linear("fc", 3).add("softmax", "softmax");
  const test::Net net = test::random_net(spec.spec(), 1);
  EXPECT_THAT(cam_layers(*net.graph), testing::ElementsAre(net.node("conv1"), net.node("relu1")));
  EXPECT_EQ(default_layer(*net.graph), net.node("relu1")) << "not the one that nothing reads";
}

TEST(Layers, NoneInANetworkWithoutMaps) {
  test::SpecBuilder spec({1, 3, 3});
  spec.add("flatten", "flatten").linear("fc", 2);
  const test::Net net = test::random_net(spec.spec(), 1);
  EXPECT_TRUE(cam_layers(*net.graph).empty());
  EXPECT_EQ(default_layer(*net.graph), -1);
  const Explanation found = run_method("grad_cam", net);
  EXPECT_EQ(found.attribution.shape, (nn::Shape{1, 3, 3}));
  EXPECT_FALSE(found.note == std::nullopt);
}

}  // namespace
}  // namespace weightroom::explain
