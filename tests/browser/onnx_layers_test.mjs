// Every layer of nets of all kinds, whatever the shape of what it computes: the page's values beside those of ONNX
// Runtime Web and of the command line.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import * as ort from 'onnxruntime-web';

import { drop, native, run, scratch, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

// Of the others one has an input that is no square, of which the page cuts the picture, and one has weights of two types,
// which ONNX Runtime refuses: the command line stands in there, which has PyTorch's values (tests/onnx/golden_test.cpp).
const kNets = { attention_13: 'onnxruntime', convnext_17: 'onnxruntime', shuffle_14: 'onnxruntime', modern20_20: '', old_9: '' };
const path = (name) => `${kRoot}tests/golden/onnx/${name}.onnx`;

// A picture of as many pixels as the net reads, so that nothing is resized on the way: rows of R, G, B.
function pixelsOf(width, height) {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.round(127 + 100 * Math.sin(i * 0.7) + 27 * Math.cos(i * 0.13)));
}
// As a BMP: from the lowest row on, B, G, R, each row filled up to four bytes.
function bmp(width, height, pixels) {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const out = Buffer.alloc(54 + stride * height);
  out.write('BM', 0, 'latin1');
  [[2, out.length], [10, 54], [14, 40], [18, width], [22, height]].forEach(([at, value]) => out.writeUInt32LE(value, at));
  out.writeUInt16LE(1, 26);
  out.writeUInt16LE(24, 28);
  for (let i = 0; i < width * height; i += 1) {
    const at = 54 + (height - 1 - Math.floor(i / width)) * stride + (i % width) * 3;
    for (let c = 0; c < 3; c += 1) out[at + c] = pixels[3 * i + 2 - c];
  }
  return out;
}

// The net opened with a picture of its own size, which is in the file `picture` too.
async function opened(open, name) {
  const bench = await open();
  await settled(bench.page);
  await drop(bench.page, `${name}.onnx`, '', readFileSync(path(name)));
  await until(bench.page, name, (n) => window.weightroom.state().model.name === n && window.weightroom.state().ready, name);
  const [, height, width] = native('inspect', path(name), '--json').input;
  const pixels = pixelsOf(width, height);
  const bytes = bmp(width, height, pixels);
  await drop(bench.page, 'small.bmp', 'image/bmp', bytes);
  await until(bench.page, 'the picture', () => window.weightroom.state().picture.name === 'small.bmp' && window.weightroom.state().ready);
  return { ...bench, width, height, pixels, picture: scratch('small.bmp', bytes) };
}

// What ONNX Runtime makes of the same pixels, read as the page says that it reads them.
async function theirLogits(name, { width, height, pixels }, reading) {
  const size = width * height;
  const values = new Float32Array(3 * size);
  for (let c = 0; c < 3; c += 1) {
    const from = reading.order === 'bgr' ? 2 - c : c;
    for (let i = 0; i < size; i += 1) values[c * size + i] = (pixels[3 * i + from] / 255 - reading.mean[c]) / reading.std[c];
  }
  const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(path(name))));
  const answers = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, [1, 3, height, width]) });
  const logits = [...answers[session.outputNames[0]].data];
  await session.release();
  return logits;
}

// The scale of a map by the command line, or the sentence that refuses it.
function nativeScale(name, picture, target, ...words) {
  try {
    return Math.fround(native('explain', picture, '--model', path(name), '--target', String(target), ...words, '--json').scale);
  } catch (error) {
    return String(error.stderr).trim();
  }
}

async function scaleOf(page, command) {
  const answer = await run(page, { command: 'set_method', ...command });
  if (typeof answer === 'string') return answer;
  await settled(page);
  const { map } = await state(page);
  assert.equal(map.method, command.method);
  return Math.fround(map.scale);
}

export const places = ['served'];

export const tests = Object.fromEntries(Object.entries(kNets).map(([name, other]) => [
  `every layer and weight of ${name} can be looked at, and has the values that others find`,
  async ({ open }) => {
    const bench = await opened(open, name);
    const { page, picture } = bench;
    const { model, predictions, target } = await state(page);

    const logits = [...predictions].sort((a, b) => a.index - b.index).map((row) => row.logit);
    const answer = native('classify', picture, '--model', path(name), '--json');
    assert.equal(answer.fingerprint, model.fingerprint);
    const bits = (rows) => Object.fromEntries(rows.map((row) => [row.label, Math.fround(row.logit)]));
    assert.deepEqual(bits(predictions), bits(answer.predictions));
    if (other === 'onnxruntime') {
      const theirs = await theirLogits(name, bench, model.reading);
      assert.equal(logits.length, theirs.length);
      const largest = Math.max(1, ...theirs.map(Math.abs));
      logits.forEach((logit, i) => assert.ok(Math.abs(logit - theirs[i]) <= 1e-4 * largest, `logit ${i}: ${logit} here, ${theirs[i]} there`));
    }

    const inspected = native('inspect', path(name), '--json').layers;
    assert.deepEqual(model.layers.slice(1).map(({ name: layer, op, shape }) => ({ layer, op, shape })),
      inspected.map(({ name: layer, op, shape }) => ({ layer, op, shape })));
    let compared = 0;
    for (const layer of model.layers) {
      await run(page, { command: 'select_layer', layer: layer.name });
      await settled(page);
      assert.equal((await state(page)).selection.layer, layer.name);
      if (layer.shape.length !== 4) continue;
      await run(page, { command: 'select_channel', layer: layer.name, channel: layer.shape[1] - 1 });
      await settled(page);
      assert.deepEqual((await state(page)).selection.channel, { layer: layer.name, index: layer.shape[1] - 1 });
      // A layer's values times its gradients, of which the map's scale is the largest sum.
      const words = ['--method', 'hires_cam', '--layer', layer.name];
      const here = await scaleOf(page, { method: 'hires_cam', layer: layer.name });
      const there = nativeScale(name, picture, target.index, ...words);
      if (typeof here === 'string') {  // no maps: refused by both, each in its own sentence
        assert.match(here, /There is no layer '.*' with maps/);
        assert.match(String(there), /There is no layer '.*' with maps/, layer.name);
      }
      else assert.equal(here, there, layer.name);
      compared += typeof here === 'number' ? 1 : 0;
    }
    assert.ok(compared >= 3, `only ${compared} layers have maps`);
    for (const method of ['smoothgrad', 'integrated_gradients', 'grad_cam']) {
      const here = await scaleOf(page, { method });
      assert.ok(here > 0, method);
      assert.equal(here, nativeScale(name, picture, target.index, '--method', method), method);
    }
  },
]));
