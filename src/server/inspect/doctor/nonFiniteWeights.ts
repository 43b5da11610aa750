import * as l10n from '@vscode/l10n';
import { nonFiniteText } from '../../../shared/numberText';
import { nonFiniteWeight } from '../../run/nonFinite';
import { firstOf, weightNames } from '../health/firstBad';
import type { Check } from './patient';

/** Layers all of whose weights take part in their values: if those are finite, so are the weights. */
const USES_ALL_WEIGHTS =
  /^(Dense|EinsumDense|BatchNormalization|LayerNormalization|(Depthwise|Separable)?Conv\dD)$/;

/** NaN or infinities in weights that this input does not use, such as the row of another token. */
export const nonFiniteWeights: Check = async ({ trace, nodes, pause }) => {
  for (const { node } of nodes) {
    if (USES_ALL_WEIGHTS.test(node.className)) continue;
    const weights = await trace.weights.of(node);
    if (weights.length === 0) continue;
    await pause();
    const bad = await nonFiniteWeight(trace, node);
    const tensor = bad && weights[bad.position];
    const found = tensor && (await firstOf(tensor, (value) => !Number.isFinite(value)));
    if (!bad || !found) continue;
    const name = weightNames(trace, node)[bad.position] ?? l10n.t('weight {0}', bad.position);
    const word = nonFiniteText(found.value) ?? '';
    return {
      kind: 'non-finite-weights',
      layer: node.path,
      sentence: l10n.t(
        'The weights of {0} hold {1}: {2}[{3}]. This input does not use it.',
        node.path,
        word,
        name,
        found.index.join(', '),
      ),
    };
  }
  return null;
};
