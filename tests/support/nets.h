#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nn/graph.h"
#include "nn/session.h"

// Small networks that the tests share.
namespace weightroom::test {

// A network with weights and an input for it.
struct Net {
  std::shared_ptr<const nn::Graph> graph;
  std::vector<float> weights;
  std::vector<float> input;  // (C,H,W)

  // At batch 1, with weights and input set.
  [[nodiscard]] nn::Session session(nn::Session::Options options = {}) const;
  [[nodiscard]] int node(const std::string& name) const;
  // Elements of a weight tensor ("conv1.weight") within `values`, which lie as the flat weights do.
  [[nodiscard]] std::vector<float> slice(std::span<const float> values, const std::string& weight) const;
};

// Writes a GraphSpec node by node, each reading the one before unless told otherwise.
class SpecBuilder {
 public:
  explicit SpecBuilder(nn::Shape input) { spec_.input = input; }
  SpecBuilder& add(const std::string& name, const std::string& op, nn::Attributes attributes = {},
                   std::vector<std::string> inputs = {});
  // name: out_channels kernels of `kernel` x `kernel`.
  SpecBuilder& conv(const std::string& name, int out_channels, int kernel, int padding, int stride = 1, int groups = 1,
                    bool bias = true, int dilation = 1);
  SpecBuilder& linear(const std::string& name, int out_features, bool bias = true);
  SpecBuilder& pool(const std::string& name, const std::string& op, int kernel);
  [[nodiscard]] const nn::GraphSpec& spec() const { return spec_; }

 private:
  nn::GraphSpec spec_;
};

// Builds the graph (which must be right) and draws weights and input from the seed; biases are
// drawn too, the variances of batch norms are 0.5 to 1.5.
[[nodiscard]] Net random_net(const nn::GraphSpec& spec, std::uint64_t seed);

// Uniform in [low, high), keyed by seed and purpose.
[[nodiscard]] std::vector<float> random_values(std::size_t count, std::uint64_t seed, const std::string& purpose,
                                               double low = -1.0, double high = 1.0);

// Captum's BasicModel_ConvNet_One_Conv: input 0..15 (1,4,4); conv1 two 3x3 kernels of ones, biases
// -50 and -75; relu1; fc 8 -> 4 of rows [1,1,1,1,1,-1,-1,-1], no bias; relu2. Four logits, each 54
// here.
[[nodiscard]] Net fixture_a();

// (3,9,8): every op but softmax, odd extents, a residual add, groups, stride, dilation; five
// logits.
[[nodiscard]] Net mixed_net(std::uint64_t seed);

// (2,9,8): conv, relu, max pool and linear layers in a chain; four logits.
[[nodiscard]] Net chain_net(std::uint64_t seed, bool bias = true);

// (2,8,8): convolutions, average pools and a softmax between linear layers: no kinks anywhere.
[[nodiscard]] Net smooth_net(std::uint64_t seed);

}  // namespace weightroom::test
