// The worker that opens files beside the page: the program weightroom-opener, which answers requests and draws nothing.
// What ends it, no memory or a fault, does not end the page. shell.js starts it, and has the page run the program itself
// where no worker starts.
/* global importScripts */
self.WEIGHTROOM_OPENER = (() => {
  'use strict';
  // What the program makes of parts that it reads as one, and how much memory it has.
  async function open(create, module) {
    const program = await create({
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(module, imports).then(receive);
        return {};
      },
    });
    return (parts) => {
      let at = program._opener_room(parts.reduce((sum, part) => sum + part.length, 0));
      for (const part of parts) {
        program.HEAPU8.set(part, at);
        at += part.length;
      }
      const answer = program._opener_answer();
      const bytes = program.HEAPU8.slice(answer, answer + program._opener_answer_size());
      program._opener_done();
      return { bytes, memory: program.HEAPU8.length };
    };
  }

  // In the page of one file the program stands in front of this script.
  function serve() {
    if (typeof createOpener === 'undefined') importScripts('weightroom-opener.js');
    let answer = null;
    self.onmessage = async ({ data: { module, parts } }) => {
      try {
        answer ??= await open(createOpener, module);
        const answered = answer(parts);
        self.postMessage(answered, [answered.bytes.buffer]);
      } catch (error) {
        self.postMessage({ failed: String(error?.message ?? error) });
      }
    };
    self.postMessage({ started: true });
  }

  if (typeof document === 'undefined') serve();
  return open;
})();
