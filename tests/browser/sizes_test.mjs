// What explains itself, and the light of the maps, in every layout: a laptop, tablets, a phone, a laptop at 200 %.
import assert from 'node:assert/strict';

import { done, middle, pixels, run, until, vanishes, where } from './bench.mjs';

const kSizes = [[1280, 800], [1024, 768, true], [820, 1180, true], [390, 844, true], [683, 384]];
const kTerms = ['weight', 'kernel', 'channel', 'layer', 'activation', 'logit', 'gradient', 'saliency', 'accuracy', 'loss', 'prune', 'quantise'];

const apart = (a, b) => a.x + a.width <= b.x + 0.5 || b.x + b.width <= a.x + 0.5 || a.y + a.height <= b.y + 0.5 || b.y + b.height <= a.y + 0.5;

async function sayTooltip(page, width, height, subject) {
  await until(page, 'a tooltip', () => window.weightroom.where('tooltip')?.visible);
  const tip = await where(page, 'tooltip');
  const about = await where(page, subject);
  const what = `${subject} at ${width} x ${height}: ${JSON.stringify(tip)}`;
  assert.ok(tip.x >= 0 && tip.y >= 0 && tip.x + tip.width <= width + 0.5 && tip.y + tip.height <= height + 0.5, what);
  assert.ok(apart(tip, about), `${what} covers ${JSON.stringify(about)}`);
}

// With a finger: a mouse would make the controls small again, and they stand elsewhere then.
async function press(page, id, touch) {
  const { x, y } = await middle(page, id);
  await (touch ? page.touchscreen.tap(x, y) : page.mouse.click(x, y));
}

// Opens a page of the bench and, where the layout is one of tabs, the tab that shows it: until something of it is seen.
async function show(page, name, seen, touch) {
  await run(page, { command: 'open_page', page: name });
  await done(page);
  for (let tab = 0; !(await page.evaluate(seen, kTerms)) && (await where(page, `tabs/${tab}`)); tab += 1) {
    await press(page, `tabs/${tab}`, touch);
    await done(page);
  }
  assert.ok(await page.evaluate(seen, kTerms), `nothing of ${name} is seen`);
}

async function explainsAWord(page, width, height, touch) {
  const word = (names) => names.find((name) => window.weightroom.where(`term/${name}`)?.visible);
  await show(page, 'ranking', word, touch);
  const shown = await page.evaluate(word, kTerms);
  const { x, y } = await middle(page, `term/${shown}`);
  if (touch) await page.touchscreen.tap(x, y);
  else await page.mouse.move(x, y);
  await sayTooltip(page, width, height, `term/${shown}`);
  if (touch) await page.touchscreen.tap(3, height - 3);
  else await page.mouse.move(3, height - 3);
  await vanishes(page, 'tooltip');
}

async function explainsAButton(page, width, height) {
  const { x, y } = await middle(page, 'theme');
  await page.mouse.move(x, y);
  await sayTooltip(page, width, height, 'theme');
  await page.mouse.move(3, height - 3);
  await vanishes(page, 'tooltip');
}

// On one scale for the layer the weak maps are darker than each in a light of its own.
async function changesTheLight(page, what, touch) {
  await show(page, 'layers', () => window.weightroom.where('own_light')?.visible, touch);
  const maps = await page.evaluate(() => [...Array(16).keys()].map((channel) => `map/conv1/${channel}`).filter((id) => window.weightroom.where(id)?.visible));
  assert.ok(maps.length > 0, `${what}: no map of conv1 is seen`);
  const look = async () => { // one after another: a screenshot each
    const seen = [];
    for (const id of maps) seen.push((await pixels(page, id)).toString('base64'));
    return seen;
  };
  const own = await look();
  await press(page, 'own_light', touch);
  await done(page);
  const one = await look();
  assert.ok(one.some((picture, k) => picture !== own[k]), `${what}: the switch changes no map`);
}

export const tests = Object.fromEntries(kSizes.map(([width, height, touch]) => [
  `words are explained, and maps change their light, at ${width} x ${height}${touch ? ' with a finger' : ''}`,
  async ({ open }) => {
    const { page } = await open({ viewport: { width, height }, ...(touch ? { hasTouch: true } : {}) });
    await done(page);
    if (touch) { // the first touch makes controls larger, and words stand elsewhere then
      await page.touchscreen.tap(3, height - 3);
      await done(page);
    }
    await explainsAWord(page, width, height, touch);
    if (!touch) await explainsAButton(page, width, height);
    await changesTheLight(page, `${width} x ${height}`, touch);
  },
]));
