// Runs the browser tests: node tests/browser/run.mjs [--only TEXT] [--all] [--jobs N]
//
// Each *_test.mjs exports `tests`: name -> async ({browser, place, url, requests, open}) => {...}. A test passes unless
// it throws or a page that it opened has troubles (harness.mjs); pages are closed after it. `places` (optional) names
// where its page stands, of kPlaces there: "served" if left out. With --all each test runs once for each place; without,
// all run in the first place and in the others those named in `smoke` (optional), while those named in `long` (optional;
// true: the whole file) are left out.
//
// N tests run at once (a half of the processors' number, at least two), each in a process with a browser of its own, but
// for those named in `alone` (optional), which look at how long something takes: they come last, one after another.
import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { kPlaces, launch, open, takeTroubles } from './harness.mjs';

const kTimeout = 300_000; // ms, each test: a safeguard, for machines a few times slower than ours
const here = new URL('./', import.meta.url);

if (process.send) serveJobs();
else await runAll();

async function runAll() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      all: { type: 'boolean', default: false },
      jobs: { type: 'string', default: String(Math.max(2, Math.floor(availableParallelism() / 2))) },
    },
  });
  const { together, alone, left } = await listJobs(values);
  const counts = { total: 0, failed: 0 };
  await runJobs(together, Math.max(1, Number(values.jobs)), counts);
  await runJobs(alone, 1, counts);
  if (left > 0) console.log(`${left} are left to --all`);
  // The form of ctest's own summary, which scripts/test reads.
  console.log(`${counts.total - counts.failed} tests passed, ${counts.failed} tests failed out of ${counts.total}`);
  process.exit(counts.failed > 0 || counts.total === 0 ? 1 : 0);
}

async function listJobs({ only, all }) {
  const together = [];
  const alone = [];
  let left = 0;
  for (const file of readdirSync(here).filter((name) => name.endsWith('_test.mjs')).sort()) {
    const { tests, places = ['served'], smoke = [], long = [], alone: byItself = [] } = await import(new URL(file, here));
    const later = long === true ? Object.keys(tests) : long;
    for (const name of [...smoke, ...later, ...byItself]) {
      if (!(name in tests)) throw new Error(`${file} has no test '${name}'`);
    }
    for (const place of places) {
      for (const name of Object.keys(tests)) {
        const title = `${file.replace('_test.mjs', '')}: ${name} (${place})`;
        if (!title.includes(only)) continue;
        if (!all && (later.includes(name) || (place !== places[0] && !smoke.includes(name)))) left += 1;
        else (byItself.includes(name) ? alone : together).push({ file, name, place, title });
      }
    }
  }
  return { together, alone, left };
}

// Each worker takes the next job as soon as it is done with one.
async function runJobs(jobs, workers, counts) {
  const next = jobs.values();
  await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, async () => {
    let worker = null;
    for (const job of next) {
      worker ??= fork(fileURLToPath(import.meta.url));
      const report = await ask(worker, job);
      counts.total += 1;
      if (report.failed) counts.failed += 1;
      console.log(report.line);
      if (!worker.connected) worker = null;
    }
    if (worker) await new Promise((resolve) => { worker.once('exit', resolve); worker.send(null); });
  }));
}

function ask(worker, job) {
  return new Promise((resolve) => {
    const gone = (code) => resolve({ failed: true, line: `FAILED  ${job.title}\nits process ended with ${code}` });
    worker.once('exit', gone);
    worker.once('message', (report) => { worker.off('exit', gone); resolve(report); });
    worker.send(job);
  });
}

// In a process of its own: one job after another, until there is none.
function serveJobs() {
  const hosts = {};
  let browser = null;
  process.on('message', async (job) => {
    if (job === null) {
      await browser?.close();
      for (const host of Object.values(hosts)) await host.close();
      process.exit(0);
    }
    try {
      browser ??= await launch();
      hosts[job.place] ??= await kPlaces[job.place]();
      process.send(await run(job, browser, hosts[job.place]));
    } catch (error) {
      process.send({ failed: true, line: `FAILED  ${job.title}\n${error.stack ?? error}` });
    }
  });
}

async function run({ file, name, place, title }, browser, host) {
  const { tests } = await import(new URL(file, here));
  host.requests.length = 0;
  const began = Date.now();
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done after ${kTimeout / 1000} s`)), kTimeout); });
  try {
    const test = tests[name]({ browser, place, ...host, open: (options) => open(browser, host.url, options) });
    await Promise.race([test, late]);
    const troubles = takeTroubles();
    if (troubles.length > 0) throw new Error(`on the page: ${troubles.join('; ')}`);
    return { failed: false, line: `passed  ${title}  ${Date.now() - began} ms` };
  } catch (error) {
    return { failed: true, line: `FAILED  ${title}\n${error.stack ?? error}` };
  } finally {
    clearTimeout(timer);
    takeTroubles();
    for (const context of browser.contexts()) await context.close();
  }
}
