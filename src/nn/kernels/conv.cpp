#include "nn/kernels/conv.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "nn/kernels/conv_scatter.h"
#include "nn/kernels/conv_weight.h"
#include "nn/kernels/correlate.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/transpose.h"

namespace weightroom::nn::kernels {
namespace {

// Input y gets from output t = (y + padding - i dilation) / stride wherever that is whole. Taps i,
// i + tap_step, ... are whole for the same inputs: remainder, remainder + stride, ... So each first
// tap below tap_step makes a correlation of its own over d_y, all with step 1, and each input pixel
// that any tap reaches is in exactly one of them.
struct Phase {
  Axis axis;  // source: d_y; no outputs where the remainder lies beyond the input
  int first_tap = 0;
  int tap_step = 1;
  int remainder = 0;
};

struct PhaseAxis {
  int input, output, kernel, stride, padding, dilation;

  [[nodiscard]] int tap_step() const { return stride / std::gcd(stride, dilation); }
  [[nodiscard]] int count() const { return std::min(kernel, tap_step()); }
  [[nodiscard]] Phase phase(int first_tap) const {
    Phase phase;
    phase.first_tap = first_tap;
    phase.tap_step = tap_step();
    phase.remainder = (first_tap * dilation - padding) % stride;
    if (phase.remainder < 0) phase.remainder += stride;
    phase.axis.size = output;
    phase.axis.taps = (kernel - first_tap - 1) / phase.tap_step + 1;
    phase.axis.first = (phase.remainder + padding - first_tap * dilation) / stride;
    phase.axis.spacing = -dilation / std::gcd(stride, dilation);
    phase.axis.outputs = phase.remainder < input ? (input - phase.remainder - 1) / stride + 1 : 0;
    return phase;
  }
};

struct PhaseAxes {
  PhaseAxis vertical, horizontal;
};

PhaseAxes phase_axes(const Conv& v) {
  return {{v.in_height, v.out_height, v.kernel_y, v.stride_y, v.padding_y, v.dilation_y},
          {v.in_width, v.out_width, v.kernel_x, v.stride_x, v.padding_x, v.dilation_x}};
}

// visit(vertical phase, horizontal phase)
template <class Visit>
void for_phases(const Conv& v, const Visit& visit) {
  const auto [vertical, horizontal] = phase_axes(v);
  for (int i = 0; i < vertical.count(); ++i) {
    for (int j = 0; j < horizontal.count(); ++j) {
      const Phase y = vertical.phase(i);
      const Phase x = horizontal.phase(j);
      if (y.axis.outputs > 0 && x.axis.outputs > 0) visit(y, x);
    }
  }
}

// Weights of one group and some of its input channels, turned round for one phase: (those, O/G, taps_y, taps_x).
void turn_weights(const Conv& v, const Phase& y, const Phase& x, const float* weight, Range some, float* turned) {
  constexpr int kBlock = 16;  // channels at a time, so that both sides stay in the cache
  const int channels = v.in_channels / v.groups;
  const int outputs = v.out_channels / v.groups;
  const std::ptrdiff_t taps = static_cast<std::ptrdiff_t>(v.kernel_y) * v.kernel_x;
  const std::ptrdiff_t turned_taps = static_cast<std::ptrdiff_t>(y.axis.taps) * x.axis.taps;
  if (taps == 1) return transpose(weight + some.first, channels, outputs, some.size(), turned, outputs);
  for (int first = some.first; first < some.end; first += kBlock) {
    for (int o = 0; o < outputs; ++o) {
      for (int c = first; c < std::min(some.end, first + kBlock); ++c) {
        const float* kernel = weight + (static_cast<std::ptrdiff_t>(o) * channels + c) * taps;
        float* to = turned + (static_cast<std::ptrdiff_t>(c - some.first) * outputs + o) * turned_taps;
        if (turned_taps == taps) {
          for (std::ptrdiff_t k = 0; k < taps; ++k) to[k] = kernel[k];
          continue;
        }
        for (int i = 0; i < y.axis.taps; ++i) {
          const float* row = kernel + (y.first_tap + i * y.tap_step) * v.kernel_x + x.first_tap;
          for (int j = 0; j < x.axis.taps; ++j) *to++ = row[j * x.tap_step];
        }
      }
    }
  }
}

// Winograd turns kernels round itself, where one phase has them whole.
bool takes_weights_as_they_are(const Conv& v, const Frame& frame, int rows) {
  return v.kernel_y == 3 && v.kernel_x == 3 && suits_winograd(frame, rows);
}

// What one thread does of a pass.
struct Part {
  Range samples, groups;
  Range channels;  // of each of the groups, on the side that is written
  float* scratch;
};

// Cut by samples first, because they share nothing, then by groups, then by channels.
template <class Task>
void for_parts(const Conv& v, int channels, const Scratch& scratch, const Task& task) {
  constexpr int kLeastChannels = 8;  // two blocks of rows: fewer read the other side too often
  const int by_sample = useful_threads(scratch, v.batch);
  const int by_group = std::min(v.groups, scratch.threads / by_sample);
  const int by_channel =
      std::clamp(scratch.threads / (by_sample * by_group), 1, std::max(1, channels / kLeastChannels));
  base::parallel_for(by_sample * by_group * by_channel, scratch.threads, [&](int part) {
    task(Part{.samples = part_of(v.batch, part % by_sample, by_sample),
              .groups = part_of(v.groups, part / by_sample % by_group, by_group),
              .channels = part_of(channels, part / by_sample / by_group, by_channel),
              .scratch = scratch.of(part)});
  });
}

// One phase of one group and sample, as far as how it may be cut is concerned.
Correlation phase_job(const Conv& v, const Phase& y, const Phase& x, const Part& part) {
  return {.frame = Frame(y.axis, x.axis, v.out_channels / v.groups),
          .samples = part.samples.size(),
          .rows = part.channels.size(),
          .layer_rows = v.in_channels / v.groups};
}

// units: of all groups.
void backward_phase(const Conv& v, const Phase& y, const Phase& x, const Part& part, Range units, const float* weight,
                    const float* d_y, bool add, float* d_x) {
  const int channels = v.in_channels / v.groups;
  const int outputs = v.out_channels / v.groups;
  const std::ptrdiff_t in_plane = static_cast<std::ptrdiff_t>(v.in_height) * v.in_width;
  const std::ptrdiff_t out_plane = static_cast<std::ptrdiff_t>(v.out_height) * v.out_width;
  const std::ptrdiff_t taps = static_cast<std::ptrdiff_t>(v.kernel_y) * v.kernel_x;
  const std::ptrdiff_t group_weights = outputs * channels * taps;
  Correlation job = phase_job(v, y, x, part);
  job.source_step = v.out_channels * out_plane;
  Destination to;
  to.sample_step = v.in_channels * in_plane;
  to.channel_step = in_plane;
  to.row_step = static_cast<std::ptrdiff_t>(v.stride_y) * v.in_width;
  to.column_step = v.stride_x;
  to.add = add;
  const bool as_they_are = takes_weights_as_they_are(v, job.frame, channels);
  if (as_they_are) {
    job.a_row_step = taps;
    job.a_channel_step = taps * channels;
  }
  float* turned = part.scratch;
  float* scratch = as_they_are ? part.scratch : part.scratch + group_weights;
  for_pieces(units, correlate_units(job), [&](int piece, Range some) {
    const int g = part.groups.first + piece;
    const float* group = weight + g * group_weights;
    job.units = some;
    job.a = as_they_are ? group + part.channels.first * taps : turned;
    if (!as_they_are && some.first == 0) turn_weights(v, y, x, group, part.channels, turned);
    job.source = d_y + part.samples.first * job.source_step + g * outputs * out_plane;
    to.data = d_x + part.samples.first * to.sample_step + (g * channels + part.channels.first) * in_plane +
              static_cast<std::ptrdiff_t>(y.remainder) * v.in_width + x.remainder;
    correlate(job, to, scratch);
  });
}

// All phases of a part, or the call's share of them.
void backward_phases(const Conv& v, const Part& part, const Cut& cut, const float* weight, const float* d_y, bool add,
                     float* d_x) {
  const auto units_of_phase = [&](const Phase& y, const Phase& x) {
    return part.groups.size() * correlate_units(phase_job(v, y, x, part));
  };
  int count = 0;
  for_phases(v, [&](const Phase& y, const Phase& x) { count += units_of_phase(y, x); });
  const Range share = units_of(count, cut);
  int from = 0;
  for_phases(v, [&](const Phase& y, const Phase& x) {
    const int phase = units_of_phase(y, x);
    backward_phase(v, y, x, part, overlap(share, from, phase), weight, d_y, add, d_x);
    from += phase;
  });
}

// Kernels of one pixel see no neighbours: their plane may as well be one long row, which breaks into whole vectors once
// and not in every row.
Conv unrolled(const Conv& v) {
  Conv row = v;
  if (v.kernel_y != 1 || v.kernel_x != 1 || v.stride_y != 1 || v.stride_x != 1) return row;
  if (v.padding_y != 0 || v.padding_x != 0) return row;
  row.in_width = row.out_width = v.in_height * v.in_width;
  row.in_height = row.out_height = 1;
  return row;
}

}  // namespace

Frame forward_frame(const Conv& v, int channels) {
  const Axis y{v.in_height, v.kernel_y, -v.padding_y, v.dilation_y, v.stride_y, v.out_height};
  const Axis x{v.in_width, v.kernel_x, -v.padding_x, v.dilation_x, v.stride_x, v.out_width};
  return Frame(y, x, channels);
}

std::size_t conv_workspace(const Conv& conv) {
  const Conv v = unrolled(conv);
  const int channels = v.in_channels / v.groups;
  const int outputs = v.out_channels / v.groups;
  const auto group_weights = static_cast<std::size_t>(outputs) * static_cast<std::size_t>(channels) *
                             static_cast<std::size_t>(v.kernel_y) * static_cast<std::size_t>(v.kernel_x);
  std::size_t most =
      std::max(correlate_workspace(forward_frame(v, channels), v.batch, outputs), conv_weight_workspace(conv));
  if (suits_scatter(v)) return std::max(most, scatter_workspace(v));
  for_phases(v, [&](const Phase& y, const Phase& x) {
    const Frame frame(y.axis, x.axis, outputs);
    const std::size_t turned = takes_weights_as_they_are(v, frame, channels) ? 0 : group_weights;
    most = std::max(most, turned + correlate_workspace(frame, v.batch, channels));
  });
  return most;
}

void conv_forward(const Conv& conv, const float* x, const float* weight, const float* bias, float* y,
                  const Scratch& scratch) {
  const Conv v = unrolled(conv);
  const int channels = v.in_channels / v.groups;
  const int outputs = v.out_channels / v.groups;
  const std::ptrdiff_t in_plane = static_cast<std::ptrdiff_t>(v.in_height) * v.in_width;
  const std::ptrdiff_t out_plane = static_cast<std::ptrdiff_t>(v.out_height) * v.out_width;
  const std::ptrdiff_t row_weights = static_cast<std::ptrdiff_t>(channels) * v.kernel_y * v.kernel_x;
  const Frame frame = forward_frame(v, channels);
  for_parts(v, outputs, scratch, [&](const Part& part) {
    Correlation job{
        .frame = frame, .samples = part.samples.size(), .rows = part.channels.size(), .layer_rows = outputs};
    job.source_step = v.in_channels * in_plane;
    Destination to;
    to.sample_step = v.out_channels * out_plane;
    to.channel_step = out_plane;
    to.row_step = v.out_width;
    const int units = correlate_units(job);
    for_pieces(units_of(part.groups.size() * units, scratch.cut), units, [&](int piece, Range some) {
      const int g = part.groups.first + piece;
      const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(g) * outputs + part.channels.first;
      job.units = some;
      job.a = weight + row * row_weights;
      job.bias = bias == nullptr ? nullptr : bias + row;
      job.source = x + part.samples.first * job.source_step + g * channels * in_plane;
      to.data = y + part.samples.first * to.sample_step + row * out_plane;
      correlate(job, to, part.scratch);
    });
  });
}

void conv_backward_input(const Conv& conv, const float* weight, const float* d_y, bool add, float* d_x,
                         const Scratch& scratch) {
  const Conv v = unrolled(conv);
  const auto [vertical, horizontal] = phase_axes(v);
  // Only where there is a phase for every remainder is every pixel written.
  const bool all = vertical.count() == v.stride_y && horizontal.count() == v.stride_x;
  const bool scatter = suits_scatter(v);
  if (!add && (scatter || !all)) {
    if (scratch.cut.first())
      std::fill_n(d_x, static_cast<std::ptrdiff_t>(v.batch) * v.in_channels * v.in_height * v.in_width, 0.0F);
    add = true;
  }
  if (scatter) return scatter_backward_input(v, weight, d_y, d_x, scratch);
  for_parts(v, v.in_channels / v.groups, scratch,
            [&](const Part& part) { backward_phases(v, part, scratch.cut, weight, d_y, add, d_x); });
}

void conv_backward_bias(const Conv& v, const float* d_y, float* d_bias, const Scratch& scratch) {
  const std::size_t plane = static_cast<std::size_t>(v.out_height) * static_cast<std::size_t>(v.out_width);
  const int parts = useful_threads(scratch, v.out_channels);
  base::parallel_for(parts, scratch.threads, [&](int part) {
    const Range channels = part_of(v.out_channels, part, parts);
    for (int n = 0; n < v.batch; ++n) {
      for (int o = channels.first; o < channels.end; ++o) {
        const auto at =
            static_cast<std::size_t>(n) * static_cast<std::size_t>(v.out_channels) + static_cast<std::size_t>(o);
        d_bias[o] += sum({d_y + at * plane, plane});
      }
    }
  });
}

}  // namespace weightroom::nn::kernels
