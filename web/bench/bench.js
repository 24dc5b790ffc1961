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
};

// One bar an engine, all of a net on one scale.
function bars(row) {
  const all = [['Weightroom', row.forward_ms, true], ...Object.entries(row.peers).map(([name, peer]) => [name, peer.forward_ms, false])];
  const longest = Math.max(...all.map(([, time]) => time));
  return element('div', { className: 'bars' }, ...all.flatMap(([name, time, ours]) => {
    const bar = element('i', { className: ours ? 'ours' : '' });
    bar.style.setProperty('--share', String(time / longest));
    return [element('span', { textContent: name }), bar, element('b', { textContent: ms(time) })];
  }));
}

function ratios(row) {
  return element('table', {}, element('tbody', {}, ...row.ratios.map(({ what, value, limit }) => {
    const cell = element('td', { textContent: value.toFixed(2) });
    if (limit !== null) cell.className = value <= limit ? 'good' : 'over';
    return element('tr', {}, element('th', { textContent: what, scope: 'row' }), cell, element('td', { textContent: limit === null ? '' : `at most ${limit}` }));
  })));
}

function threads(rows) {
  const head = ['threads', 'one picture', '', '32 pictures', ''].map((name) => element('th', { textContent: name, scope: 'col' }));
  return element('section', {}, element('h2', { textContent: 'A · several threads' }),
    element('table', { className: 'threads' }, element('tbody', {}, element('tr', {}, ...head),
      ...rows.map((row) => element('tr', {}, element('th', { textContent: String(row.threads), scope: 'row' }),
        ...[ms(row.forward_ms), `${row.faster.toFixed(2)} times as fast`, ms(row.forward_32_ms), `${row.faster_32.toFixed(2)} times as fast`].map((text) => element('td', { textContent: text })))))));
}

function show(result) {
  const rows = result.nets.map((row) => element('section', {},
    element('h2', { textContent: `${row.net} · ${kNames[row.net]}${row.batch > 1 ? ` · ${row.batch} pictures` : ''}` }),
    element('p', { textContent: `${Math.round(row.multiply_adds / 1e6)} million multiply-adds; ${row.gflops.toFixed(1)} GFLOP/s, ${Math.round(100 * row.share_of_peak)}\u00a0% of the ${result.peak_gflops.toFixed(1)} measured here` }),
    bars(row), ratios(row)));
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
const isolated = window.crossOriginIsolated === true;

// What scripts/bench calls too.
window.weightroomBench = async ({ quick = false } = {}) => {
  $('run').disabled = true;
  try {
    engine ??= await openEngine();
    peers ??= await findPeers();
    const result = await measure({ call: engine, peers, say, quick });
    if (isolated) result.threads = await measureThreads({ call: await openEngine({ threaded: true }), say, quick });
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
