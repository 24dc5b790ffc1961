#include "platform/native_files.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <GLFW/glfw3.h>
#include <strings/files.h>
#include <sys/wait.h>

#include "platform/shell.h"

namespace weightroom::platform {
namespace {

namespace fs = std::filesystem;

std::mutex chosen_lock;
std::vector<std::string> chosen;  // paths from dialogs, guarded by chosen_lock
bool dialog_open = false;         // guarded by chosen_lock

Result<Bytes> read_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return fail(text::files_is_folder, {{"file", path.filename().string()}});
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return fail(text::files_cannot_open, {{"file", path.string()}});
  Bytes bytes(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)));
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
    return fail(text::files_ends_early, {{"file", path.string()}});
  }
  return bytes;
}

// "models/everyday.safetensors" of the page, beside the program or in the source tree that it was built from (there the
// models lie in assets/ and the samples in .toolchain/samples/).
Result<fs::path> find_asset(const fs::path& path) {
  std::error_code error;
  fs::path leaf;
  for (auto part = std::next(path.begin()); part != path.end(); ++part) leaf /= *part;
  fs::path folder = fs::canonical("/proc/self/exe", error).parent_path();
  for (int up = 0; up < 4 && !folder.empty(); ++up, folder = folder.parent_path()) {
    for (const fs::path& candidate :
         {folder / path, folder / "assets" / leaf, folder / ".toolchain" / path, folder / "share/weightroom" / path}) {
      if (fs::exists(candidate, error)) return candidate;
    }
  }
  return fail(text::files_not_beside, {{"file", path.string()}});
}

bool on_path(const char* program) {
  const std::string command = std::string("command -v ") + program + " >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

// The dialog's answer, or empty where it was cancelled.
std::string ask(const std::string& command) {
  std::string path;
  if (std::FILE* pipe = popen(command.c_str(), "r")) {
    std::array<char, 4096> line{};
    if (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) path = line.data();
    pclose(pipe);
  }
  while (!path.empty() && (path.back() == '\n' || path.back() == '\r')) path.pop_back();
  return path;
}

// As one word of a command.
std::string in_shell(const std::string& words) {
  std::string out = "'";
  for (const char c : words) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

namespace native {

void open_path(const std::string& path) {
  auto bytes = read_file(path);
  Frame& frame = shell::pending();
  if (bytes) {
    frame.files.push_back({fs::path(path).filename().string(), std::move(*bytes)});
  } else {
    frame.errors.push_back(bytes.error().message());
  }
}

void collect_chosen() {
  const std::lock_guard guard(chosen_lock);
  for (const std::string& path : chosen) open_path(path);
  if (!chosen.empty()) shell::input_arrived();
  chosen.clear();
}

}  // namespace native

bool choose_file(const std::string& /*accept*/) {
  std::string command;
  if (on_path("zenity")) {
    command = "zenity --file-selection --title=" + in_shell(tr(text::files_dialog)) + " 2>/dev/null";
  } else if (on_path("kdialog")) {
    command = "kdialog --getopenfilename . 2>/dev/null";
  } else {
    return false;
  }
  const std::lock_guard guard(chosen_lock);
  if (dialog_open) return true;
  dialog_open = true;
  // The window goes on drawing while the dialog is open.
  std::thread([command] {
    const std::string path = ask(command);
    {
      const std::lock_guard inner(chosen_lock);
      dialog_open = false;
      if (!path.empty()) chosen.push_back(path);
    }
    glfwPostEmptyEvent();
  }).detach();
  return true;
}

bool choose_folder() { return false; }

bool takes_folders() { return false; }

bool files_coming() { return false; }

Result<std::string> save_file(const std::string& name, std::span<const std::byte> bytes) {
  fs::path path = fs::current_path() / fs::path(name).filename();
  const fs::path stem = path.stem();
  for (int n = 2; fs::exists(path); ++n)
    path.replace_filename(stem.string() + "-" + std::to_string(n) + fs::path(name).extension().string());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) return fail(text::files_cannot_write, {{"file", path.string()}});
  return path.string();
}

void fetch(const std::string& path, std::function<void(double, double)> progress,
           std::function<void(Result<Bytes>)> done) {
  const auto file = find_asset(path);
  auto bytes = file ? read_file(*file) : Result<Bytes>(std::unexpected(file.error()));
  if (bytes && progress) progress(static_cast<double>(bytes->size()), static_cast<double>(bytes->size()));
  done(std::move(bytes));
}

}  // namespace weightroom::platform
