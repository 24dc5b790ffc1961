#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "opener/open_file.h"

using namespace weightroom;

// Whatever the bytes are taken for, a request or an answer: a whole value or a sentence, and every request an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto opened = opener::unpacked_file({bytes.begin(), bytes.end()});
  if (!opened) CHECK(!opened.error().message().empty());
  const auto png = opener::unpacked_png({bytes.begin(), bytes.end()});
  if (!png) CHECK(!png.error().message().empty());
  CHECK(!opener::answer_packed({bytes.begin(), bytes.end()}).empty());
  return 0;
}
