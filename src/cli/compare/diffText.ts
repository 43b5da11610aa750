import { fullCount } from '../../shared/amounts';
import type { Comparison, LayerComparison } from '../../shared/compare/comparison';
import {
  changeText,
  countsText,
  headline,
  reasonTexts,
  statusText,
} from '../../shared/compare/comparisonText';
import { visible } from '../../shared/text';
import { predictionLine } from '../predictionLine';

/** Predictions of each model that are printed; --json has more. */
const MAX_PREDICTIONS = 3;
const TEXT_COLUMNS = 3;

/** The headline, the layers that differ with what differs in them, and both predictions. @param all list equal layers, too */
export function diffLines(
  comparison: Comparison,
  paths: { readonly a: string; readonly b: string },
  all: boolean,
): readonly string[] {
  const { layers, parameters, notices, firstDifference } = comparison;
  const shown = all ? layers : layers.filter(isDifferent);
  return [
    visible(`A: ${paths.a} (${fullCount(parameters.a)} parameters)`),
    visible(`B: ${paths.b} (${fullCount(parameters.b)} parameters)`),
    ...notices.map((notice) => visible(`Note: ${notice}`)),
    visible(headline(comparison)),
    `Layers: ${countsText(layers)}`,
    ...(shown.length === 0 ? [] : ['', ...table(shown, firstDifference?.path ?? null)]),
    ...predictionLines(comparison),
  ];
}

const isDifferent = ({ status, valuesPart }: LayerComparison): boolean =>
  status !== 'same' || valuesPart === true;

function table(layers: readonly LayerComparison[], first: string | null): string[] {
  const header = ['  Layer', 'Class', 'Status', 'Weights', 'Values'];
  const rows = layers.map((layer) => {
    const { path, otherPath, className, status, weightChange, valueChange } = layer;
    const name = visible(otherPath === null ? path : `${path} = ${otherPath}`);
    return [
      `${path === first ? '! ' : '  '}${name}`,
      visible(className),
      statusText(status),
      changeText(weightChange),
      changeText(valueChange),
    ];
  });
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i < TEXT_COLUMNS ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    line(header),
    ...rows.flatMap((row, i) => {
      const layer = layers[i];
      const reasons = layer?.status === 'changed' ? reasonTexts(layer) : [];
      return [line(row), ...reasons.map((reason) => visible(`      ${reason}`))];
    }),
  ];
}

function predictionLines({ predictions, tolerance, backend }: Comparison): string[] {
  if (predictions === null) return [];
  return [
    ...predictions.flatMap(({ name, a, b, change }) => [
      '',
      visible(`Output ${name}: differs by ${change === null ? 'its shape' : changeText(change)}`),
      ...[a, b].flatMap((list, i) =>
        list.slice(0, MAX_PREDICTIONS).map((one) => `  ${i === 0 ? 'A' : 'B'} ${predictionLine(one)}`),
      ),
    ]),
    '',
    `Values agree within ${tolerance} of the largest one of a layer (backend ${backend ?? ''}).`,
  ];
}
