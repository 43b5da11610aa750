import { nonFiniteText } from '../shared/numberText';
import { visible } from '../shared/text';
import type {
  Arithmetic,
  CheckedMistake,
  LayerTrace,
  ReceptiveField,
  Span,
  TraceAnswer,
  UnitTrace,
} from '../shared/tracing';

/** Positions that are printed per unit; --json has all. */
const MAX_PRINTED = 6;
/** Contributions that are printed per unit. */
const MAX_OUTPUTS = 4;

/** Mistakes that are printed. */
const MAX_MISTAKES = 5;
/** Products that are printed. */
const MAX_PRODUCTS = 40;

/** A trace as text, with what was asked about one of its units. */
export const answerLines = ({ trace, check, arithmetic }: TraceAnswer): string[] => [
  ...traceLines(trace),
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
    visible(fieldText(read, traced.field)),
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
  return `  ${String(unit).padStart(5)}  ${digits(value).padEnd(12)}${share}  at ${where}`;
}

/** The start of a long window is enough to recognise it. */
const MAX_LETTERS = 24;

function lettersText(letters: string | undefined): string {
  if (letters === undefined) return '';
  return letters.length > MAX_LETTERS ? ` (${letters.slice(0, MAX_LETTERS)}…)` : ` (${letters})`;
}

const spanText = ([start, end]: Span): string => `${start}:${end}`;

function list(values: readonly number[]): string {
  const shown = values.slice(0, MAX_OUTPUTS).map(digits);
  const more = values.length - shown.length;
  return [...shown, ...(more > 0 ? [`(${more} more)`] : [])].join(' ');
}

const digits = (value: number): string => nonFiniteText(value) ?? String(Number(value.toPrecision(7)));

function checkLines(check: readonly CheckedMistake[]): string[] {
  const rows = check
    .slice(0, MAX_MISTAKES)
    .map(
      ({ mistake, value, error }) =>
        `  ${digits(value).padEnd(14)}  off by ${digits(error).padEnd(14)}  ${mistake}`,
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
        `  [${[...offset, channel].join(', ')}]  ${digits(value)} x ${digits(weight)} = ${digits(product)}`,
    ),
    ...(more > 0 ? [`  ${more} more products: ${digits(left)}`] : []),
    ...(arithmetic.bias === null ? [] : [`  bias: ${digits(arithmetic.bias)}`]),
    `  sum: ${digits(arithmetic.sum)} (in the model, in float32: ${digits(arithmetic.before)})`,
    ...(arithmetic.activation === null ? [] : [`  ${arithmetic.activation}: ${digits(arithmetic.after)}`]),
    ...arithmetic.steps.slice(1).map(({ layer, value }) => `  ${layer}: ${digits(value)}`),
  ];
  return lines.map((line) => visible(line));
}

/** "Receptive field of conv: 6 x 6, stride 2 x 2, padding 2 x 2". */
function fieldText(layer: string, field: ReceptiveField): string {
  const name = `Receptive field of ${layer}`;
  switch (field.kind) {
    case 'window': {
      const along = (key: 'size' | 'stride' | 'padding') => field.axes.map((axis) => axis[key]).join(' x ');
      const gate = field.gate === null ? '' : `; ${field.gate} also depends on the whole input`;
      return `${name}: ${along('size')}, stride ${along('stride')}, padding ${along('padding')}${gate}`;
    }
    case 'whole':
      return `${name}: the whole input, which ${field.layer} joins`;
    case 'misaligned':
      return `${name}: misaligned; the branches that ${field.layer} merges differ in stride or centre`;
    case 'unknown':
      return `${name}: unknown, because of ${field.layer}`;
  }
}
