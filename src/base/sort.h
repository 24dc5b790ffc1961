#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>

namespace weightroom::base {

// A list to be sorted, by what can be done with the places of two of its values.
struct SortedPlaces {
  void* list;
  bool (*before)(void* list, std::size_t a, std::size_t b);
  void (*swap)(void* list, std::size_t a, std::size_t b);
};
// Heap sort (Williams 1964): no memory of its own, n log n at worst.
void sort_places(std::size_t count, const SortedPlaces& places);

// What std::ranges::sort does, for lists that are short or seldom sorted. The library's is compiled anew for each kind
// of value and comparison, two to four kilobytes a time: thirty of them were a twentieth of the page's program. Not
// stable either: whoever needs one order compares until nothing is equal.
template <std::ranges::contiguous_range Range, class Less = std::ranges::less, class Projection = std::identity>
void sort(Range&& range, Less less = {}, Projection projection = {}) {
  using Value = std::ranges::range_value_t<Range>;
  struct List {
    Value* values;
    Less& less;
    Projection& projection;
  } list{std::to_address(std::ranges::begin(range)), less, projection};
  sort_places(std::ranges::size(range),
              {&list,
               [](void* of, std::size_t a, std::size_t b) {
                 const List& l = *static_cast<List*>(of);
                 return static_cast<bool>(std::invoke(l.less, std::invoke(l.projection, l.values[a]),
                                                      std::invoke(l.projection, l.values[b])));
               },
               [](void* of, std::size_t a, std::size_t b) {
                 Value* const values = static_cast<List*>(of)->values;
                 std::ranges::swap(values[a], values[b]);
               }});
}

}  // namespace weightroom::base
