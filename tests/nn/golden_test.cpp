// Our forward and backward against PyTorch's, recorded by scripts/golden/record_small_cnn.py.
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "nn/session.h"

namespace weightroom::nn {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-5;

std::string read_golden(const std::string& name) {
  const std::string path = std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " is missing: run scripts/golden/record_small_cnn.py");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

using Tensors = std::map<std::string, std::vector<float>>;

// Eight bytes of header length, a JSON header, the values.
Tensors read_safetensors(const std::string& bytes) {
  std::uint64_t announced = 0;
  std::memcpy(&announced, bytes.data(), sizeof(announced));
  const auto length = static_cast<std::size_t>(announced);
  const json header = json::parse(bytes.substr(8, static_cast<std::size_t>(length)));
  Tensors tensors;
  for (const auto& [name, row] : header.items()) {
    const std::size_t begin = row["data_offsets"][0];
    const std::size_t end = row["data_offsets"][1];
    auto& values = tensors[name];
    values.resize((end - begin) / sizeof(float));
    std::memcpy(values.data(), bytes.data() + 8 + length + begin, end - begin);
  }
  return tensors;
}

AttributeValue attribute_of(const json& value) {
  if (value.is_array()) return value.get<std::vector<long long>>();
  if (value.is_number_integer()) return value.get<long long>();
  return value.get<double>();
}

GraphSpec spec_of(const json& graph) {
  GraphSpec spec;
  for (int extent : graph["input"]) spec.input.push_back(extent);
  for (const json& row : graph["nodes"]) {
    NodeSpec node{row["name"], row["op"], row["inputs"], {}};
    for (const auto& [name, value] : row["attributes"].items()) node.attributes.set(name, attribute_of(value));
    spec.nodes.push_back(std::move(node));
  }
  return spec;
}

class Golden : public ::testing::Test {
 protected:
  void SetUp() override {
    const json file = json::parse(read_golden("small_cnn.json"));
    tensors_ = read_safetensors(read_golden("small_cnn.safetensors"));
    target_ = file["target"];
    auto built = Graph::build(spec_of(file));
    ASSERT_TRUE(built.has_value()) << built.error().message();
    graph_ = *built;
    batch_ = static_cast<int>(tensors_.at("input").size() / graph_->spec().input.size());
    for (const GraphWeight& weight : graph_->weights()) {
      const auto& values = tensors_.at(weight.name);
      ASSERT_EQ(values.size(), weight.shape.size()) << weight.name;
      weights_.insert(weights_.end(), values.begin(), values.end());
    }
  }

  [[nodiscard]] Session session(int batch, bool plain = false) const {
    Session session(graph_, {.batch = batch, .plain = plain});
    session.set_weights(weights_);
    return session;
  }

  static void expect_close(std::span<const float> ours, std::span<const float> recorded, const std::string& what) {
    ASSERT_EQ(ours.size(), recorded.size()) << what;
    for (std::size_t i = 0; i < ours.size(); ++i)
      ASSERT_NEAR(ours[i], recorded[i], kTolerance) << what << ", element " << i;
  }

  std::shared_ptr<const Graph> graph_;
  Tensors tensors_;
  std::vector<float> weights_;
  int batch_ = 0;
  int target_ = 0;
};

TEST_F(Golden, LogitsAgree) {
  for (bool plain : {false, true}) {
    Session session = this->session(batch_, plain);
    session.set_input(tensors_.at("input"));
    session.forward();
    expect_close(session.logits().values(), tensors_.at("logits"), plain ? "plain" : "fast");
  }
}

TEST_F(Golden, GradientsAgree) {
  Session session = this->session(batch_);
  session.set_input(tensors_.at("input"));
  const auto seed = one_hot(batch_, graph_->class_count(), target_);
  session.clear_d_weights();
  session.backward({.d_from = seed, .input = true, .weights = true, .keep = {}});
  expect_close(session.d_activation(0).values(), tensors_.at("d.input"), "input");
  int compared = 0;
  for (const GraphWeight& weight : graph_->weights()) {
    if (!weight.trainable) continue;
    expect_close(session.d_weights().subspan(weight.offset, weight.shape.size()), tensors_.at("d." + weight.name),
                 weight.name);
    ++compared;
  }
  EXPECT_EQ(compared, 17);
}

TEST_F(Golden, OneSampleAtATimeGivesTheSameBits) {
  Session whole = session(batch_);
  whole.set_input(tensors_.at("input"));
  whole.forward();
  Session single = session(1);
  const std::size_t size = graph_->spec().input.size();
  for (int n = 0; n < batch_; ++n) {
    single.set_input(std::span<const float>(tensors_.at("input")).subspan(static_cast<std::size_t>(n) * size, size));
    single.forward();
    const auto logits = single.logits().values();
    EXPECT_EQ(std::memcmp(logits.data(), whole.logits().sample(n), logits.size_bytes()), 0) << "sample " << n;
  }
}

}  // namespace
}  // namespace weightroom::nn
