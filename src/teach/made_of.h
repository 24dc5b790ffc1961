#pragma once

#include "teach/head.h"

// An answer as a sum over the pictures that it was learnt from: at the optimum W_c = sum_i a_ic z_i with
//   a_ic = w_i / lambda ([y_i = c] - p_ic)
// (the representer theorem; Yeh et al., "Representer point selection for explaining deep neural networks", 2018), so
// that logit_c = b_c + sum_i a_ic <z_i, z>. For means as weights a_ic is t / n_c for the pictures of the class.
namespace weightroom::teach {

// (N, K): a_ic. Of `fitted` as the fit of these examples gives it.
[[nodiscard]] std::vector<double> fitted_coefficients(const Examples& examples, const Head& fitted,
                                                      const FitOptions& options);
[[nodiscard]] std::vector<double> instant_coefficients(const Examples& examples, double sharpness = kSharpness);

// a_ic <z_i, z> of class c for each picture: what they add to its logit.
[[nodiscard]] std::vector<double> shares(const Examples& examples, std::span<const double> coefficients, std::size_t c,
                                         std::span<const double> z);

}  // namespace weightroom::teach
