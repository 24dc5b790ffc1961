// A net of nets.js as a .tflite file, what LiteRT reads: float32, channels last, so many pictures. `flatbuffers` is
// npm's package of that name. Fields are named here by their places in TensorFlow Lite's schema, version 3
// (tensorflow/compiler/mlir/lite/schema/schema.fbs), which fixes them for good.

const kOperators = { add: 0, concat: 2, conv: 3, depthwise: 4, linear: 9, pool: 17, pad: 34, average: 40 };
const kOptions = { conv: 1, depthwise: 2, pool: 5, linear: 8, concat: 10, add: 11, pad: 22, average: 27 }; // of the union
const kActivations = { relu: 1, clip: 3 }; // clip is ReLU6
const kSame = 0;
const kValid = 1;
const kInt32 = 2;

// Tables and vectors, written from the end of the file to its start: what is referred to comes first.
class Writer {
  constructor({ Builder }) {
    this.builder = new Builder(1 << 20);
  }

  // fields: [place, type, value, what a reader takes it for where it is missing].
  table(fields) {
    this.builder.startObject(Math.max(-1, ...fields.map(([place]) => place)) + 1);
    for (const [place, type, value, missing = 0] of fields) this.builder[`addField${type}`](place, value, missing);
    return this.builder.endObject();
  }

  list(values, write) {
    this.builder.startVector(4, values.length, 4);
    for (const value of [...values].reverse()) write(value);
    return this.builder.endVector();
  }
  references(offsets) { return this.list(offsets, (offset) => this.builder.addOffset(offset)); }
  ints(values) { return this.list(values, (value) => this.builder.addInt32(value)); }

  // Values of a tensor, at a multiple of 16 bytes as the schema asks.
  bytes(array) {
    const { builder } = this;
    builder.startVector(1, array.byteLength, 16);
    builder.space -= array.byteLength;
    builder.bb.setPosition(builder.space);
    builder.bb.bytes().set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), builder.space);
    return builder.endVector();
  }

  text(words) { return this.builder.createString(words); }
  finish(root) {
    this.builder.finish(root, 'TFL3');
    return this.builder.asUint8Array();
  }
}

class Graph {
  constructor(flatbuffers) {
    this.writer = new Writer(flatbuffers);
    this.buffers = [this.writer.table([])]; // the first one is that of tensors without values
    this.tensors = [];
    this.codes = [];
    this.operators = [];
    this.values = new Map(); // by the name of the layer: { tensor, shape }
  }

  tensor(name, shape, values = null) {
    const { writer } = this;
    let buffer = 0;
    if (values) buffer = this.buffers.push(writer.table([[0, 'Offset', writer.bytes(values)]])) - 1;
    const extents = writer.ints(shape);
    const words = writer.text(name);
    return this.tensors.push(writer.table([[0, 'Offset', extents], [1, 'Int8', values instanceof Int32Array ? kInt32 : 0], [2, 'Int32', buffer], [3, 'Offset', words]])) - 1;
  }

  // Adds an operator; what it gives is known by `name` from then on.
  operator(kind, name, inputs, shape, options = []) {
    const { writer } = this;
    if (!this.codes.includes(kind)) this.codes.push(kind);
    const output = this.tensor(name, shape);
    const [from, to, details] = [writer.ints(inputs), writer.ints([output]), writer.table(options)];
    this.operators.push(writer.table([[0, 'Int32', this.codes.indexOf(kind)], [1, 'Offset', from], [2, 'Offset', to], [3, 'Int8', kOptions[kind]], [4, 'Offset', details]]));
    return this.give(name, output, shape);
  }
  give(name, tensor, shape) {
    this.values.set(name, { tensor, shape });
    return this.values.get(name);
  }

  finish(name, last) {
    const { writer } = this;
    const parts = [writer.references(this.tensors), writer.ints([this.values.get('input').tensor]), writer.ints([last.tensor]), writer.references(this.operators), writer.text(name)];
    const subgraph = writer.table(parts.map((part, place) => [place, 'Offset', part]));
    // The code stands in a byte of the first version of the schema and in a number of the present one.
    const codes = writer.references(this.codes.map((kind) => writer.table([[0, 'Int8', kOperators[kind]], [2, 'Int32', 1, 1], [3, 'Int32', kOperators[kind]]])));
    const subgraphs = writer.references([subgraph]);
    const buffers = writer.references(this.buffers);
    return writer.finish(writer.table([[0, 'Int32', 3], [1, 'Offset', codes], [2, 'Offset', subgraphs], [4, 'Offset', buffers]]));
  }
}

// (O, I, k, k) as (O, k, k, I), or of one channel a group as (1, k, k, O).
function channelsLast({ weight, outputs, inputs, kernel, groups }) {
  const taps = kernel * kernel;
  const moved = new Float32Array(weight.length);
  for (let o = 0; o < outputs; o += 1) {
    for (let i = 0; i < inputs; i += 1) {
      for (let t = 0; t < taps; t += 1) {
        moved[groups > 1 ? t * outputs + o : (o * taps + t) * inputs + i] = weight[(o * inputs + i) * taps + t];
      }
    }
  }
  return moved;
}

const outputs = (side, kernel, stride) => Math.floor((side - kernel) / stride) + 1;

// Zeros around, which XNNPACK takes into the convolution behind them.
function padded(graph, layer, { tensor, shape: [n, h, w, c] }) {
  const p = layer.padding;
  const amounts = graph.tensor(`${layer.name}/around`, [4, 2], Int32Array.of(0, 0, p, p, p, p, 0, 0));
  return graph.operator('pad', `${layer.name}/padded`, [tensor, amounts], [n, h + 2 * p, w + 2 * p, c]);
}

function conv(graph, layer, given, activation) {
  const { name, kernel, stride, padding, groups } = layer;
  if (groups > 1 && layer.inputs !== 1) throw new Error(`${name}: groups of one channel only`);
  const same = stride === 1 && 2 * padding === kernel - 1;
  const from = same || padding === 0 ? given : padded(graph, layer, given);
  const [n, h, w] = from.shape;
  const [height, width] = same ? [h, w] : [outputs(h, kernel, stride), outputs(w, kernel, stride)];
  const filter = graph.tensor(`${name}/weight`, groups > 1 ? [1, kernel, kernel, layer.outputs] : [layer.outputs, kernel, kernel, layer.inputs], channelsLast(layer));
  const bias = graph.tensor(`${name}/bias`, [layer.outputs], layer.bias);
  const steps = [[0, 'Int8', same ? kSame : kValid], [1, 'Int32', stride], [2, 'Int32', stride]];
  const dilation = (first) => [[first, 'Int32', 1, 1], [first + 1, 'Int32', 1, 1]];
  const rest = groups > 1 ? [[3, 'Int32', 1], [4, 'Int8', activation], ...dilation(5)] : [[3, 'Int8', activation], ...dilation(4)];
  return graph.operator(groups > 1 ? 'depthwise' : 'conv', name, [from.tensor, filter, bias], [n, height, width, layer.outputs], [...steps, ...rest]);
}

// Zeros pad it, as behind a relu they may.
function pool(graph, layer, given) {
  const { kernel, stride } = layer;
  const from = layer.padding > 0 ? padded(graph, layer, given) : given;
  const [n, h, w, c] = from.shape;
  return graph.operator('pool', layer.name, [from.tensor], [n, outputs(h, kernel, stride), outputs(w, kernel, stride), c],
    [[0, 'Int8', kValid], [1, 'Int32', stride], [2, 'Int32', stride], [3, 'Int32', kernel], [4, 'Int32', kernel]]);
}

const kWriters = {
  conv: (graph, layer, [given], activation) => conv(graph, layer, given, activation),
  pool: (graph, layer, [given]) => pool(graph, layer, given),
  add: (graph, layer, [a, b], activation) => graph.operator('add', layer.name, [a.tensor, b.tensor], a.shape, [[0, 'Int8', activation]]),
  concat: (graph, layer, given) => graph.operator('concat', layer.name, given.map(({ tensor }) => tensor),
    [...given[0].shape.slice(0, 3), given.reduce((sum, { shape }) => sum + shape[3], 0)], [[0, 'Int32', 3]]),
  average: (graph, layer, [{ tensor, shape }]) => graph.operator('average', layer.name,
    [tensor, graph.tensor(`${layer.name}/axes`, [2], Int32Array.of(1, 2))], [shape[0], shape[3]]),
  linear: (graph, layer, [{ tensor, shape }]) => graph.operator('linear', layer.name,
    [tensor, graph.tensor(`${layer.name}/weight`, [layer.outputs, layer.inputs], layer.weight), graph.tensor(`${layer.name}/bias`, [layer.outputs], layer.bias)],
    [shape[0], layer.outputs]),
};

export function tflite(flatbuffers, net, batch) {
  const graph = new Graph(flatbuffers);
  const [c, h, w] = net.input;
  graph.give('input', graph.tensor('input', [batch, h, w, c]), [batch, h, w, c]);
  net.layers.forEach((layer, i) => {
    const given = layer.from.map((name) => graph.values.get(name));
    const before = net.layers[i - 1];
    if (kActivations[layer.op]) { // done by what stands right before it
      if (!['conv', 'add'].includes(before.op) || layer.from[0] !== before.name) throw new Error(`${layer.name} stands alone`);
      graph.give(layer.name, given[0].tensor, given[0].shape);
      return;
    }
    if (!kWriters[layer.op]) throw new Error(`there is no way to write ${layer.op}`);
    kWriters[layer.op](graph, layer, given, kActivations[net.layers[i + 1]?.op] ?? 0);
  });
  return graph.finish(net.name, graph.values.get(net.layers.at(-1).name));
}
