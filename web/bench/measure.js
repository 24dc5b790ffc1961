// What is measured, in turn with the other engines, so that what slows the machine for a while slows all of them.
import { netA, netB, netC, netGarments, netMobileNetV2, netResNet18, noise, onnx } from './nets.js';

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const breathe = () => new Promise((resolve) => { setTimeout(resolve); });

// The fastest of our passes takes at most so much of the fastest of the fastest peer; of our own passes, gradients and
// steps at most so many.
const kLimits = {
  A: { 1: 0.3, 32: 0.31, gradient: 1.35 },
  B: { 1: 0.62 },
  C: { 1: 0.48 },
  mobilenet_v2: { 1: 0.95 },
  resnet18: { 1: 0.48 },
  garments: { 1: 0.6 },
};
const kTrained = ['A', 'C', 'garments', 'mobilenet_v2']; // what one trains, and fine-tunes, in a page
const kOwnLimits = { input_gradient: 2.2, all_gradients: 3.2, step: 3.4 };

async function time(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

// Largest difference of two answers, in parts of the largest value.
function difference(ours, theirs) {
  const largest = Math.max(...theirs.map(Math.abs));
  return Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]))) / largest;
}

// One net at one batch. rounds: how often the engines take turns; runs: passes in each turn.
async function measureNet({ call, peers, net, batch, rounds, runs }) {
  const file = onnx(net);
  const opened = call({ command: 'open', name: `${net.name}.onnx` }, file);
  const picture = noise(net.input.reduce((a, b) => a * b), 7);
  const x = noise(picture.length * batch, 8);
  const answer = call({ command: 'answer' }, new Uint8Array(picture.buffer));
  const row = { net: net.name, side: net.input[1], batch, multiply_adds: opened.multiply_adds * batch, peers: {} };
  const given = new Map();
  for (const peer of peers) {
    await peer.open(net, file);
    const one = peer.prepare ? peer.prepare(picture, 1) : picture;
    const many = peer.prepare ? peer.prepare(x, batch) : x;
    given.set(peer, { one, many });
    row.peers[peer.name] = { times: [], gradients: [], difference: difference(answer.logits, Array.from(await peer.forward(one, 1))) };
    for (let i = 0; i < 3; i += 1) await peer.forward(many, batch);
  }
  const ours = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(call({ command: 'time', batch, runs }));
    for (const peer of peers) {
      const { one, many } = given.get(peer);
      for (let i = 0; i < runs; i += 1) row.peers[peer.name].times.push(await time(() => peer.forward(many, batch)));
      if (peer.gradient && net.name === 'A' && batch === 1) {
        row.peers[peer.name].gradients.push(await time(() => peer.gradient(one)));
      }
    }
    await breathe();
  }
  for (const key of ['forward', 'input_gradient', 'all_gradients', 'step', 'edit']) row[`${key}_ms`] = median(ours.map((o) => o[`${key}_ms`]));
  row.fastest_forward_ms = Math.min(...ours.map((o) => o.fastest_forward_ms));
  Object.assign(row, { held_bytes: ours[0].held_bytes, needed_bytes: ours[0].needed_bytes });
  for (const peer of Object.values(row.peers)) {
    peer.forward_ms = median(peer.times);
    peer.fastest_forward_ms = Math.min(...peer.times);
    peer.gradient_ms = peer.gradients.length > 0 ? median(peer.gradients) : null;
    delete peer.times;
    delete peer.gradients;
  }
  return judge(row);
}

// Ratios, and the most that each may be.
function judge(row) {
  const ratios = [];
  const add = (what, value, limit) => ratios.push({ what, value, limit: limit ?? null });
  const peers = Object.entries(row.peers).sort(([, a], [, b]) => a.fastest_forward_ms - b.fastest_forward_ms);
  if (peers.length > 0) {
    const [name, fastest] = peers[0];
    add(`fastest forward pass, of the fastest of ${name}`, row.fastest_forward_ms / fastest.fastest_forward_ms, kLimits[row.net][row.batch]);
    add('forward pass, of its median', row.forward_ms / fastest.forward_ms);
    if (row.batch === 1) add('gradient by the input, of its forward pass', (row.forward_ms + row.input_gradient_ms) / fastest.forward_ms, kLimits[row.net].gradient);
  }
  if (row.batch === 1) {
    add('gradient by the input, in forward passes', (row.forward_ms + row.input_gradient_ms) / row.forward_ms, kOwnLimits.input_gradient);
    add('gradient by input and weights, in forward passes', (row.forward_ms + row.all_gradients_ms) / row.forward_ms, kOwnLimits.all_gradients);
  }
  add('training step, in forward passes', row.step_ms / row.forward_ms, kTrained.includes(row.net) ? kOwnLimits.step : null);
  add('memory held, of activations, weights and gradients', row.held_bytes / row.needed_bytes, 1.25);
  return { ...row, ratios };
}

// Forward passes of A at more pictures and at more pixels: cost a picture and a pixel should not grow.
function measureCurve(call, runs) {
  const points = [];
  const add = (net, batch) => {
    call({ command: 'open', name: 'A.onnx' }, onnx(net));
    const { forward_ms: ms } = call({ command: 'time', batch, runs });
    points.push({ side: net.input[1], batch, forward_ms: ms, ns_a_pixel: (ms * 1e6) / (batch * net.input[1] ** 2) });
  };
  for (const batch of [1, 2, 4, 8, 16, 32]) add(netA(), batch);
  for (const side of [32, 96, 128, 192, 256]) add(netA(side), 1);
  return points;
}

// A on one thread and on several, in turn; `call` is of the engine that has them. At least 1.7 times as fast on two.
export async function measureThreads({ call, say, quick = false }) {
  const most = Math.min(navigator.hardwareConcurrency, 8);
  const counts = [1, 2, 4, 8].filter((count) => count <= most);
  call({ command: 'open', name: 'A.onnx' }, onnx(netA()));
  const rows = counts.map((threads) => ({ threads, one: [], many: [] }));
  for (const row of [...rows].reverse()) {  // the most first: threads start once the page has a moment
    call({ command: 'time', batch: 1, runs: 1, threads: row.threads });
    await new Promise((done) => { setTimeout(done, 200); });
  }
  for (let round = 0; round < (quick ? 2 : 6); round += 1) {
    say(`Timing A on ${counts.join(', ')} threads, ${round + 1} of ${quick ? 2 : 6}`);
    await breathe();
    for (const row of rows) {
      row.one.push(call({ command: 'time', batch: 1, runs: quick ? 3 : 30, threads: row.threads }).forward_ms);
      row.many.push(call({ command: 'time', batch: 32, runs: quick ? 1 : 3, threads: row.threads }).forward_ms);
    }
  }
  const times = rows.map(({ threads, one, many }) => ({ threads, forward_ms: median(one), forward_32_ms: median(many) }));
  return times.map((row) => ({ ...row, faster: times[0].forward_ms / row.forward_ms, faster_32: times[0].forward_32_ms / row.forward_32_ms }));
}

// say(sentence): progress. quick: a tenth of the passes, for a look or a test.
export async function measure({ call, peers, say, quick = false }) {
  const result = { peers: Object.fromEntries(peers.map((peer) => [peer.name, peer.version])), nets: [] };
  const rounds = quick ? 2 : 6;
  say('Measuring what this processor can do at most');
  await breathe();
  for (let i = 0; i < 2; i += 1) result.peak_gflops = call({ command: 'peak' }).gflops;
  const plan = [[netA(), 1, 30], [netA(), 32, 3], [netB(), 1, 8], [netC(), 1, 60], [netMobileNetV2(), 1, 4], [netResNet18(), 1, 3], [netGarments(), 1, 100]];
  for (const [net, batch, runs] of plan) {
    say(`Timing ${net.name}${batch > 1 ? `, ${batch} pictures at a time` : ''}`);
    await breathe();
    const row = await measureNet({ call, peers, net, batch, rounds, runs: quick ? Math.ceil(runs / 10) : runs });
    row.gflops = (2 * row.multiply_adds) / row.forward_ms / 1e6;
    row.share_of_peak = row.gflops / result.peak_gflops;
    result.nets.push(row);
  }
  say('Timing A at other sizes');
  await breathe();
  result.curve = measureCurve(call, quick ? 2 : 10);
  call({ command: 'open', name: 'A.onnx' }, onnx(netA()));
  result.layers = call({ command: 'layers', runs: quick ? 3 : 100 });
  return result;
}
