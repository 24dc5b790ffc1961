#pragma once

#include <string>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include "base/result.h"

// A protobuf message read field by field.
namespace weightroom::onnx {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

// A damaged file, thrown up to parse_onnx: the reader below is as deep as the messages nest.
struct Refusal {
  Error why;
};

// protozero leaves it to its user to ask for a field as the file has it; here each getter sees to it.
class Message {
 public:
  explicit Message(const pbf_reader& reader) : reader_(reader) {}

  bool next() { return reader_.next(); }
  bool next(protozero::pbf_tag_type tag) { return reader_.next(tag); }
  [[nodiscard]] int tag() const { return static_cast<int>(reader_.tag()); }
  void skip() { reader_.skip(); }

  long long integer() {
    need(pbf_wire_type::varint);
    return reader_.get_int64();
  }
  float real() {
    need(pbf_wire_type::fixed32);
    return reader_.get_float();
  }
  std::string text() {
    need(pbf_wire_type::length_delimited);
    return reader_.get_string();
  }
  std::span<const std::byte> bytes() {
    need(pbf_wire_type::length_delimited);
    const auto view = reader_.get_view();
    return std::as_bytes(std::span(view.data(), view.size()));
  }
  Message message() {
    need(pbf_wire_type::length_delimited);
    return Message(reader_.get_message());
  }
  // A repeated number may be written packed (one run of bytes) or value by value.
  void integers(std::vector<long long>& out) {
    if (!packed()) return out.push_back(integer());
    for (const auto value : reader_.get_packed_int64()) out.push_back(value);
  }
  void reals(std::vector<float>& out) {
    if (!packed()) return out.push_back(real());
    for (const float value : reader_.get_packed_float()) out.push_back(value);
  }
  void doubles(std::vector<double>& out) {
    if (packed()) {
      for (const double value : reader_.get_packed_double()) out.push_back(value);
    } else {
      need(pbf_wire_type::fixed64);
      out.push_back(reader_.get_double());
    }
  }

 private:
  [[nodiscard]] bool packed() const { return reader_.wire_type() == pbf_wire_type::length_delimited; }
  void need(pbf_wire_type type) const {
    if (reader_.wire_type() != type) throw protozero::unknown_pbf_wire_type_exception();
  }

  pbf_reader reader_;
};

}  // namespace weightroom::onnx
