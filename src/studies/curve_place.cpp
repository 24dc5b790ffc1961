// Where the loaded model and the present one stand on the axis of a curve: told by the weights alone.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/float16.h"
#include "base/quantiser.h"
#include "edit/region.h"
#include "studies/curves.h"

namespace weightroom::studies {
namespace {

constexpr int kMostBits = 16;

// The weights that pruning and quantising are about: biases and the like stay as they are.
struct PartOfTensor {
  const nn::GraphWeight* tensor;
  std::size_t first;
  std::size_t count;
};
std::vector<PartOfTensor> parts_of(const nn::Graph& graph, const edit::Region& region) {
  std::vector<PartOfTensor> parts;
  for (const edit::Run& run : edit::runs_of(graph, region)) {
    const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(run.tensor)];
    if (tensor.trainable && tensor.shape.rank() >= 2) parts.push_back({&tensor, run.first, run.count});
  }
  return parts;
}

std::optional<double> share_of_zeros(const std::vector<PartOfTensor>& parts, const document::PagedWeights& weights) {
  std::size_t zeros = 0;
  std::size_t all = 0;
  std::vector<float> scratch;
  for (const PartOfTensor& part : parts) {
    const auto values = weights.values(part.first, part.count, scratch);
    zeros += static_cast<std::size_t>(std::ranges::count(values, 0.0F));
    all += part.count;
  }
  if (all == 0) return std::nullopt;
  return static_cast<double>(zeros) / static_cast<double>(all);
}

std::array<float, 2> ends_of(std::span<const float> values) {
  const auto [least, most] = std::ranges::minmax(values);
  return {least, most};
}

// Whether so many bits and a scale hold them all. Of more than one bit the smallest and the largest tell the scale, as
// closely as it takes to see of most values at once that they are no codes.
bool fits(std::span<const float> values, std::array<float, 2> ends, int bits) {
  if (bits == 1) return base::quantiser_of(values, 1, false).has_value();
  constexpr double kNear = 0.02;  // of a code: the scale's last places times 2^15 codes, and more
  for (const bool affine : {false, true}) {
    const auto scale = static_cast<double>(base::Quantiser(ends, bits, affine).scale());
    const bool near = scale > 0.0 && std::ranges::all_of(values, [&](float v) {
                        const double at = static_cast<double>(v) / scale;
                        return std::fabs(at - std::round(at)) < kNear;
                      });
    if (near && base::quantiser_of(values, bits, affine)) return true;
  }
  return false;
}

// A scale for each output channel.
bool fits_by_channel(const PartOfTensor& part, std::span<const float> values, int bits) {
  const std::size_t each = part.tensor->shape.sample_size();
  if (part.count % each != 0) return false;
  for (std::size_t at = 0; at < values.size(); at += each) {
    const auto channel = values.subspan(at, each);
    if (!fits(channel, ends_of(channel), bits)) return false;
  }
  return true;
}

double bits_of(const PartOfTensor& part, std::span<const float> values) {
  const auto ends = ends_of(values);
  for (int bits = 1; bits <= kMostBits; ++bits) {
    if (fits(values, ends, bits) || fits_by_channel(part, values, bits)) return bits;
  }
  return std::ranges::all_of(values, base::fits_half) ? kMostBits : kBitsOfFloat;
}

std::optional<double> most_bits(const std::vector<PartOfTensor>& parts, const document::PagedWeights& weights) {
  std::optional<double> most;
  std::vector<float> scratch;
  for (const PartOfTensor& part : parts)
    most = std::max(most.value_or(0.0), bits_of(part, weights.values(part.first, part.count, scratch)));
  return most;
}

}  // namespace

std::optional<double> curve_place(const document::Document& document, const document::PagedWeights& weights) {
  const CurveChoice& choice = document.choice<CurveChoice>();
  if (choice.kind == CurveKind::weight || choice.kind == CurveKind::plane) {
    if (!document.selection.weight) return std::nullopt;
    return static_cast<double>(weights[nn::flat_index(document.graph(), *document.selection.weight)]);
  }
  const auto region = edit::parse_region(document.graph(), choice.on);
  if (!region) return std::nullopt;
  const auto parts = parts_of(document.graph(), *region);
  return choice.kind == CurveKind::share ? share_of_zeros(parts, weights) : most_bits(parts, weights);
}

}  // namespace weightroom::studies
