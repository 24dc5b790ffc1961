#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ui/panel.h"

// The part of a model that the page Edit works on.
namespace weightroom::ui {

inline constexpr int kParts = 7;
inline constexpr int kPartLayer = 4;
inline constexpr int kPartDrawn = 6;
inline constexpr std::array<std::string_view, kParts> kPartNames{
    "The lit weight", "Its kernel",      "Its output channel", "Its input channel",
    "Its layer",      "The whole model", "What you draw"};
// Why one of them may not be there.
inline constexpr std::array<std::string_view, kParts> kPartHelp{"Light a weight of this layer first.",
                                                                "Light a weight of a convolution first.",
                                                                "Light a weight of this layer first.",
                                                                "Light a weight of this layer first.",
                                                                "This layer has no weights.",
                                                                "",
                                                                "Hold Shift and drag over kernels of the wall."};

// As edit::parse_region reads it; empty where there is no such part.
[[nodiscard]] std::string part_text(const document::Document& document, const UiState& ui, int part);
[[nodiscard]] std::string part_text(const document::Document& document, const UiState& ui);
// "Kernel 3,1 of conv2"; empty where there is no such part.
[[nodiscard]] std::string part_words(const document::Document& document, const UiState& ui, int part);
[[nodiscard]] std::size_t part_count(const document::Document& document, const UiState& ui);
// The output channel of the lit weight, where it is of the chosen layer; else -1.
[[nodiscard]] int lit_channel(const document::Document& document);

}  // namespace weightroom::ui
