#include "studies/curve_file.h"

#include <cmath>

#include "base/decimal.h"

namespace weightroom::studies {

std::string curve_csv(const document::Curves& curves) {
  constexpr const char* kX[] = {"value", "share", "bits", "value"};
  std::string text = kX[static_cast<int>(curves.kind)];
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
