#pragma once

#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

enum class Tone { notice, error };

// A sentence and a cross in the middle of the window, from `top` down. True when it was dismissed. Nothing is covered
// by it: what lies below begins banner_height() lower.
[[nodiscard]] bool banner(std::string_view id, std::string_view sentence, Tone tone, float top);
[[nodiscard]] float banner_height(std::string_view sentence);

// What is being done and how far it is, over everything; `share` from 0 to 1, below 0: nobody knows.
void progress(std::string_view words, double share, float top);

// In a card: what is missing or loading here, said quietly.
void empty_state(std::string_view words, float height);

// A drop target over the whole window while a file is held over it.
void drop_veil(std::string_view words);

}  // namespace weightroom::ui
