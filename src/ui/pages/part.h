#pragma once

#include <array>
#include <string>

#include <strings/part.h>

#include "ui/panel.h"

// The part of a model that the page Edit works on.
namespace weightroom::ui {

inline constexpr int kParts = 7;
inline constexpr int kPartLayer = 4;
inline constexpr int kPartDrawn = 6;
inline constexpr std::array<Text, kParts> kPartNames{
    text::part_selected,  text::part_its_kernel, text::part_its_output,   text::part_its_input,
    text::part_its_layer, text::part_model,      text::part_what_is_drawn};
// Why one of them is not there; the whole model always is.
inline constexpr std::array<Text, kParts> kPartHelp{
    text::part_needs_weight, text::part_needs_conv, text::part_needs_weight, text::part_needs_weight,
    text::part_no_weights,   text::part_model,      text::part_needs_drawing};

// As edit::parse_region reads it; empty where there is no such part.
[[nodiscard]] std::string part_text(const document::Document& document, const UiState& ui, int part);
[[nodiscard]] std::string part_text(const document::Document& document, const UiState& ui);
// "Kernel 3,1 of conv2"; empty where there is no such part.
[[nodiscard]] std::string part_words(const document::Document& document, const UiState& ui, int part);
[[nodiscard]] std::size_t part_count(const document::Document& document, const UiState& ui);
// The output channel of the selected weight, where it is of the chosen layer; else -1.
[[nodiscard]] int lit_channel(const document::Document& document);

}  // namespace weightroom::ui
