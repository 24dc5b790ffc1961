// What measures the accuracy: how a set is come by, the line beside the slider, the confusion matrix and its pictures, the
// marks of a curve. By the mouse, on real pixels.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { appears, click, done, middle, pixels, run, samplePath, state, until, vanishes, where } from './bench.mjs';

const kScreens = [{ width: 1280, height: 800 }, { width: 1024, height: 768 }, { width: 390, height: 844 }];

// The page in its column, wherever that stands.
async function toPage(page, name) {
  if (page.viewportSize().width < 760) await click(page, 'tabs/1');
  await run(page, { command: 'open_page', page: name });
  await done(page);
}
async function withGarments(open, options) {
  const { page } = await open(options);
  await done(page);
  await run(page, { command: 'open_model', name: 'garments', set: 'garments' });
  await until(page, 'the set measured', () => window.weightroom.state().measure?.whole === true);
  await done(page);
  return page;
}
// Not a pixel of it is out of sight.
async function whole(page, id, least = 20) {
  await middle(page, id);
  const at = await where(page, id);
  const { width, height } = page.viewportSize();
  assert.ok(at.visible && at.x >= 0 && at.y >= 0 && at.x + at.width <= width && at.y + at.height <= height, `${id} ${JSON.stringify(at)}`);
  assert.ok(at.height >= least, `${id} is cut: ${JSON.stringify(at)}`);
  return at;
}

export const tests = {
  'without a set both ways are in sight, and one press measures the garments': async ({ open }) => {
    for (const viewport of kScreens) {
      const { page, close } = await open({ viewport });
      await done(page);
      for (const name of ['curves', 'accuracy']) {
        await toPage(page, name);
        for (const id of ['accuracy/garments', 'accuracy/folder']) await whole(page, id, 36);
        await whole(page, 'accuracy/choose');
      }
      await click(page, 'accuracy/garments');
      await until(page, 'the garments measured', () => window.weightroom.state().model.name === 'garments' && window.weightroom.state().measure?.whole === true);
      assert.equal((await state(page)).measure.now.pictures, 1000);
      await close();
    }
  },

  'a folder chosen by its button is a labelled set': async ({ open }) => {
    const { page } = await open();
    await done(page);
    await toPage(page, 'accuracy');
    const { labels } = (await state(page)).model;
    const folder = join(mkdtempSync(join(tmpdir(), 'weightroom-')), 'pets');
    for (const label of labels.slice(0, 2)) {
      mkdirSync(join(folder, label), { recursive: true });
      for (const k of [1, 2, 3]) writeFileSync(join(folder, label, `${k}.jpg`), readFileSync(samplePath('cat.jpg')));
    }
    writeFileSync(join(folder, 'notes.txt'), 'not a picture');
    const chooser = page.waitForEvent('filechooser');
    await click(page, 'accuracy/folder');
    await (await chooser).setFiles(folder);
    await until(page, 'the set', () => window.weightroom.state().measure?.whole === true);
    await done(page);
    const { measure, error } = await state(page);
    assert.equal(error, '');
    assert.deepEqual(measure.set.classes.map((row) => [row.name, row.pictures]).sort(), labels.slice(0, 2).map((label) => [label, 3]).sort());
    assert.equal(measure.now.pictures, 6);
    // The chooser for files is one for files again.
    const files = page.waitForEvent('filechooser');
    await page.keyboard.press('Control+o');
    await (await files).setFiles(samplePath('coffee.jpg'));
    await until(page, 'a picture', () => window.weightroom.state().picture.name === 'coffee.jpg');
  },

  'the accuracy stands beside the slider and follows it': async ({ open }) => {
    const { page: without } = await open();
    await done(without);
    await toPage(without, 'edit');
    await click(without, 'change/measure');
    await until(without, 'the page Accuracy', () => window.weightroom.state().study.page === 'accuracy');

    const page = await withGarments(open);
    await toPage(page, 'edit');
    const line = await whole(page, 'change/accuracy', 14);
    const slider = await whole(page, 'change/param/share', 20);
    assert.ok(line.x >= slider.x + slider.width && line.y < slider.y + slider.height, 'beside it');
    await page.mouse.move(1, 1);
    const before = await pixels(page, 'change/accuracy');
    const accuracy = (await state(page)).measure.now.accuracy;
    const y = slider.y + slider.height - 12;
    await page.mouse.move(slider.x + slider.width * 0.3, y);
    await page.mouse.down();
    for (const share of [0.5, 0.7, 0.9, 0.95]) await page.mouse.move(slider.x + slider.width * share, y);
    await until(page, 'another accuracy', (was) => {
      const { measure } = window.weightroom.state();
      return measure.whole && measure.now.accuracy < was;
    }, accuracy);
    await done(page);
    assert.equal((await state(page)).edits.length, 0, 'the hand is still down');
    const during = await pixels(page, 'change/accuracy');
    assert.notDeepEqual(during, before);
    await page.mouse.up();
  },

  'a cell is put into a sentence, brings its pictures into sight, and one of them says what it should be': async ({ open }) => {
    for (const viewport of kScreens) {
      const page = await withGarments(open, { viewport });
      await toPage(page, 'accuracy');
      const { labels } = (await state(page)).model;
      const [truth, answer] = (await state(page)).measure.now.confusion.filter(([t, a]) => t !== a && a < 3).sort((a, b) => b[2] - a[2])[0];
      const cell = `cell/${truth}/${answer}`;
      await appears(page, cell);
      await page.mouse.move(viewport.width / 2, viewport.height * 0.6);
      for (let k = 0; k < 12 && !((await where(page, cell)).y + 40 < viewport.height - 90 && (await where(page, cell)).visible); k += 1) {
        await page.mouse.wheel(0, 60);
        await page.evaluate(() => new Promise((go) => { requestAnimationFrame(() => requestAnimationFrame(go)); }));
      }
      const at = await where(page, cell);
      assert.ok(at.width >= 24 && at.height >= 24, JSON.stringify(at));
      await click(page, cell);
      await until(page, 'the cell', () => window.weightroom.state().measure.cell !== null);
      const picture = await whole(page, 'cell/picture/0', 72);
      assert.ok(picture.width >= 72);
      await click(page, 'cell/picture/0');
      await until(page, 'what it should be', (label) => window.weightroom.state().picture.truth === label, labels[truth]);
      await done(page);
      await whole(page, 'answer/truth', 14);
      assert.equal((await state(page)).predictions[0].index, answer);
      await run(page, { command: 'set_weight', weight: 'fc.bias[1]', value: 1 });
      await run(page, { command: 'undo' });
      await done(page);
      assert.equal((await state(page)).picture.truth, labels[truth]);
      await run(page, { command: 'open_sample', name: 'bag 1' });
      await until(page, 'another picture', () => window.weightroom.state().picture.truth === null);
      await vanishes(page, 'answer/truth');
    }
  },

  'a curve stays where it is, and the mark of the present model moves along its axis': async ({ open }) => {
    const page = await withGarments(open);
    await toPage(page, 'curves');
    await run(page, { command: 'set_curve', kind: 'share', on: 'conv2' });
    await until(page, 'the curve', () => window.weightroom.state().study.curve.what === 'conv2' && ['waiting', 'done'].includes(window.weightroom.state().study.state));
    if ((await state(page)).study.state === 'waiting') await click(page, 'study/start');
    await until(page, 'all of it', () => window.weightroom.state().study.state === 'done');
    await done(page);
    const { curve } = (await state(page)).study;
    const loaded = await middle(page, 'curves/mark/loaded');
    const places = [];
    for (const share of [0.5, 1]) {
      await run(page, { command: 'change', operation: 'prune', on: 'conv2', params: { share } });
      await done(page);
      places.push((await middle(page, 'curves/mark/now')).x);
    }
    assert.deepEqual((await state(page)).study.curve, curve);
    assert.ok(places[1] > loaded.x + 200, JSON.stringify(places));
    assert.ok(Math.abs(places[0] - (loaded.x + places[1]) / 2) < 2, JSON.stringify([loaded.x, ...places]));
  },

  'before anything was changed the page Difference is a sentence': async ({ open }) => {
    const { page } = await open();
    await done(page);
    await toPage(page, 'difference');
    await appears(page, 'difference');
    assert.equal(await where(page, 'difference/conv1'), null);
    await run(page, { command: 'set_weight', weight: 'fc.bias[1]', value: 2 });
    await done(page);
    await appears(page, 'difference/conv1');
    await page.keyboard.press('Control+z');
    await vanishes(page, 'difference/conv1');
  },
};
