#include "memory/counting.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {

std::atomic<std::size_t> held{0};    // NOLINT: the allocator knows nobody else
std::atomic<std::size_t> most{0};    // NOLINT: of `held`, since it was last set
std::atomic<std::size_t> wanted{0};  // NOLINT: a size that is looked for,
std::atomic<int> copies{0};          // NOLINT: and how often it was asked for

void* counted(std::size_t size, std::size_t alignment) {
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  void* p = std::aligned_alloc(alignment, whole > 0 ? whole : alignment);
  if (p == nullptr) throw std::bad_alloc();
  if (size == wanted) ++copies;
  const std::size_t now = held += malloc_usable_size(p);
  for (std::size_t before = most; before < now && !most.compare_exchange_weak(before, now);) {
  }
  return p;
}

void release(void* p) {
  held -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

// All forms end here: those for arrays and without exceptions call these.
void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t /*size*/) noexcept { release(p); }
void operator delete(void* p, std::align_val_t /*alignment*/) noexcept { release(p); }
void operator delete(void* p, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept { release(p); }

namespace weightroom::memory {

std::size_t held_bytes() { return held; }

Watch::Watch(std::size_t file) : before_(held) {
  most = before_;
  wanted = file;
  copies = 0;
}

double Watch::peak() const { return static_cast<double>(most - before_); }

int Watch::copies_made() const { return copies; }  // NOLINT: of this watch

}  // namespace weightroom::memory
