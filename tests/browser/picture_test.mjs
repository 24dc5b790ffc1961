// Pictures of every kind: the page reads them as the command line does, and shows what it read.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { assertSameAnswer, click, drag, drop, middle, native, pixels, run, sample, scratch, settled, state, until } from './bench.mjs';
import { kRoot } from './harness.mjs';
import { png } from './png.mjs';

const golden = (name) => readFileSync(`${kRoot}tests/golden/pictures/${name}`);

// ---- Files made here

function bmp(width, height, colour) {
  const stride = Math.ceil(width * 3 / 4) * 4;
  const bytes = Buffer.alloc(54 + stride * height);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y += 1) {  // from the last line up, blue first
    for (let x = 0; x < width; x += 1) bytes.set([...colour(x, height - 1 - y)].reverse(), 54 + y * stride + 3 * x);
  }
  return bytes;
}

// The same JPEG, stored as a camera held on its side stores it.
function turned(jpeg, orientation) {
  const exif = Buffer.from('ffe100224578696600004d4d002a000000080001011200030000000100000000' + '00000000', 'hex');
  exif.writeUInt16BE(exif.length - 2, 2);
  exif.writeUInt16BE(orientation, 28);
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}

// ---- What is on the screen

// The colour in the middle of each quarter of the picture as shown, row by row: [red, green, blue] each.
async function quarters(page) {
  const shown = (await pixels(page, 'picture')).toString('base64');
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    pen.drawImage(bitmap, 0, 0);
    return [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]].map(([x, y]) =>
      [...pen.getImageData(bitmap.width * x, bitmap.height * y, 1, 1).data.slice(0, 3)]);
  }, shown);
}
// Until the quarters are these colours, each channel within what JPEG and scaling may change.
async function shows(page, wanted) {
  let seen;
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    seen = await quarters(page);
    if (seen.every((colour, q) => colour.every((value, c) => Math.abs(value - wanted[q][c]) < 24))) return;
  }
  assert.deepEqual(seen, wanted);
}
const red = [220, 30, 40], green = [20, 160, 60], blue = [30, 60, 200], white = [255, 255, 255];

async function put(page, name, bytes) {
  await drop(page, name, '', bytes);
  await until(page, name, (n) => window.weightroom.state().picture?.name === n, name);
  await settled(page);
  return state(page);
}

export const tests = {
  'every kind of picture gives the answer of the command line': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const ramp = (x, y) => [x * 5, y * 7, 255 - x * 3 - y];
    const files = {
      'sixteen bits.png': png(48, 32, 16, 2, (y) => Array.from({ length: 48 }, (_, x) => ramp(x, y).flatMap((v) => [v & 255, 0x5a])).flat()),
      'half clear.png': png(40, 40, 8, 6, (y) => Array.from({ length: 40 }, (_, x) => [...ramp(x, y).map((v) => v & 255), x * 6]).flat()),
      'rows.bmp': bmp(37, 41, (x, y) => ramp(x, y).map((v) => v & 255)),
      'on its side.jpg': turned(sample('cat.jpg'), 6),
    };
    for (const name of ['cmyk.jpg', 'progressive.jpg', 'grey.jpg', 'animated.gif', 'interlaced.gif']) files[name] = golden(name);
    for (const [name, bytes] of Object.entries(files)) {
      const s = await put(page, name, bytes);
      assert.equal(s.error, '', name);
      assertSameAnswer(s, native('classify', scratch(name, bytes), '--model', 'everyday', '--json'));
    }
  },

  'a picture stands as its camera was held, and what is clear is white': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await run(page, { command: 'set_view', map: false });
    const side = 64;
    const quarter = (x, y) => [[red, green], [blue, white]][y < side / 2 ? 0 : 1][x < side / 2 ? 0 : 1];
    await put(page, 'quarters.bmp', bmp(side, side, quarter));
    await shows(page, [red, green, blue, white]);
    const clear = png(side, side, 8, 6, (y) => Array.from({ length: side }, (_, x) => [...quarter(x, y), x < side / 2 ? 255 : 0]).flat());
    await put(page, 'clear.png', clear);
    await shows(page, [red, white, blue, white]);
    // As a JPEG from the browser's own encoder, said to be turned by a quarter to the right.
    const base64 = await page.evaluate(async ([colours, n]) => {
      const sheet = new OffscreenCanvas(n, n);
      const pen = sheet.getContext('2d');
      colours.forEach((colour, q) => {
        pen.fillStyle = `rgb(${colour})`;
        pen.fillRect((q % 2) * n / 2, Math.floor(q / 2) * n / 2, n / 2, n / 2);
      });
      const bytes = new Uint8Array(await (await sheet.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer());
      return btoa(String.fromCharCode(...bytes));
    }, [[red, green, blue, white], side]);
    await put(page, 'turned.jpg', turned(Buffer.from(base64, 'base64'), 6));
    await shows(page, [blue, red, white, green]);
  },

  'the square that the model sees is moved by hand': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    const wide = png(96, 48, 8, 2, (y) => Array.from({ length: 96 }, (_, x) => (x < 48 ? [200, 5 * y, 20] : [20, 5 * y, 200])).flat());
    const before = await put(page, 'wide.png', wide);
    assert.deepEqual(before.picture.crop, { x: 24, y: 0, size: 48 });
    await click(page, 'crop_toggle');
    await middle(page, 'crop');
    await drag(page, 'crop', 200);
    await until(page, 'the square at the right end', () => window.weightroom.state().picture.crop.x === 48);
    await settled(page);
    assert.notDeepEqual((await state(page)).predictions, before.predictions);
    const at = await middle(page, 'crop');
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -240);
    await until(page, 'a smaller square', () => window.weightroom.state().picture.crop.size < 48);
    await settled(page);
    const { size } = (await state(page)).picture.crop;
    await drag(page, 'crop/0', 40, 40);
    await until(page, 'a square smaller still', (was) => window.weightroom.state().picture.crop.size < was, size);
    await click(page, 'crop/done');
    await middle(page, 'picture');
    await middle(page, 'samples');
  },

  'the toggle shows what the model sees': async ({ open }) => {
    const { page } = await open();
    await settled(page);
    await run(page, { command: 'set_view', map: false });
    await settled(page);
    await middle(page, 'picture'); // two frames at rest
    const photo = await pixels(page, 'picture');
    await click(page, 'seen');
    await until(page, 'the toggle', () => window.weightroom.state().view.seen);
    for (const end = Date.now() + 20_000; Date.now() < end && photo.equals(await pixels(page, 'picture'));) await settled(page);
    assert.ok(!photo.equals(await pixels(page, 'picture')), 'its own 64 x 64 pixels');
  },
};
