#pragma once

namespace weightroom::cli {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace weightroom::cli
