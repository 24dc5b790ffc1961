// window.weightroom, the live region, and the HTML field that raises a touch screen's keyboard: the page's half of
// web_bridge.cpp. Handed to the linker by --js-library: a key is a function that the program calls (or, with `$`,
// that other JavaScript calls), a key with __deps names what it needs.
/* global _bridge_ask, _bridge_number, _free, _web_wake, UTF8ToString, stringToNewUTF8 */
addToLibrary({
  // shell.js made window.weightroom with `ready` and `on`; the rest needs the program.
  bridge_connect__deps: ['bridge_ask', 'free', '$UTF8ToString', '$stringToNewUTF8'],
  bridge_connect: () => {
    const ask = (what, argument) => {
      const pointer = _bridge_ask(what, stringToNewUTF8(argument));
      const text = UTF8ToString(pointer);
      _free(pointer);
      return JSON.parse(text);
    };
    Object.assign(window.weightroom, {
      state(parts) {
        if (parts === undefined) return ask(0, '');
        const names = Array.isArray(parts) ? parts : [parts];
        if (names.length === 0) return {};
        const found = ask(0, names.map((name) => `${name}\n`).join(''));
        if (typeof found === 'string') throw new Error(found);
        return names === parts ? found : found[parts];
      },
      run: (command) => ask(1, typeof command === 'string' ? command : JSON.stringify(command)),
      where: (id) => ask(2, String(id)),
    });
  },

  bridge_ready: () => { Module.weightroomReady(); },

  bridge_emit__deps: ['$UTF8ToString'],
  bridge_emit: (event, json) => { Module.weightroomEmit(UTF8ToString(event), JSON.parse(UTF8ToString(json))); },

  bridge_announce__deps: ['$UTF8ToString'],
  bridge_announce: (sentence) => { document.getElementById('live').textContent = UTF8ToString(sentence); },

  // A field over the canvas at this rectangle in CSS pixels; leaving it or Enter commits, Escape does not.
  bridge_edit_number__deps: ['bridge_number', 'web_wake', '$UTF8ToString', '$stringToNewUTF8'],
  bridge_edit_number: (id, text, x, y, width, height, words) => {
    const field = document.getElementById('number');
    const name = UTF8ToString(id);
    const before = UTF8ToString(text);
    const finish = (commit) => {
      Module.fieldKey = field.onblur = null;
      field.hidden = true;
      if (commit && field.value.trim() !== '' && field.value !== before) {
        _bridge_number(stringToNewUTF8(name), stringToNewUTF8(field.value));
      }
      Module.canvas.focus({ preventScroll: true });
      _web_wake();
    };
    if (field.onblur) field.onblur();
    Object.assign(field.style, {
      left: `${x}px`, top: `${y}px`, width: `${Math.max(width, 88)}px`, height: `${Math.max(height, 44)}px`,
    });
    field.inputMode = words ? 'text' : 'decimal';
    field.value = before;
    field.hidden = false;
    field.focus({ preventScroll: true });
    field.select();
    field.onblur = () => finish(true);
    Module.fieldKey = (event) => {
      if (event.key === 'Enter') finish(true);
      if (event.key === 'Escape') finish(false);
    };
  },
});
