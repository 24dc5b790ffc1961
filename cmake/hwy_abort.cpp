// Highway is used from its headers alone; this is the one function they expect from its library.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include <hwy/base.h>

namespace hwy {

HWY_NORETURN void Abort(const char* file, int line, const char* format, ...) {
  std::fprintf(stderr, "%s:%d: ", file, line);
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace hwy
