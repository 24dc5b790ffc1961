// docs/api.md, held to its word in the page: every command, valid and invalid, and every event.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { done, garments, run, state, teachCards } from './bench.mjs';
import { kRoot } from './harness.mjs';

const documented = readFileSync(`${kRoot}docs/api.md`, 'utf8');
const kEvents = ['change', 'results', 'map', 'study', 'progress', 'notice', 'error', 'idle'];

// [command, fields, what becomes of the revision: now, later or never; fields that are refused, the sentence]. They
// are run one after another on one page: garments with its labelled set open.
export const kCommands = [
  ['save_curve', {}, null, {}, /no curve yet/],
  ['undo', {}, null, {}, /nothing to undo/],
  ['redo', {}, null, {}, /nothing to redo/],
  ['set_weight', { weight: 'conv2.weight[3,1,0,2]', value: -0.8 }, 'now', { weight: 'conv9.weight[0]', value: 1 }, /conv9/],
  ['set_weight', { weight: 'conv2.weight[3,1,0,2]', value: '-0.8' }, 'never', { weight: 'fc.bias[1]' }, /lacks the field 'value'/],
  ['undo', {}, 'now', null],
  ['redo', {}, 'now', null],
  ['transform_weight', { weight: 'fc.bias[1]', operation: 'double' }, 'now', { weight: 'fc.bias[1]', operation: 'halve' }, /halve/],
  ['change', { operation: 'prune', on: 'conv2', params: { share: 0.4, by: 'gradient' } }, 'later', { operation: 'prune', on: 'conv9' }, /conv9/],
  ['switch', { layer: 'relu2', on: false }, 'now', { layer: 'gap', on: false }, /cannot be switched off/],
  ['reset', { scope: 'all' }, 'now', { scope: 'some' }, /lacks the field 'weight'/],
  ['select_weight', { weight: 'fc.bias[2]' }, 'now', { weight: 'fc.bias[10]' }, /out of range/],
  ['select_weight', { weight: 'fc.bias[2]' }, 'never', null],
  ['select_layer', { layer: 'conv4' }, 'now', { layer: 'conv5' }, /conv5/],
  ['select_channel', { layer: 'relu1', channel: 3 }, 'now', { layer: 'relu1', channel: 12 }, /no channel 12/],
  ['set_target', { target: 'Sandal' }, 'now', { target: 'Hat' }, /Hat/],
  ['set_method', { method: 'rise', params: { samples: 300 } }, 'now', { method: 'hunch' }, /hunch/],
  ['stop_map', {}, 'never', null],
  ['start_map', {}, 'never', null],
  ['set_method', { method: 'gradient' }, 'now', null],
  ['remember_picture', { remember: true }, 'now', { remember: 1 }, /true or false/],
  ['set_view', { overlay: 'change', opacity: 0.5 }, 'now', { opacity: 1.5 }, /from 0 to 1/],
  ['start_study', {}, null, {}, /nothing to start/],
  ['stop_study', {}, null, {}, /nothing to start/],
  ['open_page', { page: 'curves' }, 'now', { page: 'cellar' }, /cellar/],
  ['save_curve', {}, 'never', null],
  ['open_page', { page: 'difference' }, 'now', null],
  ['start_study', {}, 'never', null],
  ['stop_study', {}, 'never', null],
  ['set_curve', { kind: 'share', on: 'conv2' }, 'now', { kind: 'spiral' }, /spiral/],
  ['set_compare', { methods: ['gradient', 'lrp'] }, 'now', { methods: ['lrp', 'lrp'] }, /twice/],
  ['set_trust', { question: 'faithfulness', seed: 3 }, 'now', { seed: -1 }, /seed/],
  ['set_ranking', { show: 'flips', grain: 'kernel' }, 'now', { by: 'luck' }, /luck/],
  ['set_units', { layer: 'conv4', channel: 3 }, 'now', { layer: 'conv4', channel: 28 }, /no channel 28/],
  ['open_page', { page: 'layers' }, 'now', null],
  ['set_crop', { x: 1, y: 2, size: 20 }, 'now', { x: 1, y: 2, size: 200 }, /within the picture/],
  ['map_class', { class: 'Sandal', to: 'Sneaker' }, 'now', { class: 'Hat', to: null }, /Hat/],
  ['select_cell', { truth: 'Shirt', answer: 'Coat' }, 'now', { truth: 'Hat', answer: 'Coat' }, /Hat/],
  ['open_measured', { picture: 17 }, 'now', { picture: 100000 }, /no picture 100,000/],
  ['save_map', { as: 'numbers' }, 'never', { as: 'poem' }, /poem/],
  ['save_model', { as: 'int8' }, 'never', { as: 'poem' }, /poem/],
  ['save_history', {}, 'never', null],
  ['open_sample', { name: 'ankle boot 3' }, 'later', { name: 'hat' }, /hat/],
  ['open_sample', { name: 'ankle boot 3' }, 'never', null],
  ['close_set', {}, 'now', null],
  ['close_set', {}, null, {}, /No labelled set/],
  ['open_set', { name: 'garments' }, 'later', { name: 'hats' }, /hats/],
  ['set_reading', { mean: [0.5], std: [0.25] }, 'now', { order: 'bgr' }, /grey/],
  ['set_labels', { labels: [...'abcdefghij'] }, 'now', { labels: ['a'] }, /10 classes/],
  ['learn', {}, null, {}, /Two classes/],
  ['end_teaching', {}, null, {}, /no classes/],
  ['add_class', { name: 'Cup' }, 'now', { name: ' ' }, /needs a name/],
  ['rename_class', { class: 'Cup', name: 'Bowl' }, 'now', { class: 9, name: 'x' }, /no class '9'/],
  ['remove_class', { class: 'Bowl' }, 'now', { class: 9 }, /no class '9'/],
  ['open_taught', { picture: 2 }, 'now', { picture: 9 }, /no picture 9/, (page) => teachCards(page, 1)],
  ['move_picture', { picture: 1, class: 1 }, 'now', { picture: 9, class: 0 }, /no picture 9/],
  ['remove_picture', { picture: 1 }, 'now', { picture: 9 }, /no picture 9/],
  ['set_teach', { lambda: 0.01 }, 'now', { lambda: 2 }, /from 1e-06 to 1/],
  ['learn', {}, 'never', null],
  ['end_teaching', {}, 'now', null],
  ['open_model', { name: 'everyday' }, 'later', { name: 'gpt' }, /gpt/],
  ['dismiss_error', {}, 'never', null],
];

// In the page: runs a command, waits until nothing is left to do, and tells all that was told meanwhile.
const watch = (page, command) => page.evaluate(async ([asked, names]) => {
  const { weightroom } = window;
  const told = [];
  let inside = false;
  let frame = 0;
  const stops = names.map((name) => weightroom.on(name, (what) => told.push({ name, what, inside, frame })));
  const before = JSON.stringify(weightroom.state());
  inside = true;
  const returned = weightroom.run(asked);
  inside = false;
  const at = weightroom.state('revision');
  const after = JSON.stringify(weightroom.state());
  const next = async () => { await new Promise((go) => { requestAnimationFrame(go); }); frame += 1; };
  for (let rest = 0; rest < 3; rest += 1) {
    await next();
    const { ready, jobs } = weightroom.state(['ready', 'jobs']);
    if (!ready || jobs.length > 0) rest = -1;
  }
  stops.forEach((stop) => stop());
  return { returned, at, told, same: before === after, from: JSON.parse(before).revision, to: weightroom.state('revision') };
}, [command, kEvents]);

export const tests = {
  'every command returns the revision, and every revision is told': async ({ open }) => {
    const section = documented.slice(documented.indexOf('## Commands'), documented.indexOf('## State'));
    const commands = [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map((row) => row[1]);
    assert.deepEqual([...new Set(kCommands.map(([name]) => name))].sort(), commands.sort(), 'docs/api.md lists the commands');
    const page = await garments(open);
    for (const [name, fields, grows, wrong, sentence, before] of kCommands) {
      await before?.(page);
      const what = `${name} ${JSON.stringify(fields)}`;
      if (wrong) {
        const refused = await watch(page, { command: name, ...wrong });
        assert.match(String(refused.returned), sentence, what);
        assert.equal(typeof refused.returned, 'string', what);
        assert.ok(refused.same, `${name}: a refused command leaves the state`);
        assert.deepEqual(refused.told, [], `${name}: and tells nothing`);
      }
      if (grows === null) continue;
      const all = await watch(page, { command: name, ...fields });
      assert.equal(all.returned, all.at, what);
      assert.equal(all.returned, all.from + (grows === 'now' ? 1 : 0), what);
      assert.equal(all.to > all.from, grows !== 'never', what);
      const changes = all.told.filter((told) => told.name === 'change').map((told) => told.what.revision);
      assert.deepEqual(changes, Array.from({ length: all.to - all.from }, (_, i) => all.from + 1 + i), what);
      assert.ok(all.told.every((told) => !told.inside), `${what}: told within run()`);
      assert.ok(all.told.every((told) => told.what.revision <= all.to), what);
      if (grows === 'never') continue;
      const { name: last, what: idle } = all.told.at(-1);
      assert.deepEqual([last, idle.revision], ['idle', all.to], what);
      assert.equal(all.told.filter((told) => told.name === 'results').at(-1).what.revision, all.to, what);
      const shares = all.told.filter((told) => told.name === 'progress').map((told) => `${told.frame} ${told.what.job}`);
      assert.equal(new Set(shares).size, shares.length, `${what}: a job's progress twice in a frame`);
    }
  },

  'events tell of studies, sentences and the end of work': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const all = await watch(page, { command: 'open_page', page: 'trust' });
    const studies = all.told.filter((told) => told.name === 'study').map((told) => told.what);
    assert.equal(studies[0].page, 'trust');
    assert.ok(['waiting', 'running'].includes(studies[0].state));
    assert.ok(studies.every((what) => what.revision === all.returned));
    const { study } = await state(page);
    assert.deepEqual([studies.at(-1).page, studies.at(-1).state], [study.page, study.state]);
    // A file that is none, from the visitor's hand.
    const said = page.evaluate(() => new Promise((resolve) => { window.weightroom.on('error', resolve); }));
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(100)], 'junk.jpg'));
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    const told = await said;
    const { revision, error } = await state(page);
    assert.deepEqual(told, { revision, sentence: error });
    assert.match(error, /junk\.jpg/);
    assert.equal(revision, all.to, 'a sentence is no change');
  },

  'a listener that fails keeps no other from being called, and one may end itself': async ({ open }) => {
    const { page } = await open({ expected: /A listener to "change" failed/ });
    await done(page);
    const errors = [];
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    const calls = await page.evaluate(async () => {
      const seen = [];
      const { weightroom } = window;
      const stop = weightroom.on('change', () => { seen.push('once'); stop(); throw new Error('my own fault'); });
      const again = (what) => {
        seen.push(what.revision);
        if (seen.length < 4) weightroom.run({ command: 'set_view', opacity: 0.1 * seen.length });
      };
      weightroom.on('change', again);
      const first = weightroom.run({ command: 'set_view', opacity: 0.5 });
      const told = seen.length;
      while (seen.length < 4) await new Promise((go) => { requestAnimationFrame(go); });
      return { seen, told, first };
    });
    assert.equal(calls.told, 0, 'nothing is told within run()');
    assert.deepEqual(calls.seen, ['once', calls.first, calls.first + 1, calls.first + 2]);
    assert.equal(errors.length, 1);
    assert.match(errors[0], /my own fault/);
  },

  'parts of the state, and names that are none': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const found = await page.evaluate(() => {
      const { weightroom } = window;
      const fails = (f) => { try { f(); return null; } catch (error) { return error.message; } };
      const whole = weightroom.state();
      return {
        each: Object.keys(whole).every((name) => JSON.stringify(weightroom.state(name)) === JSON.stringify(whole[name])),
        some: weightroom.state(['error', 'view']),
        view: whole.view,
        none: weightroom.state([]),
        wrong: [['modell'], [''], [null], [['model', 'x']], [3]].map(([part]) => fails(() => weightroom.state(part))),
        event: fails(() => weightroom.on('changes', () => {})),
        listener: fails(() => weightroom.on('change', 3)),
      };
    });
    assert.ok(found.each);
    assert.deepEqual(found.some, { error: '', view: found.view });
    assert.deepEqual(found.none, {});
    for (const sentence of found.wrong) assert.match(sentence, /^The state has no part '.*'; it has revision, ready, model, .*notice\.$/);
    assert.equal(found.event, `There is no event "changes"; there are ${kEvents.join(', ')}.`);
    assert.match(found.listener, /must be a function/);
    assert.equal(await run(page, { command: 'dismiss_error' }), (await state(page)).revision);
  },
};
