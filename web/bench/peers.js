import { tflite } from './tflite.js';

// Other engines, one thread each, behind one face: { name, version, open(net, file), forward(x, batch), gradient(x) }.
// They are there where scripts/bench has put them (peers/); a visitor without them sees our own figures alone.

function script(url) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src: url });
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${url} could not be loaded`));
    document.head.append(element);
  });
}

// The result of forward() is read back, so that the work is done and not only ordered.
async function onnxRuntime(version) {
  const ort = await import('./peers/ort.wasm.min.mjs');
  ort.env.wasm.wasmPaths = new URL('peers/', import.meta.url).href;
  ort.env.wasm.numThreads = 1;
  let session = null;
  let net = null;
  return {
    name: 'ONNX Runtime Web',
    version,
    async open(given, file) {
      await session?.release();
      net = given;
      session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    },
    async forward(x, batch) {
      const output = await session.run({ input: new ort.Tensor('float32', x, [batch, ...net.input]) });
      return output[net.layers.at(-1).name].data;
    },
  };
}

// NCHW to NHWC.
function channelsLast(x, batch, [channels, height, width]) {
  const plane = height * width;
  const y = new Float32Array(x.length);
  for (let n = 0; n < batch; n += 1) {
    for (let c = 0; c < channels; c += 1) {
      for (let p = 0; p < plane; p += 1) y[(n * plane + p) * channels + c] = x[(n * channels + c) * plane + p];
    }
  }
  return y;
}

async function tensorFlow(version) {
  await script('peers/tf.min.js');
  await script('peers/tf-backend-wasm.min.js');
  const { tf } = window;
  tf.wasm.setWasmPaths(new URL('peers/', import.meta.url).href);
  tf.wasm.setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  let net = null;
  let weights = new Map();

  const kFused = { relu: 'relu', clip: 'relu6' };
  const kAround = (p) => [[0, 0], [p, p], [p, p], [0, 0]]; // zeros, as behind a relu they may
  // (O, I, k, k) as (k, k, I, O), or of one channel a group as (k, k, O, 1).
  const filter = (l) => tf.transpose(tf.tensor(l.weight, [l.outputs, l.inputs, l.kernel, l.kernel]), l.groups > 1 ? [2, 3, 0, 1] : [2, 3, 1, 0]);

  // A relu right behind a convolution goes into it, as the converter of TensorFlow.js would have it.
  function run(input, fused) {
    const values = new Map([['input', input]]);
    net.layers.forEach((layer, i) => {
      const [x, other] = layer.from.map((name) => values.get(name));
      const w = weights.get(layer.name);
      const activation = (fused && kFused[net.layers[i + 1]?.op]) || 'linear';
      const compute = {
        conv: () => tf.fused[layer.groups > 1 ? 'depthwiseConv2d' : 'conv2d']({ x, filter: w.weight, strides: layer.stride, pad: layer.padding, dimRoundingMode: 'floor', bias: w.bias, activation }),
        relu: () => (fused && net.layers[i - 1].op === 'conv' ? x : tf.relu(x)),
        clip: () => (fused && net.layers[i - 1].op === 'conv' ? x : tf.relu6(x)),
        pool: () => tf.maxPool(layer.padding > 0 ? tf.pad(x, kAround(layer.padding)) : x, layer.kernel, layer.stride, 'valid'),
        concat: () => tf.concat([x, other], 3),
        add: () => tf.add(x, other),
        average: () => tf.mean(x, [1, 2]),
        linear: () => tf.add(tf.matMul(x, w.weight), w.bias),
      }[layer.op];
      values.set(layer.name, compute());
    });
    return values.get(net.layers.at(-1).name);
  }

  return {
    name: 'TensorFlow.js',
    version,
    async open(given) {
      net = given;
      for (const w of weights.values()) [w.weight, w.bias].forEach((tensor) => tensor.dispose());
      weights = new Map(net.layers.filter((layer) => layer.weight).map((l) => [l.name, tf.tidy(() => ({
        weight: l.op === 'conv' ? filter(l) : tf.transpose(tf.tensor(l.weight, [l.outputs, l.inputs])),
        bias: tf.tensor(l.bias),
      }))]));
    },
    prepare: (x, batch) => tf.tensor(channelsLast(x, batch, net.input), [batch, net.input[1], net.input[2], net.input[0]]),
    async forward(x) {
      const y = tf.tidy(() => run(x, true));
      const data = y.dataSync();
      y.dispose();
      return data;
    },
    async gradient(x) {
      const d = tf.tidy(() => tf.grad((input) => tf.sum(tf.slice(run(input, true), [0, 0], [1, 1])))(x));
      const data = d.dataSync();
      d.dispose();
      return data;
    },
  };
}

// Its build with relaxed SIMD where the browser has that, else the other. A file is of so many pictures.
async function liteRt(version) {
  const { loadLiteRt, loadAndCompile, Tensor } = await import('./peers/litert.js');
  const { Builder } = await import('./peers/flatbuffers/flatbuffers.js');
  await loadLiteRt(new URL('peers/litert/', import.meta.url).href);
  let net = null;
  let compiled = new Map(); // by the number of pictures
  async function modelOf(batch) {
    if (!compiled.has(batch)) compiled.set(batch, await loadAndCompile(tflite({ Builder }, net, batch), { accelerator: 'wasm', cpuOptions: { numThreads: 1 } }));
    return compiled.get(batch);
  }
  return {
    name: 'LiteRT.js',
    version,
    async open(given) {
      for (const model of compiled.values()) model.delete();
      compiled = new Map();
      net = given;
    },
    prepare: (x, batch) => ({ batch, values: channelsLast(x, batch, net.input) }),
    async forward({ batch, values }) {
      const model = await modelOf(batch);
      const input = Tensor.fromTypedArray(values, [batch, net.input[1], net.input[2], net.input[0]]);
      const [output] = await model.run([input]);
      const data = output.toTypedArray().slice();
      input.delete();
      output.delete();
      return data;
    },
  };
}

export async function findPeers() {
  const listed = await fetch('peers/peers.json').then((answer) => (answer.ok ? answer.json() : {}), () => ({}));
  const peers = [];
  if (listed['onnxruntime-web']) peers.push(await onnxRuntime(listed['onnxruntime-web']));
  if (listed['@tensorflow/tfjs-backend-wasm']) peers.push(await tensorFlow(listed['@tensorflow/tfjs-backend-wasm']));
  if (listed['@litertjs/core']) peers.push(await liteRt(listed['@litertjs/core']));
  return peers;
}
