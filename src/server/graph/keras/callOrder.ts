import * as l10n from '@vscode/l10n';
import { damaged } from '../damaged';
import type { CallRef, LayerSpec, ModelSpec } from './parseModel';

type LayerCall = Pick<CallRef, 'layer' | 'call'>;

/** Identifies a call of a layer within its model. */
export const callKey = ({ layer, call }: LayerCall): string => `${call}\u0000${layer}`;

/** The name of a call in paths: that of the layer, from the second call on with its number (`embed@2`). */
export const callName = ({ layer, call }: LayerCall): string => (call === 0 ? layer : `${layer}@${call + 1}`);

/**
 * Every call of every layer, each after the calls whose outputs it takes, otherwise in the order of the config.
 * @throws Failure `bad-config` for a call that does not exist, and for a layer that takes its own output.
 */
export function callsInOrder(spec: ModelSpec): [LayerSpec, number][] {
  const byName = new Map(spec.layers.map((layer) => [layer.name, layer]));
  const state = new Map<string, 'open' | 'done'>();
  const order: [LayerSpec, number][] = [];
  for (const layer of spec.layers) {
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      // An explicit stack: a chain of ten thousand layers must not overflow the call stack.
      const stack: LayerCall[] = [{ layer: layer.name, call }];
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const key = callKey(top);
        if (state.get(key) === 'done') {
          stack.pop();
          continue;
        }
        const current = byName.get(top.layer);
        if (!current || top.call >= Math.max(1, current.calls.length)) {
          damaged(
            l10n.t('Model "{0}": layer "{1}" has no call {2}.', spec.name, top.layer, top.call),
            top.layer,
          );
        }
        const missing = (current.calls[top.call]?.inputs ?? []).filter(
          (ref) => state.get(callKey(ref)) !== 'done',
        );
        if (missing.length === 0) {
          state.set(key, 'done');
          stack.pop();
          order.push([current, top.call]);
        } else {
          if (state.get(key) === 'open') {
            damaged(
              l10n.t('Model "{0}": layer "{1}" takes its own output.', spec.name, top.layer),
              top.layer,
            );
          }
          state.set(key, 'open');
          for (const ref of missing) stack.push(ref);
        }
      }
    }
  }
  return order;
}
