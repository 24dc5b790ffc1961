// A host that isolates the page: the program's other build is picked by itself, with the same bits.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { choose, run, settled, state, until } from './bench.mjs';
import { digests, openBench, recorded } from './engine.mjs';
import { kDist, kRoot, open as openAt } from './harness.mjs';
import { serve } from '../../scripts/serve.mjs';

export const places = ['isolated'];
export const long = true; // the threaded program is built for scripts/test --all alone

// What somebody sees and reads: the answer, the map, the weights.
async function told(page) {
  const { predictions, map, model, logits, overlay } = await state(page);
  return { predictions, map: { ...map, ms: 0 }, fingerprint: model.fingerprint, logits, overlay };
}

async function work(page) {
  await settled(page);
  const answers = [await told(page)];
  const { selection } = await state(page);
  await run(page, { command: 'set_weight', weight: selection.weight, value: -2 * selection.value });
  await settled(page);
  answers.push(await told(page));
  await run(page, { command: 'set_method', method: 'integrated_gradients', params: { steps: 16 } });
  await settled(page);
  answers.push(await told(page));
  await run(page, { command: 'open_model', name: 'tinyvgg' });
  await until(page, 'tinyvgg', () => window.weightroom.state().model.name === 'tinyvgg' && window.weightroom.state().ready);
  answers.push(await told(page));
  return answers;
}

export const tests = {
  async 'the page runs on several threads and tells the same to the last digit'({ browser, open, requests }) {
    const { page, close } = await open();
    assert.equal(await page.evaluate(() => window.crossOriginIsolated), true);
    const processors = await page.evaluate(() => navigator.hardwareConcurrency);
    assert.equal((await state(page)).threads, Math.min(processors, 8));
    assert.ok(requests.some((path) => path.endsWith('weightroom-threads.wasm')));
    assert.ok(!requests.some((path) => path.endsWith('weightroom.wasm')), 'one program is enough');
    const several = await work(page);
    assert.ok(page.workers().length > 0 || processors === 1, 'threads are there');
    await close();

    const host = await serve(kDist);
    const alone = await openAt(browser, host.url);
    assert.equal((await state(alone.page)).threads, 1);
    assert.ok(!host.requests.some((path) => path.includes('-threads')), 'a plain host is asked for nothing of it');
    assert.deepEqual(await work(alone.page), several);
    await alone.close();
    await host.close();
  },

  async 'files are opened and saved there too'({ open }) {
    const { page } = await open();
    await settled(page);
    await choose(page, `${kRoot}build/web/dist/samples/coffee.jpg`);
    await until(page, 'the picture', () => window.weightroom.state().picture.name.startsWith('coffee') && window.weightroom.state().ready);
    await choose(page, `${kRoot}tests/golden/onnx/vgg_17.onnx`);
    await until(page, 'the model', () => window.weightroom.state().model.name === 'vgg_17' && window.weightroom.state().ready);
    const { selection } = await state(page);
    await run(page, { command: 'set_weight', weight: selection.weight, value: 0.5 });
    await settled(page);
    const edited = (await state(page)).model.fingerprint;
    const [file] = await Promise.all([page.waitForEvent('download'), run(page, { command: 'save_model' })]);
    await run(page, { command: 'reset', scope: 'all' });
    await until(page, 'other weights', (e) => window.weightroom.state().ready && window.weightroom.state().model.fingerprint !== e, edited);
    await choose(page, { name: 'again.safetensors', mimeType: 'application/octet-stream', buffer: readFileSync(await file.path()) });
    await until(page, 'the saved weights', (e) => window.weightroom.state().model.fingerprint === e, edited);
  },

  async 'where threads are promised and cannot be had, the plain program answers'({ open }) {
    const { page } = await open({
      before: () => {
        const Real = WebAssembly.Memory;
        WebAssembly.Memory = function Memory(options) {
          if (options.shared) throw new RangeError('could not allocate memory');
          return new Real(options);
        };
      },
    });
    await settled(page);
    const { threads, predictions } = await state(page);
    assert.equal(threads, 1);
    assert.equal(predictions[0].label, 'cat');
  },

  async 'a page without the threaded program asks for nothing of it, though threads could be had'({ browser }) {
    const folder = mkdtempSync(join(tmpdir(), 'weightroom-'));
    execFileSync(process.execPath, [
      `${kRoot}cmake/page.mjs`, '--web', `${kRoot}web`, '--program', `${kRoot}build/web`, '--models', `${kRoot}assets`,
      '--samples', `${kDist}/samples`, '--dist', folder]);
    const host = await serve(folder, { isolated: true });
    const { page, close } = await openAt(browser, host.url);
    await settled(page);
    assert.equal(await page.evaluate(() => window.crossOriginIsolated), true);
    assert.equal((await state(page)).threads, 1);
    await close();
    const bench = await openBench(browser, host.url);
    const { nets, threads } = await bench.page.evaluate(() => window.weightroomBench({ quick: true }));
    assert.ok(nets.length > 0);
    assert.equal(threads, undefined, 'they are not timed');
    await bench.close();
    assert.ok(!host.requests.some((path) => path.includes('-threads')), 'of the threaded program nothing');
    await host.close();
    rmSync(folder, { recursive: true });
  },

  async 'the engine has the bits recorded natively on two threads and three'({ browser, url }) {
    const { page } = await openBench(browser, url);
    assert.deepEqual(await digests(page, [2, 3]), recorded);
    assert.ok(page.workers().length > 0, 'threads are there');
  },
};
