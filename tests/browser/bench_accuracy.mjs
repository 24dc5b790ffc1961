// Accuracy after an edit: what keeping the layers before it spares, on the garments' thousand pictures.
import { done, garments, run, state } from './bench.mjs';
import { open } from './harness.mjs';

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

export async function measureAccuracy(browser, url, edits) {
  const opened = await open(browser, url);
  const page = await garments(() => opened);
  const { model, measure } = await state(page);
  const rows = [];
  for (const { name } of model.layers.filter((layer) => ['conv2d', 'linear'].includes(layer.op))) {
    const times = [];
    let spared = 0;
    for (let i = 0; i < edits; i += 1) {
      await run(page, { command: 'set_weight', weight: `${name}.bias[0]`, value: 0.01 * (i + 1) });
      await done(page);
      const { measure: now } = await state(page);
      times.push(now.ms);
      spared = now.spared;
    }
    rows.push({ layer: name, ms: median(times), spared });
  }
  await opened.page.close();
  return { pictures: measure.now.pictures, whole_ms: measure.ms, rows };
}

export function printAccuracy({ pictures, whole_ms: whole, rows }) {
  console.log(`\naccuracy on ${pictures} garments: all layers ${whole.toFixed(0)} ms ${whole <= 1000 ? 'ok' : 'OVER'} (at most 1000)`);
  for (const { layer, ms, spared } of rows) {
    console.log(`  after an edit of ${layer.padEnd(8)} ${ms.toFixed(0).padStart(5)} ms, ${Math.round(100 * spared)} % of the multiply-adds spared`);
  }
}
