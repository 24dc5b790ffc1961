#!/usr/bin/env node
// What the page's first load is made of: node scripts/page_size.mjs [--functions N]
//
// Reads what scripts/run or scripts/test built (build/web). First the files that a browser asks for, then the program by
// folder of src/ and by package, then its N (40) largest functions. "gzip" of a part is that of its bytes alone: parts
// that resemble each other take less together, so that the column adds up to more than the program.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

import { firstLoad, totals } from '../cmake/first_load.mjs';

const { values } = parseArgs({ options: { functions: { type: 'string', default: '40' } } });
const kBuild = fileURLToPath(new URL('../build/web/', import.meta.url));

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(8);
const row = (name, ...bytes) => console.log(`${bytes.map(kilobytes).join('')}  ${name}`);

// Sections of a WebAssembly module: [{ id, at, end }].
function sections(wasm) {
  const found = [];
  for (let at = 8; at < wasm.length;) {
    const id = wasm[at];
    const size = number(wasm, at + 1);
    found.push({ id, at: size.end, end: size.end + size.value });
    at = size.end + size.value;
  }
  return found;
}

// LEB128, unsigned.
function number(wasm, at) {
  let value = 0;
  for (let shift = 1, i = at; ; i += 1, shift *= 128) {
    value += (wasm[i] & 127) * shift;
    if (wasm[i] < 128) return { value, end: i + 1 };
  }
}

// Names of the functions by their index, as the linker wrote them (--emit-symbol-map): "12:name\n".
function symbols(text) {
  return new Map(text.trimEnd().split('\n').map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(colon + 1).replace(/\\([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return [Number(line.slice(0, colon)), name];
  }));
}

// [{ name, bytes }], with the code of each function. Imported ones have the first indices and no code.
function functions(wasm, names) {
  const code = sections(wasm).find(({ id }) => id === 10);
  const count = number(wasm, code.at);
  const found = [];
  let index = names.size - count.value;
  for (let at = count.end, i = 0; i < count.value; i += 1, index += 1) {
    const size = number(wasm, at);
    found.push({ name: names.get(index) ?? `function ${index}`, bytes: wasm.subarray(at, size.end + size.value) });
    at = size.end + size.value;
  }
  return found;
}

const kPackages = [
  [/^weightroom::(?:\(anonymous namespace\)|[\w]+)/, (name) => `src/${name.match(/^weightroom::(\w+)/)?.[1] ?? 'app'}`],
  [/nlohmann/, () => 'nlohmann JSON'],
  [/^(?:Im[A-Z]|im[a-z]*_|stbtt|stbrp|stb_text|ImGui|Stb|\(anonymous namespace\)::Im)/, () => 'Dear ImGui'],
  [/^stbi/, () => 'stb_image'],
  [/weightroom::/, () => 'standard library for our types'],
  [/^(?:std::|operator (?:new|delete)|void std|bool std|__cxx|__cxa|vtable|auto std)/, () => 'standard library'],
];

function partOf(name) {
  for (const [pattern, part] of kPackages) if (pattern.test(name)) return part(name);
  return 'C library and the rest';
}

function grouped(list) {
  const parts = new Map();
  for (const { name, bytes } of list) {
    const part = partOf(name);
    parts.set(part, [...(parts.get(part) ?? []), bytes]);
  }
  return [...parts].map(([name, bytes]) => ({ name, bytes: Buffer.concat(bytes) }));
}

console.log('   bytes    gzip  (KB) of the first load');
const files = firstLoad(`${kBuild}dist`);
for (const { name, bytes, gzip } of files) row(name, bytes, gzip);
for (const { what, gzip, most } of totals(files)) console.log(`        ${kilobytes(gzip)}  ${what} (at most ${most / 1000})`);

const wasm = readFileSync(`${kBuild}weightroom.wasm`);
const list = functions(wasm, symbols(readFileSync(`${kBuild}weightroom.js.symbols`, 'utf8')));
const data = sections(wasm).filter(({ id }) => id === 11).map(({ at, end }) => wasm.subarray(at, end));
const parts = [...grouped(list), { name: 'data: fonts, shaders, words, tables', bytes: Buffer.concat(data) }];
console.log('\n   bytes    gzip  (KB) of weightroom.wasm');
for (const { name, bytes } of parts.sort((a, b) => b.bytes.length - a.bytes.length)) row(name, bytes.length, gzipSync(bytes).length);

console.log(`\n   bytes    gzip  (KB) of its ${values.functions} largest functions`);
list.sort((a, b) => b.bytes.length - a.bytes.length);
for (const { name, bytes } of list.slice(0, Number(values.functions))) row(name.slice(0, 150), bytes.length, gzipSync(bytes).length);
