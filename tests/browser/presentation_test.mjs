// For a projector: larger, loaded or edited by a click, and every point where the hand expects it.
import assert from 'node:assert/strict';

import { appears, click, done, run, state, until, vanishes } from './bench.mjs';

const where = (page, id) => page.evaluate((i) => window.weightroom.where(i), id);

export const tests = {
  'one switch makes the page large, and the mouse still finds everything': async ({ open }) => {
    const { page } = await open({ viewport: { width: 1366, height: 768 } });
    await done(page);
    const before = await where(page, 'undo');
    await click(page, 'present');
    await appears(page, 'loaded_or_edited/1');
    const large = await where(page, 'undo');
    assert.ok(Math.abs(large.width / before.width - 1.4) < 0.03, `${before.width} -> ${large.width}`);
    const inside = (box) => box.x >= 0 && box.y >= 0 && box.x + box.width <= 1366.5 && box.y + box.height <= 768.5;
    for (const id of ['undo', 'present', 'weight_slider', 'loaded_or_edited/0']) assert.ok(inside(await where(page, id)), id);
    const track = await where(page, 'weight_slider');
    const { value } = (await state(page)).selection;
    await page.mouse.move(track.x + track.width * 0.5, track.y + track.height * 0.75);
    await page.mouse.down();
    await page.mouse.move(track.x + track.width * 0.95, track.y + track.height * 0.75, { steps: 4 });
    await page.mouse.up();
    await until(page, 'the dragged weight', (old) => window.weightroom.state('selection').value > old, value);
    await done(page);
    await click(page, 'loaded_or_edited/0');
    await until(page, 'the loaded model', () => window.weightroom.state('view').compare);
    await click(page, 'loaded_or_edited/1');
    await until(page, 'the edited model', () => !window.weightroom.state('view').compare);
    await click(page, 'present');
    await vanishes(page, 'loaded_or_edited/1');
    assert.equal((await where(page, 'undo')).width, before.width);
    await run(page, { command: 'undo' });
  },
};
