// A tablet: a number touched opens a real HTML input, since a canvas raises no keyboard.
import assert from 'node:assert/strict';

import { middle, middleWeight, run, settled, state, until, where } from './bench.mjs';

export const tests = {
  'a number touched is typed into an HTML field': async ({ open }) => {
    const { page } = await open({ hasTouch: true, viewport: { width: 1280, height: 800 } });
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
  },

  'two fingers zoom the weight wall, one moves the columns': async ({ open }) => {
    const { page } = await open({ hasTouch: true, viewport: { width: 1280, height: 800 } });
    await settled(page);
    let wall = await middle(page, 'wall');
    const session = await page.context().newCDPSession(page);
    const fingers = (type, ...points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    const pinch = async (from, to) => {
      await fingers('touchStart', [wall.x - from, wall.y], [wall.x + from, wall.y]);
      for (let step = 1; step <= 8; step += 1) {
        const reach = from + ((to - from) * step) / 8;
        await fingers('touchMove', [wall.x - reach, wall.y], [wall.x + reach, wall.y]);
      }
      await fingers('touchEnd');
    };
    // The first touch makes everything larger, for fingers: the wall lies elsewhere from then on, and a pinch about
    // where its middle was would carry the middle weight out of sight.
    const mouse = await where(page, 'wall');
    await pinch(60, 60);
    await until(page, 'room for fingers', (was) => window.weightroom.where('wall')?.y !== was.y, mouse);
    wall = await middle(page, 'wall');
    const cell = await middleWeight(page);
    const before = (await where(page, cell)).width;
    await pinch(30, 120);
    await until(page, 'larger weights', ([id, w]) => (window.weightroom.where(id)?.width ?? 0) > 2 * w, [cell, before]);
    await pinch(120, 20);
    await until(page, 'small ones again', ([id, w]) => (window.weightroom.where(id)?.width ?? 1e9) < 1.5 * w, [cell, before]);

    const column = await where(page, 'kernel');
    const at = [column.x + column.width + 6, column.y - 12];
    await fingers('touchStart', at);
    for (let step = 1; step <= 8; step += 1) await fingers('touchMove', [at[0], at[1] - 15 * step]);
    await fingers('touchEnd');
    await until(page, 'the column moved up', (y) => window.weightroom.where('kernel').y < y - 40, column.y);
    assert.equal((await state(page)).edits.length, 0);
  },
};
