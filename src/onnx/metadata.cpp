#include "onnx/metadata.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <strings/json.h>
#include <strings/model.h>
#include <strings/onnx.h>

#include "io/json.h"
#include "io/labels.h"
#include "io/model_file.h"
#include "io/preprocess.h"
#include "io/text.h"

namespace weightroom::onnx {
namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char ch) { return ch >= 'A' && ch <= 'Z' ? char(ch - 'A' + 'a') : ch; });
  return text;
}

// The value under a key of any case; empty where there is none.
std::string value_of(const Metadata& metadata, const std::string& key) {
  for (const auto& [name, value] : metadata) {
    if (lower(name) == lower(key)) return value;
  }
  return {};
}

// {0: 'tench', 1: "goldfish"}: Python's way of writing a dictionary, in the order of its numbers.
std::vector<std::string> numbered(const std::string& text) {
  std::vector<std::string> labels;
  std::size_t at = text.find_first_not_of(" \n\r\t");
  if (at == std::string::npos || text[at] != '{') return {};
  while (true) {
    at = text.find_first_of("0123456789}", at + 1);
    if (at == std::string::npos || text[at] == '}') return labels;
    if (std::strtoul(text.c_str() + at, nullptr, 10) != labels.size()) return {};
    at = text.find(':', at);
    const std::size_t open = at == std::string::npos ? at : text.find_first_of("'\"", at);
    if (open == std::string::npos) return {};
    std::string label;
    for (at = open + 1; at < text.size() && text[at] != text[open]; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      label += text[at];
    }
    labels.push_back(std::move(label));
  }
}

std::vector<std::string> listed(const std::string& text) {
  const auto json = io::parse_json(text, text::json_metadata, 3);
  if (!json) return {};
  std::vector<std::string> labels;
  if (json->is_array()) {
    for (const auto& name : *json) labels.push_back(name.is_string() ? name.get<std::string>() : io::json_text(name));
  }
  return labels;
}

bool fit(const std::vector<std::string>& labels, std::size_t classes) {
  return labels.size() == classes && std::ranges::all_of(labels, io::is_label);
}

// Beyond what a mean or a deviation of values from 0 to 1 can be.
bool above(const std::array<float, 3>& numbers) {
  return std::ranges::any_of(numbers, [](float number) { return std::abs(number) > 1.5F; });
}

// One number a channel (one for all of them will do); 0 each where there is no text.
Result<std::array<float, 3>> numbers_of(const std::string& key, const std::string& text, int channels) {
  if (text.empty()) return std::array<float, 3>{};
  const auto json = io::parse_json(text, text::json_metadata, 2);
  const auto refuse = [&] { return fail(text::onnx_metadata_list, {{"field", key}}); };
  if (!json) return refuse();
  std::vector<float> numbers;
  for (const auto& number : json->is_array() ? *json : io::Json::array({*json})) {
    if (!number.is_number()) return refuse();
    numbers.push_back(number.get<float>());
  }
  if (numbers.size() == 1) numbers.resize(3, numbers[0]);
  if (channels == 1) numbers.resize(3, numbers.empty() ? 0.0F : numbers[0]);
  if (numbers.size() != 3) return refuse();
  std::array<float, 3> all{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!std::isfinite(numbers[i])) return refuse();
    if (key == "std" && !(numbers[i] > 0.0F)) return fail(text::onnx_metadata_std);
    all[i] = numbers[i];
  }
  return all;
}

Status set_range(const std::string& range, nn::Preprocessing& preprocessing) {
  constexpr std::pair<const char*, const char*> kRanges[] = {
      {"nominalrange_0_255", "0-255"}, {"normalized_0_1", "0-1"}, {"normalized_1_1", "-1-1"}};
  for (const auto& [theirs, ours] : kRanges) {
    if (lower(range) != theirs) continue;
    set_scale(preprocessing, *io::find_scale(ours));
    return {};
  }
  return fail(text::onnx_metadata_range, {{"range", io::in_quotes(range)}});
}

}  // namespace

std::vector<std::string> two_classes(std::vector<std::string> labels) {
  if (labels.size() != 1) return labels;
  return {tr(text::onnx_label_not, {{"label", labels[0]}}), labels[0]};
}

std::vector<std::string> labels_of(const Metadata& metadata, std::size_t classes, bool one_number) {
  for (const char* key : {"labels", "classes", "class_names", "names"}) {
    const std::string text = value_of(metadata, key);
    if (text.empty()) continue;
    auto lines = io::parse_labels(io::as_bytes(text));
    if (!lines) lines.emplace();
    for (const auto& labels : {listed(text), numbered(text), *lines}) {
      if (fit(labels, classes) || (one_number && fit(labels, 1))) return labels;
    }
  }
  return {};
}

Result<Reading> reading_of(const Metadata& metadata, int channels) {
  if (const std::string ours = value_of(metadata, "preprocessing"); !ours.empty()) {
    auto read = io::parse_preprocessing(ours);
    if (read) return Reading{.preprocessing = *read, .said = true, .ours = true};
    // A number that cannot be one is ours still; a text of another kind is somebody else's key.
    if (read.error().key == text::model_std_positive || read.error().key == text::model_triple_finite)
      return std::unexpected(read.error());
  }
  const std::string format = lower(value_of(metadata, "Image.BitmapPixelFormat"));
  const std::string range = value_of(metadata, "Image.NominalPixelRange");
  const std::string mean = value_of(metadata, "mean");
  const std::string std = value_of(metadata, "std");
  const bool bgr = channels == 3 && format.starts_with("bgr");
  nn::Preprocessing reading;
  bool in_bytes = false;
  const auto means = numbers_of("mean", mean, channels);
  const auto deviations = numbers_of("std", std, channels);
  if (!means) return std::unexpected(means.error());
  if (!deviations) return std::unexpected(deviations.error());
  if (range.empty() && (mean.empty() || std.empty())) {  // at most the order is said
    if (channels == 3) set_scale(reading, *io::find_scale("imagenet"));
    io::set_bgr(reading, bgr);
    return Reading{.preprocessing = reading};
  }
  if (!mean.empty() && !std.empty()) {
    reading.mean = *means;
    reading.std = *deviations;
    in_bytes = above(*means) || above(*deviations);
    for (std::size_t i = 0; in_bytes && i < 3; ++i) {
      reading.mean[i] /= 255.0F;
      reading.std[i] /= 255.0F;
    }
  } else if (auto known = set_range(range, reading); !known) {
    return std::unexpected(known.error());
  }
  reading.bgr = bgr;  // numbers stand in the tensor's order
  return Reading{.preprocessing = reading, .said = true, .in_bytes = in_bytes};
}

}  // namespace weightroom::onnx
