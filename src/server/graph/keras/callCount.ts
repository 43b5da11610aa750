import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { isRecord } from './parseModel';

/** A model called twice at each of twenty levels would unfold into a million calls. */
export const MAX_CALLS = 100_000;

/** @throws Failure `too-large` */
export function failTooManyCalls(model: string): never {
  return fail('too-large', l10n.t('Model "{0}" unfolds into more than {1} layer calls.', model, MAX_CALLS), {
    remedy: l10n.t('Open one of its nested models on its own.'),
  });
}

/**
 * Refuses a config whose lists of layers contain more calls than a graph may have, before each call is checked and unfolded,
 * which would take many seconds. Anything else that is wrong with the config is reported where it is parsed.
 * @throws Failure `too-large`
 */
export function checkCallCount(topology: unknown, model: string): void {
  let calls = 0;
  const pending: unknown[] = [topology];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const layers = layersOf(next);
    if (layers.length > MAX_CALLS) failTooManyCalls(model);
    for (const layer of layers) {
      const nodes: unknown = isRecord(layer) ? layer.inbound_nodes : null;
      calls += Array.isArray(nodes) ? Math.max(1, nodes.length) : 1;
      if (layersOf(layer).length > 0) pending.push(layer);
    }
    if (calls > MAX_CALLS) failTooManyCalls(model);
  }
}

function layersOf(model: unknown): readonly unknown[] {
  if (!isRecord(model)) return [];
  const { config } = model;
  const layers: unknown = isRecord(config) ? config.layers : config;
  return Array.isArray(layers) ? layers : [];
}
