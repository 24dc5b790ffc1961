// docs/api.md and web/weightroom.d.ts as tests read them: the examples, what the tables and the state's outline name, and
// the same of the types; and what TypeScript says of a text that uses them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const types = `${root}web/weightroom.d.ts`;
export const documented = readFileSync(`${root}docs/api.md`, 'utf8');

// The blocks of JavaScript, each with the number of its first line.
export const examples = [...documented.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(({ 1: code, index }) => (
  { code, line: documented.slice(0, index).split('\n').length + 1 }));

const section = (title) => {
  const from = documented.indexOf(`\n## ${title}\n`);
  if (from < 0) throw new Error(`docs/api.md has no section ${title}`);
  const to = documented.indexOf('\n## ', from + 4);
  return documented.slice(from, to < 0 ? undefined : to);
};
const rows = (text) => [...text.matchAll(/^\| `([a-z_]+)` \|(.*)\|$/gm)].map(([, name, rest]) => [name, rest]);
export const documentedEvents = rows(section('Events')).map(([name]) => name);
// Name of the command -> what its row says of the fields.
export const documentedCommands = new Map(rows(section('Commands')));

// The outline of the state as a tree of keys; a leaf is null. `"a" and "b": x` gives both the same.
export function documentedState() {
  const outline = section('State').match(/```\n([\s\S]*?)```/)[1].replace(/\/\/.*$/gm, '');
  const tokens = outline.match(/"[a-z0-9_]+"|[a-z]+|[{}[\],:]/g);
  if (tokens.join('') !== outline.replace(/\s/g, '')) throw new Error('the outline of the state holds other signs');
  let at = 0;
  const take = (wanted) => {
    if (tokens[at] !== wanted) throw new Error(`the outline of the state: ${tokens.slice(at, at + 6).join(' ')}, not ${wanted}`);
    at += 1;
  };
  function value() {
    if (tokens[at] === '{') return object();
    if (tokens[at] === '[') {
      take('[');
      const first = value();
      while (tokens[at] === ',') {
        at += 1;
        value();
      }
      take(']');
      return first;
    }
    if (!/^[a-z]+$/.test(tokens[at])) throw new Error(`the outline of the state: ${tokens[at]} is no value`);
    at += 1;
    return null;
  }
  function object() {
    const tree = {};
    take('{');
    for (;;) {
      const names = [tokens[at]];
      at += 1;
      while (tokens[at] === 'and') {
        names.push(tokens[at + 1]);
        at += 2;
      }
      let of = null;
      if (tokens[at] === ':') {
        at += 1;
        of = value();
      }
      for (const name of names) {
        if (!/^"/.test(name) || name.slice(1, -1) in tree) throw new Error(`the outline of the state: ${name}`);
        tree[name.slice(1, -1)] = of;
      }
      if (tokens[at] !== ',') break;
      at += 1;
    }
    take('}');
    return tree;
  }
  const tree = object();
  if (at !== tokens.length) throw new Error(`the outline of the state goes on: ${tokens.slice(at, at + 6).join(' ')}`);
  return tree;
}

// ---- TypeScript

const kOptions = {
  strict: true,
  noEmit: true,
  skipDefaultLibCheck: true,
  allowJs: true,
  checkJs: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: [],
};

// The compiler's own libraries, read once.
const libraries = new Map();

// A program of these texts, by their names, which lie beside weightroom.d.ts.
function program(texts) {
  const own = new Map(Object.entries(texts).map(([name, text]) => [`${root}web/${name}`, text]));
  const host = ts.createCompilerHost(kOptions);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => own.has(path) || fileExists.call(host, path);
  host.readFile = (path) => own.get(path) ?? readFile.call(host, path);
  host.getSourceFile = (path, version, ...rest) => {
    if (own.has(path)) return ts.createSourceFile(path, own.get(path), version, true);
    if (!libraries.has(path)) libraries.set(path, getSourceFile.call(host, path, version, ...rest));
    return libraries.get(path);
  };
  return ts.createProgram([types, ...own.keys()], kOptions, host);
}

// What the compiler has to say, one sentence each: "name.ts:12: ...".
export function complaints(texts) {
  return ts.getPreEmitDiagnostics(program(texts)).map(({ file, start, messageText }) => {
    const sentence = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (!file) return sentence;
    return `${file.fileName.replace(/.*\//, '')}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${sentence}`;
  });
}

// What weightroom.d.ts declares.
export function declared() {
  const all = program({});
  const checker = all.getTypeChecker();
  const source = all.getSourceFile(types);
  const exported = new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((s) => [s.name, s]));
  const typeOf = (name) => checker.getDeclaredTypeOfSymbol(exported.get(name));
  const members = (type) => (type.isUnion() ? type.types : [type]);
  const present = (type) => members(checker.getNonNullableType(type));
  const field = (type, name) => checker.getTypeOfSymbolAtLocation(type.getProperty(name), source);
  const words = (type) => present(type).filter((one) => one.isStringLiteral()).map((one) => one.value);

  // Keys as documentedState() has them.
  function tree(type) {
    const found = present(type).flatMap((one) => {
      if (checker.isTupleType(one)) return [];
      if (checker.isArrayType(one)) return [tree(checker.getTypeArguments(one)[0])];
      const properties = one.flags & ts.TypeFlags.Object || one.isIntersection() ? one.getProperties() : [];
      if (properties.length === 0) return [];
      return [Object.fromEntries(properties.map(({ name }) => [name, tree(field(one, name))]))];
    }).filter((one) => one !== null);
    return found.length === 0 ? null : Object.assign({}, ...found);
  }

  // Name of the command -> its fields -> their words, where they have any.
  const commands = new Map();
  for (const one of members(typeOf('Command'))) {
    const [name] = words(field(one, 'command'));
    const fields = commands.get(name) ?? new Map();
    commands.set(name, fields);
    for (const { name: key } of one.getProperties()) {
      if (key !== 'command') fields.set(key, [...(fields.get(key) ?? []), ...words(field(one, key))]);
    }
  }
  return { commands, events: typeOf('Events').getProperties().map(({ name }) => name), state: tree(typeOf('State')) };
}
