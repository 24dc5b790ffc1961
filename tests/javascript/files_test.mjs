// Files on their way into the page: src/platform/web/files.js with a program that only writes down what it is told.
import assert from 'node:assert/strict';
import test from 'node:test';

import { library } from './library.mjs';

// The program's half: `told` has every call, `memory` what was written.
function page({ room = 1 } = {}) {
  const told = [];
  let used = 8; // where the next piece's room is
  const memory = new Uint8Array(64);
  const tell = (name, answer) => (...rest) => {
    told.push([name, ...rest]);
    return answer;
  };
  const functions = library(['files.js', 'tar.js'], {
    HEAPU8: memory, File, Blob, stringToNewUTF8: (text) => text,
    _files_expect: tell('expect', room), _files_room: (id, size) => (used += size) - size, _files_reading: tell('reading'),
    _files_arrived: tell('arrived'), _files_dropped: tell('dropped'), _files_refused: tell('refused'),
    _files_allocate: () => 0,
  });
  return { ...functions, told, memory };
}

// A file as a browser gives one: pieces of bytes, and a size that may be wrong by then.
function file(name, size, pieces) {
  const left = pieces.map((piece) => ({ done: false, value: Uint8Array.from(piece) }));
  return { name, size, stream: () => ({ getReader: () => ({ read: async () => left.shift() ?? { done: true } }) }) };
}

// A folder's entries as a browser gives them: a few at a time, and then none.
function folder(name, children) {
  return {
    name, isDirectory: true, isFile: false,
    createReader() {
      const left = [...children];
      return { readEntries: (done) => done(left.splice(0, 2)) };
    },
  };
}
const picture = (name) => ({ name, isFile: true, file: (done) => done(new File(['abc'], name)) });

test('the pieces of a file are put one after another where the program has room', async () => {
  const { takeFiles, told, memory } = page();
  await takeFiles([file('a.png', 5, [[1, 2], [3, 4, 5]])]);
  assert.deepEqual(told, [['expect', 'a.png', 5], ['reading', 1, 2], ['reading', 1, 5], ['arrived', 1]]);
  assert.deepEqual([...memory.slice(7, 14)], [0, 1, 2, 3, 4, 5, 0]);
});

test('a file that grows or shrinks while it is read is given up, and nothing is written beyond its room', async () => {
  for (const pieces of [[[1, 2], [3]], [[1]], [[1, 2, 3]]]) {
    const { takeFiles, told, memory } = page();
    await takeFiles([file('a.png', 2, pieces)]);
    assert.deepEqual(told.slice(-2), [['dropped', 1], ['refused', 'a.png', 'unreadable']]);
    assert.equal(memory[10], 0);
  }
});

test('what the program refuses is not read, and the next file is', async () => {
  const { takeFiles, told } = page({ room: -1 });
  await takeFiles([file('large.png', 9e9, [[1]]), file('b.png', 1, [[1]])]);
  assert.deepEqual(told, [['expect', 'large.png', 9e9], ['expect', 'b.png', 1]]);
});

test('a folder of pictures comes as one tar of them, with their paths', async () => {
  const { takeFolders, told } = page({ room: -1 });
  const classes = [folder('cats', [picture('1.JPG'), picture('2.png'), picture('3.gif')]), picture('notes.txt')];
  await takeFolders([folder('pets', classes)], 3);
  assert.deepEqual(told, [['expect', 'pets.tar', 3 * 1024 + 1024]]);
});

test('pictures that cannot be read come along, to be counted, and so do IDX files', async () => {
  const { takeFolders, told } = page({ room: -1 });
  const names = ['1.jfif', '2.jpe', '3.pjpeg', '4.webp', '5.TIFF', '6.heic', '7.pgm', 'train-images.idx3-ubyte', 't10k-labels-idx1-ubyte.gz'];
  const others = ['Thumbs.db', 'jpg', 'a.jpg.txt', 'notes.md', 'labels.csv'];
  await takeFolders([folder('pets', [...names, ...others].map(picture))], 20);
  assert.deepEqual(told, [['expect', 'pets.tar', names.length * 1024 + 1024]]);
});

test('a folder without pictures, with too many, or that cannot be read', async () => {
  const many = folder('many', Array.from({ length: 9 }, (_, i) => picture(`${i}.png`)));
  const broken = { ...folder('broken', []), createReader: () => ({ readEntries: (_, failed) => failed(new Error('gone')) }) };
  const expected = [[folder('empty', [picture('notes.txt')]), 'folder without pictures'], [many, 'folder too large'], [broken, 'folder unreadable']];
  for (const [given, why] of expected) {
    const { takeFolders, told } = page();
    await takeFolders([given], 3);
    assert.deepEqual(told, [['refused', given.name, why]]);
  }
});

test('a folder chosen by a dialog is the same set as one that is dropped', async () => {
  const names = ['cats/1.JPG', 'cats/.DS_Store', 'dogs/2.png', 'notes.txt'];
  const chosen = names.map((path) => Object.defineProperty(
    new File(['abc'], path.split('/').pop()), 'webkitRelativePath', { value: `pets/${path}` }));
  const dropped = folder('pets', [folder('cats', [picture('1.JPG'), picture('.DS_Store')]), folder('dogs', [picture('2.png')]), picture('notes.txt')]);
  const both = [];
  for (const take of [({ takeChosenFolder }) => takeChosenFolder(chosen, 2), ({ takeFolders }) => takeFolders([dropped], 2)]) {
    const half = page({ room: -1 });
    await take(half);
    both.push(half.told);
  }
  assert.deepEqual(both[0], [['expect', 'pets.tar', 2 * 1024 + 1024]]);
  assert.deepEqual(both[1], both[0]);
  for (const [most, names_, why] of [[1, chosen, 'folder too large'], [9, chosen.slice(3), 'folder without pictures']]) {
    const { takeChosenFolder, told } = page();
    await takeChosenFolder(names_, most);
    assert.deepEqual(told, [['refused', 'pets', why]]);
  }
});

test('where no memory is left nothing is written at its foot', async () => {
  const { toHeap, memory } = page();
  assert.equal(await toHeap(Uint8Array.of(1, 2)), 0);
  assert.equal(memory[0], 0);
});
