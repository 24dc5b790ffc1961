// What the page tells the program of keys, pointers and its window, and what the program asks of them: the page's half
// of web.cpp. bridge.js says how such a file is read.
//
// Listeners go in front of those of Emscripten's GLFW wherever it would misread an event: it takes touches for a mouse,
// swallows Tab and Backspace of HTML fields, and loses a drag that leaves the window.
/* global _web_asks_before_leaving, _web_context, _web_pinch, _web_resized, _web_tab, _web_tab_enters, _web_touch, _web_wake, _web_wheel, GLFW, UTF8ToString, queries, stringToNewUTF8 */
addToLibrary({
  // Tab goes on in the program as long as it has a stop that way; GLFW would keep it for ever.
  web_listen_tab__deps: ['web_tab', 'web_tab_enters'],
  web_listen_tab: () => {
    const { canvas } = Module;
    let seen = null; // the Tab key that went down here
    window.addEventListener('keydown', (event) => {
      if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey) return;
      seen = event;
      if (event.repeat) { // of one press ImGui hears one key
        event.stopImmediatePropagation();
        event.preventDefault();
        return;
      }
      // What is the program's goes on to GLFW, in its turn among the other keys.
      if (document.activeElement !== canvas || !_web_tab(event.shiftKey)) event.stopImmediatePropagation();
    }, true);
    const enters = (backward) => { _web_tab_enters(backward ? 1 : 0); };
    canvas.addEventListener('focus', () => { if (seen) enters(seen.shiftKey); });
    window.addEventListener('blur', () => { seen = null; });
    // From the browser's own bar only the key's coming up is heard.
    window.addEventListener('keyup', (event) => {
      if (event.key !== 'Tab') return;
      if (!seen && document.activeElement === canvas) enters(event.shiftKey);
      seen = null;
    }, true);
  },

  web_listen_keys: () => {
    const inField = () => document.activeElement instanceof HTMLInputElement && document.activeElement.type !== 'file';
    // Ours, not the browser's: undo, redo, save, open; and Firefox's quick find.
    const ours = ({ key, ctrlKey, metaKey }) => ((ctrlKey || metaKey) && 'zyso'.includes(key.toLowerCase()))
      || key === '/' || key === "'";
    const listen = (event) => {
      const down = event.type === 'keydown';
      if (inField()) {
        event.stopImmediatePropagation();
        if (down && Module.fieldKey) Module.fieldKey(event);
        return;
      }
      if (down && ours(event)) event.preventDefault();
      // macOS never says that a letter was let go while Command is held.
      if (down && event.metaKey && event.key.length === 1) {
        const { key, code, keyCode } = event;
        setTimeout(() => window.dispatchEvent(new KeyboardEvent('keyup', { key, code, keyCode })), 0);
      }
    };
    for (const kind of ['keydown', 'keypress', 'keyup']) window.addEventListener(kind, listen, true);
  },

  web_listen_touch__deps: ['web_pinch', 'web_touch'],
  web_listen_touch: () => {
    const { canvas } = Module;
    const away = -1e9; // where nothing is: no click comes of a finger lifted there
    let pinch = null; // centre and distance of two fingers
    let finger = null;
    const measure = ([a, b]) => ({
      x: (a.clientX + b.clientX) / 2,
      y: (a.clientY + b.clientY) / 2,
      d: Math.max(8, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)),
    });
    const release = (x, y) => {
      if (finger === null) return;
      finger = null;
      _web_touch(x, y, 0);
    };
    const two = (touches) => {
      release(away, away);
      const now = measure(touches);
      if (pinch) _web_pinch(now.x, now.y, now.d / pinch.d, now.x - pinch.x, now.y - pinch.y);
      pinch = now;
    };
    const one = (kind, { clientX, clientY, identifier }) => {
      if (kind === 'touchstart') {
        finger = identifier;
        _web_touch(clientX, clientY, 1);
      }
      if (kind === 'touchmove' && finger !== null) _web_touch(clientX, clientY, -1);
      if (kind === 'touchend') release(clientX, clientY);
      if (kind === 'touchcancel') release(away, away);
    };
    const listen = (event) => {
      if (event.target !== canvas) return;
      if (event.cancelable) event.preventDefault();
      event.stopImmediatePropagation();
      const field = document.activeElement;
      if (event.type === 'touchstart' && field instanceof HTMLInputElement) field.blur();
      const touches = event.targetTouches;
      if (touches.length >= 2) two(touches);
      else if (!pinch) one(event.type, event.changedTouches[0]);
      else if (touches.length === 0) pinch = null;
    };
    for (const kind of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) {
      window.addEventListener(kind, listen, { capture: true, passive: false });
    }
  },

  web_listen_mouse__deps: ['web_pinch', 'web_wheel'],
  web_listen_mouse: () => {
    const { canvas } = Module;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'mouse') canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
    });
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    // ImGui's own listener sits on the document, where a browser lets nobody prevent its scrolling and says so on the
    // console. A trackpad's pinch arrives as a wheel with Control held.
    const wheel = (event) => {
      if (event.target !== canvas) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const points = [1, 33, 800][event.deltaMode]; // of a pixel, of a line, of a page
      const [x, y] = [event.deltaX * points, event.deltaY * points];
      if (event.ctrlKey) _web_pinch(event.clientX, event.clientY, Math.exp(-y * 0.01), 0, 0);
      else _web_wheel(-x / 100, -y / 100);
    };
    window.addEventListener('wheel', wheel, { capture: true, passive: false });
  },

  web_listen_window__deps: ['web_asks_before_leaving', 'web_context', 'web_resized', 'web_wake', '$GLFW'],
  web_listen_window: () => {
    const { canvas } = Module;
    window.addEventListener('resize', () => {
      if (GLFW.scale !== window.devicePixelRatio) GLFW.onDevicePixelRatioChange();
      _web_resized(window.innerWidth, window.innerHeight);
    });
    // Old Chromium wants the second.
    window.addEventListener('beforeunload', (event) => {
      if (!_web_asks_before_leaving()) return;
      event.preventDefault();
      event.returnValue = '';
    });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) _web_wake(); });
    canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      _web_context(1);
    });
    canvas.addEventListener('webglcontextrestored', () => _web_context(0));
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => _web_wake());
  },

  web_inner_width: () => window.innerWidth,
  web_inner_height: () => window.innerHeight,
  // Made once each: to ask anew in every frame takes milliseconds.
  $queries: {},
  web_matches__deps: ['$UTF8ToString', '$queries'],
  web_matches: (query) => {
    const words = UTF8ToString(query);
    queries[words] ??= window.matchMedia(words);
    return queries[words].matches ? 1 : 0;
  },
  web_apple: () => (/Mac|iP/.test(navigator.platform) ? 1 : 0),

  web_cursor__deps: ['$UTF8ToString'],
  web_cursor: (name) => { Module.canvas.style.cursor = UTF8ToString(name); },
  web_theme__deps: ['$UTF8ToString'],
  web_theme: (name) => { document.documentElement.dataset.theme = UTF8ToString(name); },
  web_copy__deps: ['$UTF8ToString'],
  web_copy: (text) => { navigator.clipboard?.writeText(UTF8ToString(text)).catch(() => {}); },

  // From file:// storage may be refused.
  web_recall__deps: ['$UTF8ToString', '$stringToNewUTF8'],
  web_recall: (name) => {
    let value = null;
    try {
      value = localStorage.getItem(`weightroom.${UTF8ToString(name)}`);
    } catch { /* nothing is remembered */ }
    return stringToNewUTF8(value ?? '');
  },
  web_remember__deps: ['$UTF8ToString'],
  web_remember: (name, value) => {
    try {
      localStorage.setItem(`weightroom.${UTF8ToString(name)}`, UTF8ToString(value));
    } catch { /* nor here */ }
  },

  web_keep__deps: ['$UTF8ToString'],
  web_keep: (text) => { Module.weightroomKeep(UTF8ToString(text)); },
  web_kept__deps: ['$stringToNewUTF8'],
  web_kept: () => {
    const text = Module.weightroomKept ?? '';
    Module.weightroomKept = null;
    return stringToNewUTF8(text);
  },
});
