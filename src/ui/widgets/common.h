#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/language.h"
#include "ui/panel.h"

namespace weightroom::ui {

// "cat" for class i, or its number where the model gives no label.
[[nodiscard]] std::string class_label(const document::Document& document, int index);

[[nodiscard]] const std::string& node_name(const document::Document& document, int node);

// A sentence without arguments, for what draws it in this frame: tr() that copies nothing.
[[nodiscard]] std::string_view say(Text key);

// Numbers for people.
using base::bytes_text;
using base::decimal;
using base::grouped;
using base::percent;
using base::short_number;

// How much of something is done: never 100 % before it is.
[[nodiscard]] std::string percent_done(double share);

// "cat  78.1 %"; only of a view that is answered().
[[nodiscard]] std::string top_answer(const View& view);

// The id of a weight's cell: conv1.weight[3,0,1,2] is "weight/conv1/3/0/1/2", fc.bias[4] is "bias/fc/4".
[[nodiscard]] std::string weight_id(const nn::Graph& graph, nn::WeightRef ref);

// Selects this layer. Where the selected weight belongs to another layer (or output channel, if one is given), the
// weight of this one that moves the target most is selected in its place.
void choose_layer(const View& view, int node, CommandQueue& commands, std::optional<int> channel = std::nullopt);

// Revision for textures: a number that changes whenever this shared value does.
template <class T>
[[nodiscard]] std::uint64_t revision_of(const std::shared_ptr<T>& value) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(value.get()));
}

// The picture on the bench as large as it is kept for drawing.
[[nodiscard]] gfx::Sprite picture_sprite(const View& view, const document::Picture& picture);

// Whether "Drag this weight." is on the screen: until something was edited.
[[nodiscard]] bool first_words(const View& view, const UiState& ui);

}  // namespace weightroom::ui
