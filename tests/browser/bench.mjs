// What the tests do on the page: real pixels found by where(id), the state read back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { kRoot } from './harness.mjs';
import { cold, warm } from './png.mjs';

export const kCommandLine = `${kRoot}build/native/weightroom`;

export const state = (page) => page.evaluate(() => window.weightroom.state());
export const run = (page, command) => page.evaluate((c) => window.weightroom.run(c), command);
export const where = (page, id) => page.evaluate((i) => window.weightroom.where(i), id);

// Waits for a state, never for a time.
export async function until(page, what, condition, argument) {
  // Not waitForFunction: it evaluates a string in the page, which the page's policy rightly refuses.
  for (const end = Date.now() + 120_000; Date.now() < end;) {
    if (await page.evaluate(condition, argument)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { model, ...rest } = await state(page);
  throw new Error(`the page never came to: ${what}; it says ${JSON.stringify({ model: model?.name, ...rest }).slice(0, 900)}`);
}
export const settled = (page) => until(page, 'every result current', () => window.weightroom.state().ready);

// What is worked out is drawn a frame later, and on a busy machine that is a while.
export const appears = (page, id) => until(page, `${id} on the screen`, (i) => window.weightroom.where(i) !== null, id);
export const vanishes = (page, id) => until(page, `${id} no longer on the screen`, (i) => window.weightroom.where(i) === null, id);

export const done = (page) => until(page, 'nothing left to do', () => {
  const { ready, jobs } = window.weightroom.state();
  return ready && jobs.length === 0;
});

// The garments with their thousand test pictures, measured.
export async function garments(open) {
  const { page } = await open();
  await done(page);
  await run(page, { command: 'open_model', name: 'garments' });
  await until(page, 'garments', () => window.weightroom.state().model.name === 'garments');
  await done(page);
  await openPage(page, 'accuracy');
  await click(page, 'accuracy/open');
  await until(page, 'the set measured', () => window.weightroom.state().measure?.whole === true);
  await done(page);
  return page;
}

// Turns the wheel over the middle column until a widget lies well within the window.
export async function wheelTo(page, id) {
  const { width, height } = page.viewportSize();
  await page.mouse.move(width / 2, height * 0.6);
  for (let k = 0; k < 20; k += 1) {
    const at = await where(page, id);
    if (at?.visible && at.y + at.height < height - 60) return;
    await page.mouse.wheel(0, 150);
    await page.evaluate(() => new Promise((go) => { requestAnimationFrame(() => requestAnimationFrame(go)); }));
  }
}

// What a button saves: its path.
export async function download(page, id) {
  const coming = page.waitForEvent('download');
  await click(page, id);
  const file = await coming;
  const path = join(mkdtempSync(join(tmpdir(), 'weightroom-')), file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

export async function middle(page, id) {
  await appears(page, id);
  // A menu just opened finds its place within a frame or two: until it has lain still.
  let at = await where(page, id);
  for (let before = null; JSON.stringify(at) !== JSON.stringify(before);) {
    before = at;
    await page.evaluate(() => new Promise((go) => { requestAnimationFrame(() => requestAnimationFrame(go)); }));
    at = (await where(page, id)) ?? before;
  }
  const { x, y, width, height } = at;
  return { x: x + width / 2, y: y + height / 2 };
}
// The weight of conv1 nearest to the middle of the wall, which stays in sight while the wall is zoomed; not one of the
// kernel in the inspector, whose cells go by the same ids.
export async function middleWeight(page) {
  const lit = Number((await state(page)).selection.weight.match(/\[(\d+)/)[1]);
  const wall = await middle(page, 'wall');
  let nearest = { far: Infinity };
  for (let channel = 0; channel < 16; channel += 1) {
    for (let colour = 0; colour < 3; colour += 1) {
      const id = `weight/conv1/${channel}/${colour}/1/1`;
      const at = channel === lit ? null : await where(page, id);
      const far = at ? Math.hypot(at.x - wall.x, at.y - wall.y) : Infinity;
      if (far < nearest.far) nearest = { id, far };
    }
  }
  return nearest.id;
}
export async function click(page, id) {
  const at = await middle(page, id);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  await page.mouse.up();
  // The page hears of it in its next frame: a state read before that is the one before the click.
  await page.evaluate(() => new Promise((go) => { requestAnimationFrame(() => requestAnimationFrame(go)); }));
}

const kGroups = {
  layers: 'look', units: 'look', compare: 'why', trust: 'why', ranking: 'why', edit: 'change', difference: 'change',
  size: 'change', accuracy: 'measure', curves: 'measure', teach: 'teach',
};
// Opens one of the pages as a hand does: its group's tab, and its own unless the group opens it at once.
export async function openPage(page, name) {
  const open = () => page.evaluate((wanted) => window.weightroom.state('study').page === wanted, name);
  if (!(await open())) await click(page, `group/${kGroups[name]}`);
  await until(page, `the tab of ${name}`, (id) => window.weightroom.where(id)?.visible, `page/${name}`);
  if (!(await open())) await click(page, `page/${name}`);
  await until(page, `the page ${name}`, (wanted) => window.weightroom.state('study').page === wanted, name);
}

// Drags from the middle of a widget by so many pixels, in steps as a hand does.
export async function drag(page, id, dx, dy = 0, steps = 12) {
  const at = await middle(page, id);
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  for (let i = 1; i <= steps; i += 1) await page.mouse.move(at.x + (dx * i) / steps, at.y + (dy * i) / steps);
  await page.mouse.up();
}

export async function choose(page, file) {
  const chooser = page.waitForEvent('filechooser');
  await click(page, 'upload');
  await (await chooser).setFiles(file);
}
// As if let go over the page by the hand of the system.
export async function drop(page, name, type, bytes) {
  await dropAll(page, [[name, type, bytes]]);
}

// Several of them at once.
export async function dropAll(page, files) {
  await page.evaluate((all) => {
    const data = new DataTransfer();
    for (const [name, type, base64] of all) {
      const raw = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      data.items.add(new File([raw], name, { type }));
    }
    const canvas = document.querySelector('canvas');
    for (const event of ['dragenter', 'dragover', 'drop']) {
      canvas.dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true, clientX: 300, clientY: 300 }));
    }
  }, files.map(([name, type, bytes]) => [name, type, Buffer.from(bytes).toString('base64')]));
}

// Two classes of one's own, so many cards each, dropped while the page Teach is open.
export async function teachCards(page, each) {
  await run(page, { command: 'open_page', page: 'teach' });
  for (const [into, make] of [warm, cold].entries()) {
    for (let i = 0; i < each; i += 1) {
      await run(page, { command: 'set_teach', into });
      await drop(page, `card-${into}-${i}.png`, 'image/png', make(i));
      await until(page, 'the card taken', ([k, n]) => window.weightroom.state('teach')?.classes[k].pictures.length === n, [into, i + 1]);
    }
  }
  await done(page);
}

// Pixels of the page inside a widget, as the screen shows them (PNG bytes).
export async function pixels(page, id) {
  const { x, y, width, height } = await where(page, id);
  return page.screenshot({ clip: { x, y, width, height } });
}

// The native command line, on a file of bytes or a path.
export function native(...words) {
  assert.ok(existsSync(kCommandLine), `${kCommandLine} is not built`);
  return JSON.parse(execFileSync(kCommandLine, words, { encoding: 'utf8', maxBuffer: 1 << 26 }));
}
// The same program as wasm in Node.
export function inNode(...words) {
  const program = `${kRoot}build/web-cli/weightroom.js`;
  assert.ok(existsSync(program), `${program} is not built`);
  return JSON.parse(execFileSync(process.execPath, [program, ...words], { encoding: 'utf8', maxBuffer: 1 << 26 }));
}
export function scratch(name, bytes) {
  const path = join(mkdtempSync(join(tmpdir(), 'weightroom-')), name);
  writeFileSync(path, bytes);
  return path;
}
export const sample = (name) => readFileSync(`${kRoot}build/web/dist/samples/${name}`);
export const samplePath = (name) => `${kRoot}build/web/dist/samples/${name}`;

export const probability = (s, label) => s.predictions.find((row) => row.label === label).probability;

export function assertSameAnswer(s, answer) {
  assert.equal(s.model.fingerprint, answer.fingerprint);
  for (const row of answer.predictions) {
    const ours = probability(s, row.label);
    assert.ok(Math.abs(ours - row.probability) <= 1e-6, `${row.label}: page ${ours}, native ${row.probability}`);
  }
}
