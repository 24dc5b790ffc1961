// The files of src/platform/web as Emscripten's linker makes them callable: a key `$name` is a function `name`.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

// Their functions and numbers by name; `globals` is what they find outside themselves.
export function library(names, globals = {}) {
  const scope = { TextEncoder, Uint8Array, setTimeout, ...globals };
  scope.addToLibrary = (functions) => {
    for (const [key, value] of Object.entries(functions)) {
      if (['function', 'number'].includes(typeof value)) scope[key.replace(/^\$/, '')] = value;
    }
  };
  vm.createContext(scope);
  for (const name of names) {
    const url = new URL(`../../src/platform/web/${name}`, import.meta.url);
    vm.runInContext(readFileSync(url, 'utf8'), scope, { filename: url.pathname });
  }
  return scope;
}
