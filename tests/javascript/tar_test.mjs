// The archives that the page makes of a dropped folder, as GNU tar reads them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { library } from './library.mjs';

const { tarParts } = library(['tar.js']);
const kEnvironment = { ...process.env, LC_ALL: 'C.UTF-8' };

// A path of exactly so many bytes, no part of which is longer than a file system takes.
function pathOf(length) {
  const letters = Array.from({ length }, (_, i) => (i % 100 === 99 && i < length - 1 ? '/' : 'abcdefghij'[i % 10]));
  return letters.join('');
}

async function archive(entries) {
  const folder = mkdtempSync(join(tmpdir(), 'weightroom-tar-'));
  const path = join(folder, 'set.tar');
  const parts = tarParts(entries.map(({ path: name, bytes }) => ({ path: name, file: new Blob([bytes]) })));
  writeFileSync(path, Buffer.from(await new Blob(parts).arrayBuffer()));
  return { folder, path };
}

const tar = (...words) => execFileSync('tar', words, { encoding: 'utf8', env: kEnvironment });

test('paths of every length about the limits of a header come out whole and in order', async () => {
  const lengths = [1, 50, ...Array.from({ length: 60 }, (_, i) => 80 + i), ...Array.from({ length: 30 }, (_, i) => 975 + i)];
  const paths = lengths.map(pathOf);
  paths.forEach((path, i) => assert.equal(path.length, lengths[i]));
  const { path } = await archive(paths.map((name) => ({ path: name, bytes: new Uint8Array(3) })));
  assert.deepEqual(tar('-tf', path, '--quoting-style=literal').trimEnd().split('\n'), paths);
});

test('letters beyond ASCII, where a character would be cut in two', async () => {
  const names = ['Äpfel/grün.png', `${'ü'.repeat(60)}/ß.png`, `${'🐈'.repeat(30)}/a.jpg`, `a${'é'.repeat(50)}.gif`];
  const { path } = await archive(names.map((name) => ({ path: name, bytes: new Uint8Array(1) })));
  assert.deepEqual(tar('-tf', path, '--quoting-style=literal').trimEnd().split('\n'), names);
});

test('sizes about a block, and what is in the files', async () => {
  const entries = [0, 1, 511, 512, 513, 100_000].map((size) => ({
    path: `pets/cat/${size}.jpg`,
    bytes: Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) % 256),
  }));
  const { folder, path } = await archive(entries);
  const listed = tar('-tvf', path).trimEnd().split('\n').map((row) => row.trim().split(/\s+/));
  assert.deepEqual(listed.map((row) => [row[0], row[2], row[5]]),
    entries.map((entry) => ['-rw-r--r--', String(entry.bytes.length), entry.path]));
  tar('-xf', path, '-C', folder);
  for (const entry of entries) assert.deepEqual(new Uint8Array(readFileSync(join(folder, entry.path))), entry.bytes);
  assert.equal(readFileSync(path).length % 512, 0);
});

test('a folder without files is still an archive', async () => {
  const { path } = await archive([]);
  assert.equal(tar('-tf', path), '');
});
