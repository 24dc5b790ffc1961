// Bad input of any kind ends in one clear sentence, with everything before it intact.
import assert from 'node:assert/strict';

import { readFileSync } from 'node:fs';

import { drop, run, sample, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';

function pngHeader(width, height) {
  const bytes = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000000000', 'hex');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

function safetensors(header, data = Buffer.alloc(0)) {
  const json = Buffer.from(header);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([size, json, data]);
}

// A shipped model with something changed: `change` gets the header's object and the data.
function changed(change) {
  const bytes = readFileSync(`${kRoot}assets/garments.safetensors`);
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, end).toString());
  const data = Buffer.from(bytes.subarray(end));
  change(header, data);
  return safetensors(JSON.stringify(header), data);
}
const firstKernel = (header) => header[Object.keys(header).find((name) => header[name].shape?.length === 4)];
function withGraph(header, change) {
  const name = Object.keys(header.__metadata__).find((key) => header.__metadata__[key].includes('"nodes"'));
  const graph = JSON.parse(header.__metadata__[name]);
  change(graph);
  header.__metadata__[name] = JSON.stringify(graph);
}

const one = (fields) => `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],${fields}}}`;
const four = Buffer.alloc(4);
const kBadFiles = {
  'words.jpg': Buffer.from('this is no picture at all'),
  'empty.png': Buffer.alloc(0),
  'cut.jpg': sample('cat.jpg').subarray(0, 9000),
  'huge.png': pngHeader(20000, 20000),
  'nonsense.webp': Buffer.from('524946461a000000574542505650384c0d0000002f00000010071011118888fe07', 'hex').subarray(0, 28),
  'huge.webp': Buffer.from('524946461600000057454250565038580a000000000000001f4e001f4e00', 'hex'),
  'huge header.safetensors': Buffer.concat([Buffer.from('ffffffffffffff7f', 'hex'), Buffer.from('{}')]),
  'header past the end.safetensors': Buffer.concat([Buffer.from('6000000000000000', 'hex'), Buffer.from('{}')]),
  'cut.safetensors': Buffer.from([5, 0]),
  'no object.safetensors': safetensors('[1,2]'),
  'deep.safetensors': safetensors(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`),
  'bare.safetensors': safetensors(one('"x":1').replace(',"x":1', ''), four),
  'overlap.safetensors': safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
  'hole.safetensors': safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', Buffer.alloc(8)),
  'bytes after the end.safetensors': safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', Buffer.alloc(9)),
  'past the end.safetensors': safetensors('{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}', four),
  'wrong size.safetensors': safetensors('{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,4]}}', four),
  'overflow.safetensors': safetensors('{"a":{"dtype":"F32","shape":[2,18446744073709551614],"data_offsets":[0,4]}}', four),
  'twice.safetensors': safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
  'unknown type.safetensors': safetensors('{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}', Buffer.alloc(8)),
  'another shape.safetensors': changed((header) => { firstKernel(header).shape.reverse(); }),
  'a tensor less.safetensors': changed((header) => {
    const last = Object.entries(header).filter(([, t]) => t.data_offsets).sort(([, a], [, b]) => b.data_offsets[0] - a.data_offsets[0])[0];
    delete header[last[0]];
    // what is left of the data must still end where the last tensor does
    header['another name'] = last[1];
  }),
  'not a number.safetensors': changed((header, data) => { data.writeUInt16LE(0x7e00, firstKernel(header).data_offsets[0]); }),
  'unknown layer.safetensors': changed((header) => withGraph(header, (graph) => { graph.nodes[0].op = 'dance'; })),
  'more channels.safetensors': changed((header) => withGraph(header, (graph) => { graph.nodes[0].attributes.out_channels += 1; })),
};

export const places = ['served', 'single file'];

export const tests = {
  'bad files': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const before = await state(page);
    for (const [name, bytes] of Object.entries(kBadFiles)) {
      await drop(page, name, '', bytes);
      await until(page, `a sentence on ${name}`, () => window.weightroom.state().error !== '');
      const s = await state(page);
      assert.match(s.error, /^[A-Z"'].*\.$/s, name);
      assert.ok(s.error.length < 300, s.error);
      // Refused for what is wrong with the file, not for holding no network as well.
      if (name !== 'bare.safetensors') assert.doesNotMatch(s.error, /do not fit the open architecture/, name);
      assert.equal(s.model.fingerprint, before.model.fingerprint, name);
      assert.deepEqual(s.picture, before.picture, name);
      assert.deepEqual(s.predictions, before.predictions, name);
      await run(page, { command: 'dismiss_error' });
      assert.equal((await state(page)).error, '');
    }
  },

  'bad values and commands': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const before = await state(page);
    const weight = before.selection.weight;
    for (const command of [
      { command: 'set_weight', weight, value: 'nan' }, { command: 'set_weight', weight, value: 'Infinity' },
      { command: 'set_weight', weight, value: '1e99' }, { command: 'set_weight', weight, value: 'a lot' },
      { command: 'set_weight', weight: 'conv1.weight[999,0,0,0]', value: 1 }, { command: 'set_weight', weight: 'nothing[0]', value: 1 },
      { command: 'set_target', target: 'unicorn' }, { command: 'open_model', name: 'gpt' }, { command: 'dance' },
    ]) {
      const answer = await run(page, command);
      assert.equal(typeof answer, 'string', JSON.stringify(command));
      assert.match(answer, /\.$/);
    }
    assert.equal(await page.evaluate(() => typeof window.weightroom.run('{')), 'string');
    const after = await state(page);
    assert.deepEqual(after.predictions, before.predictions);
    assert.equal(after.model.fingerprint, before.model.fingerprint);
  },
};
