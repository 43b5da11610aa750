import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openModelFile } from '../../src/server/formats/open';
import type { GraphNode } from '../../src/server/graph/graph';
import { buildGraph } from '../../src/server/graph/keras/build';
import { findKind } from '../../src/server/kinds/registry';
import { quantizationOf } from '../../src/server/layers/core/quantization';
import type { LayerKind } from '../../src/server/layers/kind';
import { layerTables } from '../../src/server/layers/registry';
import { arrayOf } from '../../src/server/layers/support/configArray';
import type { Runtime } from '../../src/server/run/backends/backend';
import { NO_CONTROL } from '../../src/server/run/control';
import { runForward } from '../../src/server/run/trace';
import { WeightCache } from '../../src/server/run/weights/weightCache';
import { startForTests } from './backends';
import { type CaseIndex, FOLDER, layerCases } from './cases/layerCaseIndex';
import { checkCall, TOLERANCE } from './finiteDifferences';
import { readNpz } from './npz';

/** Why a class has no gradient that differences could check. Every other class of the registry needs a check. */
const NO_GRADIENT: Readonly<Record<string, string>> = {
  ContrastLimitedAdaptiveHistogramEqualization: 'looks its values up in tables made by counting',
  Discretization: 'gives the number of a bin',
  Embedding: 'takes ids',
  HashedCrossing: 'gives the number of a bin',
  Hashing: 'gives the number of a bin',
  IntegerLookup: 'takes whole numbers',
  StringLookup: 'takes strings',
  TextVectorization: 'takes strings',
};

/** Why a class is never a node of a model that Keras saves: what it holds is checked instead. */
const NEVER_CALLED: Readonly<Record<string, string>> = {
  Pipeline: 'its layers are nodes of the graph',
};

const LAYERS: ReadonlyMap<string, LayerKind> = new Map(
  layerTables(findKind).flatMap((table) => Object.entries(table)),
);

/** By class, the values that agree over all cases; `null` where no call has a gradient. */
const found = new Map<string, number | null>();
let kinks = 0;
let runtime: Runtime;

beforeAll(async () => {
  const started = await startForTests('cpu');
  if (typeof started === 'string') throw new Error(started);
  runtime = started;
});

describe(`input gradients equal central differences, to ${TOLERANCE} of the largest`, () => {
  test.each(layerCases().map((layerCase) => [layerCase.case, layerCase] as const))(
    '%s',
    async (_, layerCase) => {
      expect(await wrongGradients(layerCase)).toEqual([]);
    },
  );
});

describe('all layer classes', () => {
  test('have such a check, or a reason why they cannot', () => {
    const called = new Set([...found.keys()].map((className) => LAYERS.get(className)));
    const without = [...LAYERS].filter(([className, kind]) => {
      // Another name of a class that is checked.
      if (!found.has(className) && called.has(kind)) return false;
      return (found.get(className) ?? 0) === 0;
    });
    expect(without.map(([className]) => className).sort()).toEqual(
      [...Object.keys(NO_GRADIENT), ...Object.keys(NEVER_CALLED)].sort(),
    );
    for (const className of Object.keys(NO_GRADIENT))
      expect([className, found.get(className)]).toEqual([className, null]);
  });

  test('are counted in docs/numerics.md', () => {
    const page = readFileSync(join(__dirname, '../../docs/numerics.md'), 'utf8');
    const exceptions = Object.keys(NO_GRADIENT).length + Object.keys(NEVER_CALLED).length;
    expect(page).toContain(`${LAYERS.size - exceptions} of the ${LAYERS.size} class names`);
  });

  test('few values lie at kinks', () => {
    const agreeing = [...found.values()].reduce<number>((sum, values) => sum + (values ?? 0), 0);
    expect(kinks / agreeing).toBeLessThan(0.02);
  });
});

/** Checks every call of a layer in one case; returns a sentence for each wrong gradient. */
async function wrongGradients(layerCase: CaseIndex): Promise<string[]> {
  const file = await openModelFile(join(FOLDER, layerCase.family, layerCase.model));
  try {
    const { topology, format, kerasVersion, path } = file;
    const graph = buildGraph({ topology, format, kerasVersion, path }, findKind);
    const nodes = [...graph.nodes.values()].filter(
      ({ className, inputs }) => LAYERS.has(className) && inputs.length > 0,
    );
    if (nodes.length === 0) return [];
    const keras = await readNpz(join(FOLDER, layerCase.family, layerCase.arrays));
    const inputs = graph.inputs.flatMap((_, i) => {
      const array = keras.get(`input.${i}`);
      if (array === undefined) return [];
      const values = array.dtype === 'string' ? [...array.values] : array.values;
      return runtime.tf.tensor(values, [...array.shape], array.dtype);
    });
    const weights = new WeightCache(runtime, graph, file.weights);
    const trace = await runForward(runtime, graph, weights, inputs, NO_CONTROL);
    const wrong: string[] = [];
    for (const node of nodes) {
      const kind = LAYERS.get(node.className);
      if (kind === undefined || roundsInputs(node)) continue;
      const check = await checkCall(trace, node, kind, isLeftOutOf(node));
      const before = found.get(node.className) ?? null;
      found.set(node.className, check === null ? before : (before ?? 0) + check.agreeing);
      kinks += check?.kinks ?? 0;
      wrong.push(...(check?.wrong ?? []).map((sentence) => `${node.path} (${node.className}): ${sentence}`));
    }
    trace.dispose();
    weights.dispose();
    for (const input of inputs) input.dispose();
    return wrong;
  } finally {
    file.close();
  }
}

/** Whether a quantized layer rounds its inputs: its gradient is that of the layer without rounding, as in Keras. */
function roundsInputs({ className, config }: GraphNode): boolean {
  if (className !== 'Dense' && className !== 'EinsumDense') return false;
  const mode = quantizationOf(config)?.mode;
  return mode === 'int8' || mode === 'int4';
}

/** A masked step jumps from 0 as soon as one of its values changes; its gradient is 0, as in Keras. */
function isLeftOutOf({ className, config }: GraphNode): (value: number) => boolean {
  if (className !== 'Masking') return () => false;
  const { values } = arrayOf(config, 'mask_value', 0);
  return (value) => values.includes(value);
}
