// "Nothing is allocated after the first forward and backward" (session.h), counted in the allocator itself.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "nn/session.h"
#include "support/nets.h"

namespace {

std::atomic<bool> counting{false};  // NOLINT: the allocator knows nobody else
std::atomic<int> allocations{0};    // NOLINT

void* counted(std::size_t size, std::size_t alignment) {
  if (counting) ++allocations;
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  void* p = std::aligned_alloc(alignment, whole > 0 ? whole : alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

// All forms end here: those for arrays and without exceptions call these.
void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t /*size*/) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t /*alignment*/) noexcept { std::free(p); }
void operator delete(void* p, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept { std::free(p); }

namespace weightroom::nn {
namespace {

TEST(Session, AllocatesNothingAfterItsFirstPass) {
  for (const test::Net& net : {test::chain_net(3), test::mixed_net(4)}) {
    Session session = net.session();
    const std::vector<float> seed = one_hot(session.batch(), session.graph().class_count(), 0);
    BackwardRequest request;
    request.d_from = seed;
    request.weights = true;
    const auto pass = [&](float change) {
      std::vector<float> input(session.input().begin(), session.input().end());
      input[0] += change;
      const float weight = session.weight_at(0) + change;
      counting = true;
      session.set_input(input);
      session.set_weights({&weight, 1}, 0);
      session.clear_d_weights();
      session.backward(request);
      counting = false;
    };
    pass(0.5F);
    EXPECT_GT(allocations.exchange(0), 0) << "the first pass does: this test counts";
    pass(0.25F);
    pass(-0.5F);
    EXPECT_EQ(allocations.exchange(0), 0);
  }
}

}  // namespace
}  // namespace weightroom::nn
