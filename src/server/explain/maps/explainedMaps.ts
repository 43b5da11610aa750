import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { MapHeader } from '../../../shared/explanation';
import { range } from '../../../shared/maps/displayMap';
import type { DisplayRule, OptionValues } from '../../../shared/methods';
import type { TensorRef } from '../../graph/graph';
import type { Trace } from '../../run/trace';
import { ancestors } from '../layerChoice';
import type { Attribution, Method, RawMap, ShownMap } from '../method';
import { layoutAt, type PlaceLayout, placesOf } from '../places';
import { type FuseRule, fuseMaps } from './fuse';
import { placementOf } from './placement';
import { reduceMap } from './reduction';

/** One map, as the method gives it and as it is drawn. */
export interface ExplainedMap {
  readonly header: MapHeader;
  readonly raw: RawMap;
  readonly map: RawMap;
}

interface Found {
  readonly method: Method;
  readonly layer: TensorRef | null;
  /** One per layer. */
  readonly found: readonly Attribution[];
  readonly options: OptionValues;
  readonly display: DisplayRule;
}

/** What is drawn of the maps of a method: one at a layer, or one for each input that has a map. */
export function explainedMaps(
  trace: Trace,
  { method, layer, found, options, display }: Found,
): ExplainedMap[] {
  if (layer !== null && isMapOfLayer(method, options)) {
    const maps = found.flatMap((one) => one.maps.filter((map) => map !== null));
    const raw = fuseMaps(maps, fuseRule(options));
    const [shown] = found.flatMap((one) => one.shown ?? []);
    const input = shown?.on?.input ?? inputBelow(trace, layer);
    const layout =
      method.mapsAt === 'layer'
        ? { spatial: shown?.map.shape ?? raw.shape, channel: null }
        : layoutAt(trace, layer);
    return [explained(trace, { raw, layout, at: layer, input, display, ...(shown && { shown }) })];
  }
  const places = placesOf(trace);
  return places.flatMap(({ index, ref }, i) => {
    const maps = found.flatMap((one) => one.maps[i] ?? []);
    if (maps.length === 0) return [];
    const raw = fuseMaps(maps, fuseRule(options));
    const isPerPosition = found.every((one) => one.isPerPosition === true);
    const layout = layoutAt(trace, ref);
    return [explained(trace, { raw, layout, at: ref, input: index, display, isPerPosition })];
  });
}

const fuseRule = ({ fuse }: OptionValues): FuseRule => (fuse === 'max' || fuse === 'product' ? fuse : 'mean');

/** Whether the map has the layer's positions; that of guided Grad-CAM, for one, has those of the input. */
export const isMapOfLayer = ({ mapsAt }: Method, { at }: OptionValues): boolean =>
  mapsAt === 'layer' || at === 'layer';

/** Index of the first input that a layer is computed from. */
function inputBelow({ graph }: Trace, layer: TensorRef): number {
  const before = ancestors(graph, layer);
  return Math.max(
    0,
    graph.inputs.findIndex((path) => before.has(path)),
  );
}

function explained(
  trace: Trace,
  {
    raw,
    layout,
    at,
    input: index,
    display,
    isPerPosition = false,
    shown,
  }: {
    raw: RawMap;
    layout: PlaceLayout;
    at: TensorRef;
    input: number;
    display: DisplayRule;
    isPerPosition?: boolean;
    shown?: ShownMap;
  },
): ExplainedMap {
  const input = trace.graph.inputs[index] ?? fail('internal', l10n.t('The model has no input {0}.', index));
  if (raw.values.length === 0) {
    fail(
      'not-applicable',
      l10n.t(
        'There is nothing to explain at "{0}": its shape {1} holds no values.',
        at.node,
        raw.shape.join(' x '),
      ),
      {
        subject: at.node,
        remedy: l10n.t('Choose an input with at least one position.'),
      },
    );
  }
  const map = reduceMap(shown?.map ?? raw, layout, display, isPerPosition);
  const { min, max, top } = range(map.values);
  const { min: rawMin, max: rawMax } = range(raw.values);
  const placement = shown === undefined ? placementOf(trace, at, input) : (shown.on?.placement ?? null);
  return {
    raw,
    map,
    header: {
      input,
      inputIndex: index,
      map: { shape: map.shape, min, max, top },
      raw: { shape: raw.shape, min: rawMin, max: rawMax },
      onInput: shown?.on !== null,
      placement: placement?.length === map.shape.length ? placement : null,
    },
  };
}

/** The inputs that have no map, so that nobody takes the shown ones for all. */
export function missingInputs(
  { graph }: Trace,
  isOfLayer: boolean,
  first: ExplainedMap,
  others: readonly ExplainedMap[],
): string[] {
  const shown = new Set([first, ...others].map(({ header }) => header.input));
  const missing = graph.inputs.filter((path) => !shown.has(path));
  if (missing.length === 0) return [];
  const names = missing.map((path) => `"${path}"`).join(', ');
  if (!isOfLayer) return [l10n.t('There is no map of {0}.', names)];
  const { onInput, input } = first.header;
  return [
    onInput
      ? l10n.t('The map is drawn over input "{0}"; a map at a layer says nothing about {1}.', input, names)
      : l10n.t('A map at a layer says nothing about {0}.', names),
  ];
}
