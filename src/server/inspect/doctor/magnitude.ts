import * as l10n from '@vscode/l10n';
import { numberText } from '../../../shared/numberText';
import type { Check, Patient } from './patient';

/** A layer with weights gives values of that size only if it grows its inputs, unlike a mask of attention. */
const EXPLODED = 1e8;
/** Compared with the inputs of the model, which may be large themselves. */
const GROWN = 1e6;
const VANISHED = 1e-12;
/** An input whose values are that small is the cause itself. */
const MIN_INPUT = 1e-6;

/** The largest size of the values of each layer with weights and of its inputs. */
async function* sizes({ trace, nodes, output }: Patient) {
  for (const { node, pre, outputs } of nodes) {
    const stats = pre ?? outputs[0]?.stats;
    if (!stats || node.inputs.length === 0 || (await trace.weights.of(node)).length === 0) continue;
    const before = Math.max(0, ...node.inputs.map((ref) => largest(output(ref)?.stats)));
    yield { path: node.path, before, after: largest(stats) };
  }
}

const largest = (stats: { readonly min: number; readonly max: number } | undefined): number =>
  stats ? Math.max(Math.abs(stats.min), Math.abs(stats.max)) : 0;

export const exploding: Check = async (patient) => {
  const { graph } = patient.trace;
  const given = Math.max(
    1,
    ...graph.inputs.map((node) => largest(patient.output({ node, output: 0 })?.stats)),
  );
  const limit = Math.max(EXPLODED, GROWN * given);
  for await (const { path, before, after } of sizes(patient))
    if (after > limit && before <= limit)
      return {
        kind: 'exploding',
        layer: path,
        sentence: l10n.t(
          'Values explode at {0}: from at most {1} to at most {2}.',
          path,
          numberText(before, 2),
          numberText(after, 2),
        ),
      };
  return null;
};

export const vanishing: Check = async (patient) => {
  for await (const { path, before, after } of sizes(patient))
    if (after < VANISHED && after > 0 && before >= MIN_INPUT)
      return {
        kind: 'vanishing',
        layer: path,
        sentence: l10n.t(
          'Values vanish at {0}: from at most {1} to at most {2}.',
          path,
          numberText(before, 2),
          numberText(after, 2),
        ),
      };
  return null;
};
