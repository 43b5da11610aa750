import * as l10n from '@vscode/l10n';
import { durationText } from '../../shared/amounts';
import { fail } from '../../shared/errors';
import type { ExplanationHeader, TargetChoice } from '../../shared/explanation';
import {
  type DisplayRule,
  explainsLayer,
  METHODS,
  type MethodId,
  type OptionValues,
  optionsOf,
} from '../../shared/methods';
import type { TensorRef } from '../graph/graph';
import type { Walk } from '../run/backward';
import type { Control } from '../run/control';
import { hasNonFinite, nonFiniteGradient, nonFiniteOrigin } from '../run/nonFinite';
import type { RectifierRule } from '../run/rectifierRules';
import { RowTrace, rowWalk } from '../run/rows';
import type { Trace } from '../run/trace';
import { anticipate } from './anticipate';
import { defaultLayer, resolveLayer } from './layerChoice';
import { type ExplainedMap, explainedMaps, isMapOfLayer, missingInputs } from './maps/explainedMaps';
import { checkFuses } from './maps/fuse';
import { checkMemory } from './memory';
import type { Attribution, Cost, Method, MethodContext, RawMap } from './method';
import { IMPLEMENTATIONS } from './methods';
import { BACKWARD_PER_FORWARD, Passes } from './passes';
import { layoutAt, placesOf } from './places';
import { classCount, predictions, readScores, readUnits, type Scores, sigmoidLogit } from './score';
import { explanationSentence } from './sentence';
import { type Walks, walkOf } from './support/scoreWalk';
import { type ChosenTarget, chooseTarget, type PositionMask } from './target';

export type { Walks } from './support/scoreWalk';

export interface ExplainRequest {
  readonly method: MethodId;
  readonly layer: 'auto' | string;
  /** Further layers, whose maps are fused with that of `layer`. */
  readonly fusedLayers?: readonly string[];
  /** Of the method; the defaults for the others. */
  readonly options?: OptionValues;
  readonly target: TargetChoice;
  readonly labels: readonly string[];
  /** How the raw map is reduced; by default as the method states. */
  readonly display?: DisplayRule;
  /** The user wants a long method at any cost. */
  readonly insist?: boolean;
}

export interface ExplainResult {
  readonly header: ExplanationHeader;
  /** The first map as it is drawn, and as the method gives it. */
  readonly map: RawMap;
  readonly raw: RawMap;
  readonly maps: readonly ExplainedMap[];
  /** Null for an output without positions. */
  readonly mask: PositionMask | null;
}

/** Reads an array from a file that an option names. */
export type ReadArray = MethodContext['readArray'];
export const NO_FILES: ReadArray = async (path) =>
  fail('bad-input', l10n.t('"{0}" cannot be read here.', path), { subject: path });

/** A method that is estimated to take longer needs the user's confirmation. */
const MAX_MILLISECONDS = 60_000;
/** At most as many times faster than the first pass, which also prepares the backend, is one of many examples. */
export const FASTER_TOGETHER = 50;

/** Examples of a run that are explained together: the run of all, and each of them as a run of its own. */
export interface Examples {
  readonly whole: Trace;
  readonly rows: readonly Trace[];
}

/** As `explainEach`, of a run of one example. */
export async function explain(
  trace: Trace,
  walks: Walks,
  question: ExplainRequest,
  control: Control,
  readArray: ReadArray = NO_FILES,
): Promise<ExplainResult> {
  const [found] = await explainEach({ whole: trace, rows: [trace] }, walks, question, control, readArray);
  return found ?? fail('internal', l10n.t('{0} gave no map.', METHODS[question.method].label));
}

/**
 * Explains one score of each example. The caller adds the times of the pass that made the trace.
 * @param walks of the run of all: one walk goes back from the scores of all examples, because each depends on its own values alone
 * @throws Failure `not-applicable`, `no-such-layer`, `no-such-target`, `unknown-layer`, `bad-input`, `too-costly`, `cancelled`.
 */
export async function explainEach(
  { whole, rows }: Examples,
  walks: Walks,
  question: ExplainRequest,
  control: Control,
  readArray: ReadArray = NO_FILES,
): Promise<ExplainResult[]> {
  const method = IMPLEMENTATIONS[question.method];
  const options = optionsOf(question.method, question.options);
  const scored = scoredPlace(whole, question.target);
  const layers = explainsLayer(question.method, options) ? layersOf(whole, method, question, scored) : [];
  await anticipate(whole, question.method, scored, layers);
  const before = whole.runtime.lazy?.computeTime ?? 0;
  // A backend that computes what is read makes the forward pass only now, of all examples.
  const first = await scoresOf(whole, question.target);
  const scores: Scores[] = [];
  for (const row of rows) scores.push(row === whole ? first : await scoresOf(row, question.target));
  const forward = ((whole.runtime.lazy?.computeTime ?? 0) - before) / rows.length;
  for (const row of rows) row.forwardTime += forward;
  checkInputs(whole);
  const labels = question.target.unit === undefined ? question.labels : [];
  const picture = pictureOf(whole);
  const chosen = scores.map((own) => ({
    scores: own,
    ...chooseTarget(own, targetOf(method, own, question.target), labels, picture),
  }));
  const found: ExplainResult[] = [];
  for (const [i, trace] of rows.entries()) {
    const own = chosen[i] ?? fail('internal', 'An example has no score.');
    const walk = (rule: RectifierRule): Walk => {
      const all = walkOf(whole, walks, question.target, chosen, rule);
      return trace instanceof RowTrace ? rowWalk(all, trace) : all;
    };
    const row = { ...own, trace, walk, layers, method, options, labels, forward };
    found.push(await explainRow(row, question, control, readArray));
  }
  return found;
}

interface Row extends ChosenTarget {
  readonly scores: Scores;
  readonly trace: Trace;
  readonly walk: (rule: RectifierRule) => Walk;
  readonly layers: readonly TensorRef[];
  readonly method: Method;
  readonly options: OptionValues;
  readonly labels: readonly string[];
  /** Milliseconds of the forward pass that reading the scores took. */
  readonly forward: number;
}

async function explainRow(
  { scores, target, score, mask, trace, layers, method, options, labels, forward, ...row }: Row,
  question: ExplainRequest,
  control: Control,
  readArray: ReadArray,
): Promise<ExplainResult> {
  const info = METHODS[question.method];
  const before = trace.runtime.lazy?.computeTime ?? 0;
  const places = placesOf(trace);
  if (method.mapsAt === 'input' && places.length === 0) failNoPlace(trace);

  const used = new Map<string, { readonly walk: Walk; readonly spent: number }>();
  const walk = (rule: RectifierRule): Walk => {
    const known = used.get(rule.name);
    const made = known?.walk ?? row.walk(rule);
    if (!known) used.set(rule.name, { walk: made, spent: made.time });
    return made;
  };
  const passes = new Passes({ trace, scores, score, control });
  const contextAt = (layer: TensorRef | null): MethodContext => ({
    tf: trace.runtime.tf,
    trace,
    walk,
    layer: layer?.node ?? null,
    layerOutput: layer?.output ?? 0,
    places,
    scored: scores.source.ref,
    score: target.value,
    options,
    scores: passes.scores,
    gradients: passes.gradients,
    gradientsAgainst: passes.gradientsAgainst,
    valuesAt: passes.valuesAt,
    readArray,
    control,
  });

  if (layers.length === 0 && options.at === 'layer') {
    fail(
      'no-such-layer',
      l10n.t('No layer before the score has an extent in space or time, so none is chosen by default.'),
      {
        remedy: l10n.t('Choose a layer.'),
      },
    );
  }
  const contexts = layers.length === 0 ? [contextAt(null)] : layers.map(contextAt);
  if (question.insist !== true) {
    const check = timeCheck(info.label, method, contexts);
    check(trace.forwardTime / FASTER_TOGETHER);
    passes.whenMeasured = check;
    if (method.cost) checkMemory(info.label, trace, places, method.bytesPerValue);
  }
  const found: Attribution[] = [];
  for (const ctx of contexts) found.push(await method.attribute(ctx));
  const [layer = null] = layers;
  const display = question.display ?? info.display;
  const maps = explainedMaps(trace, { method, layer, found, options, display });
  const [first, ...others] = maps;
  if (first === undefined) return fail('internal', l10n.t('{0} gave no map.', info.label));

  const walks = [...used.values()];
  const walked = walks.reduce((sum, one) => sum + one.walk.time - one.spent, 0);
  const read = passes.forward > 0 ? 0 : (trace.runtime.lazy?.computeTime ?? 0) - before;
  const backward = walked + read;
  const at = layer?.node ?? first.header.input;
  const notFinite = await nonFiniteNotices(
    trace,
    scores,
    walks.map((one) => one.walk),
    { at, map: first.map, control },
  );
  const isEmpty = maps.every(
    ({ header }) => header.map.top === 0 || (header.map.max <= 0 && display !== 'signed'),
  );
  const units = classCount(scores);
  return {
    map: first.map,
    raw: first.raw,
    maps,
    mask,
    header: {
      ...first.header,
      method: question.method,
      options,
      layer: at,
      target,
      predictions: predictions(scores, labels),
      binary: scores.binary,
      units,
      display,
      cost: { forward: 1 + passes.forward, backward: walks.length + passes.backward },
      completeness: worst(found),
      backend: trace.runtime.status.name,
      timings: { load: 0, forward: passes.time + forward, backward, total: passes.time + forward + backward },
      sentence: explanationSentence({
        method: info.label,
        target,
        sigmoidLogit: sigmoidLogit(scores, target.index),
        layer: at,
        shape: first.map.shape,
        units,
        binary: scores.binary,
      }),
      notices: [
        ...(notFinite.length > 0 || !isEmpty ? notFinite : [method.emptyNotice]),
        ...missingInputs(trace, isMapOfLayer(method, options), first, others),
        ...new Set(found.flatMap(({ notices = [] }) => notices)),
      ],
      others: others.map(({ header }) => header),
    },
  };
}

/** Where scores are compared rather than differentiated, a single sigmoid is explained by p or 1 - p unless the user says otherwise. */
const targetOf = (method: Method, { binary }: Scores, target: TargetChoice): TargetChoice =>
  method.comparesScores === true && binary && target.score === undefined
    ? { ...target, score: 'probability' }
    : target;

/** The scores that a choice is one of: an output of the model, or the units of a layer. @throws Failure `no-such-target`, ... */
export function scoresOf(trace: Trace, target: TargetChoice): Promise<Scores> {
  const place = scoredPlace(trace, target);
  return typeof place === 'number' ? readScores(trace, place) : readUnits(trace, place);
}

/** A model output by its index, or a layer. */
export const scoredPlace = (trace: Trace, { unit, output = 0 }: TargetChoice): number | TensorRef =>
  unit === undefined ? output : resolveLayer(trace.graph, unit);

function checkInputs({ graph }: Trace): void {
  if (graph.inputs.length > 0) return;
  fail(
    'not-applicable',
    l10n.t('The model takes no inputs, so there is nothing to explain its prediction by.'),
    {
      remedy: l10n.t('See what it computes in its outputs and in the values of its layers.'),
    },
  );
}

/** Height and width of the first input that has them. */
export function pictureOf(trace: Trace): readonly number[] | null {
  const sizes = trace.graph.inputs.map((node) => layoutAt(trace, { node, output: 0 }).spatial);
  return sizes.find(({ length }) => length === 2) ?? null;
}

/** @throws Failure `not-applicable`: no input can be changed gradually. */
export function failNoPlace(trace: Trace): never {
  const [input = ''] = trace.graph.inputs;
  const isText = trace.at(input).outputs[0]?.dtype === 'string';
  return fail(
    'not-applicable',
    isText
      ? l10n.t('Input "{0}" holds text, which has no gradient, and no embedding follows it.', input)
      : l10n.t(
          'Input "{0}" holds whole numbers, which have no gradient, and no embedding follows it.',
          input,
        ),
    { subject: input, remedy: l10n.t('Choose a method that explains at a layer.') },
  );
}

/** The layers that are explained: the chosen or default one first. */
function layersOf(
  trace: Trace,
  method: Method,
  { method: id, layer, fusedLayers = [] }: ExplainRequest,
  scored: number | TensorRef,
): TensorRef[] {
  const byMethod = (): string | null => method.defaultLayer?.(trace.graph, scored) ?? null;
  if (fusedLayers.length > 0) checkFuses(METHODS[id]);
  const asked = layer === 'auto' ? (byMethod() ?? defaultLayer(trace.graph, scored)) : layer;
  return asked === null ? [] : [asked, ...fusedLayers].map((path) => resolveLayer(trace.graph, path));
}

function timeCheck(
  label: string,
  method: Method,
  contexts: readonly MethodContext[],
): (forwardTime: number) => void {
  const costs = contexts.map((ctx) => method.cost?.(ctx) ?? { forward: 0, backward: 0 });
  const forward = costs.reduce((sum, cost) => sum + cost.forward, 0);
  const backward = costs.reduce((sum, cost) => sum + cost.backward, 0);
  return checkTime(label, { forward, backward });
}

/** Throws `too-costly` if these passes would take long at this time of a forward pass. */
export function checkTime(label: string, { forward, backward }: Cost): (forwardTime: number) => void {
  return (forwardTime) => {
    const ms = (forward + BACKWARD_PER_FORWARD * backward) * forwardTime;
    if (ms <= MAX_MILLISECONDS) return;
    fail(
      'too-costly',
      backward === 0
        ? l10n.t('{0} makes {1} forward passes here: about {2}.', label, forward, durationText(ms))
        : l10n.t(
            '{0} makes {1} forward and {2} backward passes here: about {3}.',
            label,
            forward,
            backward,
            durationText(ms),
          ),
      { remedy: l10n.t('Choose options that need fewer passes, or run it anyway.') },
    );
  };
}

/** The largest completeness error, of methods that have one. */
function worst(found: readonly Attribution[]): number | null {
  const errors = found.flatMap(({ completeness }) => completeness ?? []);
  return errors.length === 0 ? null : Math.max(...errors);
}

/** Notices about NaN and infinities among the scores or in the map: how many, and where they come from. */
async function nonFiniteNotices(
  trace: Trace,
  { logits, source: { ref } }: Scores,
  walks: readonly Walk[],
  { at, map, control }: { at: string; map: RawMap; control: Control },
): Promise<string[]> {
  const isMapFinite = !hasNonFinite(map.values);
  if (isMapFinite && !hasNonFinite(logits)) return [];
  const nan = logits.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  const notices =
    nan === 0
      ? []
      : nan < logits.length
        ? [
            l10n.t(
              '{0} of {1} scores are NaN; the strongest of the others is taken for predicted.',
              nan,
              logits.length,
            ),
          ]
        : [
            nan === 1
              ? l10n.t('The score is NaN: nothing is predicted.')
              : l10n.t('All {0} scores are NaN: nothing is predicted.', nan),
          ];
  const origin = await nonFiniteOrigin(trace, [ref, { node: at, output: 0 }]);
  if (origin !== null) return [...notices, origin];
  for (const walk of walks) {
    const gradient = await nonFiniteGradient(walk, at, ref.node, control);
    if (gradient !== null) return [...notices, gradient];
  }
  return [...notices, ...(isMapFinite ? [] : [l10n.t('The map contains values that are not finite.')])];
}
