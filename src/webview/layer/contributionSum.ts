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
  if (logit === null) return ['No linear output layer reads these units, so they have no contributions.'];
  const outputs = shownOutputs(trace);
  const lines = outputs.map((output) => {
    const terms = units.map(({ contribution }) => contribution?.[output] ?? 0);
    const sum = terms.reduce((a, b) => a + b, 0);
    const [own, total] = [bias?.[output] ?? 0, logit[output] ?? Number.NaN];
    const rest = total - sum - own;
    const size = terms.reduce((a, b) => a + Math.abs(b), Math.abs(total));
    const others = Math.abs(rest) > RELATIVE_TOLERANCE * size ? ` + other units ${floatText(rest)}` : '';
    const start = logit.length === 1 ? 'Sum' : `Output ${output}: sum`;
    return `${start} of the contributions ${floatText(sum)}${others} + bias ${floatText(own)} = logit ${floatText(total)}`;
  });
  const left = logit.length - outputs.length;
  return left > 0 ? [...lines, `${left} outputs with smaller logits are not shown; copies have all.`] : lines;
}
