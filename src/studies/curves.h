#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/weight_ref.h"
#include "studies/study.h"

namespace weightroom::studies {

// How the accuracy of the loaded model, on the labelled set, would depend on what is edited.
enum class CurveKind {
  weight,  // the selected weight's value
  share,   // the share of a part's weights that is pruned, smallest first
  bits,    // of a part's weights, quantised
  plane,   // the values of two weights
};
[[nodiscard]] std::string_view name_of(CurveKind kind);

struct CurveChoice {
  static constexpr std::string_view kPart = "curve";
  CurveKind kind = CurveKind::weight;
  std::string on = "all";                 // the part that is pruned or quantised (edit/region.h)
  std::optional<nn::WeightRef> second{};  // of a plane; the selected weight is the first
  void for_another_model() {
    on = "all";
    second.reset();
  }
  [[nodiscard]] bool operator==(const CurveChoice&) const = default;
};

struct Curves {
  CurveKind kind = CurveKind::weight;
  std::string what{};                  // the weight, or the part
  std::string second{};                // of a plane
  std::vector<nn::WeightRef> moved{};  // the weights that x and y are values of; none where x is of a part
  std::vector<double> x{};
  std::vector<double> y{};  // of a plane: the second weight's values
  // One a value of x, or (y,x); NaN: not measured yet.
  std::vector<double> accuracy{};
  std::vector<double> loss{};
  std::vector<double> bytes{};  // of the smallest file; empty where weights stay as many as they are
  std::size_t pictures = 0;
  bool lacks_set = false;     // there is no labelled set to measure on
  bool lacks_weight = false;  // no weight is lit, or no second one is chosen
};

// Whether the curves that `a` asks for are those of `b`: edits play no part.
[[nodiscard]] bool same_curves(const document::Document& a, const document::Document& b);

// Where a model with these weights stands on a curve's axis: the value of the selected weight; the share of the part's
// weights, of those that pruning may take, that are 0; the least bits of a weight that hold the part as it is. Nothing
// where the document has no such weight or part.
[[nodiscard]] std::optional<double> curve_place(const document::Document& document,
                                                const document::PagedWeights& weights);
inline constexpr double kBitsOfFloat = 32.0;  // of weights that no fewer hold

// A row a point under a row of names; what is not measured yet is left empty.
[[nodiscard]] std::string curve_csv(const Curves& curves);

}  // namespace weightroom::studies
