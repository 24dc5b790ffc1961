// Our engine: engine.js is linked from src/bench/engine.cpp, and so is engine-threads.js, which runs where the host
// isolates the page. Every call may name `threads`, one unless it does.
export async function openEngine({ threaded = false } = {}) {
  if (threaded && !window.createEngineThreads) await script('engine-threads.js');
  const engine = await (threaded ? window.createEngineThreads() : window.createEngine());
  return function call(request, bytes = new Uint8Array(0)) {
    const text = engine.stringToNewUTF8(JSON.stringify(request));
    const at = engine._malloc(Math.max(1, bytes.length));
    engine.HEAPU8.set(bytes, at);
    const result = JSON.parse(engine.UTF8ToString(engine._weightroom_bench(text, at, bytes.length)));
    engine._free(at);
    engine._free(text);
    if (result.error) throw new Error(result.error);
    return result;
  };
}

function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.onload = resolve;
    element.onerror = () => reject(new Error(`The file "${path}" could not be loaded.`));
    element.src = new URL(path, import.meta.url);
    document.head.append(element);
  });
}
