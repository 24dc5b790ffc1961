// Assembles dist, the page as static files: what web/ holds, the program, models and samples.
//
//   node page.mjs --web DIR --program DIR [--threads DIR] --models DIR --samples DIR --dist DIR
//
// --threads: where the second program lies, for hosts that isolate the page; it may be missing.
// weightroom.js gets one line in front, by which shell.js knows the size of each file it
// fetches (a server that compresses does not tell):
//   var WEIGHTROOM_FILES = {"weightroom.wasm": 812345, "models/everyday.safetensors": 712345, ...};
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const kFirstLoadLimit = 1_500_000; // bytes, gzip, everything that the first screen needs
const kFirstModel = 'models/everyday.safetensors';
const kFirstSample = 'samples/cat.jpg';

const options = Object.fromEntries(
  ['web', 'program', 'threads', 'models', 'samples', 'dist'].map((name) => [name, { type: 'string' }]));
const { values: at } = parseArgs({ options });
const dist = (name) => join(at.dist, name);

rmSync(at.dist, { recursive: true, force: true });
cpSync(at.web, at.dist, { recursive: true });
cpSync(join(at.program, 'weightroom.wasm'), dist('weightroom.wasm'));
for (const part of ['engine.js', 'engine.wasm']) cpSync(join(at.program, part), dist(`bench/${part}`));
const threads = at.threads && existsSync(join(at.threads, 'weightroom-threads.wasm'));
if (threads) {
  for (const part of ['weightroom-threads.js', 'weightroom-threads.wasm']) cpSync(join(at.threads, part), dist(part));
  for (const part of ['engine-threads.js', 'engine-threads.wasm']) cpSync(join(at.threads, part), dist(`bench/${part}`));
}
copyFiles(at.models, 'models', (name) => name.endsWith('.safetensors'));
copyFiles(at.samples, 'samples', () => true);

const fetched = ['weightroom.wasm', ...(threads ? ['weightroom-threads.wasm'] : []), ...list('models'), ...list('samples')];
const sizes = Object.fromEntries(fetched.map((name) => [name, statSync(dist(name)).size]));
writeFileSync(dist('weightroom.js'),
  `var WEIGHTROOM_FILES=${JSON.stringify(sizes)};\n${readFileSync(join(at.program, 'weightroom.js'), 'utf8')}`);

const first = [...readdirSync(at.web).filter((name) => /\.(html|js|css)$/.test(name)),
  'weightroom.js', 'weightroom.wasm', kFirstModel, kFirstSample].filter((name) => existsSync(dist(name)));
const load = first.map((name) => gzipSync(readFileSync(dist(name))).length).reduce((a, b) => a + b, 0);
console.log(`first load: ${kilobytes(load)} of ${kilobytes(kFirstLoadLimit)} KB gzip`);
if (load > kFirstLoadLimit) {
  for (const name of first) console.log(`  ${kilobytes(gzipSync(readFileSync(dist(name))).length)} KB  ${name}`);
  process.exit(1);
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
