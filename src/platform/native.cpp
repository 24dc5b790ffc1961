#include <algorithm>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <GLFW/glfw3.h>
#include <strings/files.h>
#include <zlib.h>

#include "platform/native_files.h"
#include "platform/shell.h"

namespace weightroom::platform {
namespace {

struct Asked {
  std::function<void(std::optional<Bytes>)> done;
  Bytes answer{};
  bool answered = false;
  std::jthread thread{};
};
std::mutex asked_lock;       // NOLINT: of what a thread writes
std::list<Asked> asked;      // NOLINT: their places stay
Answer answer_of = nullptr;  // NOLINT: set once by answer_by()

void collect_answers() {
  std::list<Asked> answered;
  {
    const std::lock_guard guard(asked_lock);
    for (auto it = asked.begin(); it != asked.end();) {
      const auto next = std::next(it);
      if (it->answered) answered.splice(answered.end(), asked, it);
      it = next;
    }
  }
  for (Asked& request : answered) request.done(std::move(request.answer));
  if (!answered.empty()) shell::input_arrived();
}

}  // namespace

void run(std::function<void()> frame) {
  shell::set_frame(std::move(frame));
  while (!shell::window_closing()) {
    shell::wait_events(shell::seconds_until_frame(shell::input_left()));
    native::collect_chosen();
    collect_answers();
    if (shell::seconds_until_frame(shell::input_left()) <= 0.0) shell::draw_frame();
  }
  shell::set_frame({});
  shell::close_window();
}

Theme preferred_theme() { return Theme::light; }
void show_theme(Theme /*theme*/) {}
bool reduced_motion() { return false; }
std::string remembered(std::string_view /*name*/) { return {}; }
void remember(std::string_view /*name*/, std::string_view /*value*/) {}

void keep(const std::string& /*text*/) {}
std::string kept() { return {}; }
void ask_before_leaving(bool /*ask*/) {}
void stands_at(const TabStops& /*stops*/) {}

bool edit_number(const std::string& /*id*/, const std::string& /*text*/, float /*x*/, float /*y*/, float /*width*/,
                 float /*height*/, bool /*words*/) {
  return false;
}

bool decodes_pictures() { return false; }

// No browser decodes for a window: what stb cannot read stays unread.
void decode_picture(std::span<const std::byte> /*bytes*/, std::function<void(Result<Pixels>)> done) {
  done(fail(text::files_picture_unknown_window));
}

void gzip_size(Bytes bytes, std::function<void(std::size_t)> done) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return done(0);
  std::vector<Bytef> out(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  const std::size_t size = stream.total_out;
  deflateEnd(&stream);
  done(whole ? size : 0);
}

bool answer_by(Answer answer) {
  answer_of = answer;
  return true;
}

void aside(std::vector<Bytes> request, std::function<void(std::optional<Bytes>)> done) {
  Bytes whole;
  for (Bytes& part : request) {
    whole.insert(whole.end(), part.begin(), part.end());
    part = {};
  }
  const std::lock_guard guard(asked_lock);
  Asked& to = asked.emplace_back(Asked{.done = std::move(done)});
  to.thread = std::jthread([&to, whole = std::move(whole)]() mutable {
    Bytes answer = answer_of(std::move(whole));
    {
      const std::lock_guard inner(asked_lock);
      to.answer = std::move(answer);
      to.answered = true;
    }
    glfwPostEmptyEvent();
  });
}

void connect(Bridge /*bridge*/) {}
void ready() {}
void emit(const std::string& /*event*/, const std::string& /*json*/) {}
void announce(const std::string& /*sentence*/) {}

namespace shell {

float device_ratio() {
  float ratio = 1.0F;
  glfwGetWindowContentScale(glfwGetCurrentContext(), &ratio, nullptr);
  return ratio > 0.0F ? ratio : 1.0F;
}

void window_hints() {}

Extent window_extent(const Options& options) { return {options.width, options.height}; }

void opened(const Options& options) {
  for (const std::string& file : options.files) native::open_path(file);
  glfwSetDropCallback(glfwGetCurrentContext(), [](GLFWwindow*, int count, const char** paths) {
    for (int i = 0; i < count; ++i) native::open_path(paths[i]);
    input_arrived();
  });
}

void schedule() {}  // run() asks again by itself

void frame_ended() {}

}  // namespace shell
}  // namespace weightroom::platform
