// The page and the window: wiring and frame order, a table of contents.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "app/app.h"
#include "base/parallel.h"
#include "platform/platform.h"

int main(int argc, char** argv) {
  using namespace weightroom;
  platform::Options options{.title = "Weightroom", .files = {argv + std::min(argc, 1), argv + argc}};
  if (const Status opened = platform::open(options); !opened) {
    std::fprintf(stderr, "%s\n", opened.error().message().c_str());
    return EXIT_FAILURE;
  }
  constexpr int kMostThreads = 8;  // more wait for each other longer than they help
  base::set_threads(std::min(base::processor_count(), kMostThreads));
  // In the page run() returns at once and the program lives on in this function.
  platform::run([app = std::make_shared<app::App>()] { app->frame(); });
  return EXIT_SUCCESS;
}
