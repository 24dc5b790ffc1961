#include "support/nets.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/rng.h"

namespace weightroom::test {

nn::Session Net::session(nn::Session::Options options) const {
  nn::Session session(graph, options);
  session.set_weights(weights);
  std::vector<float> batch;
  for (int n = 0; n < options.batch; ++n) batch.insert(batch.end(), input.begin(), input.end());
  session.set_input(batch);
  return session;
}

int Net::node(const std::string& name) const {
  const int node = graph->find_node(name);
  CHECK(node >= 0);
  return node;
}

std::vector<float> Net::slice(std::span<const float> values, const std::string& weight) const {
  const int id = graph->find_weight(weight);
  CHECK(id >= 0);
  const nn::GraphWeight& row = graph->weights()[static_cast<std::size_t>(id)];
  const auto part = values.subspan(row.offset, row.shape.size());
  return {part.begin(), part.end()};
}

SpecBuilder& SpecBuilder::add(const std::string& name, const std::string& op, nn::Attributes attributes,
                              std::vector<std::string> inputs) {
  if (inputs.empty()) inputs = {spec_.nodes.empty() ? "input" : spec_.nodes.back().name};
  spec_.nodes.push_back({name, op, std::move(inputs), std::move(attributes)});
  return *this;
}

SpecBuilder& SpecBuilder::conv(const std::string& name, int out_channels, int kernel, int padding, int stride,
                               int groups, bool bias, int dilation) {
  nn::Attributes attributes;
  const auto set = [&](const char* key, int value) { attributes.set(key, static_cast<long long>(value)); };
  set("out_channels", out_channels);
  set("kernel", kernel);
  set("padding", padding);
  set("stride", stride);
  set("groups", groups);
  set("dilation", dilation);
  set("bias", bias ? 1 : 0);
  return add(name, "conv2d", std::move(attributes));
}

SpecBuilder& SpecBuilder::linear(const std::string& name, int out_features, bool bias) {
  return add(name, "linear", {{"out_features", static_cast<long long>(out_features)}, {"bias", bias ? 1LL : 0LL}});
}

SpecBuilder& SpecBuilder::pool(const std::string& name, const std::string& op, int kernel) {
  return add(name, op, {{"kernel", static_cast<long long>(kernel)}});
}

std::vector<float> random_values(std::size_t count, std::uint64_t seed, const std::string& purpose, double low,
                                 double high) {
  base::Rng rng(seed, purpose);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.uniform(low, high));
  return values;
}

Net random_net(const nn::GraphSpec& spec, std::uint64_t seed) {
  auto graph = nn::Graph::build(spec);
  CHECK(graph.has_value());
  Net net{std::move(*graph), {}, random_values(spec.input.size(), seed, "test input")};
  net.weights = nn::initial_weights(*net.graph, seed);
  for (const nn::GraphWeight& weight : net.graph->weights()) {
    if (weight.init == nn::Init::he_normal) continue;
    const bool around_one = weight.init == nn::Init::ones;
    const auto values =
        random_values(weight.shape.size(), seed, weight.name, around_one ? 0.5 : -0.3, around_one ? 1.5 : 0.3);
    std::copy(values.begin(), values.end(), net.weights.begin() + static_cast<std::ptrdiff_t>(weight.offset));
  }
  return net;
}

Net fixture_a() {
  SpecBuilder spec({1, 4, 4});
  spec.conv("conv1", 2, 3, 0)
      .add("relu1", "relu")
      .add("flatten", "flatten")
      .linear("fc", 4, false)
      .add("relu2", "relu");
  Net net{nn::Graph::build(spec.spec()).value(), {}, std::vector<float>(16)};
  std::iota(net.input.begin(), net.input.end(), 0.0F);
  net.weights.assign(18, 1.0F);
  net.weights.insert(net.weights.end(), {-50.0F, -75.0F});
  for (int row = 0; row < 4; ++row) net.weights.insert(net.weights.end(), {1, 1, 1, 1, 1, -1, -1, -1});
  CHECK(net.weights.size() == net.graph->weight_count());
  return net;
}

Net mixed_net(std::uint64_t seed) {
  SpecBuilder spec({3, 9, 8});
  spec.conv("conv1", 6, 3, 1).add("bn1", "batch_norm").add("relu1", "relu").pool("pool1", "max_pool", 2);
  spec.conv("conv2", 6, 3, 1, 1, 2).add("relu2", "relu").add("sum", "add", {}, {"relu2", "pool1"});
  spec.conv("conv3", 8, 3, 2, 1, 1, false, 2).add("relu3", "relu").pool("pool3", "avg_pool", 2);
  spec.conv("conv4", 7, 1, 0, 2).add("relu4", "relu").add("gap", "global_avg_pool").add("flatten", "flatten");
  spec.linear("fc", 5);
  return random_net(spec.spec(), seed);
}

Net chain_net(std::uint64_t seed, bool bias) {
  SpecBuilder spec({2, 9, 8});
  spec.conv("conv1", 5, 3, 1, 1, 1, bias).add("relu1", "relu").pool("pool1", "max_pool", 2);
  spec.conv("conv2", 6, 3, 1, 1, 1, bias).add("relu2", "relu").pool("pool2", "max_pool", 2).add("flatten", "flatten");
  spec.linear("fc1", 9, bias).add("relu3", "relu").linear("fc2", 4, bias);
  return random_net(spec.spec(), seed);
}

Net smooth_net(std::uint64_t seed) {
  SpecBuilder spec({2, 8, 8});
  spec.conv("conv1", 4, 3, 1).pool("pool1", "avg_pool", 2).conv("conv2", 5, 3, 1).add("gap", "global_avg_pool");
  spec.add("flatten", "flatten").linear("fc1", 6).add("mix", "softmax").linear("fc2", 3);
  return random_net(spec.spec(), seed);
}

}  // namespace weightroom::test
