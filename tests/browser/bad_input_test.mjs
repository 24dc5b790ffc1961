// Bad input of any kind ends in one clear sentence, with everything before it intact.
import assert from 'node:assert/strict';

import { readFileSync } from 'node:fs';

import { done, drop, run, sample, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';
import { crc32 } from './png.mjs';

function pngHeader(width, height) {
  const bytes = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000000000', 'hex');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
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

// What the page says of each, behind the file's name. Of a sentence that goes on with what the open model has, the
// beginning.
const kSentences = {
  'words.jpg': 'This is a text, not a picture or model. A list of class names should end in .txt, with one name per line.',
  'empty.png': 'The picture file is empty (0 bytes).',
  'cut.jpg': 'The JPEG picture was cut short: the file ends before the picture does.',
  'huge.png': 'The picture is too large: 20,000 x 20,000 pixels; at most 16 million, and 32,768 a side, are read.',
  'nonsense.webp': 'Neither Weightroom nor this browser can read this file as a picture.',
  'huge.webp': 'The picture is too large: 20,000 x 20,000 pixels; at most 16 million, and 32,768 a side, are read.',
  'huge header.safetensors': 'This is not a safetensors file, or one whose header is too large: it claims 9,223,372,036,854,775,807 bytes, and 4,194,304 is the most.',
  'header past the end.safetensors': 'The header claims 96 bytes, more than the file has: it was cut short.',
  'cut.safetensors': 'The file is too short for a safetensors file: its header\'s length takes 8 bytes.',
  'no object.safetensors': 'The header of the safetensors file is not a JSON object.',
  'deep.safetensors': 'The header of the safetensors file is nested deeper than 4 levels.',
  'bare.safetensors': 'These weights do not fit the open architecture: ',
  'overlap.safetensors': 'The tensor \'b\' overlaps the tensor before it.',
  'hole.safetensors': 'The tensor \'a\' leaves a hole of bytes before it.',
  'bytes after the end.safetensors': 'The file goes on for 5 bytes after its last tensor.',
  'past the end.safetensors': 'The tensor \'a\' reaches past the end of the file: it was cut short.',
  'wrong size.safetensors': 'The tensor \'a\' has a shape that needs 16 bytes, but 4 are set aside for it.',
  'overflow.safetensors': 'The tensor \'a\' has a shape whose size overflows 64 bits.',
  'twice.safetensors': 'The header of the safetensors file has the name \'a\' twice in one object.',
  'unknown type.safetensors': 'The tensor \'a\' has the type \'C64\', which this program does not read.',
  'another shape.safetensors': 'The tensor \'conv1.weight\' has the shape (3,3,1,12), but its graph needs (12,1,3,3).',
  'a tensor less.safetensors': 'The model file lacks the tensor \'fc.weight\' that its graph needs.',
  'not a number.safetensors': 'The tensor \'conv1.weight\' holds a value that is not finite (NaN or infinity) at index 0.',
  'unknown layer.safetensors': 'The node \'conv1\' has an unknown op, \'dance\'.',
  'more channels.safetensors': 'The tensor \'conv1.weight\' has the shape (12,1,3,3), but its graph needs (13,1,3,3).',
};

export const places = ['served', 'single file'];

// All that the page tells but for counts of time and of changes told.
async function intact(page) {
  await done(page);
  const { revision, forward_ms, error, ...rest } = await state(page);
  return { ...rest, map: { ...rest.map, ms: 0, revision: 0 } };
}

export const tests = {
  'bad files': async ({ open }) => {
    const { page } = await open();
    const before = await intact(page);
    assert.deepEqual(Object.keys(kSentences), Object.keys(kBadFiles));
    for (const [name, bytes] of Object.entries(kBadFiles)) {
      await drop(page, name, '', bytes);
      await until(page, `a sentence on ${name}`, () => window.weightroom.state().error !== '');
      const { error } = await state(page);
      const due = `'${name}': ${kSentences[name]}`;
      if (due.endsWith('.')) assert.equal(error, due);
      else assert.ok(error.startsWith(due) && error.endsWith('.') && error.length < 300, error);
      await run(page, { command: 'dismiss_error' });
      assert.equal((await state(page)).error, '');
      assert.deepEqual(await intact(page), before, name);
    }
  },

  'bad values and commands': async ({ open }) => {
    const { page } = await open();
    const before = await intact(page);
    const weight = before.selection.weight;
    for (const [command, words] of [
      [{ command: 'set_weight', weight, value: 'nan' }, /finite number, which 'nan' is not/],
      [{ command: 'set_weight', weight, value: 'Infinity' }, /finite number, which 'Infinity' is not/],
      [{ command: 'set_weight', weight, value: '1e99' }, /finite number, which '1e99' is not/],
      [{ command: 'set_weight', weight, value: 'a lot' }, /'a lot' is not a number/],
      [{ command: 'set_weight', weight: 'conv1.weight[999,0,0,0]', value: 1 }, /999/],
      [{ command: 'set_weight', weight: 'nothing[0]', value: 1 }, /'nothing'/],
      [{ command: 'set_target', target: 'unicorn' }, /'unicorn'/],
      [{ command: 'open_model', name: 'gpt' }, /'gpt'/],
      [{ command: 'dance' }, /'dance'/],
    ]) {
      const answer = await run(page, command);
      assert.equal(typeof answer, 'string', JSON.stringify(command));
      assert.match(answer, /^[A-Z"'].*\.$/s);
      assert.match(answer, words, JSON.stringify(command));
    }
    assert.match(await page.evaluate(() => window.weightroom.run('{')), /JSON.*\.$/);
    assert.deepEqual(await intact(page), before);
  },
};
