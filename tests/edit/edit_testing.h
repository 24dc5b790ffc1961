#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "edit/operation.h"
#include "support/nets.h"

namespace weightroom::edit::testing {

// A flat vector as Weights.
class Flat final : public Weights {
 public:
  Flat(const nn::Graph& graph, std::vector<float>& values) : graph_(graph), values_(values) {}
  std::span<const float> read(int tensor) override { return part(tensor); }
  void write(int tensor, std::span<const float> values) override {
    ASSERT_EQ(values.size(), part(tensor).size());
    std::ranges::copy(values, part(tensor).begin());
  }

 private:
  std::span<float> part(int tensor) {
    const nn::GraphWeight& weight = graph_.weights()[static_cast<std::size_t>(tensor)];
    return std::span(values_).subspan(weight.offset, weight.shape.size());
  }
  const nn::Graph& graph_;
  std::vector<float>& values_;
};

struct Edit {
  std::string operation;
  std::string region;
  base::Params params{};
  std::string source{};
};

struct Bench {
  test::Net net = test::chain_net(3);
  std::vector<float> loaded = net.weights;
  std::vector<float> gradient = test::random_values(net.weights.size(), 5, "gradient");
  std::vector<float> curvature = test::random_values(net.weights.size(), 6, "curvature", 0.0, 1.0);

  Result<std::string> run(const Edit& edit) {
    const OperationDef* operation = find_operation(edit.operation);
    EXPECT_NE(operation, nullptr) << edit.operation;
    const auto region = parse_region(*net.graph, edit.region);
    EXPECT_TRUE(region.has_value()) << edit.region;
    const auto source = edit.source.empty() ? Region{} : parse_region(*net.graph, edit.source).value();
    const auto params = checked_params(*operation, edit.params);
    if (!params) return std::unexpected(params.error());
    Flat before(*net.graph, loaded);
    Flat now(*net.graph, net.weights);
    const auto done = run_operation(
        *operation,
        {*net.graph, *region, *params, edit.source.empty() ? nullptr : &source, &before, {gradient, curvature}}, now);
    if (!done) return std::unexpected(done.error());
    return done->said();
  }
  // Of "conv1.weight": its values.
  [[nodiscard]] std::vector<float> tensor(const std::string& name) const { return net.slice(net.weights, name); }
  [[nodiscard]] float& at(const std::string& weight) {
    return net.weights[nn::flat_index(*net.graph, nn::parse_weight_ref(*net.graph, weight).value())];
  }
};

}  // namespace weightroom::edit::testing
