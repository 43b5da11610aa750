import * as l10n from '@vscode/l10n';
import type { Prediction } from '../../shared/explanation';
import type { Preprocessing } from '../../shared/inputs';
import { range } from '../../shared/maps/displayMap';
import { METHODS } from '../../shared/methods';
import { numberText } from '../../shared/numberText';
import type { ExplainResult } from '../explain/explain';
import type { ExplainedMap } from '../explain/maps/explainedMaps';
import { nearOne } from '../explain/sentence';
import { scalerOf } from '../session/guessPreprocessing';
import { takesPreprocessing } from '../session/modelInputs';
import type { Run } from '../session/runs';

/** An input as the model received it. */
export interface SeenInput {
  readonly name: string;
  readonly isImage: boolean;
  /** Whether the preprocessing was applied to it: not to an array. */
  readonly isPrepared: boolean;
  readonly min: number;
  readonly max: number;
  /** Sizes of the axes but the batch. */
  readonly shape: readonly number[];
}

/** What warnings are made from. */
export interface Seen {
  readonly header: Pick<
    ExplainResult['header'],
    'method' | 'layer' | 'target' | 'predictions' | 'display' | 'units'
  >;
  readonly maps: readonly Pick<ExplainedMap, 'header' | 'raw' | 'map'>[];
  readonly inputs: readonly SeenInput[];
  readonly preprocessing: Preprocessing['name'];
  /** The first layer of the model that scales its images itself. */
  readonly scaler: { readonly path: string; readonly className: string } | null;
  /** Whether images are usually scaled for this model. */
  readonly isUsuallyScaled: boolean;
  /** Whether the explained layer gives only zeros; null where no layer is explained. */
  readonly isLayerZero: boolean | null;
}

/** Of a probability from 0 and from 1. */
const SATURATED = 1e-3;
/** A map with at most so many cells along each axis is coarse where each stands for at least so many positions. */
const MAX_COARSE_CELLS = 7;
const MIN_COARSE_POSITIONS = 24;
/** What images become; values may be outside by a hundredth of the range. */
const RANGES: { readonly [name in Preprocessing['name']]?: readonly [number, number] } = {
  '0..1': [0, 1],
  '-1..1': [-1, 1],
  caffe: [-123.68, 151.061],
  torch: [-2.118, 2.64],
};
const RANGE_TOLERANCE = 0.01;
/** A layer that scales bytes finds no bytes in smaller values. */
const MAX_SCALED = 1.5;

/** One warning each, in the order in which they are shown. */
const WARNINGS: readonly ((seen: Seen) => string | null)[] = [
  saturated,
  onlyAgainst,
  deadLayer,
  noInfluence,
  coarse,
  tiedPositions,
  tiedPredictions,
  scaledTwice,
  outsideRange,
];

/** What a person should know before believing an explanation, in sentences that say why and what to do. */
export const warningsOf = (seen: Seen): string[] => WARNINGS.flatMap((warning) => warning(seen) ?? []);

/** Reads what the warnings need of a run and its explanation. */
export async function seenOf(
  run: Run,
  { header, maps }: ExplainResult,
  preprocessing: Preprocessing,
): Promise<Seen> {
  const { graph } = run.model;
  const isLayer = METHODS[header.method].scope === 'layer';
  return {
    header,
    maps,
    preprocessing: preprocessing.name,
    inputs: run.inputs.map(({ values, shape, image, source }, i) => {
      const { min, max } = range(values);
      return {
        name: graph.summary.inputs[i]?.name ?? l10n.t('input {0}', i),
        isImage: image !== null,
        isPrepared: takesPreprocessing(source),
        min,
        max,
        shape: shape.slice(1),
      };
    }),
    scaler: scalerOf(graph),
    isUsuallyScaled: run.model.defaultPreprocessing.name !== 'none',
    isLayerZero: isLayer && maps.every(isZero) ? await isZeroAt(run, header.layer) : null,
  };
}

async function isZeroAt({ trace }: Run, layer: string): Promise<boolean> {
  const [output] = trace.at(layer).outputs;
  if (output === undefined || output.dtype === 'string') return false;
  return (await output.data()).every((value: number) => value === 0);
}

function saturated({ header: { target } }: Seen): string | null {
  const { score, probability: p } = target;
  if (score !== 'probability' || p === null || Math.min(p, 1 - p) >= SATURATED) return null;
  return l10n.t(
    'The probability ({0}) is saturated: near 0 and 1 it hardly changes, whatever the evidence, so the map is mostly rounding and noise. Choose the logit as the score.',
    nearOne(p),
  );
}

function onlyAgainst({ header: { display }, maps }: Seen): string | null {
  const isAgainst = maps.every(({ map }) => map.values.every((value) => value <= 0));
  const hasAny = maps.some(({ raw }) => raw.values.some((value) => value < 0));
  if (display !== 'positive' || !isAgainst || !hasAny) return null;
  return l10n.t(
    'The map shows only evidence for the target, and all of the evidence found is against it: show "For and against" (--display signed) to see it.',
  );
}

function deadLayer({ header: { layer }, isLayerZero }: Seen): string | null {
  if (isLayerZero !== true) return null;
  return l10n.t(
    'Layer "{0}" gives only zeros for this input, so nothing at it can be weighted: its units are inactive. Choose an earlier layer.',
    layer,
  );
}

function noInfluence({ maps }: Seen): string | null {
  const zero = maps.filter(isZero);
  if (zero.length === 0 || zero.length === maps.length) return null;
  const names = zero.map(({ header: { input } }) => `"${input}"`).join(', ');
  return zero.length === 1
    ? l10n.t('Input {0} has no influence on the score here: its map is zero everywhere.', names)
    : l10n.t('Inputs {0} have no influence on the score here: their maps are zero everywhere.', names);
}

function coarse({ header: { method }, maps, inputs }: Seen): string | null {
  const [first] = maps;
  const input = first && inputs[first.header.inputIndex];
  if (METHODS[method].scope !== 'layer' || first === undefined || input === undefined) return null;
  const { shape: cells } = first.map;
  const count = cells.reduce((a, b) => a * b, 1);
  if (count === 1)
    return l10n.t(
      'The map has a single cell, so it says nothing about where the evidence is. Choose an earlier layer.',
    );
  // Channels are first or last.
  const [sizes] = [input.shape.slice(0, -1), input.shape.slice(1)].filter(
    (axes) => axes.length === cells.length && axes.every((size, i) => size >= (cells[i] ?? 0)),
  );
  if (sizes === undefined) return null;
  const each = cells.map((cell, i) => Math.round((sizes[i] ?? 0) / cell));
  const isCoarse = cells.every(
    (cell, i) => cell <= MAX_COARSE_CELLS && (each[i] ?? 0) >= MIN_COARSE_POSITIONS,
  );
  if (!isCoarse) return null;
  return l10n.t(
    'The map has {0} cells, each for about {1} positions of the input: its smooth shapes come from drawing it larger. An earlier layer gives a finer map.',
    cells.join(' x '),
    each.join(' x '),
  );
}

function tiedPositions({ header: { method }, maps }: Seen): string | null {
  // A group or a window has one value by its nature.
  if (METHODS[method].group === 'Perturbation') return null;
  const all = maps.map(
    ({
      map,
      header: {
        map: { max },
      },
    }) => ({
      max,
      count: map.values.reduce((count, value) => count + Number(value === max), 0),
      total: map.values.length,
    }),
  );
  const tied = all.find(
    ({ max, count, total }) => Number.isFinite(max) && max > 0 && count > 1 && count < total,
  );
  if (tied === undefined) return null;
  return l10n.t(
    'The largest value of the map is at {0} positions alike: none of them matters more than the others.',
    tied.count,
  );
}

function tiedPredictions({ header: { predictions, units } }: Seen): string | null {
  const [first, second] = predictions;
  if (units < 2 || first === undefined || second === undefined || first.logit !== second.logit) return null;
  if (!Number.isFinite(first.logit)) return null;
  return l10n.t(
    '{0} and {1} have the same score: which of them counts as predicted is only their order.',
    className(first),
    className(second),
  );
}

function scaledTwice({ inputs, preprocessing, scaler }: Seen): string | null {
  if (scaler === null) return null;
  const images = inputs.filter(({ isImage }) => isImage);
  if (preprocessing !== 'none' && images.some(({ isPrepared }) => isPrepared))
    return l10n.t(
      'The model scales its input itself (layer "{0}", {1}), and preprocessing {2} scales it before that, too: choose "none" unless the model was trained this way.',
      scaler.path,
      scaler.className,
      preprocessing,
    );
  const small = images.find(
    ({ isPrepared, min, max }) => !isPrepared && min >= -MAX_SCALED && max <= MAX_SCALED,
  );
  if (small === undefined || scaler.className !== 'Rescaling') return null;
  return l10n.t(
    'The model scales its input itself (layer "{0}", Rescaling), and the values of "{1}" are already within {2}: give it values of 0 to 255.',
    scaler.path,
    small.name,
    rangeText(small),
  );
}

function outsideRange({ inputs, preprocessing, scaler, isUsuallyScaled }: Seen): string | null {
  const images = inputs.filter(({ isImage }) => isImage);
  if (preprocessing === 'none') {
    const bytes = images.find(({ isPrepared, max }) => isPrepared && max > MAX_SCALED);
    if (bytes === undefined || scaler !== null || !isUsuallyScaled) return null;
    return l10n.t(
      'Input "{0}" has values of {1}, as in the file, and no layer scales them: most models of images were trained on 0 to 1 or -1 to 1. Choose the preprocessing of the training.',
      bytes.name,
      rangeText(bytes),
    );
  }
  const usual = RANGES[preprocessing];
  if (usual === undefined) return null;
  const [low, high] = usual;
  const slack = RANGE_TOLERANCE * (high - low);
  // An array may hold standardised values: only those that look like bytes are a mistake.
  const isMeant = ({ isPrepared, min, max }: SeenInput): boolean => isPrepared || (min >= 0 && max > 2);
  const outside = images.find((one) => isMeant(one) && (one.min < low - slack || one.max > high + slack));
  if (outside === undefined) return null;
  const range = l10n.t(
    'Input "{0}" has values of {1}, and preprocessing {2} implies {3} to {4}.',
    ...[outside.name, rangeText(outside), preprocessing, numberText(low), numberText(high)],
  );
  return outside.isPrepared
    ? range
    : `${range} ${l10n.t('An array is taken as it is: prepare it before you save it.')}`;
}

const rangeText = ({ min, max }: SeenInput): string => l10n.t('{0} to {1}', numberText(min), numberText(max));

const className = ({ index, label }: Prediction): string =>
  label === null ? l10n.t('Class {0}', index) : l10n.t('Class {0} ({1})', index, label);

const isZero = ({ raw }: Pick<ExplainedMap, 'raw'>): boolean => raw.values.every((value) => value === 0);
