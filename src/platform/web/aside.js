// Requests to a copy of the program in a worker: the page's half of web_aside.cpp, and the copy's. shell.js starts the
// worker, web/aside.js is its script.
/* global _aside_answer, _aside_answer_size, _aside_answer_taken, _aside_answered, _files_allocate, HEAPU8, HEAPU32,
   bytesOf, toHeap */
addToLibrary({
  // In the copy: the answer to parts that are read as one.
  $answerAside__deps: ['aside_answer', 'aside_answer_size', 'aside_answer_taken', 'files_allocate', '$bytesOf'],
  $answerAside__postset: 'Module["weightroomAnswer"] = answerAside;',
  $answerAside: (parts) => {
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const room = _files_allocate(size);
    if (!room) throw new RangeError();
    let at = room;
    for (const part of parts) {
      HEAPU8.set(part, at);
      at += part.length;
    }
    const answer = _aside_answer(room, size);
    const bytes = bytesOf(answer, _aside_answer_size());
    _aside_answer_taken();
    return [bytes, HEAPU8.length];
  },

  // In the page. `parts` and `sizes`: addresses of `count` of each.
  aside_ask__deps: ['aside_answered', '$answerAside', '$bytesOf', '$toHeap'],
  aside_ask: (id, parts, sizes, count) => {
    const request = [];
    for (let i = 0; i < count; ++i) request.push(bytesOf(HEAPU32[(parts >> 2) + i], HEAPU32[(sizes >> 2) + i]));
    Module.weightroomAside(request).then((answer) => {
      const pointer = toHeap(answer);
      _aside_answered(id, pointer, answer.length);
    }, () => _aside_answered(id, 0, 0));
  },
});
