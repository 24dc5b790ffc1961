#!/usr/bin/env node
// Takes the README's pictures anew, assets/readme/*.png, from the built page in headless Chromium:
//   scripts/readme_pictures.mjs
import { fileURLToPath } from 'node:url';

import { run, settled, state } from '../tests/browser/bench.mjs';
import { kDist, launch, open } from '../tests/browser/harness.mjs';
import { serve } from './serve.mjs';

const folder = fileURLToPath(new URL('../assets/readme/', import.meta.url));
const pictures = {
  'bench-light.png': { colorScheme: 'light' },
  // The lit weight dragged until another class wins: bars with their ghosts, the map of the new answer.
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
    },
  },
};

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
await browser.close();
await host.close();
