// Every method of explainability in the page, on the model that it opens with: how many forward passes it takes, beside
// how many it should; and the longest frame of the page meanwhile.
import { execFileSync } from 'node:child_process';

import { kCommandLine, run, state, until } from './bench.mjs';
import { open } from './harness.mjs';

const kMost = 1.5; // of the counted passes
const kFrame = 50; // ms of the main thread in any frame
const kFew = 300; // passes: the best of five, as of the forward pass the best: drawing shares the processor
// Where steps double until the sum is right, their number is not known beforehand: so many are asked for.
const kFixed = { integrated_gradients: { params: { steps: 64 }, passes: 129 } };

// How long the page's own work in each frame takes.
export function watchFrames() {
  window.frameTimes = [];
  const next = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => next((time) => {
    const start = performance.now();
    callback(time);
    window.frameTimes.push(performance.now() - start);
  });
}

const done = (page, method) => until(page, `${method} done`, (name) => {
  const { ready, jobs, map } = window.weightroom.state();
  return ready && jobs.length === 0 && map.method === name;
}, method);

async function forwardMs(page) {
  const times = [];
  for (let i = 0; i < 25; i += 1) {
    await run(page, { command: 'set_crop', x: i, y: 0, size: 200 });
    await until(page, 'an answer', () => window.weightroom.state().ready);
    times.push((await state(page)).forward_ms);
  }
  return Math.min(...times);
}

export async function measureMethods(browser, url) {
  const list = JSON.parse(execFileSync(kCommandLine, ['explain', '--list', '--json'], { encoding: 'utf8' }));
  const { page, troubles } = await open(browser, url, { before: watchFrames });
  await until(page, 'the first map', () => window.weightroom.state().ready && window.weightroom.state().jobs.length === 0);
  await run(page, { command: 'set_method', method: 'gradient' });
  await done(page, 'gradient');
  const forward = await forwardMs(page);
  const rows = [];
  for (const { method, title, passes: counted } of list) {
    const { params = {}, passes = counted } = kFixed[method] ?? {};
    const times = [];
    await page.evaluate(() => { window.frameTimes.length = 0; });
    for (let again = 0; again < (passes < kFew ? 5 : 1); again += 1) {
      await run(page, { command: 'set_method', method: method === 'gradient' ? 'deconvnet' : 'gradient' });
      await done(page, method === 'gradient' ? 'deconvnet' : 'gradient');
      await run(page, { command: 'set_method', method, params });
      await done(page, method);
      times.push((await state(page)).map.ms);
    }
    const frame = await page.evaluate(() => Math.max(...window.frameTimes));
    rows.push({ method, title, passes, ms: Math.min(...times), ratio: Math.min(...times) / forward / passes, frame_ms: frame });
  }
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
  await page.close();
  return { forward_ms: forward, rows };
}

export function printMethods({ forward_ms: forward, rows }) {
  console.log(`\nmethods on everyday in the page, in forward passes of ${forward.toFixed(2)} ms (at most ${kMost} times as many as counted, ${kFrame} ms a frame)`);
  for (const row of rows) {
    const measured = row.ms / forward;
    const verdict = row.ratio <= kMost && row.frame_ms <= kFrame ? 'ok  ' : 'OVER';
    console.log(`  ${verdict} ${row.method.padEnd(22)} ${measured.toFixed(1).padStart(8)} of ${row.passes.toFixed(0).padStart(5)} passes (${row.ratio.toFixed(2)}), longest frame ${row.frame_ms.toFixed(1)} ms`);
  }
}
