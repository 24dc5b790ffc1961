#pragma once

#include <cstddef>

// Memory counted in the allocator itself, which is replaced for the whole program.
namespace weightroom::memory {

[[nodiscard]] std::size_t held_bytes();

// From here on: the most that is held above what there is now, and the blocks that are just as large as a file.
class Watch {
 public:
  explicit Watch(std::size_t file = 0);
  [[nodiscard]] double peak() const;
  [[nodiscard]] int copies_made() const;

 private:
  std::size_t before_;
};

}  // namespace weightroom::memory
