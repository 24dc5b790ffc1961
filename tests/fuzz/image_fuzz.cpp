#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/picture_decode.h"
#include "io/picture_format.h"
#include "io/preprocess.h"
#include "io/text.h"
#include "mutate.h"

using namespace weightroom;

// A picture that opens is whole, opens the same way again (nothing of it is left to chance), and can be made small.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  static_cast<void>(io::exif_orientation(bytes));
  // A GIF of 16 million pixels is no fault, but takes the sanitizer seconds.
  const bool gif = io::picture_format(bytes) == io::PictureFormat::gif && size > 10;
  if (gif && std::uint64_t{io::le16(bytes, 6)} * io::le16(bytes, 8) > 1'000'000) return 0;
  const auto image = io::decode_image(bytes);
  if (!image) {
    CHECK(image.error().message().ends_with('.'));
    return 0;
  }
  CHECK(image->rgb.size() == static_cast<std::size_t>(image->width) * static_cast<std::size_t>(image->height) * 3);
  if (image->rgb.size() > 1'000'000) return 0;
  CHECK(io::decode_image(bytes) == *image);
  CHECK(io::preprocess(*image, {}, 3, 8, 8).has_value());
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, most);
  if (seed % 4 != 0) fuzz::fix_png(data, mutated);
  return mutated;
}
