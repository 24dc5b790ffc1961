#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "nn/model.h"

// What a model file's metadata says of the numbers that go into the layer of the logits (io/model_file.h).
namespace weightroom::io {

inline constexpr const char* kGaugeKey = "none_of_these";
inline constexpr const char* kFeatureScaleKey = "feature_scale";

// Nothing is changed where the text is empty. Refuses by a sentence what is no gauge, and one of another count of
// weights than the graph has features.
[[nodiscard]] Status read_gauge(std::string_view text, const nn::Graph& graph, std::optional<nn::NoneOfThese>& out);
[[nodiscard]] std::string gauge_text(const nn::NoneOfThese& gauge);

// The same of nn::Model::feature_scale: a number above 0.
[[nodiscard]] Status read_feature_scale(std::string_view text, float& out);

}  // namespace weightroom::io
