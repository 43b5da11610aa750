import * as l10n from '@vscode/l10n';
import { Descent } from '../descent';
import { forEachIndex } from '../featureMap';
import { termsOf } from './terms';
import {
  type Found,
  flatIndex,
  indexWithoutBatch,
  inputMaps,
  inputTensors,
  sourceAt,
  type UnitAt,
} from './unitAt';

/** The largest of the values in a window: the first of equal maxima has the weight 1, the others 0. */
export async function maximum({ trace, ref, flat }: UnitAt): Promise<Found | null> {
  if (flat === null) return null;
  const step = await new Descent(trace).step({ ref, index: flat });
  if (step.kind !== 'max') return null;
  const { map, channel, box } = step;
  const places: number[] = [];
  let best: number | undefined;
  forEachIndex(map, channel, box, (index) => {
    if (best === undefined || (map.data[index] ?? 0) > (map.data[best] ?? 0)) best = index;
    places.push(index);
  });
  const list = places.map((index) => ({
    input: map.data[index] ?? Number.NaN,
    weight: index === best ? 1 : 0,
    from: sourceAt(map.ref, map, index),
  }));
  return { form: 'max', bias: null, terms: termsOf(list) };
}

/** The product of the values at one place of several inputs, of which a smaller one is repeated. */
export async function product(at: UnitAt): Promise<Found | null> {
  const { map, flat } = at;
  if (flat === null || at.node.inputs.length < 2) return null;
  const maps = await inputMaps(at);
  const index = indexWithoutBatch(map.shape, flat);
  const factors = maps.map((own) => {
    const skipped = index.length - (own.shape.length - 1);
    const place = own.shape.slice(1).map((size, axis) => (size === 1 ? 0 : (index[skipped + axis] ?? 0)));
    const from = flatIndex(own.shape, place);
    return { value: own.data[from] ?? Number.NaN, from: sourceAt(own.ref, own, from) };
  });
  const [first, ...others] = factors;
  if (!first) return null;
  const weight = others.reduce((all, { value }) => all * value, 1);
  return {
    form: 'product',
    bias: null,
    terms: termsOf([{ input: first.value, weight, from: first.from }]),
    factors,
  };
}

/** One row of a table of plain numbers. */
export async function lookup(at: UnitAt): Promise<Found | null> {
  const { trace, ctx, map, flat } = at;
  const [table, ...more] = ctx.weights;
  const [ids] = inputTensors(at);
  if (table?.rank !== 2 || more.length > 0 || !ids || flat === null) return null;
  const [rows = 0, size = 1] = table.shape;
  if (map.shape.at(-1) !== size) return null;
  const place = Math.floor(flat / size);
  const id = Math.trunc((await ids.data())[place] ?? Number.NaN);
  const row = id < 0 ? id + rows : id;
  const { tf } = trace.runtime;
  const sliced = tf.tidy(() => tf.slice(table, [row, 0], [1, size]));
  const weight = (await sliced.data())[flat % size] ?? Number.NaN;
  sliced.dispose();
  const [from] = await inputMaps(at);
  return {
    form: 'lookup',
    bias: null,
    terms: termsOf([
      {
        input: 1,
        weight,
        from: from ? sourceAt(from.ref, from, place) : null,
        name: l10n.t('row {0} of the table', row),
      },
    ]),
  };
}

/** What has no inputs: an input of the model, where the way down ends, or a constant. */
export async function withoutInputs({ trace, node, pre }: UnitAt): Promise<Found> {
  if (!trace.graph.inputs.includes(node.path)) {
    return {
      form: 'slopes',
      bias: pre,
      terms: termsOf([]),
      notices: [l10n.t('The value is a constant of the model.')],
    };
  }
  const own = { input: pre, weight: 1, from: null, name: l10n.t('input of the model') };
  return { form: 'input', bias: null, terms: termsOf([own]) };
}
