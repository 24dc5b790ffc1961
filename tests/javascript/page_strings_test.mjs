// What the page says before the program is there: cmake/page_strings.mjs on the sources, and on what it must refuse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import vm from 'node:vm';

import { filledPage, readStrings, shellWithStrings } from '../../cmake/page_strings.mjs';

const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const strings = readStrings(new URL('../../assets/strings/en.json', import.meta.url));

test('the page says its sentences without JavaScript', () => {
  const html = filledPage(source('web/index.html'), strings);
  assert.ok(!html.includes('{{'));
  assert.match(html, /<html lang="en">/);
  assert.ok(html.includes(`<p id="lead">${strings['shell.lead']}</p>`));
});

test('what HTML would take for its own is escaped', () => {
  assert.equal(filledPage('<p title="{{shell.a}}">', { 'shell.a': '"a" & <b>' }), '<p title="&quot;a&quot; &amp; &lt;b&gt;">');
});

test('the shell has the sentences that it says, and no other', () => {
  const scope = { WEIGHTROOM_STRINGS: undefined };
  vm.createContext(scope);
  vm.runInContext(shellWithStrings("/* say('lead') and say('no_simd') */", strings), scope);
  assert.deepEqual({ ...scope.WEIGHTROOM_STRINGS }, { lead: strings['shell.lead'], no_simd: strings['shell.no_simd'] });
  assert.match(shellWithStrings(source('web/shell.js'), strings), /"no_webgl":/);
});

test('a key that is not there is refused', () => {
  assert.throws(() => filledPage('{{shell.gone}}', strings), /index\.html says "shell\.gone"/);
  assert.throws(() => shellWithStrings("say('gone')", strings), /shell\.js says "shell\.gone"/);
});
