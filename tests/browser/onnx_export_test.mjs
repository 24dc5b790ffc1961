// What we write as ONNX: accepted by ONNX's own checker, and the same logits in ONNX Runtime Web.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as ort from 'onnxruntime-web';

import { download, native, run, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const folder = mkdtempSync(join(tmpdir(), 'weightroom-onnx-'));
const kGoldens = `${kRoot}tests/golden/onnx`;

// Debian's Python has the checker; a newer one on the PATH need not.
const check = (paths) => execFileSync('/usr/bin/python3', [`${kRoot}tests/check_onnx.py`, ...paths], { encoding: 'utf8' }).trim();

// A safetensors file of one float tensor.
function tensorFile(name, values, shape) {
  const header = JSON.stringify({ [name]: { dtype: 'F32', shape, data_offsets: [0, values.length * 4] } });
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, Buffer.from(padded), Buffer.from(values.buffer)]);
}

// Of what the command line writes, which may have the answer beside them.
function logitsOf(bytes) {
  const length = Number(bytes.readBigUInt64LE(0));
  const [first, last] = JSON.parse(bytes.subarray(8, 8 + length).toString()).logits.data_offsets;
  const start = bytes.byteOffset + 8 + length;
  return [...new Float32Array(bytes.buffer.slice(start + first, start + last))];
}

// Of a model file or an ONNX file, by the command line, for values that look like a picture's.
function ourLogits(path) {
  const { input } = native('inspect', path, '--json');
  const shape = [1, ...input];
  const values = new Float32Array(shape.reduce((a, b) => a * b)).map((_, i) => Math.sin(i * 0.7) + Math.cos(i * 0.013));
  const file = join(folder, 'input.safetensors');
  writeFileSync(file, tensorFile('input', values, shape));
  const out = join(folder, 'logits.safetensors');
  native('run', path, '--input', file, '--out', out, '--json');
  return { logits: logitsOf(readFileSync(out)), values, shape };
}

async function theirLogits(bytes, values, shape) {
  const session = await ort.InferenceSession.create(new Uint8Array(bytes));
  const [name] = session.inputNames;
  const answers = await session.run({ [name]: new ort.Tensor('float32', values, shape) });
  await session.release();
  return [...answers[session.outputNames[0]].data];
}

// A file's answer is what its last node gives: the logits, or what a sigmoid or a softmax makes of them. One number is
// the probability of the second of two classes.
function answerOf(logits, theirs, answer) {
  const sum = theirs.reduce((a, b) => a + b);
  if (answer === 'sigmoid') return logits.slice(-theirs.length).map((x) => 1 / (1 + Math.exp(-x)));
  if (theirs.some((p) => p < 0) || Math.abs(sum - 1) > 1e-4) return logits;
  const powers = logits.map((x) => Math.exp(x - Math.max(...logits)));
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
}

function assertClose(ours, theirs, what) {
  assert.equal(ours.length, theirs.length, what);
  const largest = Math.max(...ours.map(Math.abs));
  ours.forEach((value, i) => assert.ok(Math.abs(value - theirs[i]) <= 1e-4 * Math.max(1, largest), `${what}, logit ${i}: ${value} here, ${theirs[i]} there`));
}

export const tests = {
  async 'every op has its way into a file that the checker accepts and ONNX Runtime computes alike'() {
    const paths = [];
    for (const file of readdirSync(kGoldens).filter((name) => name.endsWith('.onnx'))) {
      const out = join(folder, file);
      native('convert', join(kGoldens, file), '--out', out, '--json');
      paths.push(out);
      const { logits, values, shape } = ourLogits(join(kGoldens, file));
      const theirs = await theirLogits(readFileSync(out), values, shape);
      const { answer } = native('inspect', join(kGoldens, file), '--json');
      assertClose(answerOf(logits, theirs, answer), theirs, file);
    }
    assert.equal(check(paths), `${paths.length} accepted`);
  },

  async 'the models that come with the page, edited and with a function switched off, saved by its button'({ open }) {
    const { page } = await open();
    await settled(page);
    await run(page, { command: 'change', operation: 'prune', on: 'all', params: { share: 0.4 } });
    await run(page, { command: 'open_page', page: 'size' });
    await until(page, 'the sizes', () => window.weightroom.state().size?.layers[0].ms !== null);
    const onnx = await download(page, 'save/onnx');
    const plain = await download(page, 'save/fp32');
    assert.equal(readFileSync(onnx).length, (await state(page)).size.file.onnx);
    assert.equal(readFileSync(plain).length, (await state(page)).size.file.fp32);
    const { logits, values, shape } = ourLogits(plain);
    assertClose(logits, await theirLogits(readFileSync(onnx), values, shape), 'pruned');

    const { layer } = await page.evaluate(() => ({ layer: window.weightroom.state().model.layers.find((row) => row.op === 'relu').name }));
    await run(page, { command: 'switch', layer, on: false });
    const off = await download(page, 'save/onnx');
    const without = ourLogits(off);
    assertClose(without.logits, await theirLogits(readFileSync(off), without.values, without.shape), 'switched off');
    assert.notDeepEqual(without.logits, logits);
    assert.equal(check([onnx, off]), '2 accepted');
  },
};
