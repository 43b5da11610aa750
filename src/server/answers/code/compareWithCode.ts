import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Comparison, ConfigDifference, LayerComparison } from '../../../shared/compare/comparison';
import { DEFAULT_TOLERANCE } from '../../../shared/compare/comparison';
import { fail } from '../../../shared/errors';
import type { MaybeShape } from '../../../shared/model';
import type { CodeComparison, CodePlace } from '../../../shared/results/codeComparison';
import { paramsOf } from '../../code/keras/call';
import { type SummaryRow, summaryOf } from '../../code/summary';
import type { Layer, Model } from '../../code/values';
import { configDifferences } from '../../compare/configDifferences';
import { type LayerMatch, type Matchable, matchLayers } from '../../compare/matchLayers';
import type { Graph } from '../../graph/graph';
import { saidByBoth } from './saidByBoth';

/** A layer of a file or of code. */
interface Side extends Matchable {
  /** `null` where it is not known. */
  readonly params: number | null;
  readonly config: object;
  /** Of the code. */
  readonly layer: Layer | Model | null;
}

/** Nested models deeper than this are compared as wholes. */
const MAX_DEPTH = 8;

/**
 * A model file and the model that code builds: class, arguments, output shapes and parameters of each layer, the calls of a shared one
 * together. What the code does not say counts as equal; weights and values are in the file alone.
 * @param placeOf where the code makes a layer
 * @throws Failure `weights-only`
 */
export function compareWithCode(
  path: string,
  graph: Graph,
  model: Model,
  placeOf: (layer: Layer | Model) => CodePlace | null,
): CodeComparison {
  const { summary } = graph;
  if (summary.weightsOnly !== undefined)
    fail('weights-only', l10n.t('{0} describes no layers: only weights are in it.', basename(path)), {
      subject: path,
      remedy: l10n.t('Save the whole model with model.save("model.keras").'),
    });
  const file = layersOfFile(graph);
  const pairs = matchLayers(file, layersOfCode(model, new Set(file.map((side) => side.path))));
  const layers = pairs.map(comparisonOf);
  const first = layers.find(({ status }) => status !== 'same');
  const comparison: Comparison = {
    isEqual: first === undefined,
    layers,
    firstDifference: first === undefined ? null : { path: first.path, by: 'layer' },
    ...{ predictions: null, tolerance: DEFAULT_TOLERANCE, backend: null },
    parameters: { a: summary.params.total, b: paramsOf(model) },
    notices: [l10n.t('Weights and values are not compared. What the code does not say counts as equal.')],
  };
  const places = pairs.flatMap(({ a, b }) => {
    const at = b?.layer ? placeOf(b.layer) : null;
    return at === null ? [] : [{ path: a?.path ?? b?.path ?? '', at }];
  });
  return { comparison, places, modelAt: placeOf(model) };
}

/**
 * The layers of the file; the calls of a shared one together. No inputs, which a Sequential may or may not list, and no operations, which
 * code has no names for.
 */
function layersOfFile({ summary, nodes }: Graph): Side[] {
  const sides = new Map<string, Side>();
  for (const row of summary.layers) {
    const config = nodes.get(row.path)?.config.values ?? {};
    if (row.isModel || row.className === 'InputLayer' || isOperation(row.className, config)) continue;
    const path = row.path.replace(/@\d+/g, '');
    const own = row.unknownBecause === undefined ? row.outputShapes : [null];
    const shapes = distinct([...(sides.get(path)?.shapes ?? []), ...own]);
    const params = row.paramsAreLowerBound ? null : row.params;
    sides.set(path, {
      path,
      className: row.className,
      shapes,
      weightShapes: [],
      params,
      config,
      layer: null,
    });
  }
  return [...sides.values()];
}

/** Of Keras 3, which writes of an operation less than of a layer, and of Keras 2. */
const isOperation = (className: string, config: object): boolean =>
  /^ops\.|OpLambda$|^TensorFlowOpLayer$/.test(className) || !('trainable' in config || 'dtype' in config);

/**
 * The layers of the code, those of nested models in their place.
 * @param whole paths of what the file has as one layer: a model of a class of the program's own
 */
function layersOfCode(model: Model, whole: ReadonlySet<string>, prefix = '', depth = 0): Side[] {
  return (summaryOf(model) ?? []).flatMap((row, i): Side[] => {
    const { layer } = row;
    if (row.className === 'InputLayer') return [];
    const path = `${prefix}${row.name ?? `?${i}`}`;
    const isNested = layer.kind === 'model' && depth < MAX_DEPTH && !whole.has(path);
    const inner = isNested ? layersOfCode(layer, whole, `${path}/`, depth + 1) : [];
    return inner.length > 0 ? inner : [sideOf(row, path)];
  });
}

const sideOf = ({ className, outputShapes, params, layer }: SummaryRow, path: string): Side => ({
  path,
  className,
  shapes: outputShapes,
  weightShapes: [],
  params,
  config: layer.kind === 'layer' ? Object.fromEntries(layer.said) : {},
  layer,
});

const distinct = (shapes: readonly MaybeShape[]): MaybeShape[] => [
  ...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values(),
];

function comparisonOf(pair: LayerMatch<Side>): LayerComparison {
  const { a, b, by } = pair;
  const layer = a ?? b;
  const path = layer?.path ?? '';
  const config = a && b ? differencesOf(a, b) : [];
  const isNamed = b !== null && !/\?\d+$/.test(b.path);
  return {
    path,
    otherPath: a && isNamed && b.path !== path ? b.path : null,
    className: layer?.className ?? '',
    status: a === null ? 'added' : b === null ? 'removed' : config.length > 0 ? 'changed' : 'same',
    matchedBy: by,
    config,
    shapes: layer?.shapes ?? [],
    params: layer?.params ?? 0,
    ...{ weightChange: null, weights: [], valueChange: null, valuesPart: null },
  };
}

function differencesOf(a: Side, b: Side): ConfigDifference[] {
  const isSameClass = a.className === b.className;
  const both = isSameClass ? saidByBoth(a.config, b.config) : null;
  return [
    ...(isSameClass ? [] : [difference('class_name', a.className, b.className)]),
    ...(both === null ? [] : configDifferences(both.file, both.code)),
    ...(areSame(a.shapes, b.shapes) ? [] : [difference('output_shape', alone(a.shapes), alone(b.shapes))]),
    ...(a.params === null || b.params === null || a.params === b.params
      ? []
      : [difference('parameters', a.params, b.params)]),
  ];
}

const difference = (key: string, a: unknown, b: unknown): ConfigDifference => ({
  key,
  a: JSON.stringify(a),
  b: JSON.stringify(b),
});
const alone = (shapes: readonly MaybeShape[]): unknown => (shapes.length === 1 ? shapes[0] : shapes);

/** Sizes that one of them does not know may be equal. */
function areSame(a: readonly MaybeShape[], b: readonly MaybeShape[]): boolean {
  if (a.length === 0 || b.length === 0 || a.includes(null) || b.includes(null)) return true;
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}
