// In the window files are opened by a thread of this program; in the page by the program of opener_program.cpp, of
// which nothing is here.
#include "opener/open_file.h"
#include "platform/platform.h"

namespace weightroom::app {

// Before main().
[[maybe_unused]] static const bool answers = platform::answer_by(opener::answer_packed);

}  // namespace weightroom::app
