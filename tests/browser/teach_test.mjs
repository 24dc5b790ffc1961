// Classes of one's own: two are taught by files, tried out, put right, undone and saved. By the mouse, on real pixels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { appears, click, done, download, drag, drop, middle, openPage, run, scratch, state, until, vanishes, wheelTo, where } from './bench.mjs';
import { cold, warm } from './png.mjs';

export const smoke = ['two classes are taught by files and known at once'];
export const places = ['served', 'single file'];

async function add(page, of, bytes) {
  const before = (await state(page)).teach?.classes[of].pictures.length ?? 0;
  const chooser = page.waitForEvent('filechooser');
  await click(page, `teach/class/${of}/add`);
  await (await chooser).setFiles(bytes.map((b, i) => scratch(`card-${of}-${before + i}.png`, b)));
  await until(page, 'the pictures taken', ([k, n]) => window.weightroom.state().teach?.classes[k].pictures.length === n, [of, before + bytes.length]);
  await done(page);
}
async function taught(open, each, options) {
  const { page, close } = await open(options);
  await done(page);
  if (page.viewportSize().width < 760) await click(page, 'tabs/1');
  await openPage(page, 'teach');
  await add(page, 0, Array.from({ length: each }, (_, i) => warm(i)));
  await add(page, 1, Array.from({ length: each }, (_, i) => cold(i)));
  return { page, close };
}
const teach = async (page) => (await state(page)).teach;

export const tests = {
  'two classes are taught by files and known at once': async ({ open }) => {
    const { page } = await taught(open, 1);
    let now = await state(page);
    assert.equal(now.model.name, 'my-classes');
    assert.equal(now.teach.learnt.head, 'instant');
    assert.equal(now.predictions.length, 2);
    await add(page, 0, [warm(7), warm(8), warm(9), warm(10)]);
    await add(page, 1, [cold(7), cold(8), cold(9), cold(10)]);
    now = await state(page);
    assert.equal(now.teach.learnt.head, 'fitted');
    assert.ok(now.teach.learnt.held_out.known && now.teach.learnt.held_out.accuracy === 1, JSON.stringify(now.teach.learnt));
    // A picture that is pressed goes onto the bench, where it is what it was taught to be.
    const { picture } = now.teach.classes[1].pictures[2];
    await click(page, `teach/picture/${picture}`);
    await until(page, 'it on the bench', () => window.weightroom.state().picture.truth === 'Class 2');
    await done(page);
    assert.equal((await state(page)).predictions[0].label, 'Class 2');
    // The answer is made of one's own pictures, to the last share.
    const { made_of: made } = await teach(page);
    const sum = made.shares.reduce((all, row) => all + row.share, made.bias);
    assert.ok(Math.abs(sum - made.logit) < 1e-3 * Math.max(1, Math.abs(made.logit)), `${sum} ${made.logit}`);
    await appears(page, 'made_of/sum');
  },
  'a class is renamed, a picture moved, removed and brought back': async ({ open }) => {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 1024, height: 768 }]) {
      const { page, close } = await taught(open, 3, { viewport });
      await click(page, 'teach/class/0/name');
      await middle(page, 'typing');
      await page.keyboard.type('Warm');
      await page.keyboard.press('Enter');
      await until(page, 'the new name', () => window.weightroom.state().model.classes?.[0] === 'Warm' || window.weightroom.state().predictions.some((row) => row.label === 'Warm'));
      const { picture } = (await teach(page)).classes[0].pictures[0];
      const from = await middle(page, `teach/picture/${picture}`);
      const to = await where(page, 'teach/class/1');
      await drag(page, `teach/picture/${picture}`, 0, to.y + to.height - 12 - from.y);
      await until(page, 'it moved', () => window.weightroom.state().teach.classes[1].pictures.length === 4);
      await done(page);
      assert.deepEqual((await teach(page)).learnt.held_out.suspects, [picture], 'the others do not believe it');
      await click(page, `teach/picture/${picture}`);
      await click(page, 'teach/remove');
      await until(page, 'it removed', () => window.weightroom.state().teach.classes[1].pictures.length === 3);
      await click(page, 'undo');
      await until(page, 'it back', () => window.weightroom.state().teach.classes[1].pictures.length === 4);
      await click(page, 'undo');
      await until(page, 'where it was', () => window.weightroom.state().teach.classes[0].pictures.length === 3);
      await done(page);
      assert.equal((await teach(page)).classes[0].name, 'Warm');
      await close();
    }
  },
  'edits are kept until the visitor says otherwise': async ({ open }) => {
    const { page } = await taught(open, 2);
    await run(page, { command: 'set_weight', weight: 'fc.bias[0]', value: 3 });
    await add(page, 1, [cold(20)]);
    assert.equal((await state(page)).edits.length, 1);
    await click(page, 'teach/learn');
    await until(page, 'learned', () => window.weightroom.state().edits.length === 0);
    assert.equal((await teach(page)).learnt.pictures, 5);
  },
  'a picture for the bench goes there, and what is saved opens as a model': async ({ open }) => {
    const { page } = await taught(open, 3);
    const chooser = page.waitForEvent('filechooser');
    await click(page, 'upload');
    await (await chooser).setFiles(scratch('try.png', warm(40)));
    await until(page, 'it on the bench', () => window.weightroom.state().picture.name === 'try.png');
    await done(page);
    const before = await state(page);
    assert.equal(before.predictions[0].label, 'Class 1');
    assert.equal(before.teach.classes[0].pictures.length, 3);
    const file = await download(page, 'save');
    await click(page, 'teach/end');
    await vanishes(page, 'learnt');
    await until(page, 'the network of before', () => window.weightroom.state().model.name === 'everyday');
    await drop(page, 'saved.safetensors', 'application/octet-stream', readFileSync(file));
    await until(page, 'what was saved', () => window.weightroom.state().predictions.length === 2);
    await done(page);
    const after = await state(page);
    assert.equal(after.predictions[0].label, 'Class 1');
    assert.equal(after.model.fingerprint, before.model.fingerprint);
  },
  'a phone shows every part of it': async ({ open }) => {
    const { page } = await taught(open, 3, { viewport: { width: 390, height: 844 }, hasTouch: true });
    for (const id of ['teach/class/0/add', 'teach/class/1/remove', 'teach/held_out', 'teach/head/1', 'made_of/sum']) {
      await wheelTo(page, id);
      const at = await where(page, id);
      assert.ok(at.visible && at.x >= 0 && at.x + at.width <= 390, `${id} ${JSON.stringify(at)}`);
    }
  },
};
