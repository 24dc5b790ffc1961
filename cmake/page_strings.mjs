// What the page says before the program is there: the area `shell` of assets/strings.
//
// web/index.html has {{shell.lead}} in the place of a sentence, so that the page says something without JavaScript;
// web/shell.js says the others by say('name', { value }). A key that is not there stops the build.
import { readFileSync } from 'node:fs';

export function readStrings(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

export function filledPage(html, strings) {
  const signs = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return html.replace(/\{\{([^{}]*)\}\}/g, (_, key) => sentence(strings, key, 'index.html').replace(/[&<>"]/g, (sign) => signs[sign]));
}

// With those that it says in front.
export function shellWithStrings(script, strings) {
  const names = new Set(Array.from(script.matchAll(/\bsay\('(\w+)'/g), ([, name]) => name));
  const said = Object.fromEntries([...names].map((name) => [name, sentence(strings, `shell.${name}`, 'shell.js')]));
  return `var WEIGHTROOM_STRINGS=${JSON.stringify(said)};\n${script}`;
}

function sentence(strings, key, file) {
  if (typeof strings[key] !== 'string') throw new Error(`${file} says "${key}", which is no sentence of assets/strings.`);
  return strings[key];
}
