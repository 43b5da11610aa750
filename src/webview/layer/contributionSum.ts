import * as l10n from '@vscode/l10n';
import { floatText } from '../../shared/numberText';
import type { LayerTrace } from '../../shared/results/tracing';

/** Outputs whose contributions are shown; copies have all of them. */
const MAX_OUTPUTS = 4;
/** Contributions are added in another order than by the backend. */
const RELATIVE_TOLERANCE = 1e-4;

/** The output units with the largest logits, largest first. */
export function shownOutputs({ logit }: LayerTrace): number[] {
  const order = [...(logit ?? []).keys()].sort((a, b) => (logit?.[b] ?? 0) - (logit?.[a] ?? 0));
  return order.slice(0, MAX_OUTPUTS);
}

/** "Sum of the contributions 6.1 + bias -0.5 = logit 5.6", one line per shown output. */
export function sumLines(trace: LayerTrace): string[] {
  const { logit, bias, units } = trace;
  if (logit === null)
    return [l10n.t('No linear output layer reads these units, so they have no contributions.')];
  const outputs = shownOutputs(trace);
  const lines = outputs.map((output) => {
    const terms = units.map(({ contribution }) => contribution?.[output] ?? 0);
    const sum = terms.reduce((a, b) => a + b, 0);
    const [own, total] = [bias?.[output] ?? 0, logit[output] ?? Number.NaN];
    const rest = total - sum - own;
    const size = terms.reduce((a, b) => a + Math.abs(b), Math.abs(total));
    const others = Math.abs(rest) > RELATIVE_TOLERANCE * size ? floatText(rest) : null;
    const line = sumLine(floatText(sum), others, floatText(own), floatText(total));
    return logit.length === 1 ? line : l10n.t('Output {0}: {1}', output, line);
  });
  const left = logit.length - outputs.length;
  return left > 0
    ? [...lines, l10n.t('{0} outputs with smaller logits are not shown; copies have all.', left)]
    : lines;
}

const sumLine = (sum: string, others: string | null, bias: string, logit: string): string =>
  others === null
    ? l10n.t('Sum of the contributions {0} + bias {1} = logit {2}', sum, bias, logit)
    : l10n.t(
        'Sum of the contributions {0} + other units {1} + bias {2} = logit {3}',
        ...[sum, others, bias, logit],
      );
