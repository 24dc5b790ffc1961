// Runs the browser tests: node tests/browser/run.mjs [--only TEXT] [--all]
//
// Each *_test.mjs exports `tests`: name -> async ({browser, place, url, requests, open}) => {...}. A test passes unless
// it throws or a page that it opened has troubles (harness.mjs); pages are closed after it. `places` (optional) names
// where its page stands, of kPlaces there: "served" if left out. With --all each test runs once for each place; without,
// all run in the first place and in the others those named in `smoke` (optional), while those named in `long` (optional;
// true: the whole file) are left out.
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { kPlaces, launch, open, takeTroubles } from './harness.mjs';

const kTimeout = 300_000; // ms, each test: a safeguard, for machines a few times slower than ours
const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, all: { type: 'boolean', default: false } } });
const here = new URL('./', import.meta.url);

let total = 0;
let failed = 0;
let left = 0;
const browser = await launch();
for (const file of readdirSync(here).filter((name) => name.endsWith('_test.mjs')).sort()) {
  const { tests, places = ['served'], smoke = [], long = [] } = await import(new URL(file, here));
  const later = long === true ? Object.keys(tests) : long;
  for (const name of [...smoke, ...later]) {
    if (!(name in tests)) throw new Error(`${file} has no test '${name}'`);
  }
  for (const place of places) {
    const host = await kPlaces[place]();
    for (const [name, test] of Object.entries(tests)) {
      const title = `${file.replace('_test.mjs', '')}: ${name} (${place})`;
      if (!title.includes(values.only)) continue;
      if (!values.all && (later.includes(name) || (place !== places[0] && !smoke.includes(name)))) left += 1;
      else await run(title, () => test({ browser, place, ...host, open: (options) => open(browser, host.url, options) }));
    }
    await host.close();
  }
}
await browser.close();
if (left > 0) console.log(`${left} are left to --all`);
// The form of ctest's own summary, which scripts/test reads.
console.log(`${total - failed} tests passed, ${failed} tests failed out of ${total}`);
process.exit(failed > 0 || total === 0 ? 1 : 0);

async function run(title, test) {
  const began = Date.now();
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done after ${kTimeout / 1000} s`)), kTimeout); });
  total += 1;
  try {
    await Promise.race([test(), late]);
    const troubles = takeTroubles();
    if (troubles.length > 0) throw new Error(`on the page: ${troubles.join('; ')}`);
    console.log(`passed  ${title}  ${Date.now() - began} ms`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${title}\n${error.stack ?? error}`);
  } finally {
    clearTimeout(timer);
    takeTroubles();
    for (const context of browser.contexts()) await context.close();
  }
}
