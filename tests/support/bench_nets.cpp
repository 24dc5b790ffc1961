#include "support/bench_nets.h"

#include <cmath>

#include "base/check.h"
#include "support/nets.h"

namespace weightroom::test {
namespace {

// Uniform in [-1, 1) (the mixing of splitmix32).
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed) {}
  double next() {
    state_ += 0x9e3779b9U;
    std::uint32_t z = state_;
    z = (z ^ (z >> 16)) * 0x21f0aaadU;
    z = (z ^ (z >> 15)) * 0x735a2d97U;
    return static_cast<double>(z ^ (z >> 15)) / 2147483648.0 - 1.0;
  }

 private:
  std::uint32_t state_;
};

// Layers and their weights as they are drawn.
class NetBuilder {
 public:
  NetBuilder(nn::Shape input, std::uint32_t seed) : spec_(input), random_(seed) {}

  std::string conv(int inputs, int outputs, int kernel, int stride, int padding, const std::string& from = "") {
    draw(outputs, inputs * kernel * kernel);
    return add("conv2d",
               {{"out_channels", static_cast<long long>(outputs)},
                {"kernel", static_cast<long long>(kernel)},
                {"stride", static_cast<long long>(stride)},
                {"padding", static_cast<long long>(padding)}},
               from);
  }
  std::string relu() { return add("relu"); }
  std::string pool(int kernel, int stride) {
    return add("max_pool", {{"kernel", static_cast<long long>(kernel)}, {"stride", static_cast<long long>(stride)}});
  }
  std::string join(const char* op, const std::string& a, const std::string& b) {
    const std::string name = next_name(op);
    spec_.add(name, op, {}, {a, b});
    return name;
  }
  void average() {
    add("global_avg_pool");
    add("flatten");
  }
  void linear(int inputs, int outputs) {
    draw(outputs, inputs);
    add("linear", {{"out_features", static_cast<long long>(outputs)}});
  }
  [[nodiscard]] nn::Model model(const std::string& name) {
    nn::Model model;
    model.name = name;
    auto graph = nn::Graph::build(spec_.spec());
    CHECK(graph.has_value());
    model.graph = *graph;
    CHECK(model.graph->weight_count() == weights_.size());
    model.weights = weights_;
    return model;
  }

 private:
  std::string next_name(const char* op) { return op + std::to_string(count_++); }
  std::string add(const char* op, nn::Attributes attributes = {}, const std::string& from = "") {
    const std::string name = next_name(op);
    spec_.add(name, op, std::move(attributes), from.empty() ? std::vector<std::string>{} : std::vector{from});
    return name;
  }
  // Weights of the variance of He et al. 2015, then biases.
  void draw(int outputs, int fan) {
    const double reach = std::sqrt(6.0 / fan);
    for (int i = 0; i < outputs * fan; ++i) weights_.push_back(static_cast<float>(reach * random_.next()));
    for (int i = 0; i < outputs; ++i) weights_.push_back(static_cast<float>(0.1 * random_.next()));
  }

  SpecBuilder spec_;
  Random random_;
  std::vector<float> weights_;
  int count_ = 0;
};

nn::Model net_a() {
  NetBuilder net({3, 64, 64}, 1);
  int inputs = 3;
  for (int width : {32, 64, 128}) {
    net.conv(inputs, width, 3, 1, 1);
    net.relu();
    net.conv(width, width, 3, 1, 1);
    net.relu();
    net.pool(2, 2);
    inputs = width;
  }
  net.average();
  net.linear(128, 10);
  return net.model("A");
}

nn::Model net_b() {
  NetBuilder net({3, 224, 224}, 2);
  net.conv(3, 64, 3, 2, 0);
  net.relu();
  net.pool(3, 2);
  int inputs = 64;
  const auto fire = [&](int squeeze, int expand) {
    net.conv(inputs, squeeze, 1, 1, 0);
    const std::string narrow = net.relu();
    net.conv(squeeze, expand, 1, 1, 0, narrow);
    const std::string one = net.relu();
    net.conv(squeeze, expand, 3, 1, 1, narrow);
    net.join("concat", one, net.relu());
    inputs = 2 * expand;
  };
  fire(16, 64);
  fire(16, 64);
  net.pool(3, 2);
  fire(32, 128);
  fire(32, 128);
  net.pool(3, 2);
  fire(48, 192);
  fire(48, 192);
  fire(64, 256);
  fire(64, 256);
  net.conv(512, 1000, 1, 1, 0);
  net.relu();
  net.average();
  return net.model("B");
}

nn::Model net_c() {
  NetBuilder net({3, 32, 32}, 3);
  net.conv(3, 16, 3, 1, 1);
  std::string x = net.relu();
  int inputs = 16;
  for (int outputs : {16, 32, 64}) {
    for (int i = 0; i < 3; ++i, inputs = outputs) {
      const int stride = inputs == outputs ? 1 : 2;
      net.conv(inputs, outputs, 3, stride, 1, x);
      net.relu();
      const std::string main = net.conv(outputs, outputs, 3, 1, 1);
      const std::string shortcut = stride == 1 ? x : net.conv(inputs, outputs, 1, stride, 0, x);
      net.join("add", main, shortcut);
      x = net.relu();
    }
  }
  net.average();
  net.linear(64, 10);
  return net.model("C");
}

}  // namespace

nn::Model bench_net(const std::string& name) {
  if (name == "A") return net_a();
  if (name == "B") return net_b();
  CHECK(name == "C");
  return net_c();
}

std::vector<float> bench_noise(std::size_t count, std::uint32_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.next());
  return values;
}

}  // namespace weightroom::test
