// What a visitor waits for before the first answer, and how much that may be. page.mjs holds the built page to it,
// tests/browser/first_load_test.mjs what a browser really asks for, and scripts/page_size says what it is made of.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const kFirstModel = 'models/everyday.safetensors';
const kFirst = ['index.html', 'style.css', 'shell.js', 'weightroom.js', 'weightroom.wasm', 'samples/cat.jpg', kFirstModel];

// Bytes as a web server sends them, by gzip.
export const kLimits = { everything: 1_500_000, 'all but the model': 1_165_000 };

// Of the page in this folder: [{ name, bytes, gzip }].
export function firstLoad(dist, names = kFirst) {
  return names.filter((name) => existsSync(join(dist, name))).map((name) => {
    const bytes = readFileSync(join(dist, name));
    return { name, bytes: bytes.length, gzip: gzipSync(bytes).length };
  });
}

// [{ what, gzip, most }] by kLimits.
export function totals(rows) {
  const sum = (some) => some.reduce((all, row) => all + row.gzip, 0);
  return [
    { what: 'everything', gzip: sum(rows) },
    { what: 'all but the model', gzip: sum(rows.filter((row) => row.name !== kFirstModel)) },
  ].map((row) => ({ ...row, most: kLimits[row.what] }));
}
