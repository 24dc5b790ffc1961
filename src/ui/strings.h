#pragma once

#include <string_view>

// Every sentence and word of the face that is not a number or a name, in one place: to be read as one text, and to be
// translated one day.
namespace weightroom::ui::strings {

inline constexpr std::string_view kName = "Weightroom";
inline constexpr std::string_view kUndo = "Undo (Ctrl+Z)";
inline constexpr std::string_view kRedo = "Redo (Ctrl+Y)";
inline constexpr std::string_view kOpen = "Open a picture or a model…";
inline constexpr std::string_view kLight = "Light theme, for projectors";
inline constexpr std::string_view kDark = "Dark theme";
inline constexpr std::string_view kCompare = "Compare";
inline constexpr std::string_view kCompareHelp = "Hold to see everything as the unedited model has it";
inline constexpr std::string_view kDrop = "Drop a picture or a model here";
inline constexpr std::string_view kTabPicture = "Picture";
inline constexpr std::string_view kTabNetwork = "Network";
inline constexpr std::string_view kTabAnswer = "Answer";

}  // namespace weightroom::ui::strings
