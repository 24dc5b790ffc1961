// Large nets in the page: from the file to the answer, a new picture to answer and map, memory, the weight wall.
import { readFileSync } from 'node:fs';

import { click, middle, run, settled, state, until } from './bench.mjs';
import { kRoot, open } from './harness.mjs';

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// name, maker in web/bench/nets.js, the layer to be looked at, and the most that each figure may be.
const kNets = [
  { name: 'resnet18', make: 'netResNet18', layer: 'conv41', limits: { classify_ms: 500, map_ms: 1500, memory_mb: 400, wall_ms: 4 } },
  { name: 'mobilenet_v2', make: 'netMobileNetV2', limits: { classify_ms: 250, map_ms: 800, memory_mb: 400 } },
  { name: 'wide', make: 'netWide', layer: 'linear3', limits: { memory_mb: 400, wall_ms: 4 } },
];

// The page's own memory, which it tells nobody, and how many frames it has drawn.
export function watch() {
  window.drawn = 0;
  window.nextFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => window.nextFrame((time) => {
    window.drawn += 1;
    callback(time);
  });
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const real = WebAssembly[name];
    WebAssembly[name] = async (...words) => {
      const result = await real.apply(WebAssembly, words);
      window.wasmMemory = Object.values((result.instance ?? result).exports).find((item) => item instanceof WebAssembly.Memory);
      return result;
    };
  }
}

// The file is made in the page and dropped on it; milliseconds from there to the first answer.
export const dropNet = (page, { name, make }) => page.evaluate(async ([file, maker]) => {
  const nets = await import(new URL('bench/nets.js', document.baseURI));
  const data = new DataTransfer();
  data.items.add(new File([nets.onnx(nets[maker]())], file));
  const start = performance.now();
  const answered = new Promise((resolve) => {
    const stop = window.weightroom.on('results', () => {
      if (`${window.weightroom.state().model.name}.onnx` !== file) return;
      stop();
      resolve(performance.now() - start);
    });
  });
  window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  return answered;
}, [`${name}.onnx`, make]);

// Another part of the picture: milliseconds to its bars and to its map.
const classify = (page, crop) => page.evaluate((command) => new Promise((resolve, refuse) => {
  const start = performance.now();
  const revision = window.weightroom.run(command);
  if (typeof revision === 'string') refuse(new Error(revision));
  const times = {};
  const stops = ['results', 'map'].map((event) => window.weightroom.on(event, (told) => {
    if (told.revision < revision || times[event]) return;
    times[event] = performance.now() - start;
    if (times.results && times.map) {
      stops.forEach((stop) => stop());
      resolve(times);
    }
  }));
}), crop);

async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find((metric) => metric.name === 'TaskDuration').value;
}

// Main-thread milliseconds of a frame while a hand drags the wall to and fro.
async function wallFrame(page, session, layer, zooms) {
  await run(page, { command: 'select_layer', layer });
  const at = await middle(page, 'wall');
  await page.mouse.move(at.x, at.y);
  for (let i = 0; i < zooms; i += 1) await page.mouse.wheel(0, -200);
  await page.waitForTimeout(1500); // tiles come a few a frame
  // What the selected weight does is worked out in the same frames: it is not the wall's.
  await until(page, 'nothing under way', () => window.weightroom.state().jobs.length === 0);
  await page.mouse.down();
  const before = await busy(session);
  const drawn = await page.evaluate(() => window.drawn);
  for (let i = 0; i < 60; i += 1) {
    await page.mouse.move(at.x + 40 * Math.sin(i / 5), at.y + 25 * Math.cos(i / 5));
    await page.evaluate(() => new Promise((done) => { window.nextFrame(done); }));
  }
  const spent = (await busy(session)) - before;
  await page.mouse.up();
  return spent / ((await page.evaluate(() => window.drawn)) - drawn);
}

const kPages = [...readFileSync(`${kRoot}src/studies/studies.inc`, 'utf8').matchAll(/^STUDY\((\w+)\)/gm)].map((match) => match[1]);

// Opens every page once, and begins what it asks: some would take hours, so that each is stopped where it has found
// something or has run for a while. The memory after each, MB.
async function openPages(page) {
  const memory = {};
  for (const name of kPages) {
    await run(page, { command: 'open_page', page: name });
    await settled(page);
    if ((await state(page)).study.state === 'waiting') await run(page, { command: 'start_study' });
    await page.evaluate(() => { window.began = performance.now(); });
    await until(page, `${name} under way`, () => {
      const { study, jobs } = window.weightroom.state();
      return (study.state !== 'running' && jobs.length === 0) || performance.now() - window.began > 15_000;
    });
    if ((await state(page)).study.state === 'running') await run(page, { command: 'stop_study' });
    memory[name] = await page.evaluate(() => window.wasmMemory.buffer.byteLength / 1e6);
  }
  return memory;
}

export async function measureLarge(browser, url) {
  const figures = [];
  for (const net of kNets) {
    const { page, troubles } = await open(browser, url, { before: watch });
    await settled(page);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const row = { net: net.name, limits: net.limits, open_ms: await dropNet(page, net) };
    await settled(page);
    await click(page, 'reading/done');
    const times = [];
    for (let i = 1; i <= 7; i += 1) {
      times.push(await classify(page, { command: 'set_crop', x: 4 * i, y: 0, size: 250 }));
      await settled(page);
    }
    row.classify_ms = median(times.map((time) => time.results));
    row.map_ms = median(times.map((time) => time.map));
    row.forward_ms = (await state(page)).forward_ms;
    // What takes the most of it: a method of many passes after an edit, gradients of every weight, and saving.
    const { selection } = await state(page);
    await run(page, { command: 'set_weight', weight: selection.weight, value: 0.5 });
    await run(page, { command: 'set_method', method: 'smoothgrad', params: { samples: 2 } });
    await settled(page);
    const saved = page.waitForEvent('download');
    await run(page, { command: 'save_model' });
    await saved;
    row.edited_mb = await page.evaluate(() => window.wasmMemory.buffer.byteLength / 1e6);
    row.pages_mb = await openPages(page);
    row.memory_mb = Math.max(...Object.values(row.pages_mb));
    await run(page, { command: 'open_page', page: 'layers' });
    await run(page, { command: 'set_method', method: 'gradient' });
    await settled(page);
    if (net.layer) {
      const all = [];
      for (const zooms of [0, 6, 12]) all.push(await wallFrame(page, session, net.layer, zooms));
      row.frame_ms = Math.max(...all);
      // The layer behind has no weights: everything but the wall is the same.
      const { layers } = (await state(page)).model;
      const rest = await wallFrame(page, session, layers[layers.findIndex((one) => one.name === net.layer) + 1].name, 0);
      row.wall_ms = row.frame_ms - rest;
    }
    if (troubles.length > 0) throw new Error(troubles.join('\n'));
    figures.push(row);
    await page.close();
  }
  return figures;
}

export function printLarge(rows) {
  const words = {
    open_ms: 'from the dropped file to the first answer, ms',
    classify_ms: 'another picture to its bars, ms',
    map_ms: 'another picture to its gradient map, ms',
    forward_ms: 'of which forward pass, ms',
    edited_mb: 'memory after an edit, SmoothGrad and saving, MB',
    memory_mb: 'memory once every page has been opened too, MB',
    wall_ms: 'the wall in a frame of main thread while it is dragged, ms',
    frame_ms: 'the whole frame, ms',
  };
  for (const row of rows) {
    console.log(`\n${row.net} in the page`);
    for (const [key, what] of Object.entries(words)) {
      if (row[key] === undefined) continue;
      const limit = row.limits[key];
      console.log(`  ${row[key].toFixed(1).padStart(8)} ${limit === undefined ? ''.padEnd(20) : `${row[key] <= limit ? 'ok  ' : 'OVER'} (at most ${limit})`.padEnd(20)} ${what}`);
    }
    console.log(`           after each page, MB: ${Object.entries(row.pages_mb).map(([name, mb]) => `${name} ${mb.toFixed(0)}`).join(', ')}`);
  }
}
