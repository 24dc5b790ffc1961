#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <new>
#include <utility>

#include <imgui.h>
#include <strings/files.h>

#include "base/check.h"
#include "base/limits.h"
#include "platform/shell.h"
#include "platform/web.h"

// Files in and out of the page; their half in JavaScript is web/files.js. JavaScript writes the bytes into the vector
// that the program goes on with: once.

extern "C" {
void files_listen(int most_pictures);
void files_choose(const char* accept);
void files_choose_folder();
int files_takes_folders();
void files_save(const char* name, const void* bytes, int size);
void files_fetch(int id, const char* path);
void files_decode(int id, const void* bytes, int size, double most_pixels, double most_shrunk, double shrunk_to);
void files_gzip(int id, const void* bytes, int size);
}

namespace weightroom::platform {
namespace {

struct Fetch {
  std::function<void(double, double)> progress;
  std::function<void(Result<Bytes>)> done;
};
std::map<int, Fetch> fetches;                                  // NOLINT: waiting for the network
std::map<int, std::function<void(Result<Pixels>)>> decodings;  // NOLINT: waiting for the browser
std::map<int, std::function<void(std::size_t)>> zippings;      // NOLINT: the same
// A file that is being read, of so many bytes in all.
struct Coming {
  File file;
  std::size_t size = 0;
};
std::map<int, Coming> coming;             // NOLINT: being read
std::map<const std::byte*, Bytes> rooms;  // NOLINT: written by JavaScript, by their addresses
int next_id = 1;

// So many zeros more, for which there is room. vector::resize() fills byte by byte where size counts more than speed:
// half a second for 100 MB.
void grow(Bytes& bytes, std::size_t by) {
  static const Bytes zeros(std::size_t{1} << 20U);
  CHECK(by <= bytes.capacity() - bytes.size());
  for (std::size_t left = by; left > 0;) {
    const std::size_t some = std::min(left, zeros.size());
    bytes.insert(bytes.end(), zeros.begin(), zeros.begin() + static_cast<std::ptrdiff_t>(some));
    left -= some;
  }
}

bool is_model(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name.ends_with(".onnx") || name.ends_with(".safetensors");
}

void refuse(const Error& error) {
  shell::pending().errors.push_back(error.message());
  shell::input_arrived();
}

// Why there are no pixels of a picture that the browser was to decode.
Error no_pixels(int width, int height) {
  if (width == 0) return Error{text::files_picture_unknown};
  const auto size = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  if (size <= base::kMostPixelsShrunk) return Error{text::files_no_memory_left};
  return Error{text::files_picture_too_large,
               {{"width", width}, {"height", height}, {"limit", base::kMostPixelsShrunk / 1'000'000}}};
}

}  // namespace

extern "C" {

// A file of so many bytes is about to come: its number, or -1 where it is refused.
int files_expect(char* name, double size) {
  File file{web::take_string(name), {}};
  const std::uint64_t most = is_model(file.name) ? base::kMostModelBytes : base::kMostFileBytes;
  if (size > static_cast<double>(most)) {
    refuse({text::files_too_large, {{"file", file.name}, {"limit", most / 1'000'000}}});
    return -1;
  }
  try {
    file.bytes.reserve(static_cast<std::size_t>(size));
  } catch (const std::bad_alloc&) {
    refuse({text::files_no_memory, {{"file", file.name}}});
    return -1;
  }
  coming[next_id] = {std::move(file), static_cast<std::size_t>(size)};
  return next_id++;
}

// Room for bytes that JavaScript has already, none of it in use; web::take_bytes() has it next. Null where there is
// none.
std::byte* files_allocate(std::size_t size) {
  try {
    Bytes room;
    room.reserve(std::max<std::size_t>(1, size));  // none at all would have no address
    std::byte* at = room.data();
    rooms.emplace(at, std::move(room));
    return at;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

// That much of it more is in use from now on.
void files_use(const std::byte* room, std::size_t more) { grow(rooms.at(room), more); }

// Where so many more bytes of a file go.
std::byte* files_room(int id, std::size_t more) {
  Bytes& bytes = coming.at(id).file.bytes;
  const std::size_t at = bytes.size();
  grow(bytes, more);
  return bytes.data() + at;
}

void files_reading(int id, double bytes) {
  constexpr std::size_t kWorthTelling = 4'000'000;  // what comes at once needs no bar
  const auto& [file, size] = coming.at(id);
  if (size < kWorthTelling) return;
  shell::pending().reading = Reading{file.name, bytes / static_cast<double>(size)};
  ask_for_frame();
}

void files_arrived(int id) {
  shell::pending().files.push_back(std::move(coming.extract(id).mapped().file));
  shell::pending().reading.reset();
  shell::input_arrived();
}

void files_dropped(int id) {
  coming.erase(id);
  shell::pending().reading.reset();
}

void files_refused(char* name, char* why) {
  const std::string of = web::take_string(name);
  const std::string reason = web::take_string(why);
  if (reason == "folder unreadable") {
    refuse({text::files_folder_unreadable, {{"folder", of}}});
  } else if (reason == "folder too large") {
    refuse({text::files_folder_too_large, {{"folder", of}, {"limit", base::kMostFolderPictures}}});
  } else if (reason == "folder without pictures") {
    refuse({text::files_folder_without_pictures, {{"folder", of}}});
  } else {
    refuse({text::files_unreadable, {{"file", of}}});
  }
}

void files_dropping(int held) {
  if (shell::pending().dropping == (held != 0)) return;
  shell::pending().dropping = held != 0;
  shell::input_arrived();
}

void files_text(char* text) {
  const std::string pasted = web::take_string(text);
  if (ImGui::GetIO().WantTextInput) ImGui::GetIO().AddInputCharactersUTF8(pasted.c_str());
  shell::input_arrived();
}

void files_progress(int id, double loaded, double total) {
  const auto found = fetches.find(id);
  if (found != fetches.end() && found->second.progress) found->second.progress(loaded, total);
  ask_for_frame();
}

// Without bytes: what shell.js said of it, or, where it said nothing, there was no room for them.
void files_fetched(int id, std::byte* bytes, std::size_t size, char* error) {
  const auto node = fetches.extract(id);
  if (error != nullptr) {
    node.mapped().done(fail(web::take_string(error)));
  } else if (bytes == nullptr) {
    node.mapped().done(fail(text::files_no_memory_left));
  } else {
    node.mapped().done(web::take_bytes(bytes, size));
  }
  ask_for_frame();
}

// Without pixels: larger than may be or than there is room for, or, where it has no width either, no picture that the
// browser knows.
void files_decoded(int id, std::byte* rgba, int width, int height, int shrunk) {
  const auto node = decodings.extract(id);
  if (rgba != nullptr) {
    const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4;
    node.mapped()(Pixels{width, height, web::take_bytes(rgba, size), shrunk != 0});
  } else {
    node.mapped()(std::unexpected(no_pixels(width, height)));
  }
  ask_for_frame();
}

void files_gzipped(int id, std::size_t size) {
  zippings.extract(id).mapped()(size);
  ask_for_frame();
}

}  // extern "C"

namespace web {

void listen_files() { files_listen(base::kMostFolderPictures); }

Bytes take_bytes(const std::byte* at, std::size_t size) {
  Bytes out = std::move(rooms.extract(at).mapped());
  CHECK(out.size() == size);
  return out;
}

}  // namespace web

bool choose_file(const std::string& accept) {
  files_choose(accept.c_str());
  return true;
}

bool choose_folder() {
  if (!takes_folders()) return false;
  files_choose_folder();
  return true;
}

bool takes_folders() {
  static const bool known = files_takes_folders() != 0;
  return known;
}

bool files_coming() { return !coming.empty(); }

Result<std::string> save_file(const std::string& name, std::span<const std::byte> bytes) {
  files_save(name.c_str(), bytes.data(), static_cast<int>(bytes.size()));
  return name;
}

void fetch(const std::string& path, std::function<void(double, double)> progress,
           std::function<void(Result<Bytes>)> done) {
  const int id = next_id++;
  fetches[id] = {std::move(progress), std::move(done)};
  files_fetch(id, path.c_str());
}

void gzip_size(Bytes bytes, std::function<void(std::size_t)> done) {
  const int id = next_id++;
  zippings[id] = std::move(done);
  files_gzip(id, bytes.data(), static_cast<int>(bytes.size()));
}

void decode_picture(std::span<const std::byte> bytes, std::function<void(Result<Pixels>)> done) {
  const int id = next_id++;
  decodings[id] = std::move(done);
  files_decode(id, bytes.data(), static_cast<int>(bytes.size()), base::kMostPixels, base::kMostPixelsShrunk,
               base::kPixelsOfShrunk);
}

bool decodes_pictures() { return true; }

}  // namespace weightroom::platform
