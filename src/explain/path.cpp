#include "explain/path.h"

#include <algorithm>

#include "explain/pass.h"

namespace weightroom::explain {
Path::Path(const MethodInput& input, std::vector<float> baseline) : Path(input.input, std::move(baseline)) {}

Path::Path(const std::vector<float>& end, std::vector<float> baseline)
    : picture_(end), baseline_(std::move(baseline)), point_(picture_.size()), sum_(picture_.size(), 0.0) {
  CHECK(baseline_.size() == picture_.size());
}

std::span<const float> Path::at(double a) {
  for (std::size_t i = 0; i < point_.size(); ++i) {
    const auto from = static_cast<double>(baseline_[i]);
    point_[i] = static_cast<float>(from + a * (static_cast<double>(picture_[i]) - from));
  }
  return point_;
}

void Path::add(double weight, std::span<const float> gradient) {
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += weight * static_cast<double>(gradient[i]);
  weight_ += weight;
}

void Path::clear() {
  std::ranges::fill(sum_, 0.0);
  weight_ = 0.0;
}

void Path::show(std::vector<float>& values, double scale) const {
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    const double distance = static_cast<double>(picture_[i]) - static_cast<double>(baseline_[i]);
    values[i] = distance == 0.0 ? 0.0F : static_cast<float>(distance * (scale * sum_[i]));
  }
}

Decisions::Decisions()
    : rule_([this](const nn::Node& node, const nn::BackwardArgs& args) {
        look(node, args);
        return false;
      }) {}

std::uint64_t Decisions::take() { return std::exchange(hash_, 0); }

void Decisions::look(const nn::Node& node, const nn::BackwardArgs& args) {
  const nn::Traits& traits = node.op->traits;
  // FNV-1a: two patterns that differ are as good as never taken for the same.
  const auto mix = [&](std::uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001b3ULL; };
  if (traits.pieces != nullptr) {
    pieces_.resize(args.output.size());
    traits.pieces(args.inputs[0], args.output, pieces_);
    for (const std::uint8_t piece : pieces_) mix(piece + 1U);
  } else if (traits.pool == nn::Pool::largest) {
    for (const std::byte part : args.saved) mix(std::to_integer<std::uint64_t>(part));
  } else if (!is_linear(*node.op)) {
    piecewise_linear_ = false;
  }
}

}  // namespace weightroom::explain
