// Tar archives (POSIX.1-2001), as far as a folder dropped on the page needs them: regular files with paths of any
// length. tests/page/tar_test.mjs has GNU tar read what this writes. bridge.js says how such a file is handed over.
/* global tarEntry */
addToLibrary({
  // An archive of [{ path, file }] in parts that new Blob(parts) puts one after another: no byte of a file is read.
  $tarParts__deps: ['$tarEntry'],
  $tarParts: (entries) => {
    const encoder = new TextEncoder();
    const parts = entries.flatMap(({ path, file }) => {
      const name = encoder.encode(path);
      if (name.length <= 100) return tarEntry(name, '0', file, file.size);
      // Longer than its field: an extended header ahead of it says the path, in a row that counts its own bytes.
      const rest = name.length + ' path=\n'.length;
      const digits = String(rest + String(rest).length).length;
      const row = encoder.encode(`${rest + digits} path=${path}\n`);
      return [...tarEntry(encoder.encode('path'), 'x', row, row.length), ...tarEntry(name.slice(0, 100), '0', file, file.size)];
    });
    return [...parts, new Uint8Array(1024)]; // two empty blocks end it
  },

  // One entry: header, `size` bytes of content, and zeros up to the next block of 512.
  $tarEntry: (name, type, content, size) => {
    const head = new Uint8Array(512);
    const put = (text, at) => head.set(new TextEncoder().encode(text), at);
    head.set(name);
    put('0000644', 100); // mode
    put('0000000', 108); // owner and group
    put('0000000', 116);
    put(size.toString(8).padStart(11, '0'), 124);
    put('00000000000', 136); // time
    put('        ', 148); // the checksum counts its own field as spaces
    put(type, 156);
    put('ustar\u000000', 257);
    put(`${head.reduce((sum, byte) => sum + byte).toString(8).padStart(6, '0')}\u0000`, 148);
    return [head, content, new Uint8Array(-size & 511)];
  },
});
