#include "nn/ops/broadcast.h"

#include <algorithm>
#include <string>

#include <strings/infer.h>

#include "nn/ops/rules.h"

namespace weightroom::nn {

Result<Broadcast> Broadcast::plan(const Shape& a, const Shape& b) {
  const auto refuse = [&] { return fail(text::infer_broadcast, {{"first", a.text()}, {"second", b.text()}}); };
  if (a.rank() != b.rank()) return refuse();
  Broadcast result;
  for (int axis = 0; axis < a.rank(); ++axis) {
    if (a[axis] != b[axis] && a[axis] != 1 && b[axis] != 1) return refuse();
    result.output_.push_back(std::max(a[axis], b[axis]));
  }
  // From the innermost axis outwards: an axis joins the one inside it where both inputs go on in memory across the two.
  std::array<Axis, Shape::kMaxRank> inward{};
  std::size_t count = 0;
  std::size_t a_size = 1;
  std::size_t b_size = 1;
  std::size_t y_size = 1;
  for (int axis = a.rank() - 1; axis >= 0; --axis) {
    const auto extent = static_cast<std::size_t>(result.output_[axis]);
    const Axis here{extent, a[axis] == 1 ? 0 : a_size, b[axis] == 1 ? 0 : b_size, y_size};
    a_size *= static_cast<std::size_t>(a[axis]);
    b_size *= static_cast<std::size_t>(b[axis]);
    y_size *= extent;
    if (extent == 1) continue;
    if (count > 0) {
      Axis& inner = inward[count - 1];
      const auto goes_on = [&](std::size_t step, std::size_t inner_step) { return step == inner_step * inner.extent; };
      if (goes_on(here.a, inner.a) && goes_on(here.b, inner.b)) {
        inner.extent *= extent;
        continue;
      }
    }
    inward[count++] = here;
  }
  if (count == 0) inward[count++] = {1, 0, 0, 1};  // one value each
  std::reverse_copy(inward.begin(), inward.begin() + static_cast<std::ptrdiff_t>(count), result.axes_.begin());
  result.count_ = count;
  return result;
}

void Broadcast::apply(const kernels::LaneFunction& f, const float* a, const float* b, float* y) const {
  for_runs([&](const Run& run) {
    kernels::apply(f, {{a + run.a, a_moves()}, {b + run.b, b_moves()}}, run_length(), y + run.y);
  });
}

void Broadcast::add_share(const kernels::LaneFunction& f, const float* dy, const float* a, const float* b, Side side,
                          float* d) const {
  const bool moves = side == Side::a ? a_moves() : b_moves();
  for_runs([&](const Run& run) {
    const std::initializer_list<kernels::LaneInput> inputs = {
        {dy + run.y}, {a + run.a, a_moves()}, {b + run.b, b_moves()}};
    float* to = d + (side == Side::a ? run.a : run.b);
    if (moves) {
      kernels::apply_added(f, inputs, run_length(), to);
    } else {
      *to += static_cast<float>(kernels::apply_summed(f, inputs, run_length()));
    }
  });
}

namespace broadcast {

Result<Inference> infer(const Attributes& attributes, std::span<const Shape> inputs) {
  if (auto ok = check_attributes(attributes, {}); !ok) return std::unexpected(ok.error());
  if (auto ok = check_inputs(inputs, 2, 1, Shape::kMaxRank); !ok) return std::unexpected(ok.error());
  const auto plan = Broadcast::plan(inputs[0], inputs[1]);
  if (!plan) return std::unexpected(plan.error());
  if (auto ok = check_size(plan->output()); !ok) return std::unexpected(ok.error());
  return Inference{.output = plan->output(), .weights = {}};
}

OpCases cases() {
  return {
      .good = {{{}, {Shape{1, 3, 5, 7}, Shape{1, 3, 5, 7}}},  // alike
               {{}, {Shape{3, 4, 4, 3}, Shape{3, 4, 4, 3}}},
               {{}, {Shape{3, 5}, Shape{3, 5}}},
               {{},
                {Shape{3, 4, 3, 5}, Shape{3, 4, 1, 1}}},  // a number a channel of each sample (squeeze and excitation)
               {{}, {Shape{3, 4, 3, 5}, Shape{1, 4, 1, 1}}},  // a number a channel
               {{}, {Shape{1, 1, 1, 6}, Shape{3, 4, 2, 6}}},  // a number a column
               {{}, {Shape{3, 4, 2, 6}, Shape{1, 1, 1, 1}}},  // one number
               {{}, {Shape{3, 1, 6}, Shape{3, 5, 1}}},        // both are repeated
               {{}, {Shape{1, 1}, Shape{1, 1}}}},
      .bad = {{{}, {Shape{1, 3, 4, 4}}},
              {{}, {Shape{1, 3, 4, 4}, Shape{1, 3, 4, 5}}},
              {{}, {Shape{1, 3, 4, 4}, Shape{1, 3, 16}}},
              {{}, {Shape{1, 0}, Shape{1, 0}}},
              {{}, {Shape{1, 1 << 15, 1}, Shape{1, 1, 1 << 15}}},
              {{{"axis", 1LL}}, {Shape{1, 3}, Shape{1, 3}}}}};
}

}  // namespace broadcast
}  // namespace weightroom::nn
