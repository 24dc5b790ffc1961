#!/usr/bin/env node
// Writes the card of a shipped model, assets/NAME.md, from the model file and a fresh evaluation:
//   scripts/model_card.mjs NAME SET SPLIT [OTHERS]
// SET and SPLIT as `weightroom eval` takes them, and OTHERS, pictures that a model with a gauge should refuse;
// build/native/weightroom must be built.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [name, set, split, others] = process.argv.slice(2);
if (!split) {
  console.error('usage: scripts/model_card.mjs NAME SET SPLIT [OTHERS]');
  process.exit(2);
}
const root = fileURLToPath(new URL('../', import.meta.url));
const file = `${root}assets/${name}.safetensors`;
const bytes = readFileSync(file);
const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
const { title, provenance } = header.__metadata__;
const dtypes = new Set(Object.entries(header).filter(([key]) => key !== '__metadata__').map(([, tensor]) => tensor.dtype));
const stored = dtypes.has('I8') ? 'int8 with a scale a channel' : 'fp16';
const made = JSON.parse(provenance);
delete made.accuracy; // measured afresh below
const evaluate = (of) => JSON.parse(execFileSync(`${root}build/native/weightroom`, ['eval', of, '--split', split, '--model', file, '--json'], { encoding: 'utf8' }));
const measured = evaluate(set);
const refused = others ? evaluate(others) : null;

// What the data is and may be used for; everything else is read from the file.
const kNotes = {
  photographs: `The pictures come from Tiny ImageNet (Stanford CS231n), a 64x64 cut of ILSVRC-2012. The terms of ImageNet allow
research and education. The pictures are no part of this project; the weights are.`,
  garments: `The pictures are Fashion-MNIST (Zalando Research, MIT licence).`,
};
const note = name === 'garments' ? kNotes.garments : kNotes.photographs;
const kLimits = {
  photographs: `It knows these classes and no others, and people are not among them. Of most pictures of anything else it says "none of
these", of the rest it gives one of these names all the same. It has seen small photographs of single things, from the
web, mostly in daylight. It must decide nothing about people.`,
  garments: `It knows grey pictures of single clothes on a plain ground, 28x28, light on dark, as Fashion-MNIST has them. Photos of
worn clothes look different to it.`,
};
const limits = name === 'garments' ? kLimits.garments : kLimits.photographs;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const gauge = refused ? `
| said to be none of these | ${percent(measured.none_of_these / measured.count)} of these pictures, ${percent(refused.none_of_these / refused.pictures)} of pictures of other things |` : '';
// A teacher is made by its own recipe, which stands beside the model's.
const teachers = (made.teachers ?? []).map(({ file: teacher, fingerprint }) => `
It learned from the answers of \`${teacher}\` too (fingerprint \`${fingerprint}\`), a larger net that is made the same way
by \`assets/recipes/${teacher.replace('.safetensors', '.json')}\`, and comes first.
`).join('');
const rows = measured.classes.map((row) => `| ${row.label.replaceAll('_', ' ')} | ${row.count} | ${percent(row.recall)} |`).join('\n');

writeFileSync(`${root}assets/${name}.md`, `# ${name}

${title}.

| | |
|---|---|
| fingerprint | \`${measured.fingerprint}\` |
| file | ${(bytes.length / 1024).toFixed(0)} KB, safetensors, ${stored} |
| measured on | ${measured.count} pictures of the split "${split}" |
| top-1 | ${percent(measured.top1)} |
| top-5 | ${percent(measured.top5)} |
| loss | ${measured.loss.toFixed(3)} |${gauge}

## Made by

\`\`\`
${made.command} --out ${name}.safetensors
\`\`\`
${teachers}
Seed ${made.recipe?.seed ?? made.seed}. The recipe is \`assets/recipes/${name}.json\`. The same data, recipe and seed give the same weights bit for bit, on any number of threads. What
the file itself says of its making:

\`\`\`json
${JSON.stringify(made, null, 2)}
\`\`\`

## Accuracy by class

| class | pictures | recall |
|---|---|---|
${rows}

## Limits

${limits}

## Data and licence

${note}
`);
console.log(`assets/${name}.md: top-1 ${percent(measured.top1)}`);
