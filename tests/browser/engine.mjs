// The engine's own page, web/bench, as the tests of one thread and of several use it.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { kRoot, open } from './harness.mjs';

// One level up from the benchmark's folder: allowed by its policy.
const kModels = /^request to .*\/models\//;

// What every build must tell of every net, as weightroom digest tells it natively.
export const recorded = JSON.parse(readFileSync(`${kRoot}tests/golden/bits.json`));

export const openBench = (browser, url, options) =>
  open(browser, `${url}bench/`, { wait: false, expected: kModels, ...options });

// The digests of all nets. `threads`: the numbers of threads to take them on, in the build that has any; null: the
// plain build. Where they differ among those, all of them are in the answer.
export async function take({ call, nets, model, names, threads }) {
  const found = {};
  for (const name of names) {
    const own = nets[`net${name}`];
    const bytes = own ? nets.onnx(own()) : await model(name);
    call({ command: 'open', name: own ? `${name}.onnx` : `${name}.safetensors` }, bytes);
    const told = new Set();
    for (const number of threads ?? [1]) {
      told.add(call({ command: 'digest', threads: number }).digest);
      if (number === 1) continue;
      await new Promise((done) => { setTimeout(done, 50); });  // a thread starts once the program has a moment
      told.add(call({ command: 'digest', threads: number }).digest);
    }
    found[name] = [...told].join(' or ');
  }
  return found;
}

export function digests(page, threads = null) {
  return page.evaluate(`(async () => {
    const { openEngine } = await import(new URL('engine_client.js', location.href));
    const nets = await import(new URL('nets.js', location.href));
    const call = await openEngine({ threaded: ${threads !== null} });
    const model = async (name) => new Uint8Array(await (await fetch('../models/' + name + '.safetensors')).arrayBuffer());
    return (${take})({ call, nets, model, names: ${JSON.stringify(Object.keys(recorded))}, threads: ${JSON.stringify(threads)} });
  })()`);
}

export async function digestsInNode(threads = []) {
  const program = fileURLToPath(new URL('node_digests.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...threads.map(String)]);
  return JSON.parse(stdout);
}
