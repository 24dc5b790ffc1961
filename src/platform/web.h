#pragma once

#include <cstddef>
#include <string>

#include "platform/platform.h"

namespace weightroom::platform::web {

std::string take_string(char* text);  // from JavaScript's stringToNewUTF8; freed
void listen_files();                  // dropping and pasting
// What JavaScript wrote into the room that files_allocate gave it, of which it used so much.
[[nodiscard]] Bytes take_bytes(const std::byte* at, std::size_t size);

}  // namespace weightroom::platform::web
