// The page: a button, progress, bars for the times and a table of ratios.
import { openEngine } from './engine_client.js';
import { measure, measureThreads } from './measure.js';
import { findPeers } from './peers.js';

const $ = (id) => document.getElementById(id);
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const say = (sentence) => { $('status').textContent = sentence; };
const ms = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;

const kNames = {
  A: 'Plain stack, 64 × 64',
  B: 'SqueezeNet 1.1, 224 × 224',
  C: 'ResNet-20, 32 × 32',
  mobilenet_v2: 'MobileNetV2, 224 × 224',
  resnet18: 'ResNet-18, 224 × 224',
  garments: 'That of the garments, 28 × 28',
};

// Bars on one scale: rows of [name, milliseconds, whether it is the one to look at, what is said of it].
function bars(rows) {
  const longest = Math.max(...rows.map(([, time]) => time));
  return element('div', { className: 'bars' }, ...rows.flatMap(([name, time, ours, words = ms(time)]) => {
    const bar = element('i', { className: ours ? 'ours' : '' });
    bar.style.setProperty('--share', String(time / longest));
    return [element('span', { textContent: name }), bar, element('b', { textContent: words })];
  }));
}

const engines = (row) => [['Weightroom', row.forward_ms, true], ...Object.entries(row.peers).map(([name, peer]) => [name, peer.forward_ms, false])];

function ratios(row) {
  return element('table', {}, element('tbody', {}, ...row.ratios.map(({ what, value, limit }) => {
    const cell = element('td', { textContent: value.toFixed(2) });
    if (limit !== null) cell.className = value <= limit ? 'good' : 'over';
    return element('tr', {}, element('th', { textContent: what, scope: 'row' }), cell, element('td', { textContent: limit === null ? '' : `at most ${limit}` }));
  })));
}

function threads(rows) {
  const part = (title, time, faster) => [element('h3', { textContent: title }),
    bars(rows.map((row) => [row.threads === 1 ? '1 thread' : `${row.threads} threads`, row[time], row.threads > 1,
      row.threads === 1 ? ms(row[time]) : `${ms(row[time])} · ${row[faster].toFixed(2)}\u00d7`]))];
  return element('section', {}, element('h2', { textContent: 'A · several threads' }),
    element('p', { textContent: 'The same numbers to the last bit, however many threads share the work.' }),
    ...part('One picture', 'forward_ms', 'faster'), ...part('32 pictures', 'forward_32_ms', 'faster_32'));
}

function show(result) {
  const rows = result.nets.map((row) => element('section', {},
    element('h2', { textContent: `${kNames[row.net]}${row.batch > 1 ? ` · ${row.batch} pictures` : ''}` }),
    element('p', { textContent: `${Math.round(row.multiply_adds / 1e6)} million multiply-adds; ${row.gflops.toFixed(1)} GFLOP/s, ${Math.round(100 * row.share_of_peak)}\u00a0% of the ${result.peak_gflops.toFixed(1)} measured here` }),
    bars(engines(row)), ratios(row)));
  if (result.threads) rows.push(threads(result.threads));
  $('result').replaceChildren(...rows);
  $('save').hidden = false;
  $('save').onclick = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(result, null, 1)], { type: 'application/json' }));
    element('a', { href: url, download: 'weightroom-bench.json' }).click();
    URL.revokeObjectURL(url);
  };
}

let engine = null;
let peers = null;
const threaded = window.crossOriginIsolated === true && WEIGHTROOM_ENGINE_THREADS;

// What scripts/bench calls too.
window.weightroomBench = async ({ quick = false } = {}) => {
  $('run').disabled = true;
  try {
    engine ??= await openEngine();
    peers ??= await findPeers();
    const result = await measure({ call: engine, peers, say, quick });
    if (threaded) result.threads = await measureThreads({ call: await openEngine({ threaded: true }), say, quick });
    show(result);
    say('Done. Times are medians on one core; a busy machine makes all of them longer. More than 100\u00a0% of the peak is no mistake: Winograd\u2019s way needs a quarter of the multiplications that a 3\u00a0\u00d7\u00a03 convolution is credited with.');
    return result;
  } catch (error) {
    say(`The benchmark stopped: ${error.message}`);
    throw error;
  } finally {
    $('run').disabled = false;
  }
};
$('run').onclick = () => { window.weightroomBench().catch(() => {}); };
