// The nets of the benchmark, with random weights, as plain lists of layers; and the same as ONNX files, so that every
// engine is given the same thing. Nothing is downloaded.

// Uniform in [-1, 1), the same sequence everywhere (the mixing of splitmix32).
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (((z ^ (z >>> 15)) >>> 0) / 2 ** 31) - 1;
  };
}

export function noise(count, seed) {
  const next = random(seed);
  return Float32Array.from({ length: count }, next);
}

// Layers in order; each reads the one before unless `from` names others. Convolutions carry (O, I, k, k) weights.
class Net {
  constructor(name, input, seed) {
    Object.assign(this, { name, input, layers: [], next: random(seed) });
  }
  values(count, reach) {
    return Float32Array.from({ length: count }, () => reach * this.next());
  }
  add(layer) {
    const before = this.layers.length > 0 ? this.layers.at(-1).name : 'input';
    this.layers.push({ name: `${layer.op}${this.layers.length}`, from: [before], ...layer });
    return this.layers.at(-1).name;
  }
  conv(inputs, outputs, kernel, { stride = 1, padding = (kernel - 1) / 2, groups = 1, from } = {}) {
    const fan = (inputs / groups) * kernel * kernel;
    const weight = this.values(outputs * fan, Math.sqrt(6 / fan)); // the variance of He et al. 2015
    const bias = this.values(outputs, 0.1);
    return this.add({ op: 'conv', inputs: inputs / groups, outputs, kernel, stride, padding, groups, weight, bias, ...(from && { from: [from] }) });
  }
  relu() { return this.add({ op: 'relu' }); }
  clip() { return this.add({ op: 'clip' }); } // ReLU6
  pool(kernel, stride, padding = 0) { return this.add({ op: 'pool', kernel, stride, padding }); }
  // A residual block (He et al. 2016) on `from`.
  residual(inputs, outputs, stride, from) {
    this.conv(inputs, outputs, 3, { stride, from });
    this.relu();
    const main = this.conv(outputs, outputs, 3);
    const shortcut = stride === 1 ? from : this.conv(inputs, outputs, 1, { stride, padding: 0, from });
    this.add({ op: 'add', from: [main, shortcut] });
    return this.relu();
  }
  linear(inputs, outputs) {
    return this.add({ op: 'linear', inputs, outputs, weight: this.values(outputs * inputs, Math.sqrt(6 / inputs)), bias: this.values(outputs, 0.1) });
  }
}

// A plain stack, 154 million multiply-adds at 64 x 64.
export function netA(side = 64) {
  const net = new Net('A', [3, side, side], 1);
  let inputs = 3;
  for (const width of [32, 64, 128]) {
    net.conv(inputs, width, 3);
    net.relu();
    net.conv(width, width, 3);
    net.relu();
    net.pool(2, 2);
    inputs = width;
  }
  net.add({ op: 'average' });
  net.linear(128, 10);
  return net;
}

// SqueezeNet 1.1 (Iandola et al. 2016).
export function netB() {
  const net = new Net('B', [3, 224, 224], 2);
  net.conv(3, 64, 3, { stride: 2, padding: 0 });
  net.relu();
  net.pool(3, 2);
  let inputs = 64;
  const fire = (squeeze, expand) => {
    net.conv(inputs, squeeze, 1);
    const narrow = net.relu();
    net.conv(squeeze, expand, 1, { from: narrow });
    const one = net.relu();
    net.conv(squeeze, expand, 3, { from: narrow });
    net.add({ op: 'concat', from: [one, net.relu()] });
    inputs = 2 * expand;
  };
  fire(16, 64);
  fire(16, 64);
  net.pool(3, 2);
  fire(32, 128);
  fire(32, 128);
  net.pool(3, 2);
  fire(48, 192);
  fire(48, 192);
  fire(64, 256);
  fire(64, 256);
  net.conv(512, 1000, 1);
  net.relu();
  net.add({ op: 'average' });
  return net;
}

// The ResNet-20 of CIFAR (He et al. 2016), batch norm folded.
export function netC() {
  const net = new Net('C', [3, 32, 32], 3);
  net.conv(3, 16, 3);
  let x = net.relu();
  for (const [inputs, outputs, stride] of [[16, 16, 1], [16, 16, 1], [16, 16, 1], [16, 32, 2], [32, 32, 1], [32, 32, 1], [32, 64, 2], [64, 64, 1], [64, 64, 1]]) {
    x = net.residual(inputs, outputs, stride, x);
  }
  net.add({ op: 'average' });
  net.linear(64, 10);
  return net;
}

// ResNet-18 (He et al. 2016) at 224 x 224, batch norm folded: 11.7 million weights.
export function netResNet18() {
  const net = new Net('resnet18', [3, 224, 224], 4);
  net.conv(3, 64, 7, { stride: 2 });
  net.relu();
  let x = net.pool(3, 2, 1);
  let inputs = 64;
  for (const outputs of [64, 64, 128, 128, 256, 256, 512, 512]) {
    const stride = outputs === inputs ? 1 : 2;
    x = net.residual(inputs, outputs, stride, x);
    inputs = outputs;
  }
  net.add({ op: 'average' });
  net.linear(512, 1000);
  return net;
}

// MobileNetV2 (Sandler et al. 2018) at 224 x 224, batch norm folded.
export function netMobileNetV2() {
  const net = new Net('mobilenet_v2', [3, 224, 224], 5);
  net.conv(3, 32, 3, { stride: 2 });
  let x = net.clip();
  let inputs = 32;
  for (const [expand, outputs, count, first] of [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]) {
    for (let i = 0; i < count; i += 1) {
      const stride = i === 0 ? first : 1;
      const wide = inputs * expand;
      if (expand > 1) {
        net.conv(inputs, wide, 1, { from: x });
        net.clip();
      }
      net.conv(wide, wide, 3, { stride, groups: wide, ...(expand === 1 && { from: x }) });
      net.clip();
      const main = net.conv(wide, outputs, 1);
      x = stride === 1 && inputs === outputs ? net.add({ op: 'add', from: [main, x] }) : main;
      inputs = outputs;
    }
  }
  net.conv(320, 1280, 1, { from: x });
  net.clip();
  net.add({ op: 'average' });
  net.linear(1280, 1000);
  return net;
}

// That of the garments, which ships with the page.
export function netGarments() {
  const net = new Net('garments', [1, 28, 28], 7);
  let inputs = 1;
  for (const [width, pools] of [[12, true], [20, false], [20, true], [28, false]]) {
    net.conv(inputs, width, 3);
    net.relu();
    if (pools) net.pool(2, 2);
    inputs = width;
  }
  net.add({ op: 'average' });
  net.linear(inputs, 10);
  return net;
}

// One layer of eleven million weights.
export function netWide() {
  const net = new Net('wide', [3, 64, 64], 6);
  net.conv(3, 9, 3, { stride: 4 });
  net.relu();
  net.add({ op: 'flat' });
  net.linear(9 * 16 * 16, 4800);
  net.relu();
  net.linear(4800, 10);
  return net;
}

// ---- ONNX (onnx.proto): a message is a list of fields, each a key and a varint or a length and bytes.

function varint(value) {
  const bytes = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}

const utf8 = new TextEncoder();
const number = (field, value) => [Uint8Array.from([...varint(field * 8), ...varint(value)])];
function block(field, parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([...varint(field * 8 + 2), ...varint(size)]), ...parts];
}
const text = (field, value) => block(field, [utf8.encode(value)]);

const ints = (name, values) => block(5, [...text(1, name), ...values.flatMap((value) => number(8, value)), ...number(20, 7)]);
const int = (name, value) => block(5, [...text(1, name), ...number(3, value), ...number(20, 2)]);

function node(op, inputs, output, attributes = []) {
  return block(1, [...inputs.flatMap((name) => text(1, name)), ...text(2, output), ...text(3, output), ...text(4, op), ...attributes]);
}

function tensor(name, dims, values) {
  return block(5, [...dims.flatMap((extent) => number(1, extent)), ...number(2, 1), ...text(8, name), ...block(9, [new Uint8Array(values.buffer)])]);
}

// The first extent is the batch, of any size.
function valueInfo(field, name, extents) {
  const dims = extents.flatMap((extent, i) => block(1, i === 0 ? text(2, 'N') : number(1, extent)));
  return block(field, [...text(1, name), ...block(2, block(1, [...number(1, 1), ...block(2, dims)]))]);
}

const kWriters = {
  conv: (l) => node('Conv', [l.from[0], `${l.name}.weight`, `${l.name}.bias`], l.name, [
    ...ints('kernel_shape', [l.kernel, l.kernel]), ...ints('strides', [l.stride, l.stride]), ...ints('pads', Array(4).fill(l.padding)), ...int('group', l.groups)]),
  clip: (l) => node('Clip', [...l.from, 'zero', 'six'], l.name),
  flat: (l) => node('Flatten', l.from, l.name, int('axis', 1)),
  relu: (l) => node('Relu', l.from, l.name),
  pool: (l) => node('MaxPool', l.from, l.name, [...ints('kernel_shape', [l.kernel, l.kernel]), ...ints('strides', [l.stride, l.stride]), ...ints('pads', Array(4).fill(l.padding))]),
  concat: (l) => node('Concat', l.from, l.name, int('axis', 1)),
  add: (l) => node('Add', l.from, l.name),
  average: (l) => [...node('GlobalAveragePool', l.from, `${l.name}.pool`), ...node('Flatten', [`${l.name}.pool`], l.name, int('axis', 1))],
  linear: (l) => node('Gemm', [l.from[0], `${l.name}.weight`, `${l.name}.bias`], l.name, int('transB', 1)),
};

export function onnx(net) {
  const graph = net.layers.flatMap((layer) => kWriters[layer.op](layer));
  graph.push(...text(2, net.name));
  for (const l of net.layers.filter((layer) => layer.weight)) {
    graph.push(...tensor(`${l.name}.weight`, l.op === 'conv' ? [l.outputs, l.inputs, l.kernel, l.kernel] : [l.outputs, l.inputs], l.weight));
    graph.push(...tensor(`${l.name}.bias`, [l.outputs], l.bias));
  }
  if (net.layers.some((layer) => layer.op === 'clip')) {
    graph.push(...tensor('zero', [], Float32Array.of(0)), ...tensor('six', [], Float32Array.of(6)));
  }
  const last = net.layers.at(-1);
  const classes = last.outputs ?? net.layers.findLast((layer) => layer.outputs).outputs;
  graph.push(...valueInfo(11, 'input', [0, ...net.input]), ...valueInfo(12, last.name, [0, classes]));
  const parts = [...number(1, 8), ...block(7, graph), ...block(8, [...text(1, ''), ...number(2, 13)])];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
