#pragma once

#include <string>

namespace weightroom::platform::native {

// Reads a file and hands it to the next frame; a folder or an unreadable one becomes an error's sentence.
void open_path(const std::string& path);
// Takes over what a file dialog (a thread of its own) has brought.
void collect_chosen();

}  // namespace weightroom::platform::native
