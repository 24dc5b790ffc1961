// The pages beside the layers, and what the selected weight does: by the mouse, on real pixels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { appears, click, openPage, run, state, until, vanishes } from './bench.mjs';

// Every result and every study is there.
const done = (page) => until(page, 'nothing left to do', () => {
  const { ready, jobs } = window.weightroom.state();
  return ready && jobs.length === 0;
});
async function study(page, name) {
  await openPage(page, name);
  await done(page);
  return (await state(page)).study;
}
// Opens a list and takes its i-th row.
async function pick(page, id, i) {
  await click(page, id);
  await click(page, `${id}/${i}`);
}

export const tests = {
  'maps stand side by side, and a click takes one onto the bench': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const { compare } = await study(page, 'compare');
    assert.equal(compare.tiles.length, 6);
    for (const tile of compare.tiles) assert.equal(tile.progress, 1);
    const n = compare.tiles.length;
    for (let a = 0; a < n; a += 1) {
      for (let b = 0; b < n; b += 1) {
        assert.equal(compare.rank_correlation[a * n + b], compare.rank_correlation[b * n + a]);
      }
      assert.equal(compare.rank_correlation[a * n + a], 1);
    }
    const at = compare.tiles.findIndex((tile) => tile.method === 'grad_cam');
    await click(page, `compare/tile/${at}`);
    await until(page, 'Grad-CAM on the bench', () => window.weightroom.state().map.method === 'grad_cam');
    await done(page);
    assert.equal((await state(page)).map.scale, (await state(page)).study.compare.tiles[at].scale);
    // One method for several classes: six maps, one scale.
    await click(page, 'compare/across/1');
    await click(page, 'compare/one_scale');
    await until(page, 'classes', () => window.weightroom.state().study.compare.one_scale);
    await done(page);
    const across = (await state(page)).study.compare;
    assert.deepEqual(across.tiles.map((tile) => tile.class), (await state(page)).predictions.slice(0, 6).map((p) => p.label));
  },

  'guided backprop hardly changes where the network forgets, the gradient does': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const { trust } = await study(page, 'trust');
    const half = (method) => {
      const { layers } = trust.sanity.find((row) => row.method === method);
      return layers[Math.floor((layers.length - 1) / 2)].rank_correlation_of_sizes;
    };
    assert.ok(half('guided_backprop') > 0.8, `guided backprop keeps ${half('guided_backprop')}`);
    assert.ok(Math.abs(half('gradient')) < 0.4, `the gradient keeps ${half('gradient')}`);
    await appears(page, 'sanity/plot');
    // The other question: curves beside maps that know nothing.
    await click(page, 'trust/question/1');
    await until(page, 'faithfulness', () => window.weightroom.state().study.trust.question === 'faithfulness');
    await done(page);
    const rows = (await state(page)).study.trust.faithfulness;
    assert.deepEqual(rows.slice(-2).map((row) => row.map), ['random', 'edges']);
    for (const row of rows) {
      for (const removal of ['deletion', 'insertion', 'pixel_flipping', 'road']) {
        assert.equal(row.curves[removal].probability.length, 33);
        assert.ok(row.curves[removal].area >= 0 && row.curves[removal].area <= 1);
      }
    }
    await pick(page, 'trust/removal', 3);
    await until(page, 'ROAD', () => window.weightroom.state().study.trust.removal === 'road');
  },

  'a weight of the ranking is taken into the hand, a flip is applied and undone': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const { ranking } = await study(page, 'ranking');
    assert.equal(ranking.rows.length, 50);
    assert.ok(ranking.checked);
    await click(page, 'ranking/row/2');
    await until(page, 'the weight lit', (name) => window.weightroom.state().selection.weight === name, ranking.rows[2].first_weight);
    // What the inspector foretells of zero is what the ranking says.
    await done(page);
    const { curve } = (await state(page)).effect;
    const foretold = curve.zero_predicted - curve.reference.logit;
    assert.ok(Math.abs(foretold - ranking.rows[2].predicted) < 1e-4 * Math.max(1, Math.abs(foretold)));
    assert.ok(Math.abs(curve.zero.logit - curve.reference.logit - ranking.rows[2].exact) < 1e-4);
    const before = (await state(page)).predictions;
    await click(page, 'ranking/show/1');
    await until(page, 'flips', () => window.weightroom.state().study.ranking.flips_done);
    await done(page);
    const { flips } = (await state(page)).study.ranking;
    assert.ok(flips.length >= 5, `${flips.length} flips`);
    await click(page, 'flip/apply/1');
    await until(page, 'another answer', (label) => window.weightroom.state().predictions[0].label === label, flips[1].answer);
    await done(page);
    assert.notEqual(flips[1].answer, before[0].label);
    assert.equal((await state(page)).study.ranking.flips.length, flips.length, 'the list stays to be tried');
    await page.keyboard.press('Control+z');
    await until(page, 'the first answer', (label) => window.weightroom.state().predictions[0].label === label, before[0].label);
    await done(page);
    assert.deepEqual((await state(page)).predictions, before);
  },

  'the wall shows what was worked out: loss and ablation': async ({ open }) => {
    const { page } = await open();
    await done(page);
    for (const [i, overlay] of [[4, 'loss'], [5, 'ablation']]) {
      await click(page, `overlay/${i}`);
      await until(page, overlay, (name) => window.weightroom.state().view.overlay === name, overlay);
      await done(page);
      const { rows } = (await state(page)).study.ranking;
      if (overlay === 'ablation') {
        assert.equal(rows.length, 448, 'all weights of conv1');
        for (const row of rows) assert.notEqual(row.exact, null);
      }
    }
  },

  'a unit shows what it wants to see, and the smallest change flips the answer': async ({ open }) => {
    const { page } = await open();
    await done(page);
    await study(page, 'units');
    await until(page, 'the samples', () => window.weightroom.state().pictures !== null);
    await done(page);
    const { units } = (await state(page)).study;
    assert.equal((await state(page)).pictures.count, 70);
    assert.equal(units.exciting.length, 8);
    assert.ok(units.values[0] > units.exciting[0].value, 'the made picture beats the best of the samples');
    assert.ok(units.history.at(-1) > units.history[0]);
    await run(page, { command: 'set_units', layer: 'conv8', channel: 3, steps: 16 });
    await done(page);
    await click(page, 'units/place/1');
    await until(page, 'one unit', () => window.weightroom.state().study.units.y === 4 && window.weightroom.state().study.units.x === 4);
    await done(page);
    await click(page, 'units/place/0');
    await until(page, 'the whole map', () => window.weightroom.state().study.units.y === null);
    await click(page, 'units/show/1');
    await until(page, 'a change', () => window.weightroom.state().study.units.nudge !== null);
    const { nudge } = (await state(page)).study.units;
    assert.ok(nudge.found && nudge.before !== nudge.after);
    assert.ok(nudge.largest < 4, `${nudge.largest} grey levels`);
  },

  'a long study is stopped and leaves what it has': async ({ open }) => {
    const { page } = await open();
    await done(page);
    await run(page, { command: 'set_trust', question: 'faithfulness', methods: ['gradient', 'rise'] });
    await study(page, 'trust');
    await until(page, 'a button to start', () => window.weightroom.state().study.state === 'waiting');
    await click(page, 'study/start');
    await until(page, 'some progress', () => window.weightroom.state().study.progress > 0.001);
    await click(page, 'study/stop');
    await until(page, 'stopped', () => window.weightroom.state().study.state === 'stopped');
    assert.deepEqual((await state(page)).jobs, []);
  },

  'the map is saved as a picture and as numbers': async ({ open }) => {
    const { page } = await open();
    await done(page);
    for (const [id, ending, mark] of [['picture', '.png', '\x89PNG'], ['numbers', '.safetensors', 'attribution']]) {
      const download = page.waitForEvent('download');
      await click(page, `save_map/${id}`);
      const file = await download;
      assert.equal(file.suggestedFilename(), `everyday-grad_cam${ending}`);
      assert.ok(readFileSync(await file.path(), 'latin1').includes(mark));
    }
  },

  'a slow map is stopped where it is, and begun again': async ({ open }) => {
    const { page } = await open();
    await done(page);
    await run(page, { command: 'set_method', method: 'rise' });
    await until(page, 'a part of the map', () => window.weightroom.state().map.progress > 0.05 && window.weightroom.state().map.progress < 1);
    await click(page, 'map/stop');
    await until(page, 'it stopped', () => window.weightroom.state().map.stopped);
    await done(page);
    const { map } = await state(page);
    assert.ok(map.progress > 0.05 && map.progress < 1, `stopped at ${map.progress}`);
    assert.ok(map.scale > 0, 'what was known stays');
    await run(page, { command: 'set_method', method: 'rise', params: { samples: 60 } });
    await done(page);
    assert.equal((await state(page)).map.progress, 1);
    await vanishes(page, 'map/stop');
    await vanishes(page, 'map/start');
    // And again by its button.
    await run(page, { command: 'set_method', method: 'rise', params: { samples: 2000 } });
    await until(page, 'under way', () => window.weightroom.state().map.progress < 1);
    await click(page, 'map/stop');
    await until(page, 'it stopped', () => window.weightroom.state().map.stopped);
    await click(page, 'map/start');
    await until(page, 'it runs', () => !window.weightroom.state().map.stopped);
    await until(page, 'further', () => window.weightroom.state().map.progress > 0);
  },
};
