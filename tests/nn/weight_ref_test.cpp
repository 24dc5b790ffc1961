#include "nn/weight_ref.h"

#include <limits>

#include <gtest/gtest.h>

namespace weightroom::nn {
namespace {

std::shared_ptr<const Graph> small_graph() {
  GraphSpec spec;
  spec.input = {2, 6, 6};
  spec.nodes = {{"conv1", "conv2d", {"input"}, {{"out_channels", 3LL}, {"kernel", 3LL}}},
                {"gap", "global_avg_pool", {"conv1"}, {}},
                {"flatten", "flatten", {"gap"}, {}},
                {"fc", "linear", {"flatten"}, {{"out_features", 4LL}}}};
  auto graph = Graph::build(spec);
  EXPECT_TRUE(graph) << graph.error().message();
  return *graph;
}

TEST(WeightRef, EveryWeightReadsBackAsWritten) {
  const auto graph = small_graph();
  for (int tensor = 0; tensor < static_cast<int>(graph->weights().size()); ++tensor) {
    const GraphWeight& weight = graph->weights()[static_cast<std::size_t>(tensor)];
    for (std::size_t element = 0; element < weight.shape.size(); ++element) {
      const WeightRef ref{tensor, element};
      const auto back = parse_weight_ref(*graph, format_weight_ref(*graph, ref));
      ASSERT_TRUE(back) << back.error().message();
      EXPECT_EQ(*back, ref);
      EXPECT_EQ(flat_index(*graph, ref), weight.offset + element);
      EXPECT_EQ(ref_of(*graph, weight.offset + element), ref);
    }
  }
  EXPECT_EQ(format_weight_ref(*graph, {0, 1 * 18 + 1 * 9 + 2 * 3 + 0}), "conv1.weight[1,1,2,0]");
}

TEST(WeightRef, BlanksDoNotMatter) {
  const auto graph = small_graph();
  const auto ref = parse_weight_assignment(*graph, "  fc.bias [ 2 ] = -0.8 ");
  ASSERT_TRUE(ref) << ref.error().message();
  EXPECT_EQ(format_weight_ref(*graph, ref->ref), "fc.bias[2]");
  EXPECT_EQ(ref->value, -0.8F);
}

TEST(WeightRef, NumbersAsPeopleTypeThem) {
  EXPECT_EQ(parse_number("1,5").value(), 1.5F);
  EXPECT_EQ(parse_number(" +2e-3 ").value(), 2e-3F);
  EXPECT_EQ(parse_number("\xe2\x88\x92"
                         "4")
                .value(),
            -4.0F);
  EXPECT_EQ(parse_number("3.4028234e38").value(), std::numeric_limits<float>::max());
  for (const char* text :
       {"", " ", "a", "1.2.3", "1 2", "0x10", "--1", "nan", "-NaN", "inf", "1e39", "1e999", "-infinity"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

}  // namespace
}  // namespace weightroom::nn
