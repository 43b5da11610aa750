import * as l10n from '@vscode/l10n';
import type { Check } from './patient';

/** A layer that divides by this much or more expects bytes. */
const MAX_FACTOR = 0.02;

/** A `Rescaling` of bytes to about 0..1 that gets pixels which are scaled already. */
export const scaledTwice: Check = async ({ trace, nodes, output }) => {
  for (const { node } of nodes) {
    const [ref] = node.inputs;
    if (node.className !== 'Rescaling' || !ref || !trace.graph.inputs.includes(ref.node)) continue;
    const scale = node.config.number('scale', 1);
    const stats = output(ref)?.stats;
    if (!(scale > 0 && scale < MAX_FACTOR) || !stats) continue;
    // 0 and 1 are bytes, too.
    if (!(stats.max <= 3 && stats.min >= -3) || !(await hasFractions(trace.tensorAt(ref)))) continue;
    return {
      kind: 'scaled-twice',
      layer: node.path,
      sentence: l10n.t(
        '{0} divides by {1} and gets pixels of at most {2}: they are scaled twice.',
        node.path,
        Number((1 / scale).toPrecision(4)),
        Number(stats.max.toPrecision(3)),
      ),
    };
  }
  return null;
};

async function hasFractions(tensor: { data(): Promise<ArrayLike<number>> }): Promise<boolean> {
  const values = await tensor.data();
  for (let i = 0; i < values.length; i++) if (!Number.isInteger(values[i])) return true;
  return false;
}
