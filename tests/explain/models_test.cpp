// The layer-weight identity (design/methods.md, section 2) on the shipped, trained models.
#include <cmath>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "explain/weights.h"
#include "io/model_file.h"
#include "support/nets.h"

namespace weightroom::explain {
namespace {

nn::Model read_shipped(const std::string& name) {
  const std::string path = std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/" + name + ".safetensors";
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path << " is missing: the shipped models belong to the repository";
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto model = io::read_model(std::as_bytes(std::span(bytes)), name);
  EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().message);
  return model ? std::move(*model) : nn::Model{};
}

class ShippedModel : public testing::TestWithParam<const char*> {};

TEST_P(ShippedModel, KeepsTheLayerWeightIdentity) {
  const nn::Model model = read_shipped(GetParam());
  ASSERT_NE(model.graph, nullptr);
  nn::Session session(model.graph);
  session.set_weights(model.weights);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    session.set_input(test::random_values(model.graph->spec().input.size(), seed, "picture", -2.0, 2.0));
    for (int target : {0, model.graph->class_count() - 1}) {
      const auto rows = layer_identities(session, weight_gradient(session, target), target);
      ASSERT_FALSE(rows.empty());
      for (const LayerIdentity& row : rows) {
        EXPECT_LE(row.error(), 1e-5) << model.graph->nodes()[static_cast<std::size_t>(row.node)].name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ShippedModel, testing::Values("everyday", "garments", "tinyvgg"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace weightroom::explain
