// A net of eleven million weights: opened with progress, looked at, edited and taken back, within its memory.
import assert from 'node:assert/strict';

import { drop, middle, run, settled, state, until, vanishes } from './bench.mjs';
import { dropNet, watch } from './bench_large.mjs';

export const places = ['served'];
export const long = ['ResNet-18 opens with progress, its largest layer is lit and edited on the wall'];

export const tests = {
  'ResNet-18 opens with progress, its largest layer is lit and edited on the wall': async ({ open }) => {
    const { page } = await open({ before: watch });
    await settled(page);
    await page.evaluate(() => {
      window.bars = [];
      const look = () => {
        const done = window.weightroom.where('progress/done');
        if (done) window.bars.push(done.width / window.weightroom.where('progress/bar').width);
        window.nextFrame(look);
      };
      look();
    });
    await dropNet(page, { name: 'resnet18', make: 'netResNet18' });
    await settled(page);
    const shares = await page.evaluate(() => window.bars);
    assert.ok(shares.some((share) => share > 0.05 && share < 0.95), `a file of 46 MB comes with progress: ${shares}`);
    await vanishes(page, 'progress');
    const before = await state(page);
    assert.equal(before.model.weights, 11_684_712);
    assert.equal(before.predictions.length, 1000);
    // From afar the wall is one picture; close by every weight is a place of its own.
    await run(page, { command: 'select_layer', layer: 'conv41' });
    const wall = await middle(page, 'wall');
    await page.mouse.move(wall.x, wall.y);
    for (let notch = 0; notch < 25; notch += 1) await page.mouse.wheel(0, -300);
    const inSight = () => {
      for (let o = 0; o < 512; o += 1) {
        for (let i = 0; i < 512; i += 1) {
          const id = `weight/conv41/${o}/${i}/1/1`;
          if (window.weightroom.where(id)?.visible) return id;
        }
      }
      return null;
    };
    await until(page, 'a weight large enough to be pointed at', inSight);
    const found = await page.evaluate(inSight);
    const at = await middle(page, found);
    await page.mouse.move(at.x, at.y);
    await page.mouse.down();
    await page.mouse.up();
    const [, , o, i] = found.split('/');
    const weight = `conv41.weight[${o},${i},1,1]`;
    await until(page, 'the weight lit', (name) => window.weightroom.state().selection.weight === name, weight);
    await run(page, { command: 'set_weight', weight, value: 2 });
    await settled(page);
    const edited = await state(page);
    assert.notEqual(edited.model.fingerprint, before.model.fingerprint);
    assert.notDeepEqual(edited.predictions.map((row) => row.logit), edited.predictions.map((row) => row.unedited_logit));
    await run(page, { command: 'undo' });
    await settled(page);
    const undone = await state(page);
    assert.equal(undone.model.fingerprint, before.model.fingerprint);
    assert.deepEqual(undone.predictions, before.predictions);
    assert.ok((await page.evaluate(() => window.wasmMemory.buffer.byteLength)) < 400e6);
  },

  'a model file of more than 100 MB is refused before it is read': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const before = await state(page);
    for (const name of ['big.onnx', 'big.safetensors']) {
      await page.evaluate((file) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(100e6 + 1)], file));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      }, name);
      await until(page, 'a sentence', () => window.weightroom.state().error);
      assert.equal((await state(page)).error, `'${name}' is larger than 100 MB, the most this page takes.`);
      await run(page, { command: 'dismiss_error' });
    }
    assert.equal((await state(page)).model.fingerprint, before.model.fingerprint);
    // And the next file is taken as ever.
    await drop(page, 'no.onnx', '', Buffer.from('no model'));
    await until(page, 'a sentence', () => window.weightroom.state().error);
  },
};
