// Requests to another program in a worker: the page's half of web_aside.cpp. shell.js starts it.
/* global _aside_answered, HEAPU32, bytesOf, toHeap */
addToLibrary({
  // `parts` and `sizes`: addresses of `count` of each.
  aside_ask__deps: ['aside_answered', '$bytesOf', '$toHeap'],
  aside_ask: (id, parts, sizes, count) => {
    const request = [];
    for (let i = 0; i < count; ++i) request.push(bytesOf(HEAPU32[(parts >> 2) + i], HEAPU32[(sizes >> 2) + i]));
    Module.weightroomAside(request).then((answer) => {
      const pointer = toHeap(answer);
      _aside_answered(id, pointer, answer.length);
    }, () => _aside_answered(id, 0, 0));
  },
});
