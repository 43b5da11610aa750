import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { METHODS, type MethodId } from '../../../shared/methods';
import { GRADIENT } from '../../run/rectifierRules';
import {
  type Attribution,
  gradientAt,
  type MethodContext,
  type RawMap,
  type ShownMap,
  textOption,
} from '../method';
import type { AttentionLayer } from './attentionLayers';
import { type SequencePlace, sequencePlace } from './sequencePlace';

/**
 * What is drawn of the weights [queries, keys] that a layer's queries give to keys: their mean over the queries of the option
 * `query`, on the input where the keys can be followed back to one.
 * @param raw [queries, keys] of the layer, which has the positions of its query and of its `key`
 */
export async function attentionMap(
  id: MethodId,
  ctx: MethodContext,
  layer: AttentionLayer,
  raw: RawMap,
): Promise<Attribution> {
  const [queries = 1, keys = 1] = raw.shape;
  const { chosen, notices } = await chosenQueries(id, ctx, layer, queries);
  const mean = new Float32Array(keys).map(
    (_, key) =>
      chosen.reduce((sum, query) => sum + (raw.values[query * keys + key] ?? Number.NaN), 0) / chosen.length,
  );
  const place = sequencePlace(ctx.trace, layer.key);
  const onInput = place === null ? null : placed(mean, place);
  const own = onInput ?? {
    shown: { map: { shape: [keys], values: mean }, on: null },
    notices: [
      l10n.t(
        'Where the {0} positions that layer "{1}" attends to are on an input is not known: the map is drawn in the positions of the layer, counted from 0.',
        keys,
        layer.node.path,
      ),
    ],
  };
  return { maps: [raw], shown: own.shown, notices: [...notices, ...own.notices] };
}

/** The rows of the matrix that the map is the mean of. @throws Failure `bad-input` for a query that there is not. */
async function chosenQueries(
  id: MethodId,
  ctx: MethodContext,
  { node, querySlot }: AttentionLayer,
  queries: number,
): Promise<{ readonly chosen: readonly number[]; readonly notices: readonly string[] }> {
  const option = textOption(ctx, 'query');
  if (option !== 'auto' && option !== 'mean') {
    const query = Number(option);
    if (query < queries) return { chosen: [query], notices: [] };
    return fail(
      'bad-input',
      l10n.t('Query {0} is not one of the {1} of layer "{2}".', query, queries, node.path),
      {
        subject: 'query',
        remedy: l10n.t(
          'Give the option "query" of {0} a number from 0 to {1}.',
          METHODS[id].label,
          queries - 1,
        ),
      },
    );
  }
  const all = Array.from({ length: queries }, (_, i) => i);
  const mask = ctx.trace.at(node.path).inputMasks[querySlot];
  const kept = mask?.shape[1] === queries ? await mask.data() : null;
  const unmasked = all.filter((query) => kept === null || kept[query]);
  const seen = unmasked.length > 0 ? unmasked : all;
  if (option === 'mean') return { chosen: seen, notices: [] };
  const { values } = await gradientAt(ctx, GRADIENT, { node: node.path, output: 0 });
  const features = values.length / queries;
  const used = all.filter((query) =>
    values.subarray(query * features, (query + 1) * features).some((value) => value !== 0),
  );
  if (used.length === 0) {
    return {
      chosen: seen,
      notices: [
        l10n.t(
          'The score does not depend on the output of layer "{0}": the map is the mean of its queries.',
          node.path,
        ),
      ],
    };
  }
  if (used.length === queries) return { chosen: all, notices: [] };
  const [first = 0, ...others] = used;
  return {
    chosen: used,
    notices: [
      others.length === 0
        ? l10n.t(
            'The map shows the attention of query {0} of layer "{1}", the only one that the score depends on.',
            first,
            node.path,
          )
        : l10n.t(
            'The map shows the attention of {0} of {1} queries of layer "{2}", those that the score depends on.',
            used.length,
            queries,
            node.path,
          ),
    ],
  };
}

/** The map on the input; null where the positions are not those of the place. */
function placed(
  mean: Float32Array,
  place: SequencePlace,
): { readonly shown: ShownMap; readonly notices: readonly string[] } | null {
  const { grid, before, after, placement, customLayers } = place;
  const positions = grid.reduce((a, b) => a * b, 1);
  if (before + positions + after !== mean.length) return null;
  const values = mean.slice(before, before + positions);
  const others = [...mean.subarray(0, before), ...mean.subarray(before + positions)];
  const share = others.reduce((a, b) => a + b, 0);
  const notices = [
    ...(others.length === 0
      ? []
      : [
          others.length === 1
            ? l10n.t(
                '1 of {0} positions, such as a class token, is not on the input and not drawn; it gets {1} of the attention.',
                mean.length,
                share.toPrecision(3),
              )
            : l10n.t(
                '{0} of {1} positions, such as a class token, are not on the input and not drawn; they get {2} of the attention.',
                others.length,
                mean.length,
                share.toPrecision(3),
              ),
        ]),
    ...(customLayers.length === 0
      ? []
      : [
          l10n.t(
            'Custom layers ({0}) are taken to keep the order of the positions.',
            customLayers.join(', '),
          ),
        ]),
  ];
  return { shown: { map: { shape: grid, values }, on: { input: place.input, placement } }, notices };
}
