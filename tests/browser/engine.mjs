// The engine's own page, web/bench, as the tests of one thread and of several use it.
import { readFileSync } from 'node:fs';

import { kRoot, open } from './harness.mjs';

// One level up from the benchmark's folder: allowed by its policy.
const kModels = /^request to .*\/models\//;

// What every build must tell of every net, as weightroom digest tells it natively.
export const recorded = JSON.parse(readFileSync(`${kRoot}tests/golden/bits.json`));

export const openBench = (browser, url, options) =>
  open(browser, `${url}bench/`, { wait: false, expected: kModels, ...options });

// The digests of all nets. `threads`: the numbers of threads to take them on, in the build that has any; null: the
// plain build. Where they differ among those, all of them are in the answer.
export function digests(page, threads = null) {
  return page.evaluate(async ({ names, threads }) => {
    const { openEngine } = await import(new URL('engine_client.js', location.href));
    const { netA, netB, netC, onnx } = await import(new URL('nets.js', location.href));
    const call = await openEngine({ threaded: threads !== null });
    const found = {};
    for (const name of names) {
      const own = { A: netA, B: netB, C: netC }[name];
      const bytes = own ? onnx(own()) : new Uint8Array(await (await fetch(`../models/${name}.safetensors`)).arrayBuffer());
      call({ command: 'open', name: own ? `${name}.onnx` : `${name}.safetensors` }, bytes);
      const told = new Set();
      for (const number of threads ?? [1]) {
        told.add(call({ command: 'digest', threads: number }).digest);
        if (number === 1) continue;
        await new Promise((done) => { setTimeout(done, 50); });  // a thread starts once the page has a moment
        told.add(call({ command: 'digest', threads: number }).digest);
      }
      found[name] = [...told].join(' or ');
    }
    return found;
  }, { names: Object.keys(recorded), threads });
}
