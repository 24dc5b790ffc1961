// Somebody else's model: ONNX files by button and by drop, as the command line has them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { assertSameAnswer, choose, click, drop, inNode, native, run, samplePath, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';

export const places = ['served', 'single file'];

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
    const { page, troubles, close } = await open();
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
    assert.deepEqual(troubles, []);
    await close();
  },

  'an ONNX model is edited, saved and opened again': async ({ open }) => {
    const { page, troubles, close } = await opened(open, 'residual_16');
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
    assert.deepEqual(troubles, []);
    await close();
  },

  'a damaged ONNX file and one with an unknown op leave everything as it was': async ({ open }) => {
    const { page, troubles, close } = await open();
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
    assert.deepEqual(troubles, []);
    await close();
  },
};
