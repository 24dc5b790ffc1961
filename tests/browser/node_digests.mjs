// The digests of engine.mjs taken in Node, by the very files of the page: node tests/browser/node_digests.mjs [THREADS...]
// Prints one JSON object. Threads named: the build that has any; none: the plain build.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { recorded, take } from './engine.mjs';
import { kDist } from './harness.mjs';

const threads = process.argv.slice(2).map(Number);
const load = createRequire(import.meta.url);
// Modules of the page carry the ending .js, which Node reads as its own older kind.
const page = (path) => import(`data:text/javascript;base64,${readFileSync(`${kDist}/bench/${path}`).toString('base64')}`);
globalThis.window = threads.length > 0
  ? { createEngineThreads: load(`${kDist}/bench/engine-threads.js`) }
  : { createEngine: load(`${kDist}/bench/engine.js`) };

const { openEngine } = await page('engine_client.js');
const nets = await page('nets.js');
const found = await take({
  call: await openEngine({ threaded: threads.length > 0 }),
  nets,
  model: (name) => new Uint8Array(readFileSync(`${kDist}/models/${name}.safetensors`)),
  names: Object.keys(recorded),
  threads: threads.length > 0 ? threads : null,
});
console.log(JSON.stringify(found));
process.exit(0);  // threads would wait for more
