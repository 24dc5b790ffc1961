// The keyboard alone: in and out of the canvas, to the weight, and what each control does by its keys.
import assert from 'node:assert/strict';

import { appears, done, settled, state, until } from './bench.mjs';

const active = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

// A link before the canvas and one after it, as a page around ours would have.
const between = (page) => page.evaluate(() => {
  for (const [id, place] of [['before', 'beforebegin'], ['after', 'afterend']]) {
    const link = document.createElement('a');
    Object.assign(link, { id, href: '#', textContent: id });
    document.getElementById('canvas').insertAdjacentElement(place, link);
  }
});

// Presses the key until the canvas has lost the focus; how often.
async function until_out(page, key) {
  for (let presses = 1; presses < 150; ++presses) {
    await page.keyboard.press(key);
    await settled(page);
    if (await active(page) !== 'canvas') return presses;
  }
  throw new Error(`${key} never leaves the canvas`);
}

export const tests = {
  'Tab goes through the page and out of the canvas at both ends': async ({ open }) => {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
      const { page, close } = await open({ viewport });
      await done(page);
      await between(page);
      await page.evaluate(() => document.getElementById('before').focus());
      await page.keyboard.press('Tab');
      assert.equal(await active(page), 'canvas');
      await settled(page);
      const forward = await until_out(page, 'Tab');
      assert.ok(forward > 10 && forward < 120, `${forward} stops`);
      assert.equal(await active(page), 'after');
      await page.keyboard.press('Shift+Tab');
      assert.equal(await active(page), 'canvas');
      await settled(page);
      assert.equal(await until_out(page, 'Shift+Tab'), forward, 'as many on the way back');
      assert.equal(await active(page), 'before');
      await close();
    }
  },

  'a weight is reached, nudged, typed and taken back without a mouse': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const before = (await state(page)).selection;
    const place = (id) => page.evaluate((i) => { const { x, y } = window.weightroom.where(i) ?? {}; return `${x} ${y}`; }, id);
    const cell = before.weight.replace(/^(.*)\.(\w+)\[(.*)\]$/, (_, layer, kind, at) => `${kind}/${layer}/${at.replaceAll(',', '/')}`);
    let steps = 0;
    for (let at = await place('focus'); await place('focus') !== await place(cell); at = await place('focus'), ++steps) {
      assert.ok(steps < 6, 'within six stops');
      await page.keyboard.press('Tab');
      await until(page, 'another control in focus', (old) => {
        const { x, y } = window.weightroom.where('focus') ?? {};
        return `${x} ${y}` !== old;
      }, at);
    }
    await page.keyboard.press('ArrowUp');
    await until(page, 'the nudged weight', (value) => window.weightroom.state('selection').value > value, before.value);
    assert.equal((await state(page)).selection.weight, before.weight);
    await page.keyboard.press('Enter');
    await appears(page, 'typing');
    await page.keyboard.type('0.25');
    await page.keyboard.press('Tab');
    await until(page, 'the typed weight', () => window.weightroom.state('selection').value === 0.25);
    await page.keyboard.press('Control+z');
    await until(page, 'the typed weight undone', () => window.weightroom.state('selection').value !== 0.25);
    await page.keyboard.press('Control+z');
    await until(page, 'the nudge undone', (value) => window.weightroom.state('selection').value === value, before.value);
  },
};
