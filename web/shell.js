// Starts the program: brings its bytes with a progress bar, says clearly where a browser cannot run it, and makes the
// early half of window.weightroom. What the program is about is not known here.
(() => {
  'use strict';
  const embedded = typeof WEIGHTROOM_EMBEDDED === 'undefined' ? null : WEIGHTROOM_EMBEDDED;
  const sizes = typeof WEIGHTROOM_FILES === 'undefined' ? {} : WEIGHTROOM_FILES;
  // Asked for side by side, so that the first answer waits for the slowest one and not for their sum.
  // Where the host isolates the page, the program's other build, which computes on every processor.
  const threaded = !embedded && window.crossOriginIsolated === true && 'weightroom-threads.wasm' in sizes;
  const kFirst = [threaded ? 'weightroom-threads.wasm' : 'weightroom.wasm', 'models/everyday.safetensors', 'samples/cat.jpg'];
  const element = (id) => document.getElementById(id);
  // A sentence of the area `shell` of assets/strings, which cmake/page.mjs puts in front of this file.
  const say = (name, values) => WEIGHTROOM_STRINGS[name].replace(/\{(\w+)\}/g, (_, value) => values[value]);

  // ---- window.weightroom: ready and on() from the start, the rest from the program

  const kEvents = ['change', 'results', 'map', 'study', 'progress', 'notice', 'error', 'idle'];
  const listeners = Object.fromEntries(kEvents.map((event) => [event, new Set()]));
  let resolveReady, rejectReady;
  const ready = new Promise((resolve, reject) => { resolveReady = resolve; rejectReady = reject; });
  ready.catch(() => {});
  window.weightroom = {
    ready,
    on(event, listener) {
      if (!kEvents.includes(event)) throw new Error(say('no_event', { event, events: kEvents.join(', ') }));
      if (typeof listener !== 'function') throw new Error(say('no_listener', { event }));
      const own = (data) => listener(data);  // the same function twice is told twice, and ended one by one
      listeners[event].add(own);
      return () => { listeners[event].delete(own); };
    },
  };
  function emit(event, data) {
    for (const listener of [...listeners[event]]) {
      try {
        if (listeners[event].has(listener)) listener(data);
      } catch (error) {
        console.error(`A listener to "${event}" failed:`, error);  // the others are told all the same
      }
    }
  }

  // ---- Files of the page's own folder

  function decode(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  async function download(path, progress) {
    let response;
    try {
      response = await fetch(path);
    } catch {
      // A frame without allow-same-origin is nobody's: not even its own host's files are its own.
      const alone = self.origin === 'null' && location.protocol.startsWith('http');
      throw new Error(alone ? say('sandboxed') : say('no_connection', { file: path }));
    }
    if (!response.ok) throw new Error(say('not_there', { file: path, status: response.status }));
    const total = sizes[path] || Number(response.headers.get('Content-Length')) || 0;
    const reader = response.body.getReader();
    const parts = [];
    let loaded = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      loaded += part.value.length;
      progress(loaded, total);
    }
    const bytes = new Uint8Array(loaded);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  const early = new Map();  // path -> promise of bytes, each handed out once
  async function file(path, progress = () => {}) {
    const begun = early.get(path);
    if (begun) {
      early.delete(path);
      return begun;
    }
    if (embedded) {
      if (!(path in embedded)) throw new Error(say('not_in_page', { file: path }));
      return decode(embedded[path]);
    }
    return download(path, progress);
  }

  // ---- The program that opens files which take a while

  const kMostMemory = 64e6;  // what a program has taken it does not give back: above this it is ended
  let module = null;
  let worker = null;
  let inPage = null;  // the program in this page, where no worker starts
  let asking = Promise.resolve();  // one request after another

  function endWorker() {
    worker?.terminate();
    worker = null;
  }

  function heard() {
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(data));
      worker.onerror = (event) => {
        event.preventDefault();
        reject(event);
      };
    });
  }

  // Whether there is one now.
  async function startWorker() {
    try {
      if (embedded) {
        const parts = ['weightroom-opener.js', 'opener.js'].map((name) => decode(embedded[name]));
        const address = URL.createObjectURL(new Blob(parts, { type: 'text/javascript' }));
        worker = new Worker(address);
        await heard();
        URL.revokeObjectURL(address);
      } else {
        worker = new Worker('opener.js');
        await heard();
      }
    } catch {
      endWorker();
    }
    return worker !== null;
  }

  // In the page, where no worker starts.
  async function loadOpener() {
    if (!embedded) await script('opener.js');
    return WEIGHTROOM_OPENER;
  }

  async function startInPage() {
    const opener = await loadOpener();
    if (!embedded) await script('weightroom-opener.js');
    inPage = await opener.open(createOpener, module);
  }

  async function ofWorker(request, transfer) {
    try {
      const answer = heard();
      worker.postMessage(request, transfer);
      return await answer;
    } catch (error) {
      endWorker();
      throw error;
    }
  }

  async function opened(parts) {
    module ??= await WebAssembly.compile(await file('weightroom-opener.wasm'));
    if (!worker && !inPage && !await startWorker()) await startInPage();
    if (inPage) return inPage(parts).bytes;
    const { bytes, memory } = await ofWorker({ module, parts }, parts.map((part) => part.buffer));
    if (memory > kMostMemory) endWorker();
    return bytes;
  }

  // A browser whose worker has no canvas decodes in the page.
  async function decoded(picture) {
    const beside = typeof OffscreenCanvas !== 'undefined' && !inPage && (worker || await startWorker());
    return beside ? ofWorker({ picture }, []) : (await loadOpener()).decode(picture);
  }

  // One after another. No answer where the program came to its end, or the browser does not know the picture.
  function inTurn(request) {
    const answer = asking.then(request);
    asking = answer.catch(() => {});  // the next one is asked all the same
    return answer;
  }

  // ---- Files that are dropped before the program is there

  // As the program takes a drop: files, or entries of folders.
  const dropped = [];
  function keepDrop(event) {
    event.preventDefault();
    if (event.type !== 'drop') return;
    const entries = Array.from(event.dataTransfer.items ?? [], (item) => item.webkitGetAsEntry?.());
    dropped.push({ files: Array.from(event.dataTransfer.files), folders: entries.filter((entry) => entry?.isDirectory) });
    element('lead').textContent = say('kept', { file: event.dataTransfer.files[0]?.name ?? '' });
  }
  for (const kind of ['dragover', 'drop']) window.addEventListener(kind, keepDrop);
  function takeDropped() {
    for (const kind of ['dragover', 'drop']) window.removeEventListener(kind, keepDrop);
    return dropped.splice(0);
  }

  // ---- Edits that outlast a fault

  // This tab's alone, and no longer than it: the steps of the history, as a file of them says it.
  const kSteps = 'weightroom.steps';
  const kFault = 'weightroom.fault';
  const stored = (key, value) => {
    try {
      if (value === undefined) return sessionStorage.getItem(key);
      if (value === '') sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, value);
    } catch { /* no storage here, or no room: nothing is kept */ }
    return null;
  };
  function button(label, press) {
    const made = document.createElement('button');
    made.textContent = label;
    made.onclick = press;
    return made;
  }

  function ask(sentence, ...buttons) {
    element('lead').textContent = sentence;
    const row = document.createElement('p');
    row.id = 'choice';
    row.append(...buttons);
    element('lead').after(row);
    buttons[0].focus();
    return row;
  }

  let failed = false;
  // The program asks before it is left with edits; a program that has failed has none.
  window.addEventListener('beforeunload', (event) => { if (failed) event.stopImmediatePropagation(); }, true);

  function fault(why) {
    failed = true;
    stop(say('fault', { why }));
    if (stored(kSteps)) stored(kFault, 'yes');
    ask(element('lead').textContent, button(say('reload'), () => location.reload()));
  }

  // The steps that were there when the program failed, where the visitor wants them back.
  async function stepsToBringBack() {
    const steps = stored(kFault) ? stored(kSteps) : null;
    stored(kFault, '');
    if (!steps) return null;
    const { model, steps: list } = JSON.parse(steps);
    let row = null;
    const wanted = await new Promise((resolve) => {
      const one = list.length === 1;
      row = ask(one ? say('kept_step', { model: model.name }) : say('kept_steps', { n: list.length, model: model.name }),
        button(say('bring_back'), () => resolve(true)), button(say('begin_anew'), () => resolve(false)));
    });
    row.remove();
    element('lead').textContent = say('lead');
    return wanted ? steps : null;
  }

  // ---- The loading screen

  const megabytes = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const loaded = {};
  const totals = {};
  function showProgress() {
    const sum = (values) => Object.values(values).reduce((a, b) => a + b, 0);
    const shown = (values) => megabytes.format(sum(values) / 1e6);
    const share = Math.min(1, sum(loaded) / Math.max(1, sum(totals)));
    element('bar').style.transform = `scaleX(${share})`;
    element('progress').setAttribute('aria-valuenow', String(Math.round(share * 100)));
    element('bytes').textContent = say('loaded', { loaded: shown(loaded), total: shown(totals) });
  }

  function stop(sentence) {
    element('loading').hidden = false;  // it may have gone already
    element('loading').classList.remove('done');
    element('loading').classList.add('stopped');
    element('loading').setAttribute('role', 'alert');
    element('lead').textContent = sentence;
    rejectReady(new Error(sentence));
  }

  // ---- Can this browser run it?

  // The smallest module that uses a SIMD instruction (i8x16.splat).
  const kSimd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  function missing() {
    if (typeof WebAssembly !== 'object') return say('no_webassembly');
    if (!WebAssembly.validate(new Uint8Array(kSimd))) return say('no_simd');
    // The program's own context, at its own size: to make another one or to change its size later takes a third of a
    // second each.
    const canvas = element('canvas');
    canvas.width = Math.floor(window.innerWidth * window.devicePixelRatio);
    canvas.height = Math.floor(window.innerHeight * window.devicePixelRatio);
    if (!canvas.getContext('webgl2', {alpha: false, antialias: false, depth: false, stencil: false})) {
      return say('no_webgl');
    }
    return '';
  }

  function script(path) {
    return new Promise((resolve, reject) => {
      const tag = document.createElement('script');
      tag.onload = resolve;
      tag.onerror = () => reject(new Error(path));
      tag.src = path;
      document.head.append(tag);
    });
  }

  // The program on several threads; where a browser promises them and then gives none (a limit on memory or workers),
  // the plain one.
  async function create(parts) {
    if (threaded) {
      try {
        await script('weightroom-threads.js');
        return await createWeightroomThreads({...parts, wasmBinary: await file(kFirst[0])});
      } catch (error) {
        console.warn(`On one thread: ${error.message || error}`);
      }
    }
    return createWeightroom({...parts, wasmBinary: await file('weightroom.wasm')});
  }

  async function start() {
    for (const path of kFirst) {
      if (embedded || (path !== kFirst[0] && !(path in sizes))) continue;
      totals[path] = sizes[path] || 0;
      const progress = (bytes, total) => {
        loaded[path] = bytes;
        totals[path] = Math.max(total, bytes);
        showProgress();
      };
      const bytes = download(path, progress);
      bytes.then(() => performance.mark('weightroom-bytes'), () => {});  // the last one counts: see scripts/bench
      early.set(path, bytes);
    }
    const sentence = missing();  // asked while the bytes are on their way
    if (sentence) return stop(sentence);
    const canvas = element('canvas');
    try {
      const steps = await stepsToBringBack();
      await create({
        canvas,
        weightroomFile: file,
        weightroomEmit: emit,
        weightroomAside: (parts) => inTurn(() => opened(parts)),
        weightroomDecode: (picture) => inTurn(() => decoded(picture)),
        weightroomReady() {
          element('loading').classList.add('done');
          setTimeout(() => { element('loading').hidden = !failed; }, 300);
          canvas.focus({preventScroll: true});
          performance.mark('weightroom-answer');
          resolveReady();
        },
        weightroomDropped: takeDropped,
        weightroomKeep: (text) => stored(kSteps, text),
        weightroomKept: steps,
        onAbort: fault,
      });
    } catch (error) {
      stop(error.message || String(error));
    }
  }
  start();
})();
