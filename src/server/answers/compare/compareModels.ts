import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type Comparison,
  DEFAULT_TOLERANCE,
  type OutputComparison,
} from '../../../shared/compare/comparison';
import { toError } from '../../../shared/errors';
import type { InputSource, Preprocessing } from '../../../shared/inputs';
import type { BackendName } from '../../../shared/model';
import {
  type ComparedLayer,
  type ComparedValues,
  comparedLayers,
  comparisonOf,
  type LayerPair,
  NO_VALUES,
  pairLayers,
  partnersOf,
  wiringDifferences,
} from '../../compare/comparedLayers';
import { type Compared, firstDifference } from '../../compare/firstDifference';
import { copyValues, type HostValues, valueAt, valueChange } from '../../compare/hostValues';
import { isOfOperations, pairScopes } from '../../compare/scopes';
import { weightDifferences } from '../../compare/weightDifferences';
import { scoresOf } from '../../explain/explain';
import { predictions } from '../../explain/score';
import type { GraphNode } from '../../graph/graph';
import type { Control } from '../../run/control';
import type { Trace } from '../../run/trace';
import type { OpenModel } from '../../session/openModels';
import type { Session } from '../../session/session';
import { knownWeights } from './knownWeights';

export interface CompareRequest {
  /** For both models; without any, no values are compared. */
  readonly inputs: readonly InputSource[];
  /** Of both, so that they get the same numbers. */
  readonly preprocessing: Preprocessing;
  readonly preprocessArrays?: boolean;
  readonly tolerance?: number;
  readonly labels?: readonly string[];
  readonly insist?: boolean;
}

/** What a run of both models found. */
interface RunFindings {
  readonly a: HostValues;
  readonly b: HostValues;
  readonly predictions: readonly OutputComparison[];
  readonly backend: BackendName;
}

/**
 * Compares two open models: their layers, array by array their weights, and on an input their values. What cannot be compared, because
 * weights are missing or one of the models cannot be run on the input, is told in a notice.
 * @throws Failure of damaged weights, `too-costly`, `cancelled`
 */
export async function compareModels(
  session: Session,
  models: { readonly a: OpenModel; readonly b: OpenModel },
  request: CompareRequest,
  control: Control,
): Promise<Comparison> {
  const { a, b } = models;
  const { tolerance = DEFAULT_TOLERANCE, inputs } = request;
  const notices: string[] = [];
  const { pairs, isComplete } = await pairsOf(models, notices);
  const found =
    inputs.length === 0 ? null : await runOr(() => runBoth(session, models, request, control), notices);
  const graphs = { a: a.graph, b: b.graph };
  const partners = partnersOf(pairs);
  const compared: Compared[] = [];
  for (const [i, pair] of pairs.entries()) {
    const difference =
      pair.a && pair.b
        ? await weightDifferences(pair.a.weights, pair.b.weights, control, i / pairs.length)
        : { weights: [], change: null, distance: null };
    const values = found ? valuesOf(pair, found, tolerance) : NO_VALUES;
    const wiring = wiringDifferences(pair, graphs, partners);
    compared.push({ pair, layer: comparisonOf(pair, difference, values, wiring) });
  }
  const first = firstDifference(compared, graphs, (one, other) =>
    found === null ? true : inputsAgree(one, other, found, tolerance),
  );
  const outputs = found?.predictions ?? null;
  const doPredictionsPart = outputs?.some(({ change }) => change === null || change > tolerance) ?? false;
  const isAnswered = found !== null || (isComplete && inputs.length === 0);
  return {
    isEqual: first === null && !doPredictionsPart && isAnswered,
    layers: compared.map(({ layer }) => layer),
    firstDifference: first,
    predictions: outputs,
    tolerance,
    backend: found?.backend ?? null,
    parameters: { a: a.graph.params.total, b: b.graph.params.total },
    notices,
  };
}

/** Pairs of layers, and whether what the files say of them is all compared. */
interface Pairs {
  readonly pairs: readonly LayerPair[];
  readonly isComplete: boolean;
}

/** The layers of both models, paired as far as both describe them. */
async function pairsOf(
  { a, b }: { readonly a: OpenModel; readonly b: OpenModel },
  notices: string[],
): Promise<Pairs> {
  const known = [await knownWeights(a.graph, a.file.weights), await knownWeights(b.graph, b.file.weights)];
  const missing = known.findIndex(({ problem }) => problem !== null);
  if (missing >= 0) {
    const file = basename((missing === 0 ? a : b).path);
    notices.push(
      l10n.t('Weights are not compared, because {0} has none: {1}', file, known[missing]?.problem ?? ''),
    );
  }
  const layersOf = ({ graph }: OpenModel, i: number): ComparedLayer[] =>
    comparedLayers(graph, missing >= 0 ? [] : (known[i]?.weights ?? []));
  const [one, other] = [layersOf(a, 0), layersOf(b, 1)];
  const [isGraphA, isGraphB] = [isOfOperations(a.graph), isOfOperations(b.graph)];
  if (isGraphA !== isGraphB) {
    const [layers, graph] = isGraphA ? [other, a.graph] : [one, b.graph];
    const pairs = pairScopes(layers, graph, isGraphA ? 'b' : 'a');
    notices.push(
      l10n.t(
        '{0} consists of operations, not of layers: on an input, predictions are compared, and the values of the {1} of {2} layers whose names it has.',
        basename((isGraphA ? a : b).path),
        pairs.length,
        layers.length,
      ),
    );
    return { pairs, isComplete: false };
  }
  const weightsOnly = [a, b].find(({ graph }) => graph.summary.weightsOnly);
  if (weightsOnly === undefined) return { pairs: pairLayers(one, other), isComplete: missing < 0 };
  notices.push(l10n.t('{0} describes no layers: only weights are compared.', basename(weightsOnly.path)));
  const withWeights = (layers: readonly ComparedLayer[]): ComparedLayer[] =>
    layers.filter(({ weights }) => weights.length > 0);
  return { pairs: pairLayers(withWeights(one), withWeights(other)), isComplete: missing < 0 };
}

/** A model that cannot be run on the input is no failure of the comparison. */
async function runOr<T>(run: () => Promise<T>, notices: string[]): Promise<T | null> {
  try {
    return await run();
  } catch (thrown) {
    const error = toError(thrown);
    if (!NOT_RUN.has(error.kind)) throw thrown;
    notices.push(l10n.t('Values are not compared: {0}', error.message));
    return null;
  }
}
const NOT_RUN: ReadonlySet<string> = new Set([
  ...['weights-only', 'no-weights', 'missing-shard', 'unknown-layer', 'no-such-target', 'wrong-shape'],
]);

/** Runs A and keeps a copy of its values, then B. */
async function runBoth(
  session: Session,
  { a, b }: { readonly a: OpenModel; readonly b: OpenModel },
  { inputs, preprocessing, preprocessArrays = false, labels = [], insist = false }: CompareRequest,
  control: Control,
): Promise<RunFindings> {
  const options = { preprocessArrays, insist };
  const read = (model: OpenModel, from: number) => {
    const own: Control = {
      isCancelled: () => control.isCancelled(),
      report: (fraction, message) =>
        control.report((from + fraction) / 2, `${basename(model.path)}: ${message}`),
    };
    return session.run(
      model.id,
      inputs,
      preprocessing,
      own,
      async ({ trace }) => ({
        values: await copyValues(trace, own),
        scores: await outputsOf(trace, labels),
        backend: trace.runtime.status.name,
      }),
      options,
    );
  };
  const one = await read(a, 0);
  const other = await read(b, 1);
  const outputs = one.scores.flatMap((output, i): OutputComparison[] => {
    const counterpart = other.scores[i];
    if (counterpart === undefined) return [];
    const [from, to] = [a.graph.outputs[i], b.graph.outputs[i]];
    const values = [from && valueAt(one.values, from), to && valueAt(other.values, to)] as const;
    return [
      { name: output.name, a: output.predictions, b: counterpart.predictions, change: changeOf(...values) },
    ];
  });
  return { a: one.values, b: other.values, predictions: outputs, backend: other.backend };
}

const changeOf = (...[a, b]: readonly [Value, Value]): number | null =>
  a === undefined || b === undefined ? null : valueChange(a, b);
type Value = ReturnType<typeof valueAt>;

interface NamedPredictions {
  readonly name: string;
  readonly predictions: OutputComparison['a'];
}

/** What each output predicts; of one that has no scores, such as texts, nothing. */
async function outputsOf(trace: Trace, labels: readonly string[]): Promise<NamedPredictions[]> {
  const found: NamedPredictions[] = [];
  for (const [output, { name }] of trace.graph.summary.outputs.entries()) {
    const scores = await scoresOr(trace, output);
    found.push({ name, predictions: scores === null ? [] : predictions(scores, output === 0 ? labels : []) });
  }
  return found;
}

async function scoresOr(trace: Trace, output: number) {
  try {
    return await scoresOf(trace, { index: 'auto', output });
  } catch (thrown) {
    if (toError(thrown).kind !== 'not-applicable' && toError(thrown).kind !== 'unknown-layer') throw thrown;
    return null;
  }
}

function valuesOf({ a, b }: LayerPair, found: RunFindings, tolerance: number): ComparedValues {
  const ones = (a?.values ?? []).map((ref) => valueAt(found.a, ref));
  const others = (b?.values ?? []).map((ref) => valueAt(found.b, ref));
  if (ones.length === 0 || others.length === 0 || [...ones, ...others].includes(undefined)) return NO_VALUES;
  const changes = ones.map((value, i) => changeOf(value, others[i]));
  if (ones.length !== others.length || changes.includes(null)) return { valueChange: null, valuesPart: true };
  const change = Math.max(0, ...changes.map((each) => each ?? 0));
  return { valueChange: change, valuesPart: change > tolerance };
}

function inputsAgree(a: GraphNode, b: GraphNode, found: RunFindings, tolerance: number): boolean {
  if (a.inputs.length !== b.inputs.length) return false;
  return a.inputs.every((ref, i) => {
    const other = b.inputs[i];
    const change = changeOf(valueAt(found.a, ref), other && valueAt(found.b, other));
    return change !== null && change <= tolerance;
  });
}
