// The worker that opens files beside the page: the program weightroom-opener, which answers requests and draws nothing,
// and the browser's own decoder for pictures that the program does not read.
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

  // (height, width, 4) of a picture, straight alpha, made smaller, to `shrunkTo` pixels, where it has more than
  // `mostPixels`; without pixels one of more than `mostShrunk`.
  async function decode({ bytes, mostPixels, mostShrunk, shrunkTo }) {
    const bitmap = await createImageBitmap(new Blob([bytes]), { imageOrientation: 'from-image', premultiplyAlpha: 'none' });
    const pixels = bitmap.width * bitmap.height;
    if (pixels > mostShrunk) return { width: bitmap.width, height: bitmap.height }; // where the file's head did not say
    const share = pixels > mostPixels ? Math.sqrt(shrunkTo / pixels) : 1;
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.floor(side * share)));
    const canvas = typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height }) : new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    return { width, height, shrunk: share < 1, rgba: context.getImageData(0, 0, width, height).data };
  }

  // In the page of one file the program stands in front of this script.
  function serve() {
    let answer = null;
    self.onmessage = async ({ data: { module, parts, picture } }) => {
      try {
        if (picture) {
          const decoded = await decode(picture);
          self.postMessage(decoded, decoded.rgba ? [decoded.rgba.buffer] : []);
          return;
        }
        if (typeof createOpener === 'undefined') importScripts('weightroom-opener.js');
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
  return { open, decode };
})();
