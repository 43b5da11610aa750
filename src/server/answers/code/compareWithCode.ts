import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { kerasShape } from '../../../shared/kerasShape';
import type { MaybeShape, ModelSummary } from '../../../shared/model';
import type { CodeComparison, CodeDifference, CodePlace } from '../../../shared/results/codeComparison';
import { type SummaryRow, summaryOf } from '../../code/summary';
import type { Layer, Model } from '../../code/values';
import { type LayerMatch, type Matchable, matchLayers } from '../../compare/matchLayers';

/** A layer of a file or of code. */
interface Side extends Matchable {
  /** `null` where it is not known. */
  readonly params: number | null;
  readonly layer: Layer | Model | null;
}

/** Nested models deeper than this are compared as wholes. */
const MAX_DEPTH = 8;

/**
 * The layers of a model file that differ from those that code builds: by class, output shapes or parameters, or because only one of them
 * has the layer. What is not known of the code counts as equal.
 * @param placeOf where the code makes a layer
 * @throws Failure `weights-only`
 */
export function compareWithCode(
  path: string,
  summary: ModelSummary,
  model: Model,
  placeOf: (layer: Layer | Model) => CodePlace | null,
): CodeComparison {
  if (summary.weightsOnly !== undefined)
    fail('weights-only', l10n.t('{0} describes no layers: only weights are in it.', basename(path)), {
      subject: path,
      remedy: l10n.t('Save the whole model with model.save("model.keras").'),
    });
  const a = layersOfFile(summary);
  const b = layersOfCode(model, '', 0);
  const differences = matchLayers(a, b).flatMap((pair): CodeDifference[] => {
    const texts = differencesOf(pair);
    if (texts === null) return [];
    const layer = pair.b?.layer ?? null;
    return [
      {
        name: nameOf(pair),
        status: pair.a === null ? 'added' : pair.b === null ? 'removed' : 'changed',
        differences: texts,
        at: layer === null ? null : placeOf(layer),
      },
    ];
  });
  return { layers: a.length, differences, modelAt: placeOf(model) };
}

/** The layers of the file; the calls of a shared one together, and no inputs, which a Sequential may or may not list. */
function layersOfFile({ layers }: ModelSummary): Side[] {
  const sides = new Map<string, Side>();
  for (const row of layers) {
    if (row.isModel || row.className === 'InputLayer') continue;
    const path = row.path.replace(/@\d+/g, '');
    const known = sides.get(path);
    const own = row.unknownBecause === undefined ? row.outputShapes : [null];
    const shapes = distinct([...(known?.shapes ?? []), ...own]);
    const params = row.paramsAreLowerBound ? null : row.params;
    sides.set(path, { path, className: row.className, shapes, weightShapes: [], params, layer: null });
  }
  return [...sides.values()];
}

/** The layers of the code, those of nested models in their place. */
function layersOfCode(model: Model, prefix: string, depth: number): Side[] {
  return (summaryOf(model) ?? []).flatMap((row, i): Side[] => {
    const { layer } = row;
    if (row.className === 'InputLayer') return [];
    const path = `${prefix}${row.name ?? `?${i}`}`;
    const inner =
      layer.kind === 'model' && depth < MAX_DEPTH ? layersOfCode(layer, `${path}/`, depth + 1) : [];
    return inner.length > 0 ? inner : [sideOf(row, path)];
  });
}

const sideOf = ({ className, outputShapes, params, layer }: SummaryRow, path: string): Side => ({
  path,
  className: className.replace(/^ops\./, ''),
  shapes: outputShapes,
  weightShapes: [],
  params,
  layer,
});

const distinct = (shapes: readonly MaybeShape[]): MaybeShape[] => [
  ...new Map(shapes.map((shape) => [JSON.stringify(shape), shape])).values(),
];

/** `null` where the layers are the same. */
function differencesOf({ a, b }: LayerMatch<Side>): string[] | null {
  const only = a ?? b;
  if (a === null || b === null) return only === null ? null : [describe(only)];
  const found = [
    ...(a.className === b.className ? [] : [l10n.t('class: {0} → {1}', a.className, b.className)]),
    ...(areSame(a.shapes, b.shapes) ? [] : [l10n.t('output: {0} → {1}', shapesText(a), shapesText(b))]),
    ...(a.params === null || b.params === null || a.params === b.params
      ? []
      : [l10n.t('parameters: {0} → {1}', countText(a.params), countText(b.params))]),
  ];
  return found.length === 0 ? null : found;
}

/** Sizes that one of them does not know may be equal. */
function areSame(a: readonly MaybeShape[], b: readonly MaybeShape[]): boolean {
  if (a.length === 0 || b.length === 0 || a.includes(null) || b.includes(null)) return true;
  return a.length === b.length && JSON.stringify(a) === JSON.stringify(b);
}

function describe(side: Side): string {
  const shapes = shapesText(side);
  const sizes = side.params === null ? shapes : l10n.t('{0} · {1} params', shapes, countText(side.params));
  return `${side.className} · ${sizes}`;
}

const shapesText = ({ shapes }: Side): string => shapes.map((shape) => kerasShape(shape, '?')).join(', ');
const countText = (count: number): string => count.toLocaleString('en-US');

const nameOf = ({ a, b }: LayerMatch<Side>): string => {
  const [from, to] = [a?.path, b?.path.replace(/\?\d+$/, '')];
  return from !== undefined && to !== undefined && to !== '' && to !== from
    ? `${from} → ${to}`
    : from || to || '?';
};
