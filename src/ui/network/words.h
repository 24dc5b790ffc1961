#pragma once

#include <span>
#include <string>
#include <vector>

#include "ui/panel.h"

// What the network panel says: layers and places in words, sums with their numbers.
namespace weightroom::ui::network {

[[nodiscard]] const nn::Node& node_of(const View& view, int node);

// A value of a layer's output: UiState::Hover with a node that is there.
using Place = UiState::Hover;

// What a layer does, in as few words as fit over its maps: "3×3 filters".
[[nodiscard]] std::string op_words(const nn::Graph& graph, int node);
// The same in a sentence.
[[nodiscard]] std::string op_sentence(const nn::Graph& graph, int node);
[[nodiscard]] std::string shape_words(const nn::Shape& output);  // "12×64×64", "24"
// "relu1, map 5, row 12, column 40"; of the last layers "fc, cat".
[[nodiscard]] std::string place_words(const document::Document& document, const Place& place);
// "Sees rows 10–14, columns 38–42 of the picture."
[[nodiscard]] std::string field_words(const nn::Graph& graph, const Place& place);
// How the value came about, one line each: the sum with its first terms (that of the selected weight leads), the
// maximum, the mean. Empty for the input.
[[nodiscard]] std::vector<std::string> sum_words(const View& view, const Place& place);
// What a weight joins: "Kernel of output channel 8, input channel 0", "From value 3 to cat".
[[nodiscard]] std::string weight_words(const document::Document& document, nn::WeightRef ref);
// Set apart on a tinted ground.
void draw_sum(std::span<const std::string> lines, float width);
[[nodiscard]] float value_at(const View& view, const Place& place);
// The place of the channel's largest value without sign.
[[nodiscard]] Place strongest(const View& view, int node, int channel);

// Every value belongs to a class: the logits, and the softmax of them.
[[nodiscard]] bool is_answer(const nn::Graph& graph, int node);
// Of a map's values all together, one number.
[[nodiscard]] bool is_mean_of_map(const nn::Node& node);
// A layer whose output has no height and width.
[[nodiscard]] bool is_flat(const nn::Graph& graph, int node);

}  // namespace weightroom::ui::network
