// Writes docs/methods.md from the table of methods (src/shared/methods.ts): `node scripts/methodsPage.mjs`. A test compares.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function table() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/shared/methods.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const HEAD = `# Explanation methods

This page is written by \`node scripts/methodsPage.mjs\` from \`src/shared/methods.ts\`. \`layerglass methods --json\` prints the same.
\`F\` is a forward pass of the model and \`B\` a backward pass; the first forward pass is shared by all methods on an input.
What holds for all methods (the score, a single sigmoid, resizing, raw maps) is in [numerics.md](numerics.md).

Layer-wise relevance propagation (LRP) is left out on purpose: its authors claim patents on it, which a program under the Apache
License cannot grant. DeepLIFT and gradient x input answer the same question.
`;

const DRAWN = {
  positive: 'the evidence for the target (its positive part)',
  signed: 'evidence for the target in red and against it in blue',
  absolute: 'its size, whatever the sign (the largest over the channels)',
};

function optionRow(option) {
  const range =
    option.type === 'choice'
      ? [...option.choices.map((choice) => `\`${choice}\``), ...(option.file ? ['an .npy file'] : [])].join(
          ', ',
        )
      : `${option.min} to ${option.max}`;
  return `| \`${option.name}\` | \`${option.default}\` | ${range} | ${option.description} |`;
}

function section(id, info) {
  const lines = [
    `### ${info.label}`,
    '',
    `\`${id}\`: ${info.description} ${info.paper}.`,
    '',
    `Explains at the ${info.scope === 'layer' ? 'layer' : 'input'}. Its raw map is ${info.sign === 'signed' ? 'signed' : 'never negative'}; drawn is ${DRAWN[info.display]}. Cost: ${info.cost}.`,
  ];
  if (info.convention) lines.push('', info.convention);
  if (info.options.length > 0)
    lines.push('', '| option | default | values | |', '|---|---|---|---|', ...info.options.map(optionRow));
  return lines.join('\n');
}

/** The text of docs/methods.md. */
export async function methodsPage() {
  const { METHODS, METHOD_IDS } = await table();
  const groups = [...new Set(METHOD_IDS.map((id) => METHODS[id].group))];
  const parts = groups.flatMap((group) => [
    `## ${group}`,
    ...METHOD_IDS.filter((id) => METHODS[id].group === group).map((id) => section(id, METHODS[id])),
  ]);
  return `${[HEAD.trim(), ...parts].join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, 'docs/methods.md'), await methodsPage());
