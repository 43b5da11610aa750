import { floatText } from '../shared/numberText';
import {
  type Arithmetic,
  type CheckedMistake,
  effectiveFieldText,
  type LayerTrace,
  receptiveFieldText,
  type Span,
  type TraceAnswer,
  type UnitTrace,
} from '../shared/results/tracing';
import { visible } from '../shared/text';

/** Positions that are printed per unit; --json has all. */
const MAX_PRINTED = 6;
/** Contributions that are printed per unit. */
const MAX_OUTPUTS = 4;

/** Mistakes that are printed. */
const MAX_MISTAKES = 5;
/** Products that are printed. */
const MAX_PRODUCTS = 40;

/** A trace as text, with what was asked about one of its units. */
export const answerLines = ({ trace, check, arithmetic, effective }: TraceAnswer): string[] => [
  ...traceLines(trace),
  ...(effective ? [visible(effectiveFieldText(effective))] : []),
  ...(arithmetic ? arithmeticLines(arithmetic) : []),
  ...(check ? checkLines(check) : []),
];

/** A heading, a line per unit, and the sum. */
function traceLines(traced: LayerTrace): string[] {
  const { layer, read, pooling, input, inputSize, units, logit, bias, notices } = traced;
  const from =
    pooling === null
      ? 'the largest value of each channel'
      : `${pooling === 'max' ? 'maximum' : 'average'} of ${read}`;
  return [
    visible(`${layer}: ${from}; windows in ${input} (${inputSize.join(' x ')})`),
    visible(receptiveFieldText(read, traced.field)),
    ...notices.map((notice) => visible(`Note: ${notice}`)),
    ...units.map((unit) => visible(unitText(unit))),
    ...(logit === null
      ? ['No linear output layer reads these units, so they have no contributions.']
      : [`bias ${list(bias ?? [])}  logit ${list(logit)}`]),
  ];
}

function unitText({ unit, value, positions, windows, letters, omitted, contribution }: UnitTrace): string {
  const shown = positions.slice(0, MAX_PRINTED).map((position, i) => {
    const window = windows[i] ?? [];
    return `${position.length === 0 ? 'all' : `[${position.join(', ')}]`} from ${window.map(spanText).join(' x ')}${lettersText(letters?.[i])}`;
  });
  const more = positions.length - shown.length + omitted;
  const where = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  const share = contribution === null ? '' : `  contribution ${list(contribution)}`;
  return `  ${String(unit).padStart(5)}  ${floatText(value).padEnd(12)}${share}  at ${where}`;
}

/** The start of a long window is enough to recognise it. */
const MAX_LETTERS = 24;

function lettersText(letters: string | undefined): string {
  if (letters === undefined) return '';
  return letters.length > MAX_LETTERS ? ` (${letters.slice(0, MAX_LETTERS)}…)` : ` (${letters})`;
}

const spanText = ([start, end]: Span): string => `${start}:${end}`;

function list(values: readonly number[]): string {
  const shown = values.slice(0, MAX_OUTPUTS).map(floatText);
  const more = values.length - shown.length;
  return [...shown, ...(more > 0 ? [`(${more} more)`] : [])].join(' ');
}

function checkLines(check: readonly CheckedMistake[]): string[] {
  const rows = check
    .slice(0, MAX_MISTAKES)
    .map(
      ({ mistake, value, error }) =>
        `  ${floatText(value).padEnd(14)}  off by ${floatText(error).padEnd(14)}  ${mistake}`,
    );
  return ['The number compared with the usual mistakes:', ...rows.map((row) => visible(row))];
}

function arithmeticLines(arithmetic: Arithmetic): string[] {
  const { convolution, filter, position, window, reads, products, others, rest } = arithmetic;
  const shown = products.slice(0, MAX_PRODUCTS);
  const left = products.slice(MAX_PRODUCTS).reduce((sum, { product }) => sum + product, rest);
  const more = others + products.length - shown.length;
  const lines = [
    `Filter ${filter} of ${convolution} at [${position.join(', ')}], window ${window.map(spanText).join(' x ')} of ${reads}:`,
    ...shown.map(
      ({ offset, channel, value, weight, product }) =>
        `  [${[...offset, channel].join(', ')}]  ${floatText(value)} x ${floatText(weight)} = ${floatText(product)}`,
    ),
    ...(more > 0 ? [`  ${more} more products: ${floatText(left)}`] : []),
    ...(arithmetic.bias === null ? [] : [`  bias: ${floatText(arithmetic.bias)}`]),
    `  sum: ${floatText(arithmetic.sum)} (in the model, in float32: ${floatText(arithmetic.before)})`,
    ...(arithmetic.activation === null ? [] : [`  ${arithmetic.activation}: ${floatText(arithmetic.after)}`]),
    ...arithmetic.steps.slice(1).map(({ layer, value }) => `  ${layer}: ${floatText(value)}`),
  ];
  return lines.map((line) => visible(line));
}
