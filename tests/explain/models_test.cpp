// The layer-weight identity (explain/weights.h) on the shipped, trained models and on imported ones.
#include <cmath>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "explain/weights.h"
#include "io/file.h"
#include "io/model_file.h"
#include "io/open_model.h"
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

void expect_identity(const nn::Model& model) {
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

nn::Model read_imported(const std::string& name) {
  const auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/" + name + ".onnx");
  auto model = io::open_model(name + ".onnx", bytes.value());
  EXPECT_TRUE(model) << model.error().message;
  return model ? std::move(*model) : nn::Model{};
}

class ShippedModel : public testing::TestWithParam<const char*> {};

TEST_P(ShippedModel, KeepsTheLayerWeightIdentity) { expect_identity(read_shipped(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Models, ShippedModel, testing::Values("everyday", "garments", "tinyvgg"),
                         [](const auto& info) { return std::string(info.param); });

// Shortcuts, branches that are joined, channels that are shuffled, norms that do not fold.
class ImportedModel : public testing::TestWithParam<const char*> {};

TEST_P(ImportedModel, KeepsTheLayerWeightIdentity) { expect_identity(read_imported(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Models, ImportedModel,
                         testing::Values("residual_16", "squeeze_12", "inception_15", "dense_13"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ImportedModels, ThatBendHaveNoSuchIdentity) {
  for (const char* name : {"convnext_17", "inverted_14", "attention_13"}) {
    const nn::Model model = read_imported(name);
    ASSERT_NE(model.graph, nullptr);
    nn::Session session(model.graph);
    session.set_weights(model.weights);
    session.forward();
    EXPECT_TRUE(layer_identities(session, weight_gradient(session, 0), 0).empty()) << name;
  }
}

}  // namespace
}  // namespace weightroom::explain
