#include "timing/ops.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

#include "base/check.h"
#include "base/rng.h"

namespace weightroom::timing {
namespace {

using nn::Shape;
struct alignas(64) Line {
  std::byte bytes[64];
};

// An op with everything that a call of it needs.
class Call {
 public:
  explicit Call(const nn::OpUse& use) : use_(&use), inference_(use.op->infer(use.attributes, use.inputs).value()) {
    base::Rng rng(1, use.op->name);
    const auto fill = [&](const Shape& shape, double from, double to) {
      std::vector<float> values(shape.size());
      for (float& value : values) value = static_cast<float>(from + (to - from) * rng.uniform());
      return values;
    };
    for (const Shape& shape : use.inputs) inputs_.push_back(fill(shape, use.least, 8.0));
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
  const nn::OpUse* use_;
  nn::Inference inference_;
  std::vector<std::vector<float>> inputs_, weights_, d_inputs_, d_weights_;
  std::vector<float> output_, d_output_, workspace_;
  std::vector<Line> saved_;
  std::vector<nn::ConstTensor> views_, weight_views_;
  std::vector<nn::Tensor> d_views_, d_weight_views_, unwanted_;
  std::size_t values_ = 0;
};

// Nanoseconds of one call, the fastest of so many runs.
double time_call(const std::function<void()>& call, int runs) {
  using Clock = std::chrono::steady_clock;
  constexpr double kLeast = 4e6;  // nanoseconds of a run: browsers tell the time in steps of a tenth of a millisecond
  constexpr double kWarm = 5e7;   // before the first: an engine compiles anew what it has seen to take long
  const auto run = [&](int count) {
    const auto start = Clock::now();
    for (int i = 0; i < count; ++i) call();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  };
  int count = 1;
  while (run(count) < kLeast && count < (1 << 24)) count *= 2;
  for (double warm = 0.0; warm < kWarm;) warm += run(count);
  double fastest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < runs; ++i) fastest = std::min(fastest, run(count));
  return fastest / count;
}

}  // namespace

OpTiming time_op(const nn::OpUse& use, int runs) {
  Call call(use);
  const auto each = [&](const std::function<void()>& work) { return time_call(work, runs) / call.values(); };
  OpTiming timing;
  timing.forward = each([&] { call.forward(); });
  timing.input_gradient = each([&] { call.backward(false); });
  timing.all_gradients = each([&] { call.backward(true); });
  return timing;
}

nlohmann::ordered_json time_ops(int runs) {
  const std::vector<nn::OpUse> uses = nn::op_uses();
  std::vector<OpTiming> timings;
  OpTiming relu;
  for (const nn::OpUse& use : uses) {
    timings.push_back(time_op(use, runs));
    if (use.yardstick) relu = timings.back();
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
