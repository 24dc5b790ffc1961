// That the linter sees every kind of file and would notice: what eslint.config.mjs promises.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';

const linter = new ESLint({ cwd: fileURLToPath(new URL('../../', import.meta.url)) });

async function complaints(filePath, text) {
  const [result] = await linter.lintText(text, { filePath });
  assert.ok(result, `${filePath} is linted`);
  return result.messages.map(({ ruleId, message }) => ruleId ?? message);
}

const kPlaces = {
  'src/platform/web/x.js': 'addToLibrary({ $f: (a) => { if (a == 1) gone(); } });\n',
  'web/x.js': "(() => {\n  'use strict';\n  if (window.a == 1) gone();\n})();\n",
  'web/bench/x.js': 'if (window.a == 1) gone();\n',
  'web/bench/peers/x.js': 'if (window.a == 1) gone();\n',
  'tests/browser/x.mjs': 'if (window.a == 1) gone();\n',
  'tests/javascript/x.mjs': 'if (process.a == 1) gone();\n',
  'scripts/x.mjs': 'if (process.a == 1) gone();\n',
  'cmake/x.mjs': 'if (process.a == 1) gone();\n',
  'cmake/npm/x.js': "'use strict';\nif (process.a == 1) gone();\n",
};

for (const [path, text] of Object.entries(kPlaces)) {
  test(`${path}: a name that is nowhere, and a loose comparison`, async () => {
    assert.deepEqual((await complaints(path, text)).sort(), ['eqeqeq', 'no-undef']);
  });
}

test('a variable that nobody uses, and text that is no JavaScript', async () => {
  assert.deepEqual(await complaints('cmake/x.mjs', 'const a = 1;\n'), ['no-unused-vars']);
  assert.match((await complaints('cmake/x.mjs', 'const = ;\n'))[0], /Parsing error/);
});

test('what the page may not name: the machine, or a browser in what Node runs', async () => {
  assert.deepEqual(await complaints('src/platform/web/x.js', 'addToLibrary({ $f: () => process.exit() });\n'), ['no-undef']);
  assert.deepEqual(await complaints('cmake/x.mjs', 'window.close();\n'), ['no-undef']);
});
