import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import type { Shape } from '../../../shared/model';
import type { CallArguments } from '../../graph/callArguments';
import type { LayerConfig } from '../../graph/layerConfig';
import { argumentOf, slotOf } from '../support/callSlots';
import { broadcastsTo, shapesMatch, shapeText, sizesMatch } from '../support/shapeMatching';
import { type Plan, scoresShape } from './attentionPlan';

/** Where the arguments of a call are among the node's inputs. */
export interface Call {
  readonly query: number;
  readonly value: number;
  /** Equal to `value` if no key is given. */
  readonly key: number;
  /** Masks passed as arguments. */
  readonly masks: Readonly<Record<'query' | 'value' | 'key' | 'attention', number | undefined>>;
}

export function callOf(config: LayerConfig, call: CallArguments | undefined): Call {
  const slot = (position: number, name: string) => slotOf(argumentOf(call, position, name));
  const query = slot(0, 'query') ?? 0;
  const value = slot(1, 'value');
  if (value === undefined) {
    return fail('bad-config', l10n.t('Layer "{0}" is called without a value to attend to.', config.path), {
      subject: config.path,
      remedy: l10n.t('The file is damaged; save the model again with Keras.'),
    });
  }
  const masks = {
    query: slot(3, 'query_mask'),
    value: slot(4, 'value_mask'),
    key: slot(5, 'key_mask'),
    attention: slot(6, 'attention_mask'),
  };
  return { query, value, key: slot(2, 'key') ?? value, masks };
}

/**
 * Checks that query, key and value agree in their shared axes and that each mask fits.
 * @throws Failure `bad-config` that names the layer.
 */
export function checkFit(config: LayerConfig, plan: Plan, call: Call, inputs: readonly Shape[]): void {
  const [query, key, value] = [call.query, call.key, call.value].map((slot) => inputs[slot] ?? []) as [
    Shape,
    Shape,
    Shape,
  ];
  // Heads and features belong to the projections; the axes before them are those of the input.
  const { left, right } = plan.scores;
  const rank = query.length;
  const attends = (axis: number): boolean => axis > 0 && (plan.group !== null || left[axis] !== right[axis]);
  const areAlike =
    key.length === rank &&
    shapesMatch(key.slice(0, -1), value.slice(0, -1)) &&
    query.slice(0, -1).every((size, axis) => attends(axis) || sizesMatch(size, key[axis]));
  if (!areAlike) {
    reject(
      config,
      l10n.t(
        'Layer "{0}" cannot attend with a query {1} to keys {2} and values {3}.',
        config.path,
        shapeText(query),
        shapeText(key),
        shapeText(value),
      ),
    );
  }
  const sequences: [number | undefined, Shape][] = [
    [call.masks.query, query],
    [call.masks.value, value],
    [call.masks.key, key],
  ];
  for (const [slot, sequence] of sequences) {
    const mask = inputs[slot ?? -1];
    if (mask !== undefined && rank === 3 && !broadcastsTo(mask, sequence.slice(0, -1)))
      reject(
        config,
        l10n.t(
          'Layer "{0}" is given a mask {1} for a sequence {2}.',
          config.path,
          shapeText(mask),
          shapeText(sequence),
        ),
      );
  }
  const mask = inputs[call.masks.attention ?? -1];
  if (mask === undefined) return;
  // Axes that the mask lacks, such as the heads, come before those of queries and keys.
  const scores = scoresShape(plan);
  const split = Math.max(0, mask.length - 2 * plan.axes);
  const ones = new Array<number>(Math.max(0, scores.length - mask.length)).fill(1);
  if (!broadcastsTo([...mask.slice(0, split), ...ones, ...mask.slice(split)], scores))
    reject(
      config,
      l10n.t(
        'Layer "{0}" is given an attention mask {1} for scores {2}.',
        config.path,
        shapeText(mask),
        shapeText(scores),
      ),
    );
}

const reject = (config: LayerConfig, message: string): never =>
  fail('bad-config', message, {
    subject: config.path,
    remedy: l10n.t('The file is damaged; save the model again with Keras.'),
  });
