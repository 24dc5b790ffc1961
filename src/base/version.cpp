#include "base/version.h"

namespace weightroom::base {

const char* version() { return WEIGHTROOM_VERSION; }

}  // namespace weightroom::base
