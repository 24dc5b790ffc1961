// Requests to another program in a worker: the page's half of web_aside.cpp. shell.js starts it.
/* global _aside_answered, _aside_copied, HEAPU8, HEAPU32, inSlices, toHeap */
addToLibrary({
  // `parts` and `sizes`: addresses of `count` of each. The parts stay where they are until they are copied.
  aside_ask__deps: ['aside_answered', 'aside_copied', '$inSlices', '$toHeap'],
  aside_ask: (id, parts, sizes, count) => {
    const places = [];
    for (let i = 0; i < count; ++i) places.push([HEAPU32[(parts >> 2) + i], HEAPU32[(sizes >> 2) + i]]);
    const answered = async () => {
      const request = [];
      for (const [at, size] of places) {
        const part = new Uint8Array(size);
        await inSlices(size, (from, to) => part.set(HEAPU8.subarray(at + from, at + to), from));
        request.push(part);
      }
      _aside_copied(id);
      const answer = await Module.weightroomAside(request);
      return [await toHeap(answer), answer.length];
    };
    answered().then((found) => _aside_answered(id, ...found), () => _aside_answered(id, 0, 0));
  },
});
