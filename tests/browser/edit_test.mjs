// Editing many weights and measuring what it does: by the mouse, on real pixels.
import assert from 'node:assert/strict';

import { appears, click, done, garments, middle, openPage, run, state, until, wheelTo, where } from './bench.mjs';

// Drags a slider's handle from one share of its track to another.
async function slide(page, id, from, to) {
  await until(page, id, (i) => window.weightroom.where(i) !== null, id);
  await middle(page, id);
  const at = await where(page, id);
  const y = at.y + at.height - 12;
  await page.mouse.move(at.x + at.width * from, y);
  await page.mouse.down();
  for (let k = 1; k <= 5; k += 1) await page.mouse.move(at.x + at.width * (from + ((to - from) * k) / 5), y);
  return () => page.mouse.up();
}

export const tests = {
  'a slider prunes, accuracy and the matrix follow, a cell opens, undo takes it back': async ({ open }) => {
    const page = await garments(open);
    const before = await state(page);
    assert.equal(before.measure.now.pictures, 1000);
    assert.ok(before.measure.now.accuracy > 0.85, `accuracy ${before.measure.now.accuracy}`);
    await appears(page, 'confusion');

    await openPage(page, 'edit');
    const release = await slide(page, 'change/param/share', 0.3, 0.85);
    // While the hand is still down the weights have moved, and no step is made yet.
    await until(page, 'the preview', () => window.weightroom.state().model.fingerprint !== null
      && window.weightroom.state().model.fingerprint !== window.weightroom.state().model.loaded_fingerprint);
    assert.equal((await state(page)).edits.length, 0);
    await release();
    await until(page, 'a step', () => window.weightroom.state().edits.length === 1);
    await done(page);
    const pruned = await state(page);
    assert.match(pruned.edits[0].words, /pruned \d+(\.\d+)? % by size/);
    assert.ok(pruned.measure.now.accuracy < before.measure.now.accuracy - 0.05);
    assert.equal(pruned.edits[0].accuracy_before, before.measure.now.accuracy);
    assert.equal(pruned.edits[0].accuracy_after, pruned.measure.now.accuracy);
    // Taken up again it moves the same step.
    await (await slide(page, 'change/param/share', 0.85, 0.5))();
    await until(page, 'the step moved', (words) => window.weightroom.state().edits[0]?.words !== words, pruned.edits[0].words);
    await done(page);
    assert.equal((await state(page)).edits.length, 1);
    await (await slide(page, 'change/param/share', 0.5, 0.85))();
    await done(page);

    await openPage(page, 'accuracy');
    await done(page);
    const now = (await state(page)).measure;
    assert.notDeepEqual(now.now.confusion, now.unedited.confusion);
    const [truth, answer, count] = now.now.confusion.filter(([t, a]) => t !== a).sort((a, b) => b[2] - a[2])[0];
    await click(page, `cell/${truth}/${answer}`);
    await until(page, 'the cell', () => window.weightroom.state().measure.cell !== null);
    assert.equal((await state(page)).measure.cell.pictures.length, count);
    await wheelTo(page, 'cell/picture/0');
    await click(page, 'cell/picture/0');
    await until(page, 'the picture on the bench', (name) => window.weightroom.state().picture.name === name,
      (await state(page)).measure.cell.pictures[0].name);
    await done(page);
    assert.equal((await state(page)).predictions[0].index, answer, 'it is taken for the same on the bench');
    assert.ok((await state(page)).map.scale > 0, 'with its map');

    await page.keyboard.press('Control+z');
    await until(page, 'undone', () => window.weightroom.state().edits.length === 0);
    await done(page);
    const undone = await state(page);
    assert.deepEqual(undone.measure.now, before.measure.now);
    assert.equal(undone.model.fingerprint, undone.model.loaded_fingerprint);
  },

  'only the layers from the edit on are run again, in less than a second': async ({ open }) => {
    const page = await garments(open);
    await run(page, { command: 'set_weight', weight: 'fc.bias[0]', value: 2 });
    await until(page, 'measured', () => window.weightroom.state().edits.length === 1);
    await done(page);
    const { spared, whole } = (await state(page)).measure;
    assert.ok(whole);
    assert.ok(spared > 0.9, `spared ${spared}`);
  },

  'a rectangle on the wall is a part, and a channel is switched off': async ({ open }) => {
    const { page } = await open();
    await done(page);
    await run(page, { command: 'select_weight', weight: 'conv1.weight[2,1,1,1]' });
    await openPage(page, 'edit');
    await done(page);
    const from = await middle(page, 'weight/conv1/4/0/1/1');
    const to = await middle(page, 'weight/conv1/6/2/1/1');
    await page.keyboard.down('Shift');
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
    await page.mouse.move(to.x, to.y);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await click(page, 'change/apply');
    await until(page, 'a step', () => window.weightroom.state().edits.length === 1);
    const { edits } = await state(page);
    assert.match(edits[0].words, /^conv1\.weight\[4:7(,0:3)?\]: pruned/);
    await click(page, 'switch/channel');
    await until(page, 'off', () => window.weightroom.state().off.length === 1);
    assert.deepEqual((await state(page)).off, [{ layer: 'conv1', channel: 2 }]);
    await done(page);
    await click(page, 'switch/channel');
    await until(page, 'on', () => window.weightroom.state().off.length === 0);
  },
};
