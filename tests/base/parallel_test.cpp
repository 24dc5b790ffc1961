#include "base/parallel.h"

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weightroom::base {
namespace {

#if defined(__wasm__)
constexpr int kMostThreads = 1;  // the page and Node have one
#else
constexpr int kMostThreads = 8;
#endif

TEST(Threads, AreAtLeastOne) {
  EXPECT_EQ(threads(), 1) << "until somebody says more";
  set_threads(0);
  EXPECT_EQ(threads(), 1);
  set_threads(3);
  EXPECT_EQ(threads(), 3);
  set_threads(1);
}

TEST(ParallelFor, RunsEachIndexOnce) {
  for (int threads = 0; threads <= kMostThreads; ++threads) {
    for (int count : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
      parallel_for(count, threads, [&](int i) { ++runs[static_cast<std::size_t>(i)]; });
      for (const auto& run : runs) ASSERT_EQ(run.load(), 1);
    }
  }
}

TEST(ParallelFor, HasFinishedWhenItReturns) {
  for (int round = 0; round < 500; ++round) {
    std::vector<int> squares(50);
    parallel_for(50, kMostThreads, [&](int i) { squares[static_cast<std::size_t>(i)] = i * i; });
    ASSERT_EQ(std::accumulate(squares.begin(), squares.end(), 0), 40425);
  }
}

TEST(ParallelFor, StaysOnTheCallersThreadWhenToldOne) {
  const auto caller = std::this_thread::get_id();
  parallel_for(20, 1, [&](int) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

TEST(ParallelFor, ANestedCallRunsInline) {
  std::atomic<int> sum = 0;
  parallel_for(8, kMostThreads, [&](int) {
    const auto outer = std::this_thread::get_id();
    parallel_for(100, kMostThreads, [&](int i) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      sum += i;
    });
  });
  EXPECT_EQ(sum.load(), 8 * 4950);
}

#if !defined(__wasm__)
TEST(ParallelFor, SeveralThreadsMayCallAtOnce) {
  std::atomic<int> sum = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) parallel_for(20, 4, [&](int) { ++sum; });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(sum.load(), 4 * 100 * 20);
}
#endif

TEST(ProcessorCount, IsAtLeastOne) { EXPECT_GE(processor_count(), 1); }

}  // namespace
}  // namespace weightroom::base
