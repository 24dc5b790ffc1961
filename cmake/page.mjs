// Assembles dist, the page as static files: what web/ holds, the program, models and samples.
//
//   node page.mjs --web DIR --program DIR [--threads DIR] --models DIR --samples DIR --dist DIR [--strings JSON]
//
// --strings: the sentences, assets/strings/en.json where not said. --threads: where the second program lies, for hosts that isolate the page; it may be missing.
// weightroom.js gets one line in front, by which shell.js knows the size of each file it
// fetches (a server that compresses does not tell):
//   var WEIGHTROOM_FILES = {"weightroom.wasm": 812345, "models/everyday.safetensors": 712345, ...};
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { minify } from 'terser';

import { firstLoad, totals } from './first_load.mjs';
import { filledPage, readStrings, shellWithStrings } from './page_strings.mjs';

const options = Object.fromEntries(
  ['web', 'program', 'threads', 'models', 'samples', 'dist', 'strings'].map((name) => [name, { type: 'string' }]));
const { values: at } = parseArgs({ options });
const strings = readStrings(at.strings ?? fileURLToPath(new URL('../assets/strings/en.json', import.meta.url)));
const dist = (name) => join(at.dist, name);

rmSync(at.dist, { recursive: true, force: true });
cpSync(at.web, at.dist, { recursive: true });
writeFileSync(dist('index.html'), filledPage(read(at.web, 'index.html'), strings));
cpSync(join(at.program, 'weightroom.wasm'), dist('weightroom.wasm'));
cpSync(join(at.program, 'weightroom-opener.wasm'), dist('weightroom-opener.wasm'));
cpSync(join(at.program, 'engine.wasm'), dist('bench/engine.wasm'));
const threads = at.threads && existsSync(join(at.threads, 'weightroom-threads.wasm'));
if (threads) {
  cpSync(join(at.threads, 'weightroom-threads.wasm'), dist('weightroom-threads.wasm'));
  await writeScript('weightroom-threads.js', read(at.threads, 'weightroom-threads.js'));
  for (const part of ['engine-threads.js', 'engine-threads.wasm']) cpSync(join(at.threads, part), dist(`bench/${part}`));
}
// So that web/bench asks for no file that is not there.
writeFileSync(dist('bench/engine.js'),
  `var WEIGHTROOM_ENGINE_THREADS=${Boolean(threads)};\n${read(at.program, 'engine.js')}`);
copyFiles(at.models, 'models', (name) => name.endsWith('.safetensors'));
copyFiles(at.samples, 'samples', () => true);

const fetched = ['weightroom.wasm', 'weightroom-opener.wasm', ...(threads ? ['weightroom-threads.wasm'] : []), ...list('models'), ...list('samples')];
const sizes = Object.fromEntries(fetched.map((name) => [name, statSync(dist(name)).size]));
await writeScript('weightroom.js', `var WEIGHTROOM_FILES=${JSON.stringify(sizes)};\n${read(at.program, 'weightroom.js')}`);
await writeScript('weightroom-opener.js', read(at.program, 'weightroom-opener.js'));
await writeScript('opener.js', read(at.web, 'opener.js'));
await writeScript('shell.js', shellWithStrings(read(at.web, 'shell.js'), strings));

const first = firstLoad(at.dist);
for (const { what, gzip, most } of totals(first)) {
  console.log(`first load, ${what}: ${kilobytes(gzip)} of ${kilobytes(most)} KB gzip`);
  if (gzip <= most) continue;
  for (const row of first) console.log(`  ${kilobytes(row.gzip)} KB  ${row.name}`);
  process.exit(1);
}

function read(folder, name) {
  return readFileSync(join(folder, name), 'utf8');
}

// Without comments and with short names inside functions; those that other files know stay.
async function writeScript(name, text) {
  const { code } = await minify(text, { ecma: 2020, compress: { passes: 2 } });
  writeFileSync(dist(name), code);
}

function copyFiles(from, folder, wanted) {
  if (!existsSync(from)) return;
  mkdirSync(dist(folder), { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isFile() && wanted(entry.name)) cpSync(join(from, entry.name), dist(`${folder}/${basename(entry.name)}`));
  }
}

function list(folder) {
  return existsSync(dist(folder)) ? readdirSync(dist(folder)).sort().map((name) => `${folder}/${name}`) : [];
}

function kilobytes(bytes) {
  return Math.round(bytes / 1000);
}
