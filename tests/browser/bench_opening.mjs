// What holds the page while a file of the visitor's opens: the main thread's tasks of more than 50 ms, and how much of
// each the program runs. The rest of it waits, here for the GPU, which is software on the same cores.
import { basename } from 'node:path';

import { middle } from './bench.mjs';
import { open } from './harness.mjs';

const kMost = 50; // ms, of a file that a page ought to open without a hitch

function watchTasks() {
  window.tasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.tasks.push({ start: startTime, ms: duration });
  }).observe({ entryTypes: ['longtask'] });
}

const atRest = () => {
  const { ready, jobs, error } = window.weightroom.state(['ready', 'jobs', 'error']);
  return error !== '' || (ready && jobs.length === 0);
};

// Until nothing is under way, and the frames after it are drawn. Asked for ten times a second: more would be work.
async function rest(page) {
  for (let quiet = 0; quiet < 8;) {
    await page.waitForTimeout(100);
    quiet = await page.evaluate(atRest) ? quiet + 1 : 0;
  }
}

// Runs for a while, so that the profile tells when: its clock is not the page's.
function strikeTheHour() {
  const start = performance.now();
  while (performance.now() < start + 20);
  return start;
}

// Every sample as what ran, from when (milliseconds of the profile's clock) and for how long.
function samplesOf(profile) {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  let at = profile.startTime / 1000;
  return profile.samples.map((node, i) => {
    at += profile.timeDeltas[i] / 1000;
    return { name: names.get(node), at, ms: (profile.timeDeltas[i + 1] ?? 0) / 1000 };
  });
}

// Milliseconds of a task in which the program ran.
function ran(samples, offset, { start, ms }) {
  const inside = samples.filter(({ at }) => at >= start + offset && at < start + offset + ms);
  return inside.filter(({ name }) => !['(idle)', '(program)'].includes(name)).reduce((sum, sample) => sum + sample.ms, 0);
}

async function measureFile(browser, url, file) {
  const { page, close } = await open(browser, url, { expected: /./ });
  await rest(page);
  await page.evaluate(watchTasks);
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 500 });
  await session.send('Profiler.start');
  const struck = await page.evaluate(strikeTheHour);
  const chooser = page.waitForEvent('filechooser');
  const { x, y } = await middle(page, 'upload');
  await page.mouse.click(x, y);
  await (await chooser).setFiles(file);
  await rest(page);
  const { profile } = await session.send('Profiler.stop');
  const { tasks, error } = await page.evaluate(() => ({ tasks: window.tasks, error: window.weightroom.state().error }));
  await close();
  const samples = samplesOf(profile);
  const offset = samples.find(({ name }) => name === 'strikeTheHour').at - struck;
  const rows = tasks.map((task) => ({ ms: task.ms, ran_ms: ran(samples, offset, task) }));
  return { file: basename(file), error, tasks: rows.sort((a, b) => b.ms - a.ms) };
}

export async function measureOpening(browser, url, files) {
  const rows = [];
  for (const file of files) rows.push(await measureFile(browser, url, file));
  return rows;
}

export function printOpening(rows) {
  console.log(`\nopening a file: tasks of more than ${kMost} ms, and how much of each the program ran`);
  for (const { file, error, tasks } of rows) {
    const longest = tasks.slice(0, 4).map(({ ms, ran_ms: own }) => `${ms.toFixed(0)} (${own.toFixed(0)})`);
    console.log(`  ${file.padEnd(32)} ${longest.join(', ') || 'none'}${error ? `  ${error.slice(0, 60)}` : ''}`);
  }
}
