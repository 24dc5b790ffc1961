// What hands do besides dragging the selected weight: every way of changing, choosing and comparing, at its pixels.
import assert from 'node:assert/strict';

import { click, drag, middle, middleWeight, run, settled, state, until, where } from './bench.mjs';

const cellOf = (s) => `weight/${s.selection.weight.replace('.weight[', '/').replaceAll(',', '/').replace(']', '')}`;
const edits = (page, count) => until(page, `${count} edits`, (n) => window.weightroom.state().edits.length === n, count);

async function opened(open) {
  const bench = await open();
  await settled(bench.page);
  return bench;
}

// The item of this name in a list, which may lie below or above the part of it that is seen.
async function choose(page, id, name) {
  await click(page, id);
  await until(page, `the list of ${id} open`, (item) => window.weightroom.where(item) !== null, `${id}/0`);
  const item = `${id}/${name}`;
  await until(page, item, (at) => window.weightroom.where(at) !== null, item);
  const first = await where(page, `${id}/0`);
  const button = await where(page, id);
  await page.mouse.move(first.x + 30, button.y + button.height + 40);
  for (let i = 0; i < 40 && !(await where(page, item)).visible; i += 1) {
    const { y } = await where(page, item);
    await page.mouse.wheel(0, y < button.y + button.height ? -120 : 120);
    await page.waitForTimeout(60);
  }
  await click(page, item);
}

// Scrolls the first column down to a widget.
async function reach(page, id) {
  const { x, width } = await where(page, 'picture');
  await page.mouse.move(x + width / 2, 700);
  for (let i = 0; i < 40 && !(await where(page, id))?.visible; i += 1) {
    await page.mouse.wheel(0, 150);
    await page.waitForTimeout(60);
  }
}

export const tests = {
  'while the button is held everything shows the unedited model': async ({ open }) => {
    const { page } = await opened(open);
    const loaded = await state(page);
    await run(page, { command: 'set_weight', weight: loaded.selection.weight, value: -loaded.selection.range });
    await settled(page);
    const edited = await state(page);
    assert.notDeepEqual(edited.predictions.map((row) => row.probability), loaded.predictions.map((row) => row.probability));
    const { x, y } = await middle(page, 'compare');
    await page.mouse.move(x, y);
    await page.mouse.down();
    await until(page, 'held', () => window.weightroom.state().view.compare);
    await settled(page);
    assert.deepEqual((await state(page)).predictions, loaded.predictions);
    await page.mouse.up();
    await until(page, 'let go', () => !window.weightroom.state().view.compare);
    await settled(page);
    assert.deepEqual((await state(page)).predictions, edited.predictions);
  },

  'buttons, wheel and arrow keys change the weight, and each is one step': async ({ open }) => {
    const { page } = await opened(open);
    const { selection, model } = await state(page);
    const value = async () => Math.fround((await state(page)).selection.value); // nine digits name one float
    await click(page, 'weight_double');
    await edits(page, 1);
    assert.equal(await value(), Math.fround(2 * selection.value));
    await click(page, 'weight_negate');
    await edits(page, 2);
    assert.equal(await value(), -Math.fround(2 * selection.value));
    await click(page, 'weight_zero');
    await edits(page, 3);
    assert.equal(await value(), 0);
    const cell = await middle(page, cellOf(await state(page)));
    await page.mouse.move(cell.x, cell.y);
    await page.mouse.wheel(0, -120);
    await edits(page, 4);
    assert.ok(await value() > 0, 'the wheel turned up');
    await click(page, cellOf(await state(page)));
    await page.keyboard.press('ArrowDown');
    await edits(page, 5);
    await click(page, 'weight_reset');
    await edits(page, 6);
    assert.equal(await value(), Math.fround(selection.value));
    for (let left = 6; left > 0; left -= 1) {
      await page.keyboard.press('Control+z');
      await edits(page, left - 1);
    }
    await settled(page);
    assert.equal((await state(page)).model.fingerprint, model.fingerprint);
  },

  'not a number, typed into a cell, is refused by a sentence': async ({ open }) => {
    const { page } = await opened(open);
    const before = await state(page);
    for (const words of ['nan', 'inf', '1e99']) {
      const { x, y } = await middle(page, cellOf(before));
      await page.mouse.dblclick(x, y);
      await middle(page, 'typing');
      await page.keyboard.press('Control+A');
      await page.keyboard.type(words, { delay: 40 });
      await page.keyboard.press('Enter');
      await until(page, `a sentence on ${words}`, () => window.weightroom.state().error !== '');
      const s = await state(page);
      assert.match(s.error, /^[A-Z"'].*\.$/s);
      assert.equal(s.edits.length, 0);
      assert.deepEqual(s.predictions, before.predictions);
      await run(page, { command: 'dismiss_error' });
    }
  },

  'another answer stands at the top of the bars, wherever they were scrolled to': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const { selection, predictions } = await state(page);
    const visible = (label) => page.evaluate((id) => window.weightroom.where(id)?.visible === true, `class/${label}`);
    const bars = await middle(page, `class/${predictions[1].label}`);
    await page.mouse.move(bars.x, bars.y);
    for (let i = 0; i < 40; i += 1) await page.mouse.wheel(0, 200);
    await until(page, 'the end of the bars', (id) => window.weightroom.where(id)?.visible === true, `class/${predictions.at(-1).label}`);
    assert.equal(await visible(predictions[0].label), false);
    await run(page, { command: 'set_weight', weight: selection.weight, value: -selection.range });
    await until(page, 'another answer', (was) => window.weightroom.state('predictions')[0].label !== was, predictions[0].label);
    const [top] = (await state(page)).predictions;
    await until(page, `${top.label} in sight`, (id) => window.weightroom.where(id)?.visible === true, `class/${top.label}`);
  },

  'a class clicked becomes the target, and the map speaks of it': async ({ open }) => {
    const { page } = await opened(open);
    const before = await state(page);
    const second = before.predictions[1].label;
    await click(page, `class/${second}`);
    await until(page, second, (label) => window.weightroom.state().target.label === label, second);
    await settled(page);
    assert.notEqual((await state(page)).map.scale, before.map.scale);
  },

  'layers, maps and weights are chosen by a click': async ({ open }) => {
    const { page } = await opened(open);
    await click(page, 'layer/relu1');
    await until(page, 'relu1', () => window.weightroom.state().selection.layer === 'relu1');
    await click(page, 'layer/conv1');
    await until(page, 'conv1', () => window.weightroom.state().selection.layer === 'conv1');
    const lit = Number((await state(page)).selection.weight.match(/\[(\d+)/)[1]);
    const channel = lit === 3 ? 4 : 3; // not of the kernel in the inspector
    await click(page, `weight/conv1/${channel}/1/2/0`);
    await until(page, 'the weight', (o) => window.weightroom.state().selection.weight === `conv1.weight[${o},1,2,0]`, channel);
    await click(page, 'map/conv1/2');
    await until(page, 'the map enlarged', () => window.weightroom.state().selection.channel?.index === 2);
    await click(page, 'channel/next');
    await until(page, 'the next one', () => window.weightroom.state().selection.channel?.index === 3);
    await click(page, 'channel/close');
    await until(page, 'all layers again', () => window.weightroom.state().selection.channel === null);
  },

  'the weight wall zooms, moves and changes its overlay': async ({ open }) => {
    const { page } = await opened(open);
    const cell = await middleWeight(page);
    const small = await where(page, cell);
    for (let i = 0; i < 3; i += 1) await click(page, 'wall/closer');
    await until(page, 'larger weights', ([id, w]) => (window.weightroom.where(id)?.width ?? 1e9) > 1.5 * w, [cell, small.width]);
    const { x, y } = await where(page, cell);
    await drag(page, 'wall', 40, 25);
    await until(page, 'the wall moved with the hand', ([id, left, top]) => {
      const at = window.weightroom.where(id);
      return at !== null && at.x - left > 20 && at.y - top > 10; // all but the way after which a press is a drag
    }, [cell, x, y]);
    await click(page, 'wall/fit');
    await until(page, 'everything again', ([id, w]) => window.weightroom.where(id)?.width === w, [cell, small.width]);
    for (const [i, overlay] of ['value', 'gradient', 'weight_x_gradient', 'change'].entries()) {
      await click(page, `overlay/${i}`);
      await until(page, overlay, (name) => window.weightroom.state().view.overlay === name, overlay);
    }
  },

  'models and methods are chosen from their menus': async ({ open }) => {
    const { page } = await opened(open);
    await choose(page, 'method', 'grad_cam');
    await until(page, 'Grad-CAM', () => window.weightroom.state().map?.method === 'grad_cam');
    await choose(page, 'model', 'garments');
    await until(page, 'garments', () => window.weightroom.state().model.name === 'garments' && window.weightroom.state().ready);
  },

  'a picture is remembered and becomes the baseline of another one': async ({ open }) => {
    const { page } = await opened(open);
    await choose(page, 'method', 'integrated_gradients');
    await until(page, 'integrated gradients', () => window.weightroom.state().map?.method === 'integrated_gradients');
    await run(page, { command: 'set_method', method: 'integrated_gradients', params: { steps: 16 } });
    await settled(page);
    await click(page, 'saliency/more');
    await reach(page, 'remember_picture');
    await click(page, 'remember_picture');
    await until(page, 'the cat remembered', () => window.weightroom.state().second_picture === 'cat');
    await run(page, { command: 'open_sample', name: 'coffee' });
    await until(page, 'the coffee', () => window.weightroom.state().picture.name === 'coffee' && window.weightroom.state().ready);
    const { map: black } = await state(page);
    await reach(page, 'param/baseline');
    await choose(page, 'param/baseline', 'picture');
    await until(page, 'the cat as baseline', () => window.weightroom.state().map?.params.baseline === 'picture' && window.weightroom.state().ready);
    const { map: cat } = await state(page);
    assert.notEqual(cat.scale, black.scale);
    assert.ok(cat.completeness_error < 0.2, 'the shares tell the coffee from the cat');
    await reach(page, 'remember_picture');
    await click(page, 'remember_picture');
    await until(page, 'black again', () => window.weightroom.state().map?.params.baseline === 'black' && window.weightroom.state().second_picture === null);
  },
};
