import {
  type DisplayRule,
  METHOD_IDS,
  METHODS,
  type MethodId,
  type MethodInfo,
  type MethodOption,
} from '../../../src/shared/methods';

const HEAD = `# Explanation methods

This page is written from \`src/shared/methods.ts\` by \`npx vitest run test/unit/explain/methods.test.ts -u\`. \`layerglass methods --json\` prints the same.
\`F\` is a forward pass of the model and \`B\` a backward pass; the first forward pass is shared by all methods on an input.
The images are those of sample 4: where a cat and a dog are in one image, the evidence for "cat"; CAM is that of sample 3, whose
model ends in global average pooling. What holds for all methods (the score, a single sigmoid, resizing, raw maps) is in [numerics.md](numerics.md).

Layer-wise relevance propagation (LRP) is left out on purpose: its authors claim patents on it, which a program under the Apache
License cannot grant. DeepLIFT and gradient x input answer the same question.
`;

const DRAWN: Readonly<Record<DisplayRule, string>> = {
  positive: 'the evidence for the target (its positive part)',
  signed: 'evidence for the target in red and against it in blue',
  absolute: 'its size, whatever the sign (the largest over the channels)',
};

function optionRow(option: MethodOption): string {
  const range =
    option.type === 'choice'
      ? [
          ...option.choices.map((choice) => `\`${choice}\``),
          ...(option.file ? ['an .npy file'] : []),
          ...(option.maxIndex === undefined ? [] : ['a number from 0']),
        ].join(', ')
      : `${option.min} to ${option.max}`;
  return `| \`${option.name}\` | \`${option.default}\` | ${range} | ${option.description} |`;
}

function section(id: MethodId, info: MethodInfo): string {
  // Attention is drawn over the words of a sentence, the others over an image: scripts/screenshots/methods.mjs.
  const [file, width] = info.group === 'Attention' ? [`${id}.svg`, 480] : [`${id}.png`, 192];
  const lines = [
    `### ${info.label}`,
    '',
    `<img src="images/methods/${file}" width="${width}" alt="">`,
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
export function methodsPage(): string {
  const groups = [...new Set(METHOD_IDS.map((id) => METHODS[id].group))];
  const parts = groups.flatMap((group) => [
    `## ${group}`,
    ...METHOD_IDS.filter((id) => METHODS[id].group === group).map((id) => section(id, METHODS[id])),
  ]);
  return `${[HEAD.trim(), ...parts].join('\n\n')}\n`;
}
