import { Command } from 'commander';
import { type ReportedWeight, weightsOf, weightsReport } from '../server/inspect/weights/weightsReport';
import { storedWeights } from '../server/run/weights/storedWeights';
import { fullCount } from '../shared/amounts';
import { numberText } from '../shared/numberText';
import { weightDocument } from '../shared/results/weights';
import { visible } from '../shared/text';
import {
  backendOption,
  customLayersOption,
  jsonOption,
  modelArgument,
  threadsOption,
  weightsOption,
} from './options';
import { printJson, printLines } from './output';
import { type ComputeOptions, type OpenSession, openModel } from './session';

interface WeightsOptions extends ComputeOptions {
  readonly layer?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function weightsCommand(openSession: OpenSession): Command {
  return (
    new Command('weights')
      .description(
        'Statistics of every weight in a model: range, norm, NaN, dead and duplicate filters. Needs no input and runs nothing.',
      )
      .addArgument(modelArgument())
      .option('--layer <path>', 'only the weights of this layer or nested model')
      .option('--out <folder>', 'also write each weight as a .npy file of float32 into this folder')
      .addOption(jsonOption())
      // Accepted for consistency, although nothing is computed.
      .addOption(backendOption())
      .addOption(threadsOption())
      .addOption(customLayersOption())
      .addOption(weightsOption())
      .action(async (path: string, options: WeightsOptions) => {
        const { graph, file } = await openModel(openSession(options), path, options);
        const all = await storedWeights(graph, file.weights);
        const knows = graph.summary.layers.some((row) => row.path === options.layer);
        const chosen = options.layer === undefined ? all : weightsOf(all, options.layer, knows);
        const report = await weightsReport(chosen, options.out);
        if (options.json) printJson(report.map((row) => ({ ...weightDocument(row), ...fileOf(row) })));
        else printLines(lines(report, options));
      })
  );
}

const fileOf = ({ file }: ReportedWeight): { readonly file?: string } => (file === undefined ? {} : { file });

/** Longer cells overflow only in their own row. */
const MAX_WIDTH = 60;
const HEADER = ['Weight', 'Shape', 'Type', 'Min', 'Max', 'Mean', 'Std', 'Norm', 'Zero'];
const TEXT_COLUMNS = 3;

function lines(report: readonly ReportedWeight[], { layer, out }: WeightsOptions): string[] {
  if (report.length === 0) {
    return [layer === undefined ? 'The model has no weights.' : visible(`Layer "${layer}" has no weights.`)];
  }
  const rows = report.map(cells);
  const widths = HEADER.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => Math.min(row[i]?.length ?? 0, MAX_WIDTH))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i < TEXT_COLUMNS ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const values = report.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const findings = report.flatMap(findingLines);
  return [
    line(HEADER),
    ...rows.map(line),
    `${report.length} weights, ${fullCount(values)} values`,
    ...(findings.length === 0 ? [] : ['', ...findings]),
    ...(out === undefined
      ? []
      : [visible(`Wrote ${report.filter((row) => row.file).length} files to ${out}`)]),
  ];
}

function cells({ path, name, shape, dtype, stats, norm }: ReportedWeight): string[] {
  const numbers = [stats?.min, stats?.max, stats?.mean, stats?.std, norm ?? undefined, stats?.zero];
  return [
    visible(`${path}/${name}`),
    `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`,
    dtype,
    ...numbers.map((value) => (value === undefined ? '-' : numberText(value))),
  ];
}

/** Filters that are listed by number; --json lists more. */
const MAX_NAMED = 8;

function findingLines({ path, name, stats, filters }: ReportedWeight): string[] {
  const label = `${path}/${name}`;
  const found = (text: string): string => visible(`${label}: ${text}`);
  const list = (all: readonly (number | string)[], count: number): string =>
    `${all.slice(0, MAX_NAMED).join(', ')}${count > MAX_NAMED ? ', ...' : ''}`;
  const result: string[] = [];
  if (stats && stats.nan > 0) result.push(found(`${fullCount(stats.nan)} values are NaN`));
  if (stats && stats.infinite > 0) result.push(found(`${fullCount(stats.infinite)} values are infinite`));
  if (filters && filters.deadCount > 0) {
    result.push(
      found(
        `${filters.deadCount} of ${filters.count} filters are all 0: ${list(filters.dead, filters.deadCount)}`,
      ),
    );
  }
  if (filters && filters.duplicateCount > 0) {
    const pairs = filters.duplicates.map(
      ({ first, second, negated }) => `${first} = ${negated ? '-' : ''}${second}`,
    );
    result.push(
      found(
        `${filters.duplicateCount} ${filters.duplicateCount === 1 ? 'pair' : 'pairs'} of equal or negated filters: ${list(pairs, filters.duplicateCount)}`,
      ),
    );
  }
  return result;
}
