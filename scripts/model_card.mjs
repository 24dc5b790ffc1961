#!/usr/bin/env node
// Writes the card of a shipped model, assets/NAME.md, from the model file and a fresh evaluation:
//   scripts/model_card.mjs NAME SET SPLIT
// SET and SPLIT as `weightroom eval` takes them; build/native/weightroom must be built.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [name, set, split] = process.argv.slice(2);
if (!split) {
  console.error('usage: scripts/model_card.mjs NAME SET SPLIT');
  process.exit(2);
}
const root = fileURLToPath(new URL('../', import.meta.url));
const file = `${root}assets/${name}.safetensors`;
const bytes = readFileSync(file);
const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
const { title, provenance } = header.__metadata__;
const made = JSON.parse(provenance);
delete made.accuracy; // measured afresh below
const measured = JSON.parse(execFileSync(`${root}build/native/weightroom`, ['eval', set, '--split', split, '--model', file, '--json'], { encoding: 'utf8' }));

// What the data is and may be used for; everything else is read from the file.
const kNotes = {
  photographs: `The pictures come from Tiny ImageNet (Stanford CS231n), a 64x64 cut of ILSVRC-2012. The terms of ImageNet allow
research and education. The pictures are no part of this project; the weights are.`,
  garments: `The pictures are Fashion-MNIST (Zalando Research, MIT licence).`,
};
const note = name === 'garments' ? kNotes.garments : kNotes.photographs;
const kLimits = {
  photographs: `It knows these classes and no others: a picture of anything else gets one of these names all the same. It has seen
small photographs of single things, from the web, mostly in daylight. It must decide nothing about people.`,
  garments: `It knows grey pictures of single clothes on a plain ground, 28x28, light on dark, as Fashion-MNIST has them. Photos of
worn clothes look different to it.`,
};
const limits = name === 'garments' ? kLimits.garments : kLimits.photographs;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const rows = measured.classes.map((row) => `| ${row.label.replaceAll('_', ' ')} | ${row.count} | ${percent(row.recall)} |`).join('\n');

writeFileSync(`${root}assets/${name}.md`, `# ${name}

${title}.

| | |
|---|---|
| fingerprint | \`${measured.fingerprint}\` |
| file | ${(bytes.length / 1024).toFixed(0)} KB, safetensors, fp16 |
| measured on | ${measured.count} pictures of the split "${split}" |
| top-1 | ${percent(measured.top1)} |
| top-5 | ${percent(measured.top5)} |
| loss | ${measured.loss.toFixed(3)} |

## Made by

\`\`\`
${made.command} --out ${name}.safetensors
\`\`\`

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
