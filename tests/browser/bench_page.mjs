// The figures of scripts/bench, from the served page in headless Chromium.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { run, settled, state, until } from './bench.mjs';
import { measureAccuracy, printAccuracy } from './bench_accuracy.mjs';
import { measureLarge, printLarge } from './bench_large.mjs';
import { measureMethods, printMethods } from './bench_methods.mjs';
import { measureOpening, printOpening } from './bench_opening.mjs';
import { kDist, kRoot, launch, open } from './harness.mjs';
import { serve } from '../../scripts/serve.mjs';

const flag = { type: 'boolean', default: false };
const { values } = parseArgs({ options: { edits: { type: 'string', default: '50' }, json: flag, quick: flag, 'accuracy-only': flag, 'engines-only': flag, 'large-only': flag, 'methods-only': flag, open: { type: 'string', multiple: true, default: [] }, picture: { type: 'string' } } });
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

// From the last byte of the first load to the first answer; the shell marks both.
function firstAnswer() {
  const at = (name) => Math.max(...performance.getEntriesByName(name).map((mark) => mark.startTime));
  return at('weightroom-answer') - at('weightroom-bytes');
}

// Milliseconds that the page's main thread has worked since its start: processor time, so that the GPU process, which
// here is software on the same cores, does not count where it takes the core away.
async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find((metric) => metric.name === 'TaskDuration').value;
}

// From an edit to its bars and map, as the page itself reports them; whole tasks of the main thread, drawing included.
// By the clock, that is with the wait for the next frame and for a core, and in the main thread's own time.
async function edit(page, session, command) {
  const before = await busy(session);
  const clock = await page.evaluate((c) => new Promise((resolve) => {
    const start = performance.now();
    const revision = window.weightroom.run(c);
    const stop = window.weightroom.on('map', (event) => {
      if (event.revision < revision) return;
      stop();
      resolve(performance.now() - start);
    });
  }), command);
  return { main: (await busy(session)) - before, clock };
}

async function measure(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const figures = { first_answer_ms: await page.evaluate(firstAnswer) };
  const { selection } = await state(page);
  const times = [];
  for (let i = 0; i < Number(values.edits); i += 1) {
    const value = selection.value + 0.01 * (i + 1);
    times.push(await edit(page, session, { command: 'set_weight', weight: selection.weight, value, preview: true }));
    await settled(page);
  }
  figures.edit_ms = median(times.map((time) => time.main));
  figures.edit_clock_ms = median(times.map((time) => time.clock));
  figures.forward_ms = {};
  for (const name of ['everyday', 'garments', 'tinyvgg']) {
    await run(page, { command: 'open_model', name });
    await until(page, name, (n) => window.weightroom.state().model.name === n && window.weightroom.state().ready, name);
    const { model } = await state(page);
    const first = `${model.layers.find((layer) => layer.op === 'conv2d').name}.weight[0,0,0,0]`;
    const passes = [];
    for (let i = 0; i < Number(values.edits); i += 1) {
      await run(page, { command: 'set_weight', weight: first, value: 0.001 * (i + 1), preview: true });
      await settled(page);
      passes.push((await state(page)).forward_ms);
    }
    figures.forward_ms[name] = median(passes);
  }
  return figures;
}

// Its modules name each other as packages, which a browser knows nothing of.
function takeLiteRt(installed, to) {
  const core = readFileSync(join(installed, '@litertjs/core/dist/index.js'), 'utf8');
  writeFileSync(join(to, 'litert.js'), core.replaceAll('"@litertjs/wasm-utils"', '"./litert_utils.js"'));
  cpSync(join(installed, '@litertjs/wasm-utils/dist/index.js'), join(to, 'litert_utils.js'));
  cpSync(join(installed, '@litertjs/core/wasm'), join(to, 'litert'), { recursive: true });
  cpSync(join(installed, 'flatbuffers/mjs'), join(to, 'flatbuffers'), { recursive: true });
}

// The page with the other engines beside it, where scripts/bench has installed them.
async function measureEngines(browser) {
  const site = join(kRoot, 'build/bench');
  rmSync(site, { recursive: true, force: true });
  cpSync(kDist, site, { recursive: true });
  const installed = join(kRoot, 'build/peers/node_modules');
  const versions = {};
  const take = (name, files) => {
    const folder = join(installed, name);
    if (!existsSync(folder)) return;
    versions[name] = JSON.parse(readFileSync(join(folder, 'package.json'))).version;
    for (const file of files) cpSync(join(folder, 'dist', file), join(site, 'bench/peers', file));
  };
  mkdirSync(join(site, 'bench/peers'), { recursive: true });
  take('onnxruntime-web', ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']);
  take('@tensorflow/tfjs', ['tf.min.js']);
  take('@tensorflow/tfjs-backend-wasm', ['tf-backend-wasm.min.js', 'tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm']);
  take('@litertjs/core', []);
  if (versions['@litertjs/core']) takeLiteRt(installed, join(site, 'bench/peers'));
  writeFileSync(join(site, 'bench/peers/peers.json'), JSON.stringify(versions));
  const host = await serve(site);
  // TensorFlow.js evaluates a string, which our page's policy forbids.
  const page = await browser.newPage({ viewport: { width: 1000, height: 1400 }, bypassCSP: true });
  const isLog = (text) => /^(INFO|WARNING): /.test(text); // of LiteRT.js, which writes it as errors
  page.on('console', (message) => { if (message.type() === 'error' && !isLog(message.text())) console.error(message.text()); });
  page.on('pageerror', (error) => { console.error(error.message); });
  await page.goto(`${host.url}bench/`);
  const result = await page.evaluate((quick) => window.weightroomBench({ quick }), values.quick);
  if (values.picture) await page.screenshot({ path: values.picture, fullPage: true });
  await page.close();
  await host.close();
  return result;
}

// The engine's other build, which no peer is beside: only an isolated page may have threads.
async function measureThreads(browser) {
  const host = await serve(kDist, { isolated: true });
  await new Promise((done) => { setTimeout(done, 2000); });  // the page before it has let go of its cores
  const { page, troubles, close } = await open(browser, `${host.url}bench/`, { wait: false });
  const rows = await page.evaluate(async (quick) => {
    const { openEngine } = await import(new URL('engine_client.js', location.href));
    const { measureThreads: measureThere } = await import(new URL('measure.js', location.href));
    return measureThere({ call: await openEngine({ threaded: true }), say: () => {}, quick });
  }, values.quick);
  if (troubles.length > 0) console.error(troubles.join('\n'));
  await close();
  await host.close();
  return rows;
}

function printThreads(rows) {
  console.log('\nA on several threads, where the page is cross-origin isolated:');
  for (const { threads, forward_ms: one, faster, forward_32_ms: many, faster_32: faster32 } of rows) {
    const verdict = threads === 2 ? ` ${faster32 >= 1.7 ? 'ok' : 'OVER'} (at least 1.7)` : '';
    console.log(`  ${threads} threads: one picture ${one.toFixed(2)} ms (${faster.toFixed(2)} times as fast), 32 pictures ${many.toFixed(1)} ms (${faster32.toFixed(2)} times as fast)${verdict}`);
  }
}

function printEngines({ peers, nets, curve, layers, peak_gflops: peak }) {
  console.log(`\npeak of one core, multiplications and additions: ${peak.toFixed(1)} GFLOP/s; beside us ${Object.entries(peers).map(([name, version]) => `${name} ${version}`).join(', ') || 'nobody'}`);
  for (const row of nets) {
    const others = Object.entries(row.peers).map(([name, peer]) => `${name} ${peer.forward_ms.toFixed(2)} (answers differ by ${peer.difference.toExponential(1)})${peer.gradient_ms ? `, its gradient by the input ${peer.gradient_ms.toFixed(0)}` : ''}`);
    console.log(`\n${row.net}, ${row.batch} picture${row.batch > 1 ? 's' : ''}: forward ${row.forward_ms.toFixed(2)} ms, ${Math.round(100 * row.share_of_peak)} % of the peak by its multiply-adds; ${others.join('; ')}`);
    console.log(`  gradient by the input ${row.input_gradient_ms.toFixed(2)} ms more, by input and weights ${row.all_gradients_ms.toFixed(2)}; training step ${row.step_ms.toFixed(2)}; memory ${(row.held_bytes / 1e6).toFixed(1)} MB`);
    for (const { what, value, limit } of row.ratios) console.log(`  ${value.toFixed(3).padStart(7)} ${limit === null ? '' : `${value <= limit ? 'ok  ' : 'OVER'} (at most ${limit})`.padEnd(20)} ${what}`);
  }
  console.log('\nA at other sizes, nanoseconds a pixel:');
  for (const point of curve) console.log(`  ${String(point.batch).padStart(3)} x ${String(point.side).padStart(3)} x ${String(point.side).padStart(3)}  ${point.forward_ms.toFixed(2).padStart(8)} ms  ${point.ns_a_pixel.toFixed(0).padStart(5)}`);
  console.log('\nA by layer, milliseconds: forward, gradient by the input, by input and weights');
  for (const layer of layers) console.log(`  ${layer.layer.padEnd(12)} ${[layer.forward_ms, layer.input_gradient_ms, layer.all_gradients_ms].map((time) => time.toFixed(3).padStart(8)).join('')}`);
}

const browser = await launch();
const figures = {};
let troubles = [];
const only = ['accuracy', 'engines', 'large', 'methods'].filter((name) => values[`${name}-only`]);
const wanted = (name) => values.open.length === 0 && (only.length === 0 || only.includes(name));
if (values.open.length > 0) {
  const host = await serve(kDist);
  figures.opening = await measureOpening(browser, host.url, values.open);
  await host.close();
}
if (wanted('page')) {
  const host = await serve(kDist);
  const opened = await open(browser, host.url);
  await settled(opened.page);
  Object.assign(figures, await measure(opened.page));
  troubles = opened.troubles;
  await opened.page.close();
  await host.close();
}
if (wanted('accuracy')) {
  const host = await serve(kDist);
  figures.accuracy = await measureAccuracy(browser, host.url, values.quick ? 3 : 9);
  await host.close();
}
if (wanted('methods')) {
  const host = await serve(kDist);
  figures.methods = await measureMethods(browser, host.url);
  await host.close();
}
if (wanted('large')) {
  const host = await serve(kDist);
  figures.large = await measureLarge(browser, host.url);
  await host.close();
}
if (wanted('engines')) {
  figures.engines = await measureEngines(browser);
  figures.threads = await measureThreads(browser);
}
await browser.close();
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  if (figures.edit_ms) {
    console.log(`first answer after the last byte   ${figures.first_answer_ms?.toFixed(0) ?? '?'} ms`);
    console.log(`edit to new bars and gradient map  ${figures.edit_ms.toFixed(1)} ms of main thread, ${figures.edit_clock_ms.toFixed(1)} ms by the clock (medians of ${values.edits})`);
    for (const [name, ms] of Object.entries(figures.forward_ms)) console.log(`forward pass of ${name.padEnd(18)} ${ms.toFixed(2)} ms`);
  }
  if (figures.opening) printOpening(figures.opening);
  if (figures.accuracy) printAccuracy(figures.accuracy);
  if (figures.methods) printMethods(figures.methods);
  if (figures.large) printLarge(figures.large);
  if (figures.engines) printEngines(figures.engines);
  if (figures.threads) printThreads(figures.threads);
}
if (troubles.length > 0) console.error(troubles.join('\n'));
process.exit(troubles.length > 0 ? 1 : 0);
