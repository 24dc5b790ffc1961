#pragma once

#include <string>

namespace weightroom::platform::web {

std::string take_string(char* text);  // from JavaScript's stringToNewUTF8; freed
void listen_files();                  // dropping and pasting

}  // namespace weightroom::platform::web
