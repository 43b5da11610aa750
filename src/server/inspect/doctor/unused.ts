import * as l10n from '@vscode/l10n';
import type { DoctorFinding } from '../../../shared/results/doctor';
import { ancestors } from '../../explain/layerChoice';
import type { GraphNode } from '../../graph/graph';
import { filtersOf, grownUnits } from './filters';
import type { Check, Patient } from './patient';

const MAX_NAMED = 5;
const MAX_VALUES = 10_000;
/** At the start of a sentence. */
const NUMBERS: Readonly<Record<number, string>> = {
  2: l10n.t('Two'),
  3: l10n.t('Three'),
  4: l10n.t('Four'),
  5: l10n.t('Five'),
  6: l10n.t('Six'),
  7: l10n.t('Seven'),
  8: l10n.t('Eight'),
  9: l10n.t('Nine'),
  10: l10n.t('Ten'),
};

/** Layers each of whose values depends on the value at the same place only. */
const ELEMENTWISE = new Set([
  ...['Dropout', 'GaussianNoise', 'GaussianDropout', 'ActivityRegularization', 'Identity'],
  ...['Normalization', 'BatchNormalization', 'Rescaling', 'ReLU', 'LeakyReLU', 'ELU', 'Flatten'],
]);

/** Of the units of a layer inside the model. */
const MANY_UNITS = 0.25;

/** Inputs, values of inputs and units that no output depends on, whatever the input is. */
export const unused: Check = async (patient) => {
  const { graph } = patient.trace;
  const reached = new Set(graph.outputs.flatMap((ref) => [...ancestors(graph, ref)]));
  const idle = await idleValues(patient, reached);
  const isIdle = (path: string): boolean =>
    !reached.has(path) || idle.get(path)?.places.length === idle.get(path)?.length;
  const inputs = graph.inputs.filter((path) => (idle.has(path) || !reached.has(path)) && isIdle(path));
  if (inputs.length > 0)
    return finding(
      inputs[0] ?? '',
      inputs.length === 1
        ? l10n.t('One input has no say in any output: {0}.', named(inputs))
        : l10n.t('{0} inputs have no say in any output: {1}.', counted(inputs.length), named(inputs)),
    );
  for (const [path, { places, length }] of idle) {
    if (graph.inputs.includes(path)) {
      const names = named(places.map((i) => `${path}[${i}]`));
      return finding(
        path,
        places.length === 1
          ? l10n.t('One value has no say in any output: {0}.', names)
          : l10n.t('{0} values have no say in any output: {1}.', counted(places.length), names),
      );
    }
    if (places.length >= MANY_UNITS * length && (await haveWeights(patient, path, places)))
      return finding(
        path,
        l10n.t(
          '{0} of {1} units of {2} have no say in any output: their weights in the next layer are 0.',
          places.length,
          length,
          path,
        ),
      );
  }
  return null;
};

const finding = (layer: string, sentence: string): DoctorFinding => ({ kind: 'unused', layer, sentence });

/** Places of a vector. */
interface IdleValues {
  readonly places: readonly number[];
  readonly length: number;
}

/** By node, the values of vectors that every layer which reads them multiplies by 0. */
async function idleValues(
  patient: Patient,
  reached: ReadonlySet<string>,
): Promise<ReadonlyMap<string, IdleValues>> {
  const { graph } = patient.trace;
  const read = new Set<string>();
  /** By node, for each value of a vector the value, of the same or an earlier node, that it alone depends on. */
  const sources = new Map<string, readonly string[]>();
  const lengths = new Map<string, number>();
  for (const { node } of patient.nodes) {
    if (!reached.has(node.path)) continue;
    const length = vectorLength(patient, node.path);
    const given = node.inputs.map((ref) => (ref.output === 0 ? sources.get(ref.node) : undefined));
    const carried = carriedSources(node, given, length);
    if (carried) {
      sources.set(node.path, carried);
      continue;
    }
    for (const value of await readValues(patient, node, given)) read.add(value);
    if (length === null || length > MAX_VALUES) continue;
    lengths.set(node.path, length);
    sources.set(
      node.path,
      Array.from({ length }, (_, i) => `${i} ${node.path}`),
    );
  }
  for (const { node } of graph.outputs) for (const value of sources.get(node) ?? []) read.add(value);
  const idle = new Map<string, IdleValues>();
  for (const [path, length] of lengths) {
    const places = Array.from({ length }, (_, i) => i).filter((i) => !read.has(`${i} ${path}`));
    if (places.length > 0) idle.set(path, { places, length });
  }
  return idle;
}

/** Whether units have weights of their own, so that a layer behind them is what makes them idle. */
async function haveWeights({ trace }: Patient, path: string, places: readonly number[]): Promise<boolean> {
  const node = trace.graph.nodes.get(path);
  const filters = node ? await filtersOf(trace, node) : null;
  if (filters === null || places.length < 2) return false;
  const grown = grownUnits(filters);
  return places.every((unit) => grown[unit]);
}

function vectorLength({ output }: Patient, path: string): number | null {
  const [, length, ...rest] = output({ node: path, output: 0 })?.stats.shape ?? [];
  return length === undefined || rest.length > 0 ? null : length;
}

/** The sources of a layer that passes each value on by itself; `null` for a layer that mixes values. */
function carriedSources(
  node: GraphNode,
  given: readonly (readonly string[] | undefined)[],
  length: number | null,
): readonly string[] | null {
  const known = given.filter((list) => list !== undefined);
  if (known.length !== given.length || known.length === 0) return null;
  const joined = known.flat();
  const passes = ELEMENTWISE.has(node.className) ? known.length === 1 : node.className === 'Concatenate';
  return passes && joined.length === length ? joined : null;
}

/** The values that a layer reads: of a Dense layer those with a weight other than 0, of any other layer all. */
async function readValues(
  { trace }: Patient,
  node: GraphNode,
  given: readonly (readonly string[] | undefined)[],
): Promise<readonly string[]> {
  const all = given.flatMap((list) => list ?? []);
  const filters = node.className === 'Dense' && all.length > 0 ? await filtersOf(trace, node) : null;
  if (filters === null) return all;
  const { units, kernel } = filters;
  return all.filter((_, i) => {
    for (let unit = 0; unit < units; unit++) if (kernel[i * units + unit] !== 0) return true;
    return false;
  });
}

const counted = (count: number): string => NUMBERS[count] ?? count.toLocaleString('en-US');

/** `a, b and c`; the first few of many. */
function named(names: readonly string[]): string {
  if (names.length > MAX_NAMED)
    return l10n.t('{0} and {1} more', names.slice(0, MAX_NAMED).join(', '), names.length - MAX_NAMED);
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : l10n.t('{0} and {1}', names.slice(0, -1).join(', '), last);
}
