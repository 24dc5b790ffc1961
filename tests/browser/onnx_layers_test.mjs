// Every layer of nets of all kinds, whatever the shape of what it computes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { drop, run, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';

export const places = ['served'];

async function opened(open, name) {
  const bench = await open();
  await settled(bench.page);
  await drop(bench.page, `${name}.onnx`, '', readFileSync(`${kRoot}tests/golden/onnx/${name}.onnx`));
  await until(bench.page, name, (n) => window.weightroom.state().model.name === n && window.weightroom.state().ready, name);
  return bench;
}

export const tests = {
  'every layer and weight of nets of all kinds can be looked at': async ({ open }) => {
    for (const name of ['attention_13', 'convnext_17', 'shuffle_14', 'modern20_20', 'old_9']) {
      const { page, close } = await opened(open, name);
      const { model } = await state(page);
      for (const layer of model.layers) {
        await run(page, { command: 'select_layer', layer: layer.name });
        await settled(page);
        if (layer.shape.length === 4) {
          await run(page, { command: 'select_channel', layer: layer.name, channel: layer.shape[1] - 1 });
          await settled(page);
        }
      }
      for (const method of ['smoothgrad', 'integrated_gradients', 'grad_cam']) {
        await run(page, { command: 'set_method', method }).catch((error) => assert.match(String(error), /Grad-CAM|layer|map/));
        await settled(page);
      }
      await close();
    }
  },
};
