// The figures of scripts/bench, from the served page in headless Chromium.
import { parseArgs } from 'node:util';

import { run, settled, state, until } from './bench.mjs';
import { kDist, launch, open } from './harness.mjs';
import { serve } from '../../scripts/serve.mjs';

const { values } = parseArgs({ options: { edits: { type: 'string', default: '50' }, json: { type: 'boolean', default: false } } });
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// From the last byte of the first load to the first answer; the shell marks both.
function firstAnswer() {
  const at = (name) => Math.max(...performance.getEntriesByName(name).map((mark) => mark.startTime));
  return at('weightroom-answer') - at('weightroom-bytes');
}

// Milliseconds that the page's main thread has worked since its start: processor time, so that the GPU process, which
// here is software on the same cores, does not count where it takes the core away.
async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find((metric) => metric.name === 'TaskDuration').value;
}

// From an edit to its bars and map, as the page itself reports them; whole tasks of the main thread, drawing included.
// By the clock, that is with the wait for the next frame and for a core, and in the main thread's own time.
async function edit(page, session, command) {
  const before = await busy(session);
  const clock = await page.evaluate((c) => new Promise((resolve) => {
    const start = performance.now();
    const revision = window.weightroom.run(c);
    const stop = window.weightroom.on('map', (event) => {
      if (event.revision < revision) return;
      stop();
      resolve(performance.now() - start);
    });
  }), command);
  return { main: (await busy(session)) - before, clock };
}

async function measure(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const figures = { first_answer_ms: await page.evaluate(firstAnswer) };
  const { selection } = await state(page);
  const times = [];
  for (let i = 0; i < Number(values.edits); i += 1) {
    const value = selection.value + 0.01 * (i + 1);
    times.push(await edit(page, session, { command: 'set_weight', weight: selection.weight, value, preview: true }));
    await settled(page);
  }
  figures.edit_ms = median(times.map((time) => time.main));
  figures.edit_clock_ms = median(times.map((time) => time.clock));
  figures.forward_ms = {};
  for (const name of ['everyday', 'garments', 'tinyvgg']) {
    await run(page, { command: 'open_model', name });
    await until(page, name, (n) => window.weightroom.state().model.name === n && window.weightroom.state().ready, name);
    const { model } = await state(page);
    const first = `${model.layers.find((layer) => layer.op === 'conv2d').name}.weight[0,0,0,0]`;
    const passes = [];
    for (let i = 0; i < Number(values.edits); i += 1) {
      await run(page, { command: 'set_weight', weight: first, value: 0.001 * (i + 1), preview: true });
      await settled(page);
      passes.push((await state(page)).forward_ms);
    }
    figures.forward_ms[name] = median(passes);
  }
  return figures;
}

const browser = await launch();
const host = await serve(kDist);
const { page, troubles } = await open(browser, host.url);
await settled(page);
const figures = await measure(page);
await browser.close();
await host.close();
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.log(`first answer after the last byte   ${figures.first_answer_ms?.toFixed(0) ?? '?'} ms`);
  console.log(`edit to new bars and gradient map  ${figures.edit_ms.toFixed(1)} ms of main thread, ${figures.edit_clock_ms.toFixed(1)} ms by the clock (medians of ${values.edits})`);
  for (const [name, ms] of Object.entries(figures.forward_ms)) console.log(`forward pass of ${name.padEnd(18)} ${ms.toFixed(2)} ms`);
}
if (troubles.length > 0) console.error(troubles.join('\n'));
process.exit(troubles.length > 0 ? 1 : 0);
