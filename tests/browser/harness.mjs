// What every browser test needs: the page, served or as a single file, in headless Chromium,
// with everything watched that must not happen.
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

import { serve } from '../../scripts/serve.mjs';

export const kRoot = fileURLToPath(new URL('../../', import.meta.url));
export const kDist = `${kRoot}build/web/dist`;
export const kSingleFile = `${kRoot}build/web/weightroom.html`;

const kFlags = [
  '--headless', '--no-sandbox', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // WebGL2 by software: the same on a machine without a graphics card.
  '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
];

export function launch() {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium found: run scripts/setup, or set CHROMIUM');
  return chromium.launch({ executablePath, args: kFlags });
}

// Where the page can be: a folder on a host, below a sub-path, or one file on a disk.
export const kPlaces = {
  served: () => serve(kDist),
  isolated: () => serve(kDist, { isolated: true }),
  'sub-path': () => serve(kDist, { prefix: '/some/school/weightroom/' }),
  'single file': async () => ({ url: pathToFileURL(kSingleFile).href, requests: [], close: async () => {} }),
};

const watched = [];
// What must not happen and did, on every page opened since the last call. The runner asks after each test.
export const takeTroubles = () => watched.splice(0).flat();

// As of somebody who has asked for the whole bench before. A page in a sandbox keeps nothing.
const wholeBench = () => {
  try {
    localStorage.setItem('weightroom.bench', 'whole');
  } catch {
    // said by the page
  }
};

// Opens the page at `url`; `troubles` fills with console errors, page errors, policy violations
// and requests that leave the page's own folder, but for what `expected` matches. `before` runs in the page ahead of its
// own scripts. Unless it is a `firstVisit`, the whole bench is there.
export async function open(browser, url, { expected, viewport = { width: 1280, height: 800 }, wait = true, before, firstVisit = false, ...options } = {}) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...options });
  if (before) await context.addInitScript(before);
  if (!firstVisit) await context.addInitScript(wholeBench);
  const page = await context.newPage();
  const troubles = [];
  watched.push(troubles);
  const trouble = (sentence) => { if (!expected?.test(sentence)) troubles.push(sentence); };
  const folder = url.startsWith('file:') ? url : url.replace(/[^/]*$/, '');
  page.on('console', (message) => { if (message.type() === 'error') trouble(`console: ${message.text()}`); });
  page.on('pageerror', (error) => trouble(`error: ${error.message}`));
  page.on('requestfailed', (request) => trouble(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(folder) && !to.startsWith('data:') && !to.startsWith('blob:')) trouble(`request to ${to}`);
  });
  await page.goto(url);
  if (wait) await page.evaluate(() => window.weightroom.ready);
  return { page, troubles, close: () => context.close() };
}
