import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { LayerTrace, UnitTrace } from '../../shared/results/tracing';
import { resolveLayer } from '../explain/layerChoice';
import { compareDescending } from '../explain/ranking';
import { shapesOf } from '../explain/shapedGraph';
import { type Control, checkpoint } from '../run/control';
import type { Trace } from '../run/trace';
import { Descent } from './descent';
import { type FeatureMap, maximaIn, wholeBox } from './featureMap';
import { type Origin, Origins } from './origins';
import { type ReadOut, readOutOf } from './readOut';
import { receptiveField } from './receptiveField';

/** Equal maxima that are listed per unit, and for all units together. */
const MAX_TIES = 2_000;
const MAX_LISTED = 100_000;

export interface TraceOptions {
  /** The units (channels) to trace; all of them if left out. */
  readonly units?: readonly number[];
  /** Equal maxima that are listed per unit. */
  readonly ties?: number;
}

/**
 * Follows the values of a layer's units back to the input: through the maximum of each pooling, and through any other layer
 * by the window that it reads. A unit of a layer with positions is its channel, and its value is the largest of the channel.
 * @throws Failure `no-such-layer`, `unknown-layer`, `no-such-target`, `not-applicable`, `cancelled`.
 */
export async function traceUnits(
  trace: Trace,
  layer: string,
  options: TraceOptions,
  control: Control,
): Promise<LayerTrace> {
  const ref = resolveLayer(trace.graph, layer);
  const descent = new Descent(trace);
  const map = await descent.map(ref);
  const chosen = chooseUnits(options.units, map.channels, ref.node);
  const readOut = await readOutOf(trace, ref, map.channels);
  const ranked = rank(map, chosen, readOut);

  const origins = new Origins(descent, ref);
  const found: { readonly unit: RankedUnit; readonly origin: Origin }[] = [];
  let left = MAX_LISTED;
  for (const [done, unit] of ranked.entries()) {
    await checkpoint(control, done / ranked.length, l10n.t('Following unit {0} of {1}', unit.unit, ref.node));
    const limit = Math.max(1, Math.min(options.ties ?? MAX_TIES, left));
    const top = maximaIn(map, unit.unit, wholeBox(map), limit);
    const origin = await origins.of(top.indexes, limit);
    left -= origin.positions.length;
    found.push({ unit, origin: { ...origin, omitted: origin.omitted + top.omitted } });
  }
  const [first] = found;
  const read = first?.origin.read ?? ref;
  if (map.sizes.length === 0 && first?.origin.pooling === null) refuseVector(ref.node);
  const { input, inputSize } = origins.place;
  return {
    layer: ref.node,
    read: read.node,
    pooling: first?.origin.pooling ?? null,
    input,
    inputSize,
    field: receptiveField(shapesOf(trace), read, input),
    units: found.map(({ unit, origin: { read: own, pooling: _, ...origin } }): UnitTrace => {
      return { ...unit, ...origin, ...(own.node === read.node ? {} : { read: own.node }) };
    }),
    logit: readOut?.logit ?? null,
    bias: readOut?.bias ?? null,
    notices: [
      ...(first?.origin.pooling === 'average'
        ? [l10n.t('The value is an average: the positions are those of the largest values that it averages.')]
        : []),
      ...elsewhere(ranked, readOut, ranked.length === map.channels),
    ],
  };
}

/** @throws Failure `no-such-target`. */
function chooseUnits(asked: readonly number[] | undefined, channels: number, layer: string): number[] {
  for (const unit of asked ?? []) {
    if (unit < channels) continue;
    fail(
      'no-such-target',
      l10n.t('Layer "{0}" has {1} units; there is no unit {2}.', layer, channels, unit),
      {
        subject: layer,
        remedy: l10n.t('Choose a number from 0 to {0}.', channels - 1),
      },
    );
  }
  return asked ? [...asked] : Array.from({ length: channels }, (_, unit) => unit);
}

function refuseVector(layer: string): never {
  return fail(
    'not-applicable',
    l10n.t('The values of layer "{0}" come from no pooling and have no positions.', layer),
    {
      subject: layer,
      remedy: l10n.t('Choose a pooling or a convolution.'),
    },
  );
}

type RankedUnit = Pick<UnitTrace, 'unit' | 'value' | 'contribution'>;

/** By the contribution to the predicted output, or by value; the largest first. */
function rank(map: FeatureMap, units: readonly number[], readOut: ReadOut | null): RankedUnit[] {
  const logit = readOut?.logit ?? [];
  const predicted = logit.reduce(
    (best, value, i) => (compareDescending(value, logit[best]) < 0 ? i : best),
    0,
  );
  return units
    .map((unit): RankedUnit => {
      const { value } = maximaIn(map, unit, wholeBox(map), 0);
      return { unit, value, contribution: readOut?.weights[unit]?.map((weight) => weight * value) ?? null };
    })
    .sort((a, b) =>
      compareDescending(a.contribution?.[predicted] ?? a.value, b.contribution?.[predicted] ?? b.value),
    );
}

/** Contributions are added in another order than by the backend. */
const RELATIVE_TOLERANCE = 1e-4;

/** Says that the contributions and the bias do not add up to the logit, because other units feed it as well. */
function elsewhere(units: readonly RankedUnit[], readOut: ReadOut | null, isComplete: boolean): string[] {
  if (!readOut || !isComplete) return [];
  const isRest = readOut.logit.some((logit, k) => {
    const terms = units.map(({ contribution }) => contribution?.[k] ?? 0);
    const sum = terms.reduce((a, b) => a + b, readOut.bias[k] ?? 0);
    const size = terms.reduce((a, b) => a + Math.abs(b), Math.abs(logit));
    return Math.abs(logit - sum) > RELATIVE_TOLERANCE * size;
  });
  return isRest ? [l10n.t('Units of other layers contribute to the logit, too.')] : [];
}
