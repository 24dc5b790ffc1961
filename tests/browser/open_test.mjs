// Files that take a while are opened beside the page; a drop is never lost, nor are edits.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { assertSameAnswer, click, done, drop, dropAll, native, run, sample, scratch, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';

export const places = ['served', 'single file', 'isolated'];
export const smoke = ['a large picture opens while the page goes on, with the command line\'s answer'];

const garmentsOnnx = () => {
  const path = scratch('garments.onnx', Buffer.alloc(0));
  native('convert', `${kRoot}assets/garments.safetensors`, '--out', path, '--json');
  return readFileSync(path);
};

// A photograph of so many pixels, made by the browser.
const photo = async (page, width, height, type = 'image/jpeg') => Buffer.from(await page.evaluate(async ([w, h, kind]) => {
  const canvas = new OffscreenCanvas(w, h);
  const pen = canvas.getContext('2d');
  for (let i = 0; i < 400; i += 1) {
    pen.fillStyle = `hsl(${(i * 47) % 360} 70% ${30 + (i % 5) * 10}%)`;
    pen.fillRect((i * 7919) % w, (i * 104729) % h, w / 7, h / 9);
  }
  const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: kind, quality: 0.9 })).arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}, [width, height, type]), 'base64');

// What the page says of itself from now on, as often as it lets anybody ask.
const look = (page) => page.evaluate(() => {
  window.seen = [];
  window.looking = setInterval(() => {
    const { jobs, picture, model } = window.weightroom.state(['jobs', 'picture', 'model']);
    window.seen.push({ jobs: jobs.map((job) => job.name), picture: picture?.name, model: model.name, bar: window.weightroom.where('progress') !== null });
  }, 5);
});
const seen = async (page) => {
  await page.evaluate(() => clearInterval(window.looking));
  return page.evaluate(() => window.seen);
};

// Hands the program's options to `change`, which may take its time, before it is made.
const withOptions = (change) => `{
  let made;
  Object.defineProperty(window, 'createWeightroom', {
    configurable: true,
    get: () => made && (async (options) => { await (${change})(options); return made(options); }),
    set: (value) => { made = value; },
  });
}`;

export const tests = {
  'a large picture opens while the page goes on, with the command line\'s answer': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const bytes = await photo(page, 4000, 3000);
    await look(page);
    await drop(page, 'large.jpg', 'image/jpeg', bytes);
    await until(page, 'the large picture', () => window.weightroom.state().picture.name === 'large.jpg');
    await settled(page);
    const during = (await seen(page)).filter((row) => row.jobs.includes('load large.jpg'));
    assert.ok(during.length >= 3, `the page answered ${during.length} times while the picture was opened`);
    assert.ok(during.every((row) => row.picture === 'cat'), 'what is open stays until then');
    assert.ok(during.some((row) => row.bar), 'and a bar says what is under way');
    assertSameAnswer(await state(page), native('classify', scratch('large.jpg', bytes), '--json'));
  },

  'an ONNX model opens beside the page and is the one that the command line opens': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await look(page);
    await drop(page, 'garments.onnx', '', garmentsOnnx());
    await until(page, 'the model', () => window.weightroom.state().model.name === 'garments');
    await done(page);
    assert.ok((await seen(page)).some((row) => row.jobs.includes('load garments.onnx') && row.model === 'everyday'));
    const { fingerprint } = (await state(page)).model;
    assert.equal(fingerprint, native('inspect', scratch('garments.onnx', garmentsOnnx()), '--json').fingerprint);
  },

  'where no worker starts, the page opens files itself': async ({ open }) => {
    const { page } = await open({ before: 'window.Worker = class { constructor() { throw new Error("not here"); } };' });
    await settled(page);
    await drop(page, 'large.png', 'image/png', await photo(page, 1400, 1000, 'image/png'));
    await until(page, 'the picture', () => window.weightroom.state().picture.name === 'large.png');
  },

  'a file that ends the worker ends in a sentence, and the next one opens': async ({ open }) => {
    const { page } = await open({
      before: `{
        const Real = window.Worker;
        window.failing = false;
        window.Worker = class extends Real {
          postMessage(message, transfer) {
            // As a program without memory comes to its end.
            if (window.failing) setTimeout(() => this.onmessage({ data: { failed: 'out of memory' } }), 50);
            else super.postMessage(message, transfer);
          }
        };
      }`,
    });
    await settled(page);
    const bytes = await photo(page, 1400, 1000);
    await drop(page, 'first.jpg', 'image/jpeg', bytes);
    await until(page, 'the first', () => window.weightroom.state().picture.name === 'first.jpg');
    await settled(page);
    await page.evaluate(() => { window.failing = true; });
    await drop(page, 'second.jpg', 'image/jpeg', bytes);
    await until(page, 'a sentence', () => window.weightroom.state().error.includes('second.jpg'));
    assert.match((await state(page)).error, /could not be opened: this page ran out of memory/);
    assert.equal((await state(page)).picture.name, 'first.jpg');
    await page.evaluate(() => { window.failing = false; });
    await drop(page, 'third.jpg', 'image/jpeg', bytes);
    await until(page, 'the third', () => window.weightroom.state().picture.name === 'third.jpg');
  },

  'a picture of more than 16 million pixels is made smaller by the browser': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await drop(page, 'huge.jpg', 'image/jpeg', await photo(page, 6000, 4000));
    await until(page, 'the picture', () => window.weightroom.state().picture.name === 'huge.jpg');
    const { picture, notice } = await state(page);
    assert.equal(notice, 'The browser made this large picture smaller: 2,449 × 1,632 pixels.');
    assert.deepEqual([picture.width, picture.height], [2449, 1632]);
  },

  'of several pictures dropped all are offered': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await dropAll(page, [['one.jpg', 'image/jpeg', sample('cat.jpg')], ['two.jpg', 'image/jpeg', sample('coffee.jpg')]]);
    await until(page, 'the last of them', () => window.weightroom.state().picture.name === 'two.jpg');
    assert.deepEqual((await state(page)).own_pictures, ['two.jpg', 'one.jpg']);
    await settled(page);
    await click(page, 'samples');
    await click(page, 'samples/1');
    await until(page, 'the other', () => window.weightroom.state().picture.name === 'one.jpg');
  },

  'a drop while the page loads is kept for it': async ({ open }) => {
    const { page } = await open({ wait: false, before: withOptions('() => new Promise((go) => { window.goOn = go; })') });
    await page.evaluate((base64) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'early.jpg', { type: 'image/jpeg' }));
      const event = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
      window.taken = event.defaultPrevented;
    }, sample('coffee.jpg').toString('base64'));
    assert.equal(await page.evaluate(() => window.taken), true, 'else the browser leaves the page for the picture');
    assert.match(await page.textContent('#lead'), /"early.jpg" will be opened/);
    for (let made = false; !made;) made = await page.evaluate(() => { window.goOn?.(); return Boolean(window.goOn); });
    await page.evaluate(() => window.weightroom.ready);
    await until(page, 'the picture', () => window.weightroom.state().picture?.name === 'early.jpg');
  },

  'after a fault the page offers the edits of before': async ({ open }) => {
    const { page } = await open({ before: withOptions('(options) => { window.fail = options.onAbort; }') });
    await settled(page);
    await run(page, { command: 'set_weight', weight: 'conv1.weight[0,0,1,1]', value: 0.75 });
    await run(page, { command: 'set_weight', weight: 'conv1.weight[1,0,1,1]', value: -0.5 });
    await done(page);
    const { fingerprint } = (await state(page)).model;
    await page.evaluate(() => window.fail('a test'));
    assert.match(await page.textContent('#lead'), /stopped because of a fault of its own \(a test\)/);
    await Promise.all([page.waitForEvent('load'), page.click('#choice button')]);
    await page.waitForSelector('#choice button');
    assert.match(await page.textContent('#lead'), /Your 2 changes of the model everyday were kept/);
    await page.click('#choice button:first-child');
    await page.evaluate(() => window.weightroom.ready);
    await until(page, 'the edits', () => window.weightroom.state().edits.length === 2);
    await done(page);
    assert.equal((await state(page)).model.fingerprint, fingerprint);
    await run(page, { command: 'undo' });
    assert.equal((await state(page)).edits.length, 1);
  },

  'who does not want them begins anew': async ({ open }) => {
    const { page } = await open({
      before: 'if (!sessionStorage.getItem("weightroom.steps")) {'
        + ' sessionStorage.setItem("weightroom.steps", JSON.stringify({ model: { name: "everyday" }, steps: [{}] }));'
        + ' sessionStorage.setItem("weightroom.fault", "yes"); }',
      wait: false,
    });
    await page.waitForSelector('#choice button');
    await page.click('#choice button:last-child');
    await page.evaluate(() => window.weightroom.ready);
    await settled(page);
    const s = await state(page);
    assert.deepEqual(s.edits, []);
    assert.equal(s.error, '');
  },

  'who leaves the page with edits is asked, without edits not': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const asked = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      dialog.accept();
    });
    await click(page, 'picture'); // no browser asks on behalf of a page that nobody touched
    await page.reload();
    await page.evaluate(() => window.weightroom.ready);
    assert.deepEqual(asked, []);
    await settled(page);
    await click(page, 'picture');
    await run(page, { command: 'set_weight', weight: 'conv1.weight[0,0,1,1]', value: 0.75 });
    await done(page);
    await page.reload();
    assert.deepEqual(asked, ['beforeunload']);
  },

  'in a sandboxed frame the page says what its host must allow': async ({ browser, url }) => {
    if (url.startsWith('file:')) return;
    const page = await browser.newPage();
    const around = join(mkdtempSync(join(tmpdir(), 'weightroom-')), 'around.html');
    writeFileSync(around, `<iframe sandbox="allow-scripts" src="${url}" width="900" height="600"></iframe>`);
    await page.goto(pathToFileURL(around).href);
    const lead = page.frameLocator('iframe').locator('#loading.stopped #lead');
    await lead.waitFor();
    assert.match(await lead.textContent(), /sandbox="allow-scripts allow-same-origin"/);
    await page.close();
  },
};
