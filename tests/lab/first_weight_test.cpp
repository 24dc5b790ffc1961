#include "lab/first_weight.h"

#include <gtest/gtest.h>

#include "lab/bench_model.h"

namespace weightroom::lab {
namespace {

using testing::Bench;

TEST(FirstWeight, ChangesTheTopClassWithinItsSlider) {
  Bench bench;
  const document::Document& document = bench.lab.document();
  nn::SessionPool sessions;
  const auto ref = find_telling_weight(document, sessions);
  ASSERT_TRUE(ref.has_value());
  const int top = bench.lab.engine().results().order[0];
  const float range = slider_range(document, ref->tensor);
  bool changed = false;
  for (int i = -20; i <= 20 && !changed; ++i) {
    ASSERT_TRUE(
        bench.lab.run(document::command::SetWeight{*ref, range * static_cast<float>(i) / 20.0F, true}).has_value());
    bench.settle();
    changed = bench.lab.engine().results().order[0] != top;
  }
  EXPECT_TRUE(changed);
}

}  // namespace
}  // namespace weightroom::lab
