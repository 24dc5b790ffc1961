// The first minute and the whole loop: open, upload, drag a weight, undo; on the served folder and in the single file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import {
  appears, assertSameAnswer, choose, click, drag, drop, inNode, middle, native, pixels, probability, run, sample,
  samplePath, scratch, settled, state, until, where,
} from './bench.mjs';

export const places = ['served', 'sub-path', 'single file'];
// What may differ from place to place: where the program, the models and the samples come from.
export const smoke = [
  'opens on the cat, classified, with a weight to drag', 'the same logits to the bit here, in Node and natively',
  'a photo of one\'s own, through the file chooser and by drop', 'the other models open, and the window may be any size',
];

// Few passes of each method: what it finds need not be good, only the same everywhere.
const kCheap = { samples: 6, steps: 6, pieces: 8, window: 32, stride: 32 };

async function opened(open) {
  const bench = await open();
  await settled(bench.page);
  return bench;
}

export const tests = {
  'opens on the cat, classified, with a weight to drag': async ({ open }) => {
    const bench = await opened(open);
    const s = await state(bench.page);
    assert.equal(s.model.name, 'everyday');
    assert.equal(s.predictions[0].label, 'cat');
    assert.ok(s.predictions[0].probability >= 0.8, `the cat has ${s.predictions[0].probability}`);
    assert.equal(s.target.label, 'cat');
    assert.ok(s.map.scale > 0);
    assert.deepEqual([s.map.method, s.map.layer, s.map.attribution_shape, s.map.adds_up], ['grad_cam', 'relu10', [1, 4, 4], true]);
    assert.match(s.model.fingerprint, /^[0-9a-f]{64}$/);
    await appears(bench.page, `weight/${s.selection.weight.replace('.weight[', '/').replaceAll(',', '/').replace(']', '')}`);
  },

  'the same logits to the bit here, in Node and natively': async ({ open }) => {
    const bench = await opened(open);
    const s = await state(bench.page);
    const words = ['classify', samplePath('cat.jpg'), '--model', 'everyday', '--json'];
    // Nine digits tell any two floats apart: equal after rounding to float means equal bits.
    const bits = (rows) => Object.fromEntries(rows.map((row) => [row.label, Math.fround(row.logit)]));
    assert.deepEqual(bits(s.predictions), bits(native(...words).predictions));
    assert.deepEqual(bits(s.predictions), bits(inNode(...words).predictions));
  },

  'dragging the selected weight within its slider changes the top class, and undo brings it back': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    const before = await state(page);
    const slider = await where(page, 'weight_slider');
    const names = new Set();
    let steps = 0;
    for (const share of [0.02, 0.1, 0.25, 0.75, 0.9, 0.98]) {
      await page.mouse.move(slider.x + slider.width / 2, slider.y + slider.height - 10);
      await page.mouse.down();
      await page.mouse.move(slider.x + slider.width * share, slider.y + slider.height - 10, { steps: 4 });
      await page.mouse.up();
      steps += 1;
      await until(page, `${steps} edits`, (n) => window.weightroom.state().edits.length === n, steps);
      await settled(page);
      names.add((await state(page)).predictions[0].label);
    }
    assert.ok(names.size > 1, `only ever ${[...names]}`);
    while ((await state(page)).can_undo) await run(page, { command: 'undo' });
    await settled(page);
    const after = await state(page);
    assert.equal(after.model.fingerprint, before.model.fingerprint);
    assert.deepEqual(after.predictions, before.predictions);
  },

  'a weight dragged by the mouse gives the native answer': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    const before = await state(page);
    const cell = `weight/${before.selection.weight.replace('.weight[', '/').replaceAll(',', '/').replace(']', '')}`;
    await drag(page, cell, 60);
    await until(page, 'the edit', () => window.weightroom.state().edits.length === 1);
    await settled(page);
    const s = await state(page);
    assert.equal(s.edits.length, 1, 'one drag is one step');
    const { weight, after } = s.edits[0].weights[0];
    assert.notEqual(after, s.edits[0].weights[0].before);
    const edited = scratch('edited.safetensors', '');
    native('edit', '--model', 'everyday', '--set', `${weight}=${after}`, '--out', edited, '--json');
    assertSameAnswer(s, native('classify', samplePath('cat.jpg'), '--model', edited, '--json'));
    await click(page, 'undo');
    await until(page, 'undone', () => window.weightroom.state().edits.length === 0);
    await settled(page);
    assert.equal((await state(page)).model.fingerprint, before.model.fingerprint);
  },

  'a photo of one\'s own, through the file chooser and by drop': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    await choose(page, { name: 'my cup.jpg', mimeType: 'image/jpeg', buffer: sample('coffee.jpg') });
    await until(page, 'the coffee on the bench', () => window.weightroom.state().picture?.name === 'my cup.jpg');
    await settled(page);
    const chosen = await state(page);
    assertSameAnswer(chosen, native('classify', samplePath('coffee.jpg'), '--model', 'everyday', '--json'));
    await drop(page, 'again.jpg', 'image/jpeg', sample('cat.jpg'));
    await until(page, 'the cat on the bench', () => window.weightroom.state().picture?.name === 'again.jpg');
    await settled(page);
    const dropped = await state(page);
    assert.equal(dropped.predictions[0].label, 'cat');
    assert.notEqual(probability(chosen, 'cat'), probability(dropped, 'cat'));
  },

  'the saliency is really painted over the photo': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    const shown = await pixels(page, 'picture');
    await run(page, { command: 'set_view', map: false });
    await page.waitForTimeout(300);
    const bare = await pixels(page, 'picture');
    assert.notDeepEqual(shown, bare);
    await run(page, { command: 'set_view', map: true });
    await page.waitForTimeout(300);
    assert.deepEqual(await pixels(page, 'picture'), shown);
  },

  'every method ends, names itself, and finds what the command line finds': async ({ open }) => {
    const { page } = await opened(open);
    const { target } = await state(page);
    const list = native('explain', '--list', '--json');
    assert.ok(list.length >= 24, `only ${list.length} methods`);
    for (const { method, params: known } of list) {
      const params = Object.fromEntries(Object.entries(kCheap).filter(([name]) => name in known));
      assert.equal(typeof (await run(page, { command: 'set_method', method, params })), 'number', method);
      await settled(page);
      const { map } = await state(page);
      assert.equal(map.method, method);
      assert.ok(map.scale > 0, method);
      const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
      const there = native('explain', samplePath('cat.jpg'), '--model', 'everyday', '--method', method, '--target', String(target.index), ...given, '--json');
      assert.equal(Math.fround(map.scale), Math.fround(there.scale), method);
      assert.deepEqual(map.attribution_shape, there.shape, method);
      assert.deepEqual([map.layer, map.adds_up], [there.layer, there.adds_up], method);
    }
  },

  'typing a number, keys for undo and redo, a pasted picture': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    const before = await state(page);
    const cell = `weight/${before.selection.weight.replace('.weight[', '/').replaceAll(',', '/').replace(']', '')}`;
    const at = await middle(page, cell);
    await page.mouse.dblclick(at.x, at.y);
    await middle(page, 'typing');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('-0,25', { delay: 40 });
    await page.keyboard.press('Enter');
    await until(page, 'the typed weight', () => window.weightroom.state().edits.length === 1);
    assert.equal((await state(page)).selection.value, -0.25);
    await page.keyboard.press('Control+z');
    await until(page, 'undone', () => window.weightroom.state().edits.length === 0);
    await settled(page);
    assert.equal((await state(page)).model.fingerprint, before.model.fingerprint);
    await page.keyboard.press('Control+Shift+z');
    await until(page, 'redone', () => window.weightroom.state().edits.length === 1);
    await page.evaluate((base64) => {
      const raw = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([raw], 'pasted.jpg', { type: 'image/jpeg' }));
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, sample('coffee.jpg').toString('base64'));
    await until(page, 'the pasted picture', () => window.weightroom.state().picture.name === 'pasted.jpg');
  },

  'a weight beyond all bounds takes the answer away, is not read aloud, and undo brings it back': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    const aloud = () => page.evaluate(() => document.getElementById('live').textContent);
    const before = await state(page);
    const said = await aloud();
    assert.match(said, /^cat, \d+ per cent$/);
    await run(page, { command: 'set_weight', weight: 'conv1.weight[0,0,1,1]', value: 3e38 });
    await until(page, 'the answer to go', () => window.weightroom.state().predictions.length === 0);
    await settled(page);
    assert.equal(await aloud(), said);
    await page.keyboard.press('Control+z');
    await until(page, 'the answer', () => window.weightroom.state().predictions.length > 0);
    await settled(page);
    assert.deepEqual((await state(page)).predictions, before.predictions);
    assert.equal(await aloud(), said);
  },

  'save the edited model and open it again: the same fingerprint': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    const { selection } = await state(page);
    await run(page, { command: 'set_weight', weight: selection.weight, value: 0.123456789 });
    await settled(page);
    const { fingerprint, loaded_fingerprint: shipped } = (await state(page)).model;
    const coming = page.waitForEvent('download');
    await click(page, 'save');
    const saved = await coming;
    const bytes = readFileSync(await saved.path());
    await run(page, { command: 'reset', scope: 'all' });
    await drop(page, 'mine.safetensors', '', bytes);
    // It was made of the shipped model: that one is what was loaded, and what differs is a step that can be taken back.
    await until(page, 'the saved model', (f) => {
      const { model, edits } = window.weightroom.state();
      return edits.length === 1 && model.fingerprint === f;
    }, fingerprint);
    assert.equal((await state(page)).model.loaded_fingerprint, shipped);
    await page.keyboard.press('Control+z');
    await until(page, 'the shipped weights', (f) => window.weightroom.state().model.fingerprint === f, shipped);
  },

  'the other models open, and the window may be any size': async ({ open }) => {
    const bench = await opened(open);
    const { page } = bench;
    for (const name of ['garments', 'tinyvgg', 'everyday']) {
      await run(page, { command: 'open_model', name });
      await until(page, name, (n) => window.weightroom.state().model?.name === n && window.weightroom.state().ready, name);
    }
    for (const [width, height] of [[700, 900], [420, 800], [1920, 1080], [1280, 800]]) {
      await page.setViewportSize({ width, height });
      await until(page, `the page at ${width}`, (w) => Math.abs(document.querySelector('canvas').clientWidth - w) <= 1, width);
    }
    await middle(page, 'upload');
  },
};
