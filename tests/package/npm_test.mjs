// build/web-cli as an npm package: packed, installed into an empty folder and run by its name.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'build/web-cli');
const version = /VERSION (\d+\.\d+\.\d+)/.exec(readFileSync(join(root, 'CMakeLists.txt'), 'utf8'))[1];
let folder;
let packed;

// Without what a shell around the tests may have set, and without asking any server.
function run(program, args) {
  const environment = { ...process.env, npm_config_offline: 'true', npm_config_cache: join(folder, 'cache') };
  delete environment.WEIGHTROOM_ASSETS;
  return spawnSync(program, args, { cwd: folder, env: environment, encoding: 'utf8' });
}

function done(program, args) {
  const { status, stdout, stderr } = run(program, args);
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'weightroom-npm-'));
  copyFileSync(join(root, '.toolchain/samples/cat.jpg'), join(folder, 'cat.jpg'));
  [packed] = JSON.parse(done('npm', ['pack', built, '--json']));
  done('npm', ['install', '--no-audit', '--no-fund', `./${packed.filename}`]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds the program, its models and nothing else', () => {
  assert.equal(packed.version, version);
  assert.deepEqual(packed.files.map((file) => file.path).sort(), [
    'CREDITS.md', 'LICENSE', 'README.md', 'assets/everyday.safetensors', 'assets/garments.safetensors',
    'assets/tinyvgg.safetensors', 'cli.js', 'package.json', 'weightroom.js', 'weightroom.wasm']);
});

test('npx weightroom classify gives what the built program gives', () => {
  const [mine, installed] = [
    done('node', [join(built, 'weightroom.js'), 'classify', 'cat.jpg', '--json']),
    done('npx', ['weightroom', 'classify', 'cat.jpg', '--json']),
  ].map((text) => JSON.parse(text));
  assert.equal(installed.predictions[0].label, 'cat');
  assert.deepEqual(installed.predictions, mine.predictions);
  assert.equal(installed.fingerprint, mine.fingerprint);
});

test('npx runs the tarball by itself', () => {
  const text = done('npx', ['--yes', '--package', `./${packed.filename}`, 'weightroom', '--version']);
  assert.equal(text, `weightroom ${version}\n`);
});

test('a bad file is one sentence and exit code 1', () => {
  const { status, stdout, stderr } = run('npx', ['weightroom', 'classify', 'package.json']);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^weightroom: [^\n]+\.\n$/);
});
