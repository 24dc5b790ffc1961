#!/usr/bin/env node
// Takes the README's pictures anew, assets/readme/*.png, from the built page and command line in headless Chromium:
//   scripts/readme_pictures.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run, settled, state, until } from '../tests/browser/bench.mjs';
import { kDist, kRoot, launch, open } from '../tests/browser/harness.mjs';
import { serve } from './serve.mjs';

const folder = fileURLToPath(new URL('../assets/readme/', import.meta.url));
// The slider tells where which class is the answer a moment after all else.
const painted = (page) => until(page, 'the slider painted', () => window.weightroom.state().predictions.some(({ label }) => window.weightroom.where(`weight_slider/${label}`)));
const pictures = {
  'bench-light.png': { colorScheme: 'light', prepare: painted },
  // The selected weight dragged until another class wins: bars with their ghosts, the map of the new answer.
  'bench-dark.png': {
    colorScheme: 'dark',
    async prepare(page) {
      const { selection, predictions } = await state(page);
      for (const share of [-0.95, 0.95]) {
        await run(page, { command: 'set_weight', weight: selection.weight, value: share * selection.range });
        await settled(page);
        if ((await state(page)).predictions[0].label !== predictions[0].label) break;
        await run(page, { command: 'undo' });
      }
      await painted(page);
    },
  },
};

for (const name of ['trust', 'units']) {
  pictures[`${name}.png`] = {
    viewport: { width: 1280, height: 940 },
    async prepare(page) {
      await run(page, { command: 'open_page', page: name });
      await until(page, 'all there', () => {
        const { jobs, pictures: set, study } = window.weightroom.state();
        return jobs.length === 0 && study.state === 'done' && (study.page !== 'units' || (set !== null && study.units.exciting.length > 0));
      });
    },
  };
}

// The garments with half of a layer pruned.
for (const name of ['accuracy', 'size']) {
  pictures[`${name}.png`] = {
    viewport: { width: 1280, height: 860 },
    colorScheme: name === 'size' ? 'dark' : 'light',
    async prepare(page) {
      const idle = () => until(page, 'nothing left to do', () => window.weightroom.state().ready && window.weightroom.state().jobs.length === 0);
      await run(page, { command: 'open_model', name: 'garments' });
      await until(page, 'garments', () => window.weightroom.state().model.name === 'garments');
      await idle();
      await run(page, { command: 'open_set', name: 'garments' });
      await until(page, 'the set measured', () => window.weightroom.state().measure?.whole === true);
      await run(page, { command: 'change', operation: 'prune', on: 'conv3', params: { share: 0.6 } });
      await run(page, { command: 'open_page', page: name });
      await idle();
      if (name === 'size') await until(page, 'gzip', () => window.weightroom.state().size.file.gzip > 0);
    },
  };
}

const browser = await launch();
const host = await serve(kDist);
for (const [name, { prepare, ...options }] of Object.entries(pictures)) {
  const { page, troubles, close } = await open(browser, host.url, options);
  await settled(page);
  if (prepare) await prepare(page);
  await settled(page);
  await page.waitForTimeout(1500); // what still moves comes to rest
  await page.screenshot({ path: folder + name });
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
  await close();
}

// The cat by every method, as the command line draws it.
const program = `${kRoot}build/native/weightroom`;
const methods = JSON.parse(execFileSync(program, ['explain', '--list', '--json'], { encoding: 'utf8' }));
const scratch = mkdtempSync(join(tmpdir(), 'weightroom-'));
const cells = methods.map(({ method, title }) => {
  const file = join(scratch, `${method}.png`);
  execFileSync(program, ['explain', `${kDist}/samples/cat.jpg`, '--method', method, '--out', file], { stdio: 'ignore' });
  return `<figure><img src="data:image/png;base64,${readFileSync(file).toString('base64')}"><figcaption>${title}</figcaption></figure>`;
});
rmSync(scratch, { recursive: true });
const sheet = await browser.newPage({ viewport: { width: 1240, height: 800 } });
await sheet.setContent(`<style>
  body { margin: 0; font: 500 15px Inter, sans-serif; color: #1c1e1b; }
  main { display: grid; grid-template-columns: repeat(8, 1fr); gap: 14px 10px; padding: 12px; background: #f5f4f0; }
  figure { margin: 0; } img { width: 100%; display: block; border-radius: 8px; } figcaption { margin-top: 5px; }
</style><main>${cells.join('')}</main>`);
await sheet.locator('main').screenshot({ path: `${folder}methods.png` });
await browser.close();
await host.close();
