// A small static server: node scripts/serve.mjs [FOLDER] [--port N] [--prefix /some/sub/path/] [--isolated]
//
// Serves FOLDER (build/web/dist) on this machine only. It sets no header that a plain static
// host would not set, but with --isolated the two by which a page may use several threads. Tests import serve().
import { spawn } from 'node:child_process';
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
};

// What makes a page cross-origin isolated.
const kIsolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

// Resolves to {url, port, requests, close}. Port 0 takes a free one. `requests` lists the paths asked for.
export function serve(folder, { port = 0, prefix = '/', isolated = false } = {}) {
  const base = `/${prefix}/`.replace(/\/+/g, '/');
  const root = realpathSync(folder);
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    const file = fileOf(root, base, request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
    if (file === null) return refuse(response, 404);
    const { size } = statSync(file);
    response.writeHead(200, {
      'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream',
      'Content-Length': size,
      'Cache-Control': 'no-cache',
      ...(isolated ? kIsolated : {}),
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).on('error', () => response.destroy()).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const actual = server.address().port;
      resolve({
        port: actual,
        url: `http://127.0.0.1:${actual}${base}`,
        requests,
        close: () => new Promise((done) => { server.close(done); server.closeAllConnections?.(); }),
      });
    });
  });
}

// The file an address stands for; null when there is none or when it lies outside the folder.
function fileOf(root, base, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (!path.startsWith(base)) return null;
  try {
    let file = realpathSync(normalize(join(root, path.slice(base.length))));
    if (statSync(file).isDirectory()) file = realpathSync(join(file, 'index.html'));
    return file.startsWith(root + sep) && statSync(file).isFile() ? file : null;
  } catch {
    return null;
  }
}

function refuse(response, status) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(status === 404 ? 'Not found\n' : 'Method not allowed\n');
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '8080' },
      prefix: { type: 'string', default: '/' },
      isolated: { type: 'boolean', default: false },
      open: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log('node scripts/serve.mjs [FOLDER] [--port N] [--prefix /some/sub/path/] [--isolated] [--open]\n' +
      'Serves FOLDER (build/web/dist) on this machine; port 0 takes a free one. --isolated sends\n' +
      'the headers by which a page may use several threads. --open shows it in the browser.');
  } else {
    const folder = positionals[0] ?? fileURLToPath(new URL('../build/web/dist', import.meta.url));
    const { prefix, isolated } = values;
    const server = await serve(folder, { port: Number(values.port), prefix, isolated })
      .catch((error) => error.code === 'EADDRINUSE' ? serve(folder, { prefix, isolated }) : Promise.reject(error));
    console.log(`Weightroom is at ${server.url}   (Ctrl+C ends it)`);
    if (values.open) spawn('xdg-open', [server.url], { detached: true, stdio: 'ignore' }).on('error', () => {}).unref();
  }
}
