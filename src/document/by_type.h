#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace weightroom::document {

// One value of each type that was ever put in, found by that type: what keeps them needs to know none of the types.
class ByType {
 protected:
  using Key = const void*;  // the address of something that every type has one of
  template <class T>
  static Key key() {
    return &kOneEach<T>;
  }
  // The value of a type of which none was put in.
  template <class T>
  static const T& none() {
    static const T kNone{};
    return kNone;
  }
  struct Entry {
    Key key = nullptr;
    std::shared_ptr<void> value{};
    const void* none = nullptr;
    bool (*same)(const void* a, const void* b) = nullptr;  // of two values; where they are compared
  };

  [[nodiscard]] const Entry* find(Key key) const {
    for (const Entry& entry : entries_) {
      if (entry.key == key) return &entry;
    }
    return nullptr;
  }
  template <class T>
  [[nodiscard]] const T& get() const {
    const Entry* entry = find(key<T>());
    return entry == nullptr ? none<T>() : *static_cast<const T*>(entry->value.get());
  }

  std::vector<Entry> entries_;

 private:
  template <class T>
  static constexpr char kOneEach{};
};

// What a document's pages ask. Types have ==. Copies share the values, which do not change.
class Choices : ByType {
 public:
  using ByType::get;
  template <class T>
  void set(T value) {
    Entry next{key<T>(), std::make_shared<T>(std::move(value)), &none<T>(), [](const void* a, const void* b) {
                 return a == b || *static_cast<const T*>(a) == *static_cast<const T*>(b);
               }};
    for (Entry& entry : entries_) {
      if (entry.key == next.key) return std::swap(entry, next);
    }
    entries_.push_back(std::move(next));
  }

  // Whether both hold the same values; one that was never put in is T{} here too.
  [[nodiscard]] friend bool operator==(const Choices& a, const Choices& b) { return a.within(b) && b.within(a); }

 private:
  [[nodiscard]] bool within(const Choices& other) const {
    for (const Entry& entry : entries_) {
      const Entry* there = other.find(entry.key);
      if (!entry.same(entry.value.get(), there == nullptr ? entry.none : there->value.get())) return false;
    }
    return true;
  }
};

// What was found, each value at a place that stays.
class Found : ByType {
 public:
  using ByType::get;
  template <class T>
  [[nodiscard]] T& edit() {
    if (const Entry* entry = find(key<T>())) return *static_cast<T*>(entry->value.get());
    entries_.push_back({key<T>(), std::make_shared<T>()});
    return *static_cast<T*>(entries_.back().value.get());
  }
};

}  // namespace weightroom::document
