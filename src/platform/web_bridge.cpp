#include <cstdlib>
#include <cstring>
#include <utility>

#include "platform/shell.h"
#include "platform/web.h"

// window.weightroom, the live region, and the HTML field that raises a touch screen's keyboard; their half in
// JavaScript is web/bridge.js.

extern "C" {
void bridge_connect();
void bridge_ready();
void bridge_emit(const char* event, const char* json);
void bridge_announce(const char* sentence);
void bridge_edit_number(const char* id, const char* text, float x, float y, float width, float height, int words);
}

namespace weightroom::platform {
namespace {

Bridge bridge;  // NOLINT: set once by connect()

// As JavaScript's free() wants it.
char* give_string(const std::string& text) {
  auto* out = static_cast<char*>(std::malloc(text.size() + 1));
  std::memcpy(out, text.c_str(), text.size() + 1);
  return out;
}

}  // namespace

extern "C" {

char* bridge_ask(int what, char* argument) {
  const std::string text = web::take_string(argument);
  if (what == 0) return give_string(bridge.state(text));
  if (what == 2) return give_string(bridge.where(text));
  std::string answer = bridge.run(text);
  shell::input_arrived();
  return give_string(answer);
}

void bridge_number(char* id, char* text) {
  shell::pending().numbers.push_back({web::take_string(id), web::take_string(text)});
  shell::input_arrived();
}

}  // extern "C"

bool edit_number(const std::string& id, const std::string& text, float x, float y, float width, float height,
                 bool words) {
  const float k = shell::zoom();
  bridge_edit_number(id.c_str(), text.c_str(), k * x, k * y, k * width, k * height, words ? 1 : 0);
  return true;
}

void connect(Bridge given) {
  bridge = std::move(given);
  bridge_connect();
}

void ready() { bridge_ready(); }
void emit(const std::string& event, const std::string& json) { bridge_emit(event.c_str(), json.c_str()); }
void announce(const std::string& sentence) { bridge_announce(sentence.c_str()); }

}  // namespace weightroom::platform
