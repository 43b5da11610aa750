import { fail } from '../../../shared/errors';
import { isRecord } from './parseModel';

/** A model called twice at each of twenty levels would unfold into a million calls. */
export const MAX_CALLS = 100_000;

/** @throws Failure `too-large` */
export function failTooManyCalls(model: string): never {
  return fail('too-large', `Model "${model}" unfolds into more than ${MAX_CALLS} layer calls.`, {
    remedy: 'Open one of its nested models on its own.',
  });
}

/**
 * Refuses a config whose lists alone hold more calls than a graph may, before each of them is checked and unfolded, which would
 * take many seconds. Looks only at what is a list of layers; what is wrong with it is said where it is parsed.
 * @throws Failure `too-large`
 */
export function checkCallCount(topology: unknown, model: string): void {
  let calls = 0;
  const waiting: unknown[] = [topology];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const layers = layersOf(one);
    if (layers.length > MAX_CALLS) failTooManyCalls(model);
    for (const layer of layers) {
      const nodes: unknown = isRecord(layer) ? layer.inbound_nodes : null;
      calls += Array.isArray(nodes) ? Math.max(1, nodes.length) : 1;
      if (layersOf(layer).length > 0) waiting.push(layer);
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
