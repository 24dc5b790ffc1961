#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace weightroom::document {

// One value of each type that was ever put in, found by that type; a type that never was has the value T{}. Copies
// share the values, which do not change. A document keeps what its pages ask in it, and needs to know none of them.
class Choices {
 public:
  template <class T>
  [[nodiscard]] const T& get() const {
    static const T kNone{};
    const auto it = std::ranges::find(entries_, key<T>(), &Entry::key);
    return it == entries_.end() ? kNone : *static_cast<const T*>(it->value.get());
  }
  template <class T>
  void set(T value) {
    auto shared = std::make_shared<const T>(std::move(value));
    const auto it = std::ranges::find(entries_, key<T>(), &Entry::key);
    if (it == entries_.end()) {
      entries_.push_back({key<T>(), std::move(shared)});
    } else {
      it->value = std::move(shared);
    }
  }

 private:
  // The address of something that every type has one of.
  using Key = const void*;
  template <class T>
  static constexpr char kOneEach{};
  template <class T>
  static Key key() {
    return &kOneEach<T>;
  }
  struct Entry {
    Key key = nullptr;
    std::shared_ptr<const void> value{};
  };
  std::vector<Entry> entries_;
};

}  // namespace weightroom::document
