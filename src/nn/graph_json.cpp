// Graph::canonical_json: RFC 8785 (JSON Canonicalization Scheme), written by hand because the graph needs so little of
// it: ASCII strings, integers, and real numbers in the shortest form that reads back (ECMAScript's Number::toString).
#include <cmath>

#include "base/decimal.h"
#include "nn/graph.h"

namespace weightroom::nn {
namespace {

void write_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char ch : text) {
    const auto code = static_cast<unsigned char>(ch);
    switch (ch) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (code < 0x20) {
          out += "\\u00";
          out += kHex[code >> 4U];
          out += kHex[code & 15U];
        } else {
          out += ch;
        }
    }
  }
  out += '"';
}

// ECMA-262, Number::toString: the shortest digits, plain notation for 1e-7 < |x| < 1e21.
void write_real(std::string& out, double value) {
  CHECK(std::isfinite(value));
  if (value == 0.0) {
    out += '0';
    return;
  }
  const base::Decimal decimal = base::shortest_decimal(value);
  const std::string& digits = decimal.digits;
  if (decimal.negative) out += '-';
  const int exponent = decimal.exponent;
  const int point = exponent + 1;  // digits before the decimal point
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    out += digits + std::string(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else {
    out += digits.substr(0, 1);
    if (count > 1) out += "." + digits.substr(1);
    out += exponent > 0 ? "e+" : "e-";
    out += std::to_string(exponent > 0 ? exponent : -exponent);
  }
}

template <class List, class Write>
void write_list(std::string& out, const List& list, Write write) {
  out += '[';
  bool first = true;
  for (const auto& element : list) {
    if (!first) out += ',';
    first = false;
    write(element);
  }
  out += ']';
}

void write_attributes(std::string& out, const Attributes& attributes) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : attributes.rows()) {  // a std::map: already in the order of RFC 8785 for ASCII
    if (!first) out += ',';
    first = false;
    write_string(out, name);
    out += ':';
    if (const auto* whole = std::get_if<long long>(&value)) {
      out += std::to_string(*whole);
    } else if (const auto* list = std::get_if<std::vector<long long>>(&value)) {
      write_list(out, *list, [&](long long element) { out += std::to_string(element); });
    } else if (const auto* real = std::get_if<double>(&value)) {
      write_real(out, *real);
    } else {
      write_string(out, std::get<std::string>(value));
    }
  }
  out += '}';
}

}  // namespace

std::string Graph::canonical_json() const {
  std::string out = "{\"input\":";
  write_list(out, spec_.input.extents(), [&](int extent) { out += std::to_string(extent); });
  out += ",\"nodes\":";
  write_list(out, spec_.nodes, [&](const NodeSpec& node) {
    out += "{\"attributes\":";
    write_attributes(out, node.attributes);
    out += ",\"inputs\":";
    write_list(out, node.inputs, [&](const std::string& name) { write_string(out, name); });
    out += ",\"name\":";
    write_string(out, node.name);
    out += ",\"op\":";
    write_string(out, node.op);
    out += '}';
  });
  return out + "}";
}

}  // namespace weightroom::nn
