import { type LayerTrace, traceDocument, type UnitTrace } from '../../shared/results/tracing';
import { nonFiniteName } from '../../shared/wireNumbers';

/**
 * A trace as CSV (RFC 4180): one row per maximum, so that a unit with equal maxima has several rows. The end of a window is
 * exclusive. Columns of several axes or outputs are numbered from 0.
 */
export function traceCsv(trace: LayerTrace): string {
  const { units, logit, inputSize } = trace;
  const axes = Math.max(0, ...units.flatMap(({ positions }) => positions.map(({ length }) => length)));
  const hasLetters = units.some(({ letters }) => letters !== undefined);
  const head = [
    'unit',
    'value',
    ...numbered('position', axes),
    ...inputSize.flatMap((_, axis) => {
      const number = inputSize.length === 1 ? '' : `_${axis}`;
      return [`window_start${number}`, `window_end${number}`];
    }),
    ...(hasLetters ? ['letters'] : []),
    ...numbered('contribution', logit?.length ?? 0),
    'maxima_not_listed',
  ];
  const rows = units.flatMap((unit) =>
    unit.windows.map((window, place) => [
      unit.unit,
      unit.value,
      ...Array.from({ length: axes }, (_, axis) => unit.positions[place]?.[axis] ?? ''),
      ...inputSize.flatMap((_, axis) => [window[axis]?.[0] ?? '', window[axis]?.[1] ?? '']),
      ...(hasLetters ? [unit.letters?.[place] ?? ''] : []),
      ...(logit ?? []).map((_, output) => unit.contribution?.[output] ?? ''),
      unit.omitted,
    ]),
  );
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const numbered = (name: string, count: number): string[] =>
  count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}_${i}`);

function cell(value: string | number): string {
  if (typeof value === 'number') return nonFiniteName(value) ?? String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A trace as the JSON document that `layerglass trace --json` prints. */
export function traceJson(trace: LayerTrace): string {
  const document = traceDocument({ trace, check: null, arithmetic: null, effective: null });
  const replacer = (_key: string, part: unknown) =>
    typeof part === 'number' ? (nonFiniteName(part) ?? part) : part;
  return `${JSON.stringify(document, replacer, 2)}\n`;
}

/** `217:219`, with several axes `3:6, 0:4`, as a slice is written in NumPy. */
export const windowText = (window: UnitTrace['windows'][number]): string =>
  window.map(([start, end]) => `${start}:${end}`).join(', ');
