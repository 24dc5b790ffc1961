#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal.h"

namespace weightroom::cli {
namespace {

constexpr int kBarWidth = 30;
constexpr std::chrono::milliseconds kRedraw{200};

}  // namespace

// Emscripten's isatty says yes to every standard stream; that a terminal is a character device it does know.
bool on_terminal() {
  struct stat status{};
  return isatty(STDERR_FILENO) == 1 && fstat(STDERR_FILENO, &status) == 0 && S_ISCHR(status.st_mode);
}

ProgressBar::ProgressBar(std::string title)
    : title_(plain_text(title)), terminal_(on_terminal()), start_(Clock::now()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void ProgressBar::show(double share, const std::string& note) {
  if (!terminal_) return;
  const auto now = Clock::now();
  // A resumed run starts in the middle: the time left is judged by what was done since.
  if (first_share_ < 0.0) first_share_ = share;
  if (now - last_ < kRedraw) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double done = share - first_share_;
  const std::string left = done > 0.0 ? clock_text(elapsed / done * (1.0 - share)) + " left" : "";
  const int filled = std::clamp(static_cast<int>(share * kBarWidth), 0, kBarWidth);
  const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                          std::string(static_cast<std::size_t>(kBarWidth - filled), '.');
  std::fprintf(stderr, "\r\033[K%s [%s] %3.0f %% %s %s", title_.c_str(), bar.c_str(), share * 100.0, left.c_str(),
               plain_text(note).c_str());
  std::fflush(stderr);
  drawn_ = true;
}

std::string clock_text(double seconds) {
  const long long whole = static_cast<long long>(std::max(0.0, seconds) + 0.5);
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof(text), "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

}  // namespace weightroom::cli
