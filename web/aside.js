// The script of the worker that opens files beside the page: a copy of the program, which answers requests and draws
// nothing. What ends it, no memory or a fault, does not end the page. shell.js starts it.
/* global importScripts */
(() => {
  'use strict';
  let program = null;
  let answers = Promise.resolve();  // one after another

  // In the page of one file the program stands in front of this script.
  function create(module) {
    if (typeof createWeightroom === 'undefined') importScripts('weightroom.js');
    return createWeightroom({
      noInitialRun: true,
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(module, imports).then(receive);
        return {};
      },
    });
  }

  async function answer({ module, parts }) {
    try {
      program ??= await create(module);
      const [bytes, memory] = program.weightroomAnswer(parts);
      postMessage({ bytes, memory }, [bytes.buffer]);
    } catch (error) {
      postMessage({ failed: String(error?.message ?? error) });
    }
  }

  onmessage = ({ data }) => { answers = answers.then(() => answer(data)); };
})();
