// Somebody else's model: ONNX files by button and by drop, as the command line has them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  appears, assertSameAnswer, choose, click, drop, dropAll, inNode, native, run, samplePath, scratch, settled, state, until,
  vanishes,
} from './bench.mjs';
import { kRoot } from './harness.mjs';

export const places = ['served', 'single file'];
export const smoke = ['an ONNX model opens by button and by drop, and answers as the command line does'];

const path = (name) => `${kRoot}tests/golden/onnx/${name}.onnx`;
const bytesOf = (name) => readFileSync(path(name));

async function opened(open, name) {
  const bench = await open();
  await settled(bench.page);
  await drop(bench.page, `${name}.onnx`, '', bytesOf(name));
  await until(bench.page, name, (n) => window.weightroom.state().model.name === n && window.weightroom.state().ready, name);
  return bench;
}

export const tests = {
  'an ONNX model opens by button and by drop, and answers as the command line does': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await choose(page, path('inverted_14'));
    await until(page, 'the model', () => window.weightroom.state().model.name === 'inverted_14' && window.weightroom.state().ready);
    assertSameAnswer(await state(page), native('classify', samplePath('cat.jpg'), '--model', path('inverted_14'), '--json'));
    await drop(page, 'squeeze_12.onnx', '', bytesOf('squeeze_12'));
    await until(page, 'the model', () => window.weightroom.state().model.name === 'squeeze_12' && window.weightroom.state().ready);
    const s = await state(page);
    const words = ['classify', samplePath('cat.jpg'), '--model', path('squeeze_12'), '--json'];
    const bits = (rows) => Object.fromEntries(rows.map((row) => [row.label, Math.fround(row.logit)]));
    assert.deepEqual(bits(s.predictions), bits(native(...words).predictions));
    assert.deepEqual(bits(s.predictions), bits(inNode(...words).predictions));
  },

  'an ONNX model is edited, saved and opened again': async ({ open }) => {
    const { page } = await opened(open, 'residual_16');
    const { selection } = await state(page);
    await run(page, { command: 'set_weight', weight: selection.weight, value: 0.123456789 });
    await settled(page);
    const { fingerprint } = (await state(page)).model;
    const coming = page.waitForEvent('download');
    await click(page, 'save');
    const bytes = readFileSync(await (await coming).path());
    await run(page, { command: 'undo' });
    await drop(page, 'mine.safetensors', '', bytes);
    await until(page, 'the saved model', (f) => window.weightroom.state().model.loaded_fingerprint === f, fingerprint);
  },

  'the sheet asks what the file leaves open, and the saved model remembers it': async ({ open }) => {
    const { page } = await opened(open, 'inverted_14');
    const guess = await state(page);
    await appears(page, 'reading'); // by itself
    await click(page, 'reading/scale/2');
    await until(page, 'the other scale', () => window.weightroom.state().model.reading.mean[0] === 0.5);
    await click(page, 'reading/order/1');
    await until(page, 'the other order', () => window.weightroom.state().model.reading.order === 'bgr' && window.weightroom.state().ready);
    const s = await state(page);
    assert.equal(s.model.reading.order, 'bgr');
    assert.notDeepEqual(s.predictions.map((row) => row.logit), guess.predictions.map((row) => row.logit));
    const names = scratch('names.txt', 'ant\nbee\ncow\ndog\nelk\n');
    const chooser = page.waitForEvent('filechooser');
    await click(page, 'reading/labels');
    await (await chooser).setFiles(names);
    await until(page, 'the names', () => window.weightroom.state().model.labels[4] === 'elk');
    await drop(page, 'short.txt', 'text/plain', Buffer.from('ant\nbee\n'));
    await until(page, 'a sentence', () => window.weightroom.state().error);
    assert.match((await state(page)).error, /The list has 2 names, but the model has 5 classes/);
    await run(page, { command: 'dismiss_error' });
    await click(page, 'reading/done');
    await until(page, 'the sheet gone', () => window.weightroom.where('reading') === null);
    // The answer is the command line's for the file so saved.
    const coming = page.waitForEvent('download');
    await click(page, 'save');
    const saved = scratch('told.safetensors', readFileSync(await (await coming).path()));
    await settled(page);
    assertSameAnswer(await state(page), native('classify', samplePath('cat.jpg'), '--model', saved, '--json'));
    const { revision } = await state(page);
    await drop(page, 'told.safetensors', '', readFileSync(saved));
    await until(page, 'the model again', (r) => window.weightroom.state().revision > r && window.weightroom.state().ready, revision);
    const again = await state(page);
    assert.deepEqual(again.model.reading, s.model.reading);
    assert.deepEqual(again.model.labels, ['ant', 'bee', 'cow', 'dog', 'elk']);
    await vanishes(page, 'reading'); // nothing is left open
  },

  'weights as PyTorch saves them go into the open architecture': async ({ open }) => {
    const { page } = await opened(open, 'residual_16');
    const before = await state(page);
    await drop(page, 'trained.safetensors', '', readFileSync(`${kRoot}tests/golden/onnx/residual_weights.safetensors`));
    await until(page, 'the weights', () => window.weightroom.state().model.name === 'trained' && window.weightroom.state().ready);
    const after = await state(page);
    assert.notEqual(after.model.fingerprint, before.model.fingerprint);
    assert.deepEqual(after.model.layers, before.model.layers);
    await drop(page, 'others.safetensors', '', readFileSync(`${kRoot}tests/golden/onnx/inverted_weights.safetensors`));
    await until(page, 'a sentence', () => window.weightroom.state().error);
    assert.match((await state(page)).error, /^'others.safetensors': These weights do not fit the open architecture: /);
    assert.equal((await state(page)).model.fingerprint, after.model.fingerprint);
  },

  'an ONNX model and the file of its weights are dropped together': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const before = await state(page);
    const folder = mkdtempSync(join(tmpdir(), 'weightroom-beside-'));
    // Debian's Python has the package that takes a model apart.
    execFileSync('/usr/bin/python3', ['-c', `import onnx
m = onnx.load('${path('vgg_13')}')
onnx.save_model(m, '${folder}/apart.onnx', save_as_external_data=True, all_tensors_to_one_file=True, location='apart.onnx.data', size_threshold=0)`]);
    const model = ['apart.onnx', '', readFileSync(`${folder}/apart.onnx`)];
    const weights = ['apart.onnx.data', '', readFileSync(`${folder}/apart.onnx.data`)];
    await dropAll(page, [model]);
    await until(page, 'a sentence', () => window.weightroom.state().error);
    assert.match((await state(page)).error, /^'apart.onnx': The ONNX model keeps its weights in a second file, 'apart.onnx.data', which is not here/);
    assert.equal((await state(page)).model.fingerprint, before.model.fingerprint);
    await dropAll(page, [weights, model]); // in whatever order they come
    await until(page, 'the model', () => window.weightroom.state().model.name === 'apart' && window.weightroom.state().ready);
    const s = await state(page);
    assert.equal(s.error, before.error);
    assert.equal(s.model.fingerprint, native('inspect', path('vgg_13'), '--json').fingerprint);
    assert.equal(native('inspect', `${folder}/apart.onnx`, '--json').fingerprint, s.model.fingerprint);
  },

  'a damaged ONNX file and one with an unknown op leave everything as it was': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const before = await state(page);
    const whole = bytesOf('vgg_13');
    const unknown = Buffer.from(whole.toString('latin1').replaceAll('MaxPool', 'MaxPoot'), 'latin1');
    for (const [bytes, words] of [[whole.subarray(0, 900), /damaged/], [unknown, /not supported here: MaxPoot '.*' \(opset 13\)/]]) {
      await drop(page, 'bad.onnx', '', bytes);
      await until(page, 'an error', () => window.weightroom.state().error);
      const s = await state(page);
      assert.match(s.error, words);
      assert.equal(s.model.fingerprint, before.model.fingerprint);
      await run(page, { command: 'dismiss_error' });
    }
  },
};
