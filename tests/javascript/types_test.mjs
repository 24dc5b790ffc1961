// web/weightroom.d.ts: the examples of docs/api.md compile against it, and it names what docs/api.md names. The page is
// held to both in tests/browser/api_docs_test.mjs, and the program's own list of commands in tests/lab/contract_test.cpp.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { kCommands } from '../browser/contract_test.mjs';
import { complaints, declared, documentedCommands, documentedEvents, documentedState, examples } from './api.mjs';

const types = declared();
// One after another, as in a console: what one declares the next one knows. On the lines that they have in docs/api.md.
let script = '';
for (const { code, line } of examples) {
  script += '\n'.repeat(line - script.split('\n').length) + code;
}
const compiled = (text) => complaints({ 'api.md.js': `${text}\nexport {};\n` });

test('the examples of docs/api.md compile', () => {
  assert.ok(examples.length >= 8);
  assert.deepEqual(compiled(script), []);
});

test('a mistake in an example is noticed', () => {
  const mistakes = [
    "weightroom.run({command: 'undoo'});",
    "weightroom.run({command: 'set_weight', weight: 'fc.bias[1]'});",
    "weightroom.run({command: 'set_view', overlay: 'gradients'});",
    "weightroom.run({command: 'set_units', picture: 3});",
    "weightroom.state('modell');",
    'weightroom.state().model.nam;',
    "weightroom.state('measure').now;",
    "weightroom.state(['model']).picture;",
    "weightroom.on('changes', () => {});",
    "weightroom.on('map', ({sentence}) => { console.log(sentence); });",
    "weightroom.where('undo').x;",
  ];
  const found = compiled(`${script}\n${mistakes.join('\n')}`);
  const last = script.split('\n').length;
  assert.deepEqual([...new Set(found.map((sentence) => Number(sentence.match(/^api\.md\.js:(\d+): /)[1])))], mistakes.map((_, i) => last + 1 + i));
});

test('the commands that the page takes in its tests are of the type', () => {
  const valid = kCommands.filter(([,, grows]) => grows !== null).map(([command, fields]) => ({ command, ...fields }));
  const text = (rows) => ({ 'commands.ts': `import type { Command } from './weightroom';\nexport const all: Command[] = ${JSON.stringify(rows, null, 1)};\n` });
  assert.deepEqual(complaints(text(valid)), []);
  assert.equal(new Set(valid.map(({ command }) => command)).size, types.commands.size);
  assert.equal(complaints(text([...valid, { command: 'undo', twice: true }])).length, 1);
});

test('the commands, their fields and their words are those of docs/api.md', () => {
  assert.deepEqual([...types.commands.keys()].sort(), [...documentedCommands.keys()].sort());
  // Beside fields and words a row quotes parts of the model, what stands for a picture, and a method's parameter.
  const kQuoted = { change: ['all', 'conv2'], remember_picture: ['picture'], set_ranking: ['picture', 'pictures'], set_teach: ['learn'] };
  for (const [name, fields] of types.commands) {
    const quoted = [...documentedCommands.get(name).matchAll(/`([a-z0-9_-]+)`/g)].map((found) => found[1]);
    const known = [...fields].flatMap(([field, words]) => [field, ...words]);
    assert.deepEqual(
      [...new Set(quoted)].sort(), [...new Set([...known, ...(kQuoted[name] ?? [])])].sort(), name);
  }
});

test('the events are those of docs/api.md and of the shell', () => {
  assert.deepEqual(types.events, documentedEvents);
  const shell = readFileSync(new URL('../../web/shell.js', import.meta.url), 'utf8');
  assert.deepEqual(shell.match(/kEvents = \[(.*)\]/)[1].match(/[a-z]+/g), documentedEvents);
});

test('the state is outlined in docs/api.md key by key', () => {
  const sorted = (tree) => tree && Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, of]) => [key, sorted(of)]));
  assert.deepEqual(sorted(documentedState()), sorted(types.state));
  assert.ok(Object.keys(types.state).length > 20 && types.state.study.units.nudge.budget === null);
});
