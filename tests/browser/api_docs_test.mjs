// docs/api.md and weightroom.d.ts, held to the page: the examples are run in it, as in its console, and its state is of
// the type and has every key. What the two say is held to each other in tests/javascript/types_test.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { complaints, declared, documentedCommands, examples } from '../javascript/api.mjs';
import { done, garments, run, settled, state, teachCards, until } from './bench.mjs';
import { kDist, kRoot } from './harness.mjs';

const types = declared();

// From here on the page keeps what is run and told, and what was refused.
const listen = (page) => page.evaluate((names) => {
  const { weightroom } = window;
  const plain = weightroom.run;
  window.kept = { ran: [], refused: [], told: {} };
  weightroom.run = (command) => {
    const returned = plain(command);
    if (typeof returned === 'string') window.kept.refused.push(returned);
    else window.kept.ran.push(command.command);
    return returned;
  };
  for (const name of names) weightroom.on(name, (event) => { (window.kept.told[name] ??= []).push(event); });
}, types.events);

// A type's value as TypeScript has to take it: whole, without a key more or less.
const literal = (name, type, value) => `export const ${name} = ${JSON.stringify(value)} satisfies ${type};\n`;
const checked = (text) => complaints({ 'page.ts': `import type * as W from './weightroom';\n${text}` });

// Which keys of `tree` some of the values have, as paths.
function seen(tree, values, path = '') {
  const there = values.filter((value) => value !== null && value !== undefined);
  if (tree === null) return there.length > 0 ? [path] : [];
  const all = there.flat();
  return Object.entries(tree).flatMap(([key, of]) => seen(of, all.map((value) => value[key]), `${path}.${key}`));
}
const paths = (tree, path = '') => (
  tree === null ? [path] : Object.entries(tree).flatMap(([key, of]) => paths(of, `${path}.${key}`)));

export const tests = {
  'the types lie beside the page': async () => {
    assert.equal(readFileSync(`${kDist}/weightroom.d.ts`, 'utf8'), readFileSync(`${kRoot}web/weightroom.d.ts`, 'utf8'));
  },

  'the examples of docs/api.md run, and between them every command': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await listen(page);
    const logs = [];
    let files = 0;
    page.on('console', (message) => { logs.push(message.text()); });
    page.on('download', () => { files += 1; });
    const console_ = await page.context().newCDPSession(page);
    for (const { code, line } of examples) {
      if (code.includes('open_taught')) await teachCards(page, 1);  // which no command can bring
      const before = logs.length;
      const { exceptionDetails: wrong } = await console_.send('Runtime.evaluate', { expression: code, replMode: true, awaitPromise: true });
      assert.ok(!wrong, `docs/api.md, the example at line ${line}: ${wrong?.exception?.description ?? wrong?.text}`);
      await done(page);
      const refused = await page.evaluate(() => window.kept.refused.splice(0));
      assert.deepEqual(refused, [...code.matchAll(/\/\/ '(.*)'$/gm)].map((said) => said[1]), `line ${line}: what is refused`);
      assert.equal((await state(page)).error, '', `line ${line}`);
      if (/console\.(log|table)\(/.test(code)) assert.ok(logs.length > before, `line ${line} prints`);
    }
    const { ran, told } = await page.evaluate(() => window.kept);
    assert.deepEqual([...new Set(ran)].sort(), [...documentedCommands.keys()].sort());
    assert.equal(files, ran.filter((name) => name.startsWith('save_')).length);
    // What events carry.
    const named = Object.entries(told);
    assert.deepEqual(types.events.filter((name) => !(name in told)), ['notice', 'error']);
    assert.deepEqual(checked(named.map(([name, all]) => literal(name, `W.Events['${name}'][]`, all)).join('')), []);
  },

  'a command that the page does not know is refused by name': async ({ open }) => {
    const { page } = await open();
    await done(page);
    const unknown = (name) => `There is no command '${name}'.`;
    for (const command of ['set_cellar', 'save_cellar', 'cellar']) assert.equal(await run(page, { command }), unknown(command));
    assert.ok(types.commands.size > 30);
    for (const command of types.commands.keys()) assert.notEqual(await run(page, { command }), unknown(command));
  },

  'the state has every key of its type, and no other': async ({ open }) => {
    const states = [];
    const keep = async (page, ...commands) => {
      for (const command of commands) {
        const returned = await run(page, command);
        assert.equal(typeof returned, 'number', `${JSON.stringify(command)}: ${returned}`);
        await done(page);
      }
      states.push(await state(page));
    };
    const { page: fresh, close } = await open();
    await done(fresh);
    await keep(fresh);
    const place = await fresh.evaluate(() => window.weightroom.where('undo'));
    await close();

    const page = await garments(open);
    const open_page = (name) => ({ command: 'open_page', page: name });
    const start = { command: 'start_study' };
    await keep(page, { command: 'remember_picture' }, { command: 'select_channel', layer: 'relu1', channel: 3 },
      { command: 'select_cell', truth: 'Shirt', answer: 'Coat' }, { command: 'set_method', method: 'integrated_gradients' }, { command: 'open_measured', picture: 4 },
      { command: 'set_weight', weight: 'conv2.weight[3,1,0,2]', value: 60 });  // another answer
    assert.notEqual(states.at(-1).changed, null);
    await keep(page, { command: 'undo' });
    await keep(page, { command: 'set_weight', weight: 'conv2.weight[3,1,0,2]', value: -0.8 },
      { command: 'switch', layer: 'conv2', channel: 5, on: false },
      { command: 'set_method', method: 'grad_cam', layer: 'conv3' }, open_page('size'));
    // The browser's own gzip answers between two frames.
    await until(page, 'the file packed', () => window.weightroom.state('size').file.gzip !== null);
    await keep(page, open_page('difference'), { command: 'set_compare', classes: ['Shirt', 'Coat'], across: 'classes' },
      open_page('compare'));
    await keep(page, { command: 'set_compare', methods: ['deep_lift', 'lrp'], across: 'methods' });
    await keep(page, { command: 'set_curve', kind: 'share', on: 'conv2' }, open_page('curves'), start);
    await keep(page, { command: 'select_weight', weight: 'fc.bias[1]' },
      { command: 'set_curve', kind: 'plane', second: 'fc.bias[2]' }, start);
    await keep(page, open_page('trust'), start);
    await keep(page, { command: 'set_trust', question: 'faithfulness', methods: ['gradient'] }, start);
    await keep(page, open_page('ranking'), { command: 'set_ranking', by: 'exact', grain: 'kernel', of: 'layer' }, start);
    await keep(page, { command: 'set_ranking', show: 'flips' }, start);
    await keep(page, open_page('units'), { command: 'set_units', layer: 'conv4', channel: 3, y: 2, x: 2, steps: 8 }, start);
    await keep(page, { command: 'set_units', show: 'nudge', toward: 'Sandal' }, start);
    states.push(await page.evaluate(() => {  // while there is work
      window.weightroom.run({ command: 'set_method', method: 'rise' });
      return window.weightroom.state();
    }));
    assert.equal(states.at(-1).ready, false);

    const taught = (await open()).page;
    await done(taught);
    await teachCards(taught, 3);
    await keep(taught);

    assert.deepEqual(checked(states.map((one, i) => literal(`state${i}`, 'W.State', one)).join('') + literal('place', 'W.Place', place)), []);
    const known = seen(types.state, states);
    const never = ['.effect.curve.reference.first_switched',  // nothing has switched where the weight stands
      '.none_of_these',  // no model that comes with the page has a gauge
      ...['kind', 'count', 'pictures'].map((key) => `.measure.set.unread.kinds.${key}`)];  // every garment can be read
    assert.deepEqual(paths(types.state).filter((path) => !known.includes(path)).sort(), never.sort());
    // A key too many or too few would be told.
    const [{ threads, ...less }] = states;
    assert.equal(typeof threads, 'number');
    assert.equal(checked(literal('less', 'W.State', less)).length, 1);
    assert.equal(checked(literal('more', 'W.State', { ...states[0], map: { ...states[0].map, sign: 1 } })).length, 1);
  },
};
