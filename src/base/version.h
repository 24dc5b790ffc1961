#pragma once

namespace weightroom::base {

// Of the whole program: what CMakeLists.txt says in project().
[[nodiscard]] const char* version();

}  // namespace weightroom::base
