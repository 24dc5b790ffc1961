#include <cmath>

#include "base/decimal.h"
#include "studies/curves.h"

namespace weightroom::studies {

std::string curve_csv(const Curves& curves) {
  const bool of_values = curves.kind == CurveKind::weight || curves.kind == CurveKind::plane;
  std::string text = of_values ? "value" : std::string(name_of(curves.kind));
  if (!curves.y.empty()) text += ",second value";
  text += ",accuracy,loss";
  if (!curves.bytes.empty()) text += ",bytes";
  text += '\n';
  const auto number = [](double value) { return std::isfinite(value) ? base::number_text(value) : std::string(); };
  for (std::size_t i = 0; i < curves.accuracy.size(); ++i) {
    text += number(curves.x[i % curves.x.size()]);
    if (!curves.y.empty()) text += ',' + number(curves.y[i / curves.x.size()]);
    text += ',' + number(curves.accuracy[i]) + ',' + number(curves.loss[i]);
    if (!curves.bytes.empty()) text += ',' + number(curves.bytes[i]);
    text += '\n';
  }
  return text;
}

}  // namespace weightroom::studies
