#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace weightroom::document {

// One value of each type that was ever put in, found by that type; a type that never was has the value T{}. Types have
// ==. Copies
// share the values, which do not change. A document keeps what its pages ask in it, and needs to know none of them.
class Choices {
 public:
  template <class T>
  [[nodiscard]] const T& get() const {
    const Entry* entry = find(key<T>());
    return entry == nullptr ? none<T>() : *static_cast<const T*>(entry->value.get());
  }
  template <class T>
  void set(T value) {
    auto shared = std::make_shared<const T>(std::move(value));
    const auto it = std::ranges::find(entries_, key<T>(), &Entry::key);
    if (it == entries_.end()) {
      entries_.push_back({key<T>(), std::move(shared), &none<T>(), [](const void* a, const void* b) {
                            return a == b || *static_cast<const T*>(a) == *static_cast<const T*>(b);
                          }});
    } else {
      it->value = std::move(shared);
    }
  }

  // Whether both hold the same values; one that was never put in is T{} here too.
  [[nodiscard]] friend bool operator==(const Choices& a, const Choices& b) { return a.within(b) && b.within(a); }

 private:
  // The address of something that every type has one of.
  using Key = const void*;
  template <class T>
  static constexpr char kOneEach{};
  template <class T>
  static Key key() {
    return &kOneEach<T>;
  }
  template <class T>
  static const T& none() {
    static const T kNone{};
    return kNone;
  }
  struct Entry {
    Key key = nullptr;
    std::shared_ptr<const void> value{};
    const void* none = nullptr;
    bool (*same)(const void* a, const void* b) = nullptr;
  };
  [[nodiscard]] const Entry* find(Key key) const {
    const auto it = std::ranges::find(entries_, key, &Entry::key);
    return it == entries_.end() ? nullptr : &*it;
  }
  [[nodiscard]] bool within(const Choices& other) const {
    return std::ranges::all_of(entries_, [&](const Entry& entry) {
      const Entry* there = other.find(entry.key);
      return entry.same(entry.value.get(), there == nullptr ? entry.none : there->value.get());
    });
  }
  std::vector<Entry> entries_;
};

}  // namespace weightroom::document
