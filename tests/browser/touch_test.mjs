// A tablet: a number touched opens a real HTML input, since a canvas raises no keyboard.
import assert from 'node:assert/strict';

import { middle, run, settled, state, until } from './bench.mjs';

export const tests = {
  'a number touched is typed into an HTML field': async ({ open }) => {
    const { page, troubles, close } = await open({ hasTouch: true, viewport: { width: 1100, height: 800 } });
    await settled(page);
    const { selection, model } = await state(page);
    const cell = `weight/${selection.weight.replace('.weight[', '/').replaceAll(',', '/').replace(']', '')}`;
    const at = await middle(page, cell);
    await page.touchscreen.tap(at.x, at.y);
    const field = page.locator('#number');
    for (let i = 0; i < 5 && !(await field.isVisible()); i += 1) {
      await page.waitForTimeout(400);
      if (!(await field.isVisible())) {
        const again = await middle(page, cell); // targets have grown for the finger
        await page.touchscreen.tap(again.x, again.y);
      }
    }
    assert.ok(await field.isVisible(), 'no field came');
    assert.equal(await field.getAttribute('inputmode'), 'decimal');
    await field.fill('0,75');
    await field.press('Enter');
    await until(page, 'the typed weight', () => window.weightroom.state().edits.length === 1);
    assert.equal((await state(page)).selection.value, 0.75);
    await run(page, { command: 'undo' });
    await settled(page);
    assert.equal((await state(page)).model.fingerprint, model.fingerprint);
    assert.deepEqual(troubles, []);
    await close();
  },
};
