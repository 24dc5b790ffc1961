#include "timing/ops.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "base/check.h"
#include "base/rng.h"
#include "nn/registry.h"

namespace weightroom::timing {
namespace {

using nn::Attributes;
using nn::Shape;
using List = std::vector<long long>;

// 50,176 values, 200 KB: a middle layer of a mobile net.
const Shape kMaps{1, 64, 28, 28};
const Shape kRows{1, 196, 256};

struct Row {
  const char* op;
  const char* how;
  Attributes attributes;
  std::vector<Shape> inputs;
};

// What needs other inputs than maps, or is used in more than one way.
std::vector<Row> rows() {
  const Shape of_channels{1, 64, 1, 1};
  return {
      {"add", "", {}, {kMaps, kMaps}},
      {"add", "a number a channel", {}, {kMaps, of_channels}},
      {"avg_pool", "2x2", {{"kernel", 2LL}}, {kMaps}},
      {"avg_pool", "3x3, stride 1", {{"kernel", 3LL}, {"stride", 1LL}, {"padding", 1LL}}, {kMaps}},
      {"binary", "", {}, {Shape{1, 1}}},
      {"clip", "ReLU6", {{"min", 0.0}, {"max", 6.0}}, {kMaps}},
      {"concat", "", {}, {Shape{1, 32, 28, 28}, Shape{1, 32, 28, 28}}},
      {"conv2d", "3x3", {{"out_channels", 64LL}, {"kernel", 3LL}, {"padding", 1LL}}, {kMaps}},
      {"conv2d", "1x1", {{"out_channels", 64LL}, {"kernel", 1LL}}, {kMaps}},
      {"conv2d",
       "depthwise 3x3",
       {{"out_channels", 64LL}, {"kernel", 3LL}, {"padding", 1LL}, {"groups", 64LL}},
       {kMaps}},
      {"div", "", {}, {kMaps, kMaps}},
      {"gelu", "", {}, {kMaps}},
      {"gelu", "tanh", {{"tanh", 1LL}}, {kMaps}},
      {"group_norm", "8 groups", {{"groups", 8LL}}, {kMaps}},
      {"layer_norm", "rows of 256", {}, {kRows}},
      {"linear", "256 to 256, 196 rows", {{"out_features", 256LL}}, {kRows}},
      {"linear", "1,024 to 256, one row", {{"out_features", 256LL}}, {Shape{1, 1024}}},
      {"log_softmax", "rows of 196", {{"axis", -1LL}}, {Shape{1, 4, 64, 196}}},
      {"lrn", "of 5", {{"size", 5LL}, {"alpha", 1e-4}}, {kMaps}},
      {"matmul", "", {}, {Shape{4, 196, 64}, Shape{4, 64, 196}}},
      {"max", "", {}, {kMaps, kMaps}},
      {"max_pool", "2x2", {{"kernel", 2LL}}, {kMaps}},
      {"max_pool", "3x3, stride 2", {{"kernel", 3LL}, {"stride", 2LL}, {"padding", 1LL}}, {kMaps}},
      {"min", "", {}, {kMaps, kMaps}},
      {"mul", "", {}, {kMaps, kMaps}},
      {"mul", "a number a channel", {}, {kMaps, of_channels}},
      {"pad", "by 1", {{"padding", List{1, 1, 1, 1}}}, {kMaps}},
      {"power", "square", {{"exponent", 2.0}}, {kMaps}},
      {"power", "root", {{"exponent", 0.5}}, {kMaps}},
      {"power", "1.7", {{"exponent", 1.7}}, {kMaps}},
      {"reduce_mean", "of planes", {{"axes", List{2, 3}}}, {kMaps}},
      {"reduce_mean", "of channels", {{"axes", List{1}}}, {kMaps}},
      {"reshape", "", {{"shape", List{64, 784}}}, {kMaps}},
      {"resize", "twice", {{"size", List{56, 56}}}, {kMaps}},
      {"resize", "twice, linear", {{"size", List{56, 56}}, {"mode", std::string("linear")}}, {kMaps}},
      {"slice", "half the channels", {{"start", 0LL}, {"end", 32LL}}, {kMaps}},
      {"slice", "every second column", {{"axis", 3LL}, {"step", 2LL}}, {kMaps}},
      {"softmax", "rows of 196", {{"axis", -1LL}}, {Shape{1, 4, 64, 196}}},
      {"softmax", "of channels", {}, {kMaps}},
      {"sub", "", {}, {kMaps, kMaps}},
      {"transpose", "channels last", {{"order", List{0, 2, 3, 1}}}, {kMaps}},
  };
}

struct alignas(64) Line {
  std::byte bytes[64];
};

// An op with everything that a call of it needs.
class Call {
 public:
  explicit Call(const OpUse& use) : use_(&use), inference_(use.op->infer(use.attributes, use.inputs).value()) {
    base::Rng rng(1, use.op->name);
    const auto fill = [&](const Shape& shape, double from, double to) {
      std::vector<float> values(shape.size());
      for (float& value : values) value = static_cast<float>(from + (to - from) * rng.uniform());
      return values;
    };
    // Of what has logarithms and roots, from where they are.
    const double least = use.op->name == "log" || use.op->name == "power" ? 0.1 : -4.0;
    for (const Shape& shape : use.inputs) inputs_.push_back(fill(shape, least, 8.0));
    for (const nn::WeightSpec& spec : inference_.weights) weights_.push_back(fill(spec.shape, 0.5, 1.5));
    output_.assign(inference_.output.size(), 0.0F);
    d_output_ = fill(inference_.output, -1.0, 1.0);
    for (const auto& values : inputs_) d_inputs_.emplace_back(values.size());
    for (const auto& values : weights_) d_weights_.emplace_back(values.size());
    saved_.resize((inference_.saved_bytes + 63) / 64);
    workspace_.resize(inference_.workspace_floats);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      views_.push_back({use.inputs[i], inputs_[i].data()});
      d_views_.push_back({use.inputs[i], d_inputs_[i].data()});
      values_ = std::max(values_, inputs_[i].size());
    }
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const Shape& shape = inference_.weights[i].shape;
      weight_views_.push_back({shape, weights_[i].data()});
      d_weight_views_.push_back({shape, inference_.weights[i].trainable ? d_weights_[i].data() : nullptr});
      unwanted_.push_back({shape, nullptr});
    }
    values_ = std::max(values_, output_.size());
  }

  void forward() {
    use_->op->forward({use_->attributes,
                       views_,
                       weight_views_,
                       {inference_.output, output_.data()},
                       {reinterpret_cast<std::byte*>(saved_.data()), inference_.saved_bytes},
                       workspace_});
  }
  void backward(bool weights) {
    use_->op->backward({use_->attributes,
                        views_,
                        weight_views_,
                        {inference_.output, output_.data()},
                        {inference_.output, d_output_.data()},
                        d_views_,
                        weights ? d_weight_views_ : unwanted_,
                        {reinterpret_cast<const std::byte*>(saved_.data()), inference_.saved_bytes},
                        workspace_,
                        false,
                        1,
                        use_->op->writes_fresh});
  }
  [[nodiscard]] double values() const { return static_cast<double>(values_); }

 private:
  const OpUse* use_;
  nn::Inference inference_;
  std::vector<std::vector<float>> inputs_, weights_, d_inputs_, d_weights_;
  std::vector<float> output_, d_output_, workspace_;
  std::vector<Line> saved_;
  std::vector<nn::ConstTensor> views_, weight_views_;
  std::vector<nn::Tensor> d_views_, d_weight_views_, unwanted_;
  std::size_t values_ = 0;
};

// Nanoseconds of one call.
double time_call(const std::function<void()>& call, int runs) {
  using Clock = std::chrono::steady_clock;
  constexpr double kLeast = 4e6;  // nanoseconds of a run: browsers tell the time in steps of a tenth of a millisecond
  const auto run = [&](int count) {
    const auto start = Clock::now();
    for (int i = 0; i < count; ++i) call();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  };
  int count = 1;
  while (run(count) < kLeast && count < (1 << 24)) count *= 2;
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) times.push_back(run(count) / count);
  const auto middle = times.begin() + runs / 2;
  std::ranges::nth_element(times, middle);
  return *middle;
}

}  // namespace

std::vector<OpUse> op_uses() {
  std::vector<OpUse> uses;
  const std::vector<Row> listed = rows();
  for (const nn::OpDef& op : nn::ops()) {
    if (op.constant) continue;
    const auto before = uses.size();
    for (const Row& row : listed) {
      if (op.name == row.op) uses.push_back({&op, row.how, row.attributes, row.inputs});
    }
    if (uses.size() == before) uses.push_back({&op, "", {}, {kMaps}});
  }
  return uses;
}

OpTiming time_op(const OpUse& use, int runs) {
  Call call(use);
  const auto each = [&](const std::function<void()>& work) { return time_call(work, runs) / call.values(); };
  OpTiming timing;
  timing.forward = each([&] { call.forward(); });
  timing.input_gradient = each([&] { call.backward(false); });
  timing.all_gradients = each([&] { call.backward(true); });
  return timing;
}

nlohmann::ordered_json time_ops(int runs) {
  const std::vector<OpUse> uses = op_uses();
  std::vector<OpTiming> timings;
  OpTiming relu;
  for (const OpUse& use : uses) {
    timings.push_back(time_op(use, runs));
    if (use.op->name == "relu") relu = timings.back();
  }
  CHECK(relu.forward > 0.0);
  auto rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < uses.size(); ++i) {
    rows.push_back({{"op", uses[i].op->name},
                    {"how", uses[i].how},
                    {"forward_ns", timings[i].forward},
                    {"input_gradient_ns", timings[i].input_gradient},
                    {"all_gradients_ns", timings[i].all_gradients},
                    {"forward_of_relu", timings[i].forward / relu.forward},
                    {"input_gradient_of_relu", timings[i].input_gradient / relu.input_gradient}});
  }
  return rows;
}

}  // namespace weightroom::timing
