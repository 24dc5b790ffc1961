#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// The seam between the program and the machine: a page (web*.cpp) or a native window (native*.cpp), GLFW in both
// (glfw.cpp). Everything outside this folder is the same program in either.
namespace weightroom::platform {

using Bytes = std::vector<std::byte>;

struct Options {
  std::string title;
  int width = 1280;  // of the window; the page takes what the browser gives it
  int height = 800;
  std::vector<std::string> files;  // natively: opened as if dropped on the window
};

// ---- The window and its frames

// A window with a context and Dear ImGui's backends, or why not in a sentence.
[[nodiscard]] Status open(const Options& options);

// Calls `frame` whenever input, ask_for_frame() or a timer asks for it, until the window is closed. In the page it
// returns at once and the browser calls; natively `frame` is destroyed before the window.
void run(std::function<void()> frame);

// Another frame as soon as the screen takes one: a job or an animation is under way.
void ask_for_frame();
// Another frame in so many seconds, if nothing else asks for one before: a caret that blinks.
void ask_for_frame_in(double seconds);

// A file that the visitor chose, dropped or pasted.
struct File {
  std::string name;
  Bytes bytes;
};

// Two fingers, or the pinch of a trackpad, since the last frame; in points (CSS pixels).
struct Pinch {
  float x = 0.0F;  // centre
  float y = 0.0F;
  float scale = 1.0F;
  float dx = 0.0F;
  float dy = 0.0F;
};

// A number committed in an HTML field; see edit_number().
struct TypedNumber {
  std::string id;
  std::string text;
};

// A large file on its way into the page.
struct Reading {
  std::string name;
  double share = 0.0;  // of it, 0 to 1
};

// What came in since the last frame.
struct Frame {
  double time = 0.0;   // seconds since the start
  float width = 0.0F;  // points: CSS pixels in the page
  float height = 0.0F;
  float pixel_ratio = 1.0F;        // pixels of the screen to a point
  bool touch = false;              // the last pointer was a finger: targets grow, hover does not exist
  bool dropping = false;           // a file is held over the window
  bool context_lost = false;       // nothing can be drawn until it is restored
  bool context_restored = false;   // in this frame: every texture is to be made again
  std::optional<Reading> reading;  // holds from frame to frame, as `dropping` does
  std::vector<File> files;
  std::vector<std::string> errors;  // sentences: a file that could not be read
  std::vector<TypedNumber> numbers;
  std::optional<Pinch> pinch;
  // Of the page's Tab key, once so many of its presses (forward less backward) have come to ImGui: it has gone on from
  // the canvas, and then come to it, at its beginning (1) or from behind (-1).
  struct TabPassed {
    int after = 0;
    bool left = false;
    int entered = 0;
  };
  std::optional<TabPassed> tab;
};

// How many of the machine's own points one of ours takes, from the next frame on; 1 at first. All that is told here in
// points is in ours.
void set_zoom(float zoom);
// Pixels of the screen to a point, now; known before the frame, since fonts cannot change within one.
[[nodiscard]] float pixel_ratio();
// Whether nothing has come in that a frame would show: no hand on mouse, keys or screen, no file.
[[nodiscard]] bool quiet();
// Begins a frame of Dear ImGui as well (unless the context is lost).
[[nodiscard]] Frame begin();
// Shows what was rendered.
void end();

// ---- What only the machine knows

enum class Theme { light, dark };
[[nodiscard]] Theme preferred_theme();
void show_theme(Theme theme);  // the page's own colours (behind the canvas, loading screen) follow
[[nodiscard]] bool reduced_motion();

// A value kept for the next visit (a theme), or empty; never anything about the visitor's pictures.
[[nodiscard]] std::string remembered(std::string_view name);
void remember(std::string_view name, std::string_view value);

// ---- Files

// Opens a file dialog; `accept` as an HTML input takes it ("image/*,.safetensors"). Chosen files come with a Frame.
// False where there is none (a window without zenity or kdialog): dropping still works.
bool choose_file(const std::string& accept);
// The same for a folder of labelled pictures, which comes as one tar of them, as a dropped one does.
bool choose_folder();
[[nodiscard]] bool takes_folders();  // whether one can be chosen or dropped at all
// Whether others come with those that have come.
[[nodiscard]] bool files_coming();
// The page downloads it; natively it is written beside the working directory's files and the path returned.
Result<std::string> save_file(const std::string& name, std::span<const std::byte> bytes);
// One of the program's own files by its path relative to the page. `progress(loaded, total)` in bytes, total 0 if
// unknown.
void fetch(const std::string& path, std::function<void(double loaded, double total)> progress,
           std::function<void(Result<Bytes>)> done);
// A picture that our own decoder does not know (WebP, AVIF, HEIC), or that is too large for us, if the browser knows
// it.
struct Pixels {
  int width = 0;
  int height = 0;
  Bytes rgba;           // (height, width, 4), straight alpha
  bool shrunk = false;  // it had more than base::kMostPixels
};
[[nodiscard]] bool decodes_pictures();  // whether anybody does that here
void decode_picture(std::span<const std::byte> bytes, std::function<void(Result<Pixels>)> done);

// How many bytes gzip makes of these, as a web server would send them; done() is called once, later or at once, and
// with 0 where there is no gzip here.
void gzip_size(Bytes bytes, std::function<void(std::size_t)> done);

// ---- Edits that must not be lost

// Kept for the case that the program fails, in this tab and as long as it is open: the text that kept() gives once
// after the page was loaded again, if the visitor wants it. Empty: nothing is to be kept.
void keep(const std::string& text);
[[nodiscard]] std::string kept();
// Whether the visitor is asked before the page goes.
void ask_before_leaving(bool ask);
// How many stops the Tab key has before the one that has the focus, after it, and in all: at its ends it goes on in the
// page. `presses` have been followed so far.
struct TabStops {
  int before = 0;
  int after = 0;
  int in_all = 0;
  int presses = 0;
};
void stands_at(const TabStops& stops);

// ---- Beside the frames

// Who answers requests, which say all that is to be known, in the window; set before main(). In the page it is a
// program of its own.
using Answer = Bytes (*)(Bytes request);
bool answer_by(Answer answer);
// Has a request, in parts that are read as one, answered while frames go on: in the window by a thread, in the page by
// a worker or, where none starts, at once. done() is called once; with nothing where the worker's program came to its
// end (memory, a fault), which leaves the page as it is.
void aside(std::vector<Bytes> request, std::function<void(std::optional<Bytes>)> done);

// ---- Typing on a touch screen

// A canvas raises no keyboard: a real input (inputmode=decimal) at this rectangle, in points. False where ImGui's own
// input does (no touch, no page). The committed text comes with a Frame.
// `words`: no number is wanted but a name.
bool edit_number(const std::string& id, const std::string& text, float x, float y, float width, float height,
                 bool words);

// ---- window.weightroom

// What the page's JavaScript interface asks of the program; each returns JSON text. See docs/api.md.
struct Bridge {
  // The state, or parts of it, each name ended by a line feed; or a sentence as a string.
  std::function<std::string(std::string_view parts)> state;
  std::function<std::string(std::string_view command)> run;  // the revision, or an error sentence as a string
  std::function<std::string(std::string_view id)> where;     // {"x","y","width","height"} in CSS pixels, or null
};
void connect(Bridge bridge);
void ready();  // resolves window.weightroom.ready and takes the loading screen away
void emit(const std::string& event, const std::string& json);  // to the listeners of weightroom.on(event, f)
void announce(const std::string& sentence);                    // to the live region that screen readers read aloud

}  // namespace weightroom::platform
