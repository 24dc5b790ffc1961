// Our engine: engine.js is linked from src/bench/engine.cpp.
export async function openEngine() {
  const engine = await window.createEngine();
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
