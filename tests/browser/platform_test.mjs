// The page as a guest of the browser: what it costs, what it survives, and what it says where it cannot run.
import assert from 'node:assert/strict';

import { click, middle, settled, until } from './bench.mjs';

const pause = (page, ms) => page.waitForTimeout(ms);

// Counts calls of these functions of WebGL from now on.
const count = (page, names) => page.evaluate((list) => {
  window.calls = {};
  for (const name of list) {
    const original = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...rest) {
      window.calls[name] = (window.calls[name] ?? 0) + 1;
      return original.apply(this, rest);
    };
  }
}, names);
const counted = (page) => page.evaluate(() => window.calls);

// Until a whole second has passed without a frame: the first words have come to rest, nothing is being computed.
async function atRest(page) {
  await settled(page);
  await count(page, ['clear']);
  for (let before = -1, now = 0; now !== before;) {
    before = now;
    await pause(page, 1000);
    now = (await counted(page)).clear ?? 0;
  }
}

export const alone = ['at rest nothing is drawn, and no frame waits for the GPU'];

export const tests = {
  async 'at rest nothing is drawn, and no frame waits for the GPU'({ open }) {
    const { page } = await open();
    await atRest(page);
    await count(page, ['clear', 'drawElements', 'getParameter', 'isEnabled', 'getError', 'finish', 'readPixels']);
    await pause(page, 2000);
    assert.deepEqual(await counted(page), {}, 'an idle page draws no frame');
    for (let i = 0; i < 10; i += 1) await page.mouse.move(400 + 20 * i, 500);
    await page.evaluate(() => weightroom.run({ command: 'set_view', overlay: 'change' }));
    await until(page, 'a frame', () => window.calls.clear > 0);
    await pause(page, 600); // the frame may not be the last
    const { clear, drawElements, ...waiting } = await counted(page);
    assert.ok(clear > 0 && drawElements > clear);
    assert.deepEqual(waiting, {}, 'each of these waits until all of the frame before is drawn');
  },

  async 'what needs a few frames gets them, though the mouse rests and no key comes'({ open }) {
    const { page } = await open();
    await atRest(page);
    // A tooltip: nothing moves while its delay runs, and it is measured for a frame before it is shown.
    const { x, y } = await middle(page, 'slab/conv3');
    await page.mouse.move(x, y);
    await atRest(page);
    const clip = { x: x - 40, y: y + 12, width: 160, height: 60 };
    const shown = await page.screenshot({ clip });
    await page.mouse.move(400, 720);
    await atRest(page);
    assert.ok(!shown.equals(await page.screenshot({ clip })), 'no tooltip came');
    // The first key counts, long after the field came.
    const { selection } = await page.evaluate(() => weightroom.state());
    const cell = await middle(page, `weight/${selection.weight.replace('.weight[', '/').replaceAll(',', '/').replace(']', '')}`);
    await page.mouse.dblclick(cell.x, cell.y);
    await middle(page, 'typing');
    await pause(page, 1500);
    await page.keyboard.type('-0.8');
    await page.keyboard.press('Enter');
    await until(page, 'the weight', () => window.weightroom.state().edits.length === 1);
    assert.equal(Math.fround((await page.evaluate(() => weightroom.state())).selection.value), Math.fround(-0.8));
    // What a click opens stands as it will stay: the opening words point at what was drawn a frame before.
    const narrow = await open({ viewport: { width: 700, height: 1000 } });
    await atRest(narrow.page);
    await click(narrow.page, 'tabs/2');
    await until(narrow.page, 'the tab', () => window.weightroom.where('kernel') !== null);
    await atRest(narrow.page);
    const before = await narrow.page.screenshot();
    await narrow.page.mouse.move(300, 900); // no more than frames
    await narrow.page.mouse.move(310, 900);
    await atRest(narrow.page);
    assert.ok(before.equals(await narrow.page.screenshot()), 'the page was not at rest');
  },

  async 'a lost context comes back to the same picture'({ open }) {
    const { page } = await open();
    await atRest(page);
    const before = await page.screenshot();
    const shows = async () => before.equals(await page.screenshot());
    await page.evaluate(() => {
      window.extension = document.getElementById('canvas').getContext('webgl2').getExtension('WEBGL_lose_context');
      window.extension.loseContext();
    });
    await until(page, 'the loss', () => document.getElementById('canvas').getContext('webgl2').isContextLost());
    await pause(page, 300);
    assert.ok(!(await shows()), 'with the context the picture goes');
    await page.evaluate(() => window.extension.restoreContext());
    for (const end = Date.now() + 30_000; Date.now() < end && !(await shows());) await pause(page, 200);
    assert.ok(await shows(), 'pixel by pixel');
  },

  async 'the canvas has the pixels of the screen'({ open }) {
    for (const ratio of [1, 1.5, 2]) {
      const { page, close } = await open({ deviceScaleFactor: ratio });
      const size = await page.evaluate(() => {
        const canvas = document.getElementById('canvas');
        return [canvas.width, canvas.height, canvas.clientWidth, canvas.clientHeight];
      });
      assert.deepEqual(size, [1280 * ratio, 800 * ratio, 1280, 800]);
      await page.setViewportSize({ width: 1000, height: 700 });
      await until(page, 'the new size', (r) => {
        const { width, height } = document.getElementById('canvas');
        return width === 1000 * r && height === 700 * r;
      }, ratio);
      await close();
    }
  },

  async 'a picture that only the browser reads is read by it'({ open }) {
    const { page } = await open();
    await settled(page);
    await page.evaluate(async () => {
      const sheet = document.createElement('canvas');
      [sheet.width, sheet.height] = [120, 80];
      const pen = sheet.getContext('2d');
      pen.fillStyle = '#c33';
      pen.fillRect(0, 0, 120, 80);
      const data = new DataTransfer();
      data.items.add(new File([await new Promise((done) => sheet.toBlob(done, 'image/webp'))], 'red.webp'));
      for (const event of ['dragover', 'drop']) {
        document.getElementById('canvas').dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    });
    await until(page, 'the decoded picture', () => window.weightroom.state().picture?.name === 'red.webp');
    assert.match(await page.evaluate(() => window.weightroom.state().notice), /^The browser decoded this WebP picture\.$/);
    await middle(page, 'notice'); // in the status line
    const { picture } = await page.evaluate(() => weightroom.state());
    assert.deepEqual([picture.width, picture.height], [120, 80]);
  },

  async 'the theme is that of the system until chosen, and then kept'({ open }) {
    const { page } = await open({ colorScheme: 'dark' });
    await settled(page);
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await theme(), 'dark');
    const { x, y } = await middle(page, 'theme');
    await page.mouse.click(x, y);
    await until(page, 'the light theme', () => document.documentElement.dataset.theme === 'light');
    await page.reload();
    await page.evaluate(() => weightroom.ready);
    assert.equal(await theme(), 'light');
  },

  async 'a browser without WebGL 2 or SIMD is told what to do'({ open }) {
    const lacking = {
      'WebGL 2': () => { HTMLCanvasElement.prototype.getContext = () => null; },
      SIMD: () => { WebAssembly.validate = () => false; },
      WebAssembly: () => { delete window.WebAssembly; },
    };
    for (const [what, remove] of Object.entries(lacking)) {
      const { page, close } = await open({ wait: false, before: remove });
      await page.waitForSelector('#loading.stopped');
      assert.match(await page.textContent('#lead'), new RegExp(what));
      await assert.rejects(page.evaluate(() => weightroom.ready));
      await close();
    }
  },
};
