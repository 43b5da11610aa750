import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openModelFile } from '../../src/server/formats/open';
import type { BackendName } from '../../src/shared/model';
import { type CaseIndex, FOLDER, layerCases } from './cases/layerCaseIndex';

/** Largest relative errors by case, as the tests of one backend measured them. */
export type Errors = ReadonlyMap<BackendName, Readonly<Record<string, number>>>;

/** One row of docs/conformance.md. */
export interface Row {
  readonly name: string;
  readonly cases: readonly string[];
}

interface KerasLayers {
  readonly kerasVersion: string;
  readonly layers: readonly { readonly name: string; readonly aliases: readonly string[] }[];
}

const keras: KerasLayers = JSON.parse(readFileSync(join(__dirname, '../fixtures/keras_layers.json'), 'utf8'));

/** The rows for Keras's layers, those without a case too, and for the operations that are nodes of functional models. */
export async function rows(): Promise<{ layers: Row[]; operations: Row[] }> {
  const casesOf = new Map<string, string[]>();
  for (const layerCase of layerCases()) {
    for (const name of await classesOf(layerCase)) {
      casesOf.set(name, [...(casesOf.get(name) ?? []), layerCase.case]);
    }
  }
  const operations = [...casesOf.keys()].filter((name) => name.startsWith(OPERATION)).sort();
  return {
    layers: keras.layers.map(({ name }) => ({ name, cases: casesOf.get(name) ?? [] })),
    operations: operations.map((name) => ({ name, cases: casesOf.get(name) ?? [] })),
  };
}

const OPERATION = 'ops.';

/** The classes in a case's file, those inside wrappers and recurrent layers too; `ops.Mean` for an operation. */
async function classesOf({ family, model }: CaseIndex): Promise<ReadonlySet<string>> {
  const file = await openModelFile(join(FOLDER, family, model));
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const { class_name: name, module } = value as Record<string, unknown>;
    if (typeof name === 'string' && typeof module === 'string') {
      found.add(module.startsWith('keras.src.ops') ? OPERATION + name : name);
    }
    Object.values(value).forEach(walk);
  };
  walk(file.topology);
  file.close();
  return found;
}

/** The text of docs/conformance.md. */
export async function conformanceTable(errors: Errors, date: string): Promise<string> {
  const { layers, operations } = await rows();
  const backends = [...errors.keys()];
  const worst = (cases: readonly string[], backend: BackendName): string => {
    const measured = cases.map((name) => errors.get(backend)?.[name] ?? 0);
    return Math.max(0, ...measured).toExponential(0);
  };
  const table = (title: string, list: readonly Row[]): string[] => [
    `| ${title} | cases | ${backends.join(' | ')} |`,
    `| --- | ---: |${' ---: |'.repeat(backends.length)}`,
    ...list.map(
      ({ name, cases }) =>
        `| ${name} | ${cases.length} | ${backends.map((backend) => worst(cases, backend)).join(' | ')} |`,
    ),
  ];
  const known = layers.filter(({ cases }) => cases.length > 0);
  const unknown = layers.filter(({ cases }) => cases.length === 0).map(({ name }) => name);
  return `${[
    '# Conformance with Keras',
    '',
    `Written by \`node scripts/conformance.mjs\` on ${date}, not by hand, against Keras ${keras.kerasVersion}. Each case is a small model that real Keras`,
    'saved (`test/fixtures/layer_cases`); its static shapes, parameters, values before and after the activation and gradients are compared on',
    "each backend. The numbers are the largest difference relative to the largest of Keras's values (or 1) over all tensors of",
    'all cases that hold the class. `npm test` holds every case to 1e-5; the few with a wider tolerance carry the reason in their `index.json`.',
    '',
    `## Layers: ${known.length} of the ${layers.length} classes in \`keras.layers\``,
    '',
    ...table('layer', known),
    '',
    unknown.length > 0
      ? `Listed in models and not computed, since they are code or a library of their own, or no layer by themselves: ${unknown.join(', ')}.`
      : 'Every class is computed.',
    ...(operations.length > 0
      ? [
          '',
          `## Operations in functional models: ${operations.length}`,
          '',
          ...table('operation', operations),
        ]
      : []),
    '',
  ].join('\n')}`;
}

/** The cases of each row of the page. */
export function countsIn(page: string): Map<string, number> {
  const rowsOfPage = page.matchAll(/^\| (\S+) \| (\d+) \|/gm);
  return new Map([...rowsOfPage].map(([, name = '', cases]) => [name, Number(cases)]));
}
