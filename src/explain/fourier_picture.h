#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/model.h"

namespace weightroom::explain {

// A picture as coefficients of an orthonormal Fourier basis, larger ones of lower frequencies moving faster; with three
// channels in colours that are decorrelated as those of photographs (Olah et al., the constants of Lucid).
class FourierPicture {
 public:
  FourierPicture(const nn::Shape& shape, const nn::Preprocessing& reading, std::uint64_t seed, std::uint64_t index);
  // The picture (C,H,W), each value within what the model reads as black and white.
  void show(std::span<float> picture);
  // One step of Adam uphill: `d_picture` is the gradient by what show() gave last.
  void climb(std::span<const float> d_picture, double rate);

 private:
  void to_picture(std::vector<double>& planes) const;
  void to_coefficients(std::vector<double>& planes) const;
  void mix_colours(std::vector<double>& planes, bool back) const;

  nn::Shape shape_;
  nn::Preprocessing reading_;
  std::vector<double> rows_;     // (H,H) basis
  std::vector<double> columns_;  // (W,W)
  std::vector<double> scale_;    // (H,W) of each coefficient
  std::vector<double> values_;   // (C,H,W) coefficients
  std::vector<double> level_;    // (C,H,W) between black and white, as shown last
  std::vector<double> mean_;     // Adam's
  std::vector<double> square_;
  int steps_ = 0;
};

}  // namespace weightroom::explain
