#include "base/sort.h"

namespace weightroom::base {
namespace {

// Lets the value at `at` sink until neither of the two below it comes after it.
void sink(std::size_t at, std::size_t count, const SortedPlaces& places) {
  for (std::size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && places.before(places.list, child, child + 1)) ++child;
    if (!places.before(places.list, at, child)) return;
    places.swap(places.list, at, child);
    at = child;
  }
}

}  // namespace

void sort_places(std::size_t count, const SortedPlaces& places) {
  std::size_t sorted = 1;
  while (sorted < count && !places.before(places.list, sorted, sorted - 1)) ++sorted;
  if (sorted >= count) return;
  for (std::size_t at = count / 2; at-- > 0;) sink(at, count, places);
  for (std::size_t left = count; left > 1;) {
    places.swap(places.list, 0, --left);
    sink(0, left, places);
  }
}

}  // namespace weightroom::base
