// The layer-weight identity (explain/weights.h) on the shipped, trained models and on imported ones.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "explain/weights.h"
#include "io/file.h"
#include "io/model_file.h"
#include "onnx/open_model.h"
#include "support/goldens.h"
#include "support/nets.h"

namespace weightroom::explain {
namespace {

nn::Model read_shipped(const std::string& name) {
  const std::string path = std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/" + name + ".safetensors";
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path << " is missing: the shipped models belong to the repository";
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto model = io::read_model(std::as_bytes(std::span(bytes)), name);
  EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().message());
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
  const auto bytes = io::read_file((test::golden_folder() / (name + ".onnx")).string());
  auto model = onnx::open_model(name + ".onnx", bytes.value());
  EXPECT_TRUE(model) << model.error().message();
  return model ? std::move(*model) : nn::Model{};
}

class ShippedModel : public testing::TestWithParam<const char*> {};

TEST_P(ShippedModel, KeepsTheLayerWeightIdentity) { expect_identity(read_shipped(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Models, ShippedModel, testing::Values("everyday", "garments", "tinyvgg"),
                         [](const auto& info) { return std::string(info.param); });

class ImportedModel : public testing::TestWithParam<std::string> {};

// Shortcuts, branches that are joined, channels that are shuffled, norms that do not fold; and nets that bend, which
// have no such identity and are not said to have one.
TEST_P(ImportedModel, KeepsTheLayerWeightIdentity) {
  const nn::Model model = read_imported(GetParam());
  ASSERT_NE(model.graph, nullptr);
  const std::set<std::string_view> bending{"sigmoid", "hard_sigmoid", "hard_swish", "tanh",  "gelu", "erf",
                                           "softmax", "layer_norm",   "lrn",        "power", "mul",  "div",
                                           "clip",    "matmul",       "max",        "min"};
  const bool bends = std::ranges::any_of(model.graph->nodes(), [&](const nn::Node& node) {
    return node.op != nullptr && bending.contains(node.op->name);
  });
  const bool pads_with_constant = GetParam().starts_with("shuffle");  // 0.25
  if (!bends && !pads_with_constant) return expect_identity(model);
  nn::Session session(model.graph);
  session.set_weights(model.weights);
  session.set_input(test::random_values(model.graph->spec().input.size(), 1, "picture", -2.0, 2.0));
  session.forward();
  for (const LayerIdentity& row : layer_identities(session, weight_gradient(session, 0), 0))
    EXPECT_LE(row.error(), 1e-5) << model.graph->nodes()[static_cast<std::size_t>(row.node)].name;
}

INSTANTIATE_TEST_SUITE_P(Models, ImportedModel, testing::ValuesIn(test::golden_nets()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace weightroom::explain
