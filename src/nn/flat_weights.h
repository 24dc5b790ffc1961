#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace weightroom::nn {

// All weights of a model one after another, as an immutable value: copies share the numbers. A large model is held
// once, however many documents, sessions and pages read it.
class FlatWeights {
 public:
  FlatWeights() : FlatWeights(std::vector<float>{}) {}
  FlatWeights(std::vector<float> values)  // implicit: whoever computes weights hands them over
      : values_(std::make_shared<const std::vector<float>>(std::move(values))) {}

  [[nodiscard]] std::size_t size() const { return values_->size(); }
  [[nodiscard]] bool empty() const { return values_->empty(); }
  [[nodiscard]] const float* data() const { return values_->data(); }
  [[nodiscard]] auto begin() const { return values_->begin(); }
  [[nodiscard]] auto end() const { return values_->end(); }
  [[nodiscard]] float operator[](std::size_t i) const { return (*values_)[i]; }
  // To be changed by its owner.
  [[nodiscard]] std::vector<float> copy() const { return *values_; }
  // The numbers from `offset` on, kept alive by what is returned.
  [[nodiscard]] std::shared_ptr<const float> from(std::size_t offset) const { return {values_, data() + offset}; }
  [[nodiscard]] bool operator==(const FlatWeights& other) const { return *values_ == *other.values_; }

 private:
  std::shared_ptr<const std::vector<float>> values_;
};

}  // namespace weightroom::nn
