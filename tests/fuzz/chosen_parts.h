#pragma once

#include <array>
#include <memory>

#include "edit/chosen.h"
#include "nn/model.h"

// The parts that the choices of the corpus are of: the first byte of an input says which one, and which form.
namespace weightroom::fuzz {

inline constexpr std::array<const char*, 4> kChosenParts{"all", "conv.weight", "fc.bias", "conv.weight[1:3,0]"};
inline constexpr std::array<const char*, 4> kChosenForms{"", "runs:", "gaps:", "weights:"};

// Bits 0 and 1: the part; 2 and 3: the form; the others: nothing yet.
inline std::size_t part_of(std::uint8_t first) { return first & 3U; }
inline std::size_t form_of(std::uint8_t first) { return first >> 2U & 3U; }

class ChosenParts final : public edit::Weights {
 public:
  ChosenParts() {
    nn::GraphSpec spec;
    spec.input = {2, 6, 6};
    spec.nodes = {{"conv", "conv2d", {"input"}, {{"out_channels", 4LL}, {"kernel", 3LL}}},
                  {"flatten", "flatten", {"conv"}, {}},
                  {"fc", "linear", {"flatten"}, {{"out_features", 3LL}}}};
    graph_ = nn::Graph::build(spec).value();
    values_ = nn::initial_weights(*graph_, 1);
    for (std::size_t i = 0; i < kChosenParts.size(); ++i)
      regions_[i] = edit::parse_region(*graph_, kChosenParts[i]).value();
  }
  [[nodiscard]] edit::Part part(std::size_t i) { return {*graph_, regions_[i], *this}; }
  [[nodiscard]] std::size_t count(std::size_t i) const { return edit::count_of(edit::runs_of(*graph_, regions_[i])); }

  std::span<const float> read(int tensor) override {
    const nn::GraphWeight& weight = graph_->weights()[static_cast<std::size_t>(tensor)];
    return std::span<const float>(values_).subspan(weight.offset, weight.shape.size());
  }
  void write(int, std::span<const float>) override {}

 private:
  std::shared_ptr<const nn::Graph> graph_;
  std::vector<float> values_;
  std::array<edit::Region, kChosenParts.size()> regions_;
};

}  // namespace weightroom::fuzz
