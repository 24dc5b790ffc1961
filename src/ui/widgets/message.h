#pragma once

#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

enum class Tone { notice, error };

// Over everything, at the top middle of the window: a sentence and a cross. True when it was dismissed.
[[nodiscard]] bool banner(std::string_view id, std::string_view sentence, Tone tone);

// In a card: what is missing or loading here, said quietly.
void empty_state(std::string_view words, float height);

// A drop target over the whole window while a file is held over it.
void drop_veil(std::string_view words);

}  // namespace weightroom::ui
