// The engine alone, on its own page: the same bits as everywhere else, and a benchmark that a visitor can run.
import assert from 'node:assert/strict';

import { until } from './bench.mjs';
import { digests, digestsInNode, openBench, recorded } from './engine.mjs';

export const long = ['the same bits in Node on two threads and three']; // of the threaded program

export const tests = {
  async 'logits, gradients and trained weights have the bits recorded natively'({ browser, url }) {
    const { page } = await openBench(browser, url);
    assert.deepEqual(await digests(page), recorded);
  },

  async 'the same bits in Node'() {
    assert.deepEqual(await digestsInNode(), recorded);
  },

  async 'the same bits in Node on two threads and three'() {
    assert.deepEqual(await digestsInNode([2, 3]), recorded);
  },

  async 'the benchmark runs to its end and its figures can be saved'({ browser, url }) {
    const { page } = await openBench(browser, url);
    await page.evaluate(() => { window.quickBench = window.weightroomBench({ quick: true }); });
    assert.equal(await page.locator('#run').isDisabled(), true, 'one run at a time');
    await until(page, 'the benchmark done', () => document.getElementById('status').textContent.startsWith('Done'));
    assert.equal(await page.locator('section').count(), 7);
    const result = await page.evaluate(() => window.quickBench);
    for (const row of result.nets) {
      assert.ok(row.forward_ms > 0 && row.share_of_peak > 0 && row.held_bytes > 0, row.net);
      assert.deepEqual(row.peers, {}, 'nobody is beside us unless installed');
    }
    assert.equal(result.curve.length, 11);
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
    assert.equal(file.suggestedFilename(), 'weightroom-bench.json');
  },

  async 'a file that is no model is refused in a sentence'({ browser, url }) {
    const { page } = await openBench(browser, url);
    const sentence = await page.evaluate(async () => {
      const { openEngine } = await import(new URL('engine_client.js', location.href));
      const call = await openEngine();
      try {
        call({ command: 'open', name: 'noise.onnx' }, new Uint8Array(100).fill(7));
      } catch (error) {
        return error.message;
      }
      return '';
    });
    assert.match(sentence, /^[A-Z].*\.$/);
  },
};
