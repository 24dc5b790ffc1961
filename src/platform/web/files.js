// Files in and out of the page, and what only a browser does with their bytes: the page's half of web_files.cpp, which
// has every limit and every sentence. bridge.js says how such a file is handed over.
//
// Bytes are written straight into the vector that the program goes on with.
/* global _files_allocate, _files_arrived, _files_decoded, _files_dropped, _files_dropping, _files_expect, _files_fetched,
   _files_gzipped, _files_progress, _files_reading, _files_refused, _files_room, _files_text, _files_use,
   HEAPU8, UTF8ToString, bytesOf, inSlices, isOfSet, kSlice, nextTask, refuseFile, stringToNewUTF8, takeChosenFolder, takeFiles, takeFolders, takeSet,
   tarParts, toHeap */
addToLibrary({
  // Bytes that are copied in some milliseconds, most of them for memory that was never touched before.
  $kSlice: 1 << 22,
  // A frame is drawn before it goes on, if one is due.
  $nextTask: () => new Promise((done) => { setTimeout(done); }),
  // copy(from, to) of one slice after another of so many bytes, each in a task of its own.
  $inSlices__deps: ['$kSlice', '$nextTask'],
  $inSlices: async (size, copy) => {
    for (let at = 0; at < size; at += kSlice) {
      if (at > 0) await nextTask();
      copy(at, Math.min(size, at + kSlice));
    }
  },
  // A copy of these bytes in the program's memory, which the program takes over; 0 where it has no room for them.
  $toHeap__deps: ['files_allocate', 'files_use', '$inSlices'],
  $toHeap: async (bytes) => {
    const pointer = _files_allocate(bytes.length);
    if (!pointer) return 0;
    await inSlices(bytes.length, (from, to) => {
      _files_use(pointer, to - from);
      HEAPU8.set(bytes.subarray(from, to), pointer + from);
    });
    return pointer;
  },
  // A copy of bytes of the program, which outlasts them.
  $bytesOf: (pointer, size) => HEAPU8.slice(pointer, pointer + size),

  // ---- Files that the visitor drops, pastes or chooses

  // `why` as files_refused of web_files.cpp knows it.
  $refuseFile__deps: ['files_refused', '$stringToNewUTF8'],
  $refuseFile: (name, why) => _files_refused(stringToNewUTF8(name), stringToNewUTF8(why)),

  // Straight into the program's memory, piece by piece, so that a large file is held once and its progress is seen.
  $takeFiles__deps: [
    'files_arrived', 'files_dropped', 'files_expect', 'files_reading', 'files_room', '$kSlice', '$nextTask', '$refuseFile',
    '$stringToNewUTF8',
  ],
  $takeFiles: async (files) => {
    const model = (file) => file.name.endsWith('.onnx'); // before the files that hold its weights
    for (const file of [...files.filter(model), ...files.filter((other) => !model(other))]) {
      const id = _files_expect(stringToNewUTF8(file.name), file.size);
      if (id < 0) continue; // the program said why
      let at = 0;
      let paused = 0; // pieces that are there already come one after another, without a frame between them
      try {
        const reader = file.stream().getReader();
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          if (at + piece.value.length > file.size) throw new Error('it grew while it was read');
          const room = _files_room(id, piece.value.length);
          HEAPU8.set(piece.value, room);
          at += piece.value.length;
          _files_reading(id, at);
          if (at < paused + kSlice) continue;
          paused = at;
          await nextTask();
        }
        if (at !== file.size) throw new Error('it shrank while it was read');
        _files_arrived(id);
      } catch {
        _files_dropped(id);
        refuseFile(file.name, 'unreadable');
      }
    }
  },

  // What io/unread.cpp takes for pictures, and IDX files: those that cannot be read are counted there.
  $isOfSet: (name) => (
    /[.](p?jpe?g?|pjp|jfif|a?png|bmp|dib|gif|webp|avif|hei[cf]|tiff?|jxl|jp2|svg|ico|psd|p[bgnp]m|tga|exr|hdr|pcx)$|idx[13]/i
      .test(name)),

  // A folder's labelled pictures, [{ path, file }], become a tar of them, which the program reads as it reads any other.
  // Nothing is copied here: a file made of files is read piece by piece when it is wanted.
  $takeSet__deps: ['$refuseFile', '$takeFiles', '$tarParts'],
  $takeSet: async (name, found, most) => {
    if (found.length > most) refuseFile(name, 'folder too large');
    else if (found.length === 0) refuseFile(name, 'folder without pictures');
    else await takeFiles([new File(tarParts(found), `${name}.tar`)]);
  },

  // Chosen by a dialog, which names every file by its path.
  $takeChosenFolder__deps: ['$isOfSet', '$takeSet'],
  $takeChosenFolder: (files, most) => takeSet(
    (files[0]?.webkitRelativePath ?? '').split('/')[0],
    files.filter((file) => isOfSet(file.name)).map((file) => ({ path: file.webkitRelativePath, file })), most),

  $takeFolders__deps: ['$isOfSet', '$refuseFile', '$takeSet'],
  $takeFolders: async (entries, most) => {
    const found = [];
    const collect = async (entry, path) => {
      if (found.length > most) return;
      if (entry.isFile) {
        if (!isOfSet(entry.name)) return;
        found.push({ path: path + entry.name, file: await new Promise((done, failed) => { entry.file(done, failed); }) });
        return;
      }
      const reader = entry.createReader();
      const some = () => new Promise((done, failed) => { reader.readEntries(done, failed); });
      for (let children = await some(); children.length > 0; children = await some()) {
        for (const child of children) await collect(child, `${path}${entry.name}/`);
      }
    };
    const name = entries.map((entry) => entry.name).join(', ');
    try {
      for (const entry of entries) await collect(entry, '');
    } catch {
      refuseFile(name, 'folder unreadable');
      return;
    }
    await takeSet(name, found, most);
  },

  // From now on; a folder may hold at most so many pictures.
  files_listen__deps: [
    'files_dropping', 'files_text', '$stringToNewUTF8', '$takeChosenFolder', '$takeFiles', '$takeFolders',
  ],
  files_listen: (mostPictures) => {
    const takeDrop = (files, folders) => (folders.length > 0 ? takeFolders(folders, mostPictures) : takeFiles(files));
    const holdsFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes('Files');
    window.addEventListener('dragover', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      _files_dropping(holdsFiles(event) ? 1 : 0);
    }, true);
    window.addEventListener('dragleave', (event) => { if (!event.relatedTarget) _files_dropping(0); }, true);
    window.addEventListener('drop', (event) => {
      event.preventDefault();
      event.stopImmediatePropagation(); // GLFW would write the file into a file system that we do not have
      _files_dropping(0);
      const entries = Array.from(event.dataTransfer.items ?? [], (item) => item.webkitGetAsEntry?.());
      takeDrop(Array.from(event.dataTransfer.files), entries.filter((entry) => entry?.isDirectory));
    }, true);
    window.addEventListener('paste', (event) => {
      if (document.activeElement instanceof HTMLInputElement && document.activeElement.type !== 'file') return;
      const files = Array.from(event.clipboardData.files);
      if (files.length === 0) {
        _files_text(stringToNewUTF8(event.clipboardData.getData('text')));
        return;
      }
      event.preventDefault();
      takeFiles(files);
    });
    for (const { files, folders } of Module.weightroomDropped()) takeDrop(files, folders); // before there was a program
    document.getElementById('file').addEventListener('change', (event) => {
      const files = Array.from(event.target.files);
      if (event.target.webkitdirectory) takeChosenFolder(files, mostPictures);
      else takeFiles(files);
      event.target.value = ''; // the same file may be chosen again
    });
  },

  files_choose__deps: ['$UTF8ToString'],
  files_choose: (accept) => {
    const input = document.getElementById('file');
    input.accept = UTF8ToString(accept);
    input.webkitdirectory = false;
    input.click();
  },
  files_choose_folder: () => {
    const input = document.getElementById('file');
    input.accept = '';
    input.webkitdirectory = true;
    input.click();
  },
  files_takes_folders: () => ('webkitdirectory' in document.getElementById('file') ? 1 : 0),

  // ---- Files that go out

  files_save__deps: ['$UTF8ToString', '$bytesOf'],
  files_save: (name, bytes, size) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytesOf(bytes, size)]));
    link.download = UTF8ToString(name);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  },

  // ---- What takes a while: each answers by its number

  files_fetch__deps: ['files_fetched', 'files_progress', '$UTF8ToString', '$stringToNewUTF8', '$toHeap'],
  files_fetch: (id, path) => {
    const fetched = async () => {
      const bytes = await Module.weightroomFile(UTF8ToString(path), (loaded, total) => _files_progress(id, loaded, total));
      return [await toHeap(bytes), bytes.length, 0];
    };
    fetched().then((found) => _files_fetched(id, ...found),
      (error) => _files_fetched(id, 0, 0, stringToNewUTF8(String(error.message || error))));
  },

  // A picture that the program does not know, or does not take so large: one of more than `mostPixels` is made smaller,
  // `shrunkTo` at most. Without pixels in the answer: larger than `mostShrunk` or than there is room for, or, where it has no width either,
  // nothing that this browser knows.
  files_decode__deps: ['files_decoded', '$bytesOf', '$toHeap'],
  files_decode: (id, bytes, size, mostPixels, mostShrunk, shrunkTo) => {
    const decoded = async () => {
      const { width, height, shrunk, rgba } = await Module.weightroomDecode(
        { bytes: bytesOf(bytes, size), mostPixels, mostShrunk, shrunkTo });
      return [rgba ? await toHeap(rgba) : 0, width, height, shrunk ? 1 : 0];
    };
    decoded().then((found) => _files_decoded(id, ...found), () => _files_decoded(id, 0, 0, 0, 0));
  },

  files_gzip__deps: ['files_gzipped', '$bytesOf'],
  files_gzip: (id, bytes, size) => {
    const zipped = async () => {
      const stream = new Blob([bytesOf(bytes, size)]).stream().pipeThrough(new CompressionStream('gzip'));
      return (await new Response(stream).arrayBuffer()).byteLength;
    };
    zipped().then((length) => _files_gzipped(id, length), () => _files_gzipped(id, 0));
  },
});
