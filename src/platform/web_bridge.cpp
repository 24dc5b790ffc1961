#include <cstdlib>
#include <cstring>
#include <utility>

#include <emscripten.h>

#include "platform/shell.h"
#include "platform/web.h"

// window.weightroom, the live region, and the HTML field that raises a touch screen's keyboard.

// clang-format off
EM_JS_DEPS(weightroom_web_bridge, "$UTF8ToString,$stringToNewUTF8,free");

// shell.js made window.weightroom with `ready` and `on`; the rest needs the program.
EM_JS(void, bridge_connect, (), {
  const ask = (what, argument) => {
    const pointer = _bridge_ask(what, stringToNewUTF8(argument));
    const text = UTF8ToString(pointer);
    _free(pointer);
    return JSON.parse(text);
  };
  Object.assign(window.weightroom, {
    state(parts) {
      if (parts === undefined) return ask(0, "");
      const names = Array.isArray(parts) ? parts : [parts];
      if (names.length === 0) return {};
      const found = ask(0, names.map((name) => name + '\n').join(""));
      if (typeof found === 'string') throw new Error(found);
      return names === parts ? found : found[parts];
    },
    run: (command) => ask(1, typeof command === 'string' ? command : JSON.stringify(command)),
    where: (id) => ask(2, String(id)),
  });
});
EM_JS(void, bridge_ready, (), { Module.weightroomReady(); });
EM_JS(void, bridge_emit, (const char* event, const char* json), { Module.weightroomEmit(UTF8ToString(event), JSON.parse(UTF8ToString(json))); });
EM_JS(void, bridge_announce, (const char* sentence), { document.getElementById('live').textContent = UTF8ToString(sentence); });

EM_JS(void, bridge_edit_number, (const char* id, const char* text, float x, float y, float width, float height), {
  const field = document.getElementById('number');
  const name = UTF8ToString(id);
  const before = UTF8ToString(text);
  const finish = (commit) => {
    Module.fieldKey = field.onblur = null;
    field.hidden = true;
    if (commit && field.value.trim() !== "" && field.value !== before) _bridge_number(stringToNewUTF8(name), stringToNewUTF8(field.value));
    Module.canvas.focus({preventScroll: true});
    _web_wake();
  };
  if (field.onblur) field.onblur();
  Object.assign(field.style, {left: x + 'px', top: y + 'px', width: Math.max(width, 88) + 'px', height: Math.max(height, 44) + 'px'});
  field.value = before;
  field.hidden = false;
  field.focus({preventScroll: true});
  field.select();
  field.onblur = () => finish(true);
  Module.fieldKey = (event) => {
    if (event.key === 'Enter') finish(true);
    if (event.key === 'Escape') finish(false);
  };
});
// clang-format on

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

EMSCRIPTEN_KEEPALIVE char* bridge_ask(int what, char* argument) {
  const std::string text = web::take_string(argument);
  if (what == 0) return give_string(bridge.state(text));
  if (what == 2) return give_string(bridge.where(text));
  std::string answer = bridge.run(text);
  shell::input_arrived();
  return give_string(answer);
}

EMSCRIPTEN_KEEPALIVE void bridge_number(char* id, char* text) {
  shell::pending().numbers.push_back({web::take_string(id), web::take_string(text)});
  shell::input_arrived();
}

}  // extern "C"

bool edit_number(const std::string& id, const std::string& text, float x, float y, float width, float height) {
  bridge_edit_number(id.c_str(), text.c_str(), x, y, width, height);
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
