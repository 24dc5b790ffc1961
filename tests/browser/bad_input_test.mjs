// Bad input of any kind ends in one clear sentence, with everything before it intact.
import assert from 'node:assert/strict';

import { drop, run, sample, settled, state, until } from './bench.mjs';

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

export const kBadFiles = {
  'words.jpg': Buffer.from('this is no picture at all'),
  'empty.png': Buffer.alloc(0),
  'cut.jpg': sample('cat.jpg').subarray(0, 9000),
  'huge.png': pngHeader(20000, 20000),
  'huge header.safetensors': Buffer.concat([Buffer.from('ffffffffffffff7f', 'hex'), Buffer.from('{}')]),
  'cut.safetensors': Buffer.from([5, 0]),
  'bare.safetensors': safetensors('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', Buffer.alloc(4)),
  'overlap.safetensors': safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', Buffer.alloc(4)),
};

export const tests = {
  'bad files': async ({ open }) => {
    const { page, troubles, close } = await open();
    await settled(page);
    const before = await state(page);
    for (const [name, bytes] of Object.entries(kBadFiles)) {
      await drop(page, name, '', bytes);
      await until(page, `a sentence on ${name}`, () => window.weightroom.state().error !== '');
      const s = await state(page);
      assert.match(s.error, /^[A-Z"'].*\.$/s, name);
      assert.equal(s.model.fingerprint, before.model.fingerprint, name);
      assert.deepEqual(s.picture, before.picture, name);
      assert.deepEqual(s.predictions, before.predictions, name);
      await run(page, { command: 'dismiss_error' });
      assert.equal((await state(page)).error, '');
    }
    assert.deepEqual(troubles, []);
    await close();
  },

  'bad values and commands': async ({ open }) => {
    const { page, troubles, close } = await open();
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
    assert.deepEqual(troubles, []);
    await close();
  },
};
