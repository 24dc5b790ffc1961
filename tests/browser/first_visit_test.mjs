// What somebody sees who has never been here, and what one drag of the slider tells them.
import assert from 'node:assert/strict';

import { appears, click, middle, state, until } from './bench.mjs';

const kWindows = [
  { width: 390, height: 844 }, { width: 820, height: 1180 }, { width: 1024, height: 768 }, { width: 1280, height: 720 },
  { width: 844, height: 390 },
];
const idle = (page) => until(page, 'nothing left to do', () => window.weightroom.state('jobs').length === 0);
const visible = (page, id) => page.evaluate((name) => window.weightroom.where(name)?.visible === true, id);

export const tests = {
  'is quiet: picture, answer, one kernel, its slider, and the way on': async ({ open }) => {
    for (const viewport of kWindows) {
      const { page } = await open({ viewport, firstVisit: true });
      await idle(page);
      for (const id of ['weight_slider', 'kernel', 'answer']) assert.ok(await visible(page, id), `${id} at ${viewport.width}`);
      for (const id of ['page', 'group', 'overlay', 'method', 'model', 'save', 'edits']) {
        assert.equal(await page.evaluate((name) => window.weightroom.where(name), id), null, `${id} at ${viewport.width}`);
      }
      await page.context().close();
    }
  },

  "the slider is painted with the answers, and dragged to another colour it brings that answer": async ({ open }) => {
    const { page } = await open({ firstVisit: true });
    await idle(page);
    const { label } = (await state(page)).predictions[0];
    await appears(page, `weight_slider/${label}`);
    const trials = (await state(page)).effect.curve.trials.map((trial) => trial.answer);
    const other = trials.find((answer) => answer !== label);
    assert.ok(other, 'the first weight is one that matters');
    const from = await middle(page, 'weight_slider');
    const to = await middle(page, `weight_slider/${other}`);
    const { value, range } = (await state(page)).selection;
    const slider = await page.evaluate(() => window.weightroom.where('weight_slider'));
    const knob = slider.x + 9 + ((value / range + 1) / 2) * (slider.width - 18);
    await page.mouse.move(knob, from.y);
    await page.mouse.down();
    for (let i = 1; i <= 8; i += 1) await page.mouse.move(knob + ((to.x - knob) * i) / 8, from.y);
    await page.mouse.up();
    await until(page, other, (name) => window.weightroom.state('predictions')[0].label === name, other);
    const { changed } = await state(page);
    assert.equal(changed.from, label);
    assert.equal(changed.to, other);
    await click(page, 'undo');
    await until(page, label, (name) => window.weightroom.state('predictions')[0].label === name, label);
    assert.equal((await state(page)).changed, null);
  },

  'the whole bench is asked for once': async ({ open }) => {
    const { page } = await open({ firstVisit: true });
    await idle(page);
    await click(page, 'whole_bench');
    await appears(page, 'group/look');
    await page.reload();
    await page.evaluate(() => window.weightroom.ready);
    await appears(page, 'group/look');
    assert.equal(await page.evaluate(() => window.weightroom.where('whole_bench')), null);
  },
};
