// The whole page in one file that opens from a disk: node single_file.mjs DIST OUT.html
//
// How the parts are handed over (the contract with web/):
// - index.html loads its scripts by <script src="weightroom.js"></script> and, after it,
//   <script src="shell.js"></script>: classic scripts, relative addresses, nothing inline. Its
//   styles come by <link rel="stylesheet" href="style.css">, its icon by <link rel="icon" ...>.
//   Its policy stands in <meta http-equiv="Content-Security-Policy" content="...">.
// - weightroom.js (Emscripten, MODULARIZE) defines createWeightroom({wasmBinary, canvas, ...}),
//   which returns a promise, and before it WEIGHTROOM_FILES: name -> size in bytes of everything
//   the shell may fetch ("weightroom.wasm", "models/...", "samples/...").
// - shell.js reads each of these through one function: fetch(name) in dist; here, where
//   WEIGHTROOM_EMBEDDED is defined, atob(WEIGHTROOM_EMBEDDED[name]): name -> base64. So:
//     typeof WEIGHTROOM_EMBEDDED === 'undefined' ? fetch... : decode...
// From file:// a browser refuses fetch and module scripts; hence one classic inline script, allowed
// by its hash in the policy, as is the inline style.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const [dist, out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node single_file.mjs DIST OUT.html');
  process.exit(2);
}

const kIconTypes = { '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon' };
let html = readFileSync(join(dist, 'index.html'), 'utf8').replaceAll('\r\n', '\n');

const style = takeTags(/[ \t]*<link\b[^>]*\brel="stylesheet"[^>]*\bhref="([^"]+)"[^>]*>\n?/g).join('\n');
const scripts = ['weightroom-opener.js', 'opener.js'].map((name) => readFileSync(join(dist, name), 'utf8')); // where there is no worker
scripts.push(...takeTags(/[ \t]*<script\b[^>]*\bsrc="([^"]+)"[^>]*><\/script>\n?/g));
// A closing tag inside a string would end the script element; the escape means the same there.
const script = [`var WEIGHTROOM_EMBEDDED=${JSON.stringify(embedded())};`, ...scripts].join('\n;\n')
  .replaceAll('\r\n', '\n').replace(/<(\/script|!--)/gi, '<\\$1');

html = html.replace(/(<link\b[^>]*\brel="icon"[^>]*\bhref=")([^":]+)"/, (_, before, name) =>
  `${before}data:${kIconTypes[extname(name)]};base64,${base64(name)}"`);
html = html.replace(/<link\b[^>]*\brel="manifest"[^>]*>\n?/, ''); // nothing to install from a disk
// Nothing lies beside it: what the page allows of its own host would allow any neighbour on the disk or stick.
html = withoutSelf(html);
html = addSource(html, 'style-src', hash(style));
html = addSource(html, 'script-src', hash(script));
html = addSource(html, 'worker-src', 'blob:');
html = insertBefore(html, '</head>', `<style>${style}</style>\n`);
html = insertBefore(html, '</body>', `<script>${script}</script>\n`);
writeFileSync(out, html);
console.log(`${out}: ${(html.length / 1e6).toFixed(1)} MB`);

// Removes the tags from the page and returns the files that they named.
function takeTags(pattern) {
  const files = [];
  html = html.replace(pattern, (_, name) => {
    files.push(readFileSync(join(dist, name), 'utf8').replaceAll('\r\n', '\n'));
    return '';
  });
  if (files.length === 0) throw new Error(`index.html has no tag like ${pattern}`);
  return files;
}

function embedded() {
  const names = ['weightroom.wasm', 'weightroom-opener.wasm', 'weightroom-opener.js', 'opener.js']; // the scripts: for the worker
  for (const folder of ['models', 'samples']) {
    if (existsSync(join(dist, folder))) names.push(...readdirSync(join(dist, folder)).sort().map((name) => `${folder}/${name}`));
  }
  return Object.fromEntries(names.map((name) => [name, base64(name)]));
}

function base64(name) {
  return readFileSync(join(dist, name)).toString('base64');
}

function hash(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function withoutSelf(page) {
  return page.replace(/(http-equiv="Content-Security-Policy"[^>]*?content=")([^"]+)"/, (_, before, policy) => {
    const left = policy.split(';').map((directive) => directive.trim().replace(/ 'self'/g, ''));
    return `${before}${left.filter((directive) => directive.includes(' ')).join('; ')}"`;
  });
}

function addSource(page, directive, source) {
  const pattern = new RegExp(`(http-equiv="Content-Security-Policy"[^>]*?${directive})\\b`);
  if (pattern.test(page)) return page.replace(pattern, `$1 ${source}`);
  const policy = /(http-equiv="Content-Security-Policy"[^>]*?content="[^"]+)"/;
  if (!policy.test(page)) throw new Error('index.html has no Content-Security-Policy');
  return page.replace(policy, `$1; ${directive} ${source}"`);
}

// A function as replacement: the text holds "$", which a plain string would expand.
function insertBefore(page, tag, text) {
  if (!page.includes(tag)) throw new Error(`index.html has no ${tag}`);
  return page.replace(tag, () => text + tag);
}
