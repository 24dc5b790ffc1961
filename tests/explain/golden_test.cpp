// Maps of the shipped, trained models against PyTorch's, recorded by scripts/golden/record_explain.py.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include <gtest/gtest.h>

#include "io/file.h"
#include "io/model_file.h"
#include "io/safetensors.h"
#include "run_method.h"

namespace weightroom::explain {
namespace {

std::vector<std::byte> read(const std::string& path) {
  auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(bytes.has_value()) << path;
  return bytes ? std::move(*bytes) : std::vector<std::byte>{};
}

std::map<std::string, std::vector<float>> recorded() {
  const auto bytes = read("tests/golden/explain.safetensors");
  std::map<std::string, std::vector<float>> all;
  const auto file = io::parse_safetensors(bytes);
  EXPECT_TRUE(file.has_value());
  for (const io::SafetensorsEntry& entry : file->tensors) {
    std::vector<float>& values = all[entry.name];
    values.resize(entry.bytes.size() / sizeof(float));
    std::memcpy(values.data(), entry.bytes.data(), entry.bytes.size());
  }
  return all;
}

// The largest difference, as a share of the largest value.
double distance(const std::vector<float>& found, const std::vector<float>& expected) {
  EXPECT_EQ(found.size(), expected.size());
  double largest = 0.0;
  double apart = 0.0;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(expected[i])));
    apart = std::max(apart, std::fabs(static_cast<double>(found[i]) - static_cast<double>(expected[i])));
  }
  EXPECT_GT(largest, 0.0);
  return apart / largest;
}

struct Golden {
  std::string model;
  int target;
  double steps;  // of integrated gradients
};

class PyTorch : public testing::TestWithParam<Golden> {};

TEST_P(PyTorch, HasTheSameMaps) {
  const auto [name, target, steps] = GetParam();
  const auto golden = recorded();
  const auto model = io::read_model(read("assets/" + name + ".safetensors"), name);
  ASSERT_TRUE(model.has_value());
  const test::Net net{model->graph, {model->weights.begin(), model->weights.end()}, golden.at(name + "/input")};
  nn::Session session = net.session();
  session.forward();
  const auto logits = session.logits().values();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    ASSERT_NEAR(logits[i], golden.at(name + "/logits")[i], 1e-4)
        << "the recorded maps are of other weights: run scripts/golden/record_explain.py";
  }
  const std::vector<float> black(static_cast<std::size_t>(model->graph->spec().input[0]), -1.25F);
  for (const char* method : {"integrated_gradients", "grad_cam_plus_plus", "guided_backprop", "lrp", "deep_lift"}) {
    const auto& expected = golden.at(name + "/" + std::to_string(target) + "/" + method);
    const Params params = std::string(method) == "integrated_gradients" ? Params{{"steps", steps}} : Params{};
    const auto found =
        run_method(method, session, net, target, params, last_convolution(net), black).attribution.values;
    const double apart = distance(found, expected);
    EXPECT_LE(apart, 1e-4) << method;
    RecordProperty(method, std::to_string(apart));
    std::printf("%s %d %s: %.2g of the largest\n", name.c_str(), target, method, apart);
  }
  // Captum's LayerGradientXActivation and LayerIntegratedGradients.
  for (const char* method : {"gradient_x_input", "integrated_gradients"}) {
    const auto& expected = golden.at(name + "/" + std::to_string(target) + "/layer_" + method);
    const Params params = std::string(method) == "integrated_gradients" ? Params{{"steps", steps}} : Params{};
    MethodInput asked = input_of(method, session, net, target, params, -1, black);
    asked.of_layer = last_convolution(net);
    MapJob job(*find_method(method), std::move(asked));
    while (!job.step(base::Budget::unlimited())) {
    }
    EXPECT_LE(distance(job.result().attribution.values, expected), 1e-4) << "of a layer: " << method;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, PyTorch,
                         testing::Values(Golden{"garments", 0, 64.0}, Golden{"garments", 4, 64.0},
                                         Golden{"tinyvgg", 6, 16.0}),
                         [](const auto& info) { return info.param.model + std::to_string(info.param.target); });

}  // namespace
}  // namespace weightroom::explain
