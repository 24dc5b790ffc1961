#include <cstddef>
#include <cstdint>
#include <string>

#include "base/base64.h"
#include "base/check.h"
#include "chosen_parts.h"

using namespace weightroom;

// A choice of weights as it may come out of a file. What is read is written again as the same text, and what it is read
// as, packed anew, is read as the same; what is refused is refused in a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::ChosenParts parts;
  if (size == 0) return 0;
  const edit::Part part = parts.part(fuzz::part_of(data[0]));
  const std::size_t count = parts.count(fuzz::part_of(data[0]));
  const std::string text = fuzz::kChosenForms[fuzz::form_of(data[0])] + base::to_base64({data + 1, size - 1});
  auto chosen = edit::Chosen::parse(text);
  if (!chosen) {
    CHECK(chosen.error().message().ends_with('.'));
    return 0;
  }
  CHECK(chosen->text() == text);
  const auto bits = chosen->bits_of(part);
  if (!bits) {
    CHECK(bits.error().message().ends_with('.'));
    return 0;
  }
  if (chosen->empty()) return 0;
  CHECK(bits->size() == (count + 7) / 8);
  const edit::Chosen packed = edit::Chosen(*bits, count).packed(part);
  const auto again = edit::Chosen::parse(packed.text());
  CHECK(again.has_value());
  CHECK(*again == packed);
  CHECK(again->bits_of(part) == *bits);
  chosen->settle_count(count);
  const auto alone = edit::Chosen::parse(chosen->text());
  CHECK(alone.has_value());
  CHECK(alone->bits_of(part) == *bits);
  return 0;
}
