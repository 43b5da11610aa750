import { Command } from 'commander';
import { layerConfig, trainingConfig } from '../server/answers/modelConfig';
import type { OpenModel } from '../server/session/openModels';
import { byteText, fullCount, parameterText } from '../shared/amounts';
import { inputLabels, joinNames, outputCounts, rowLabel } from '../shared/connections';
import { fail } from '../shared/errors';
import { kerasShape } from '../shared/kerasShape';
import type { LayerRow, MaybeShape, ModelSummary } from '../shared/model';
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

export function inspectCommand(openSession: OpenSession): Command {
  return (
    new Command('inspect')
      .description('List the layers of a model, their output shapes and parameters. Reads no weights.')
      .addArgument(modelArgument())
      .addOption(jsonOption())
      .option('--config', 'with --json: the config of each layer, as the file has it')
      // Accepted for consistency, although listing computes nothing.
      .addOption(backendOption())
      .addOption(threadsOption())
      .addOption(customLayersOption())
      .addOption(weightsOption())
      .action(async (path: string, options: InspectOptions) => {
        const model = await openModel(openSession(options), path, options);
        if (options.json) printJson(document(model, options.config === true));
        else if (options.config) failWithoutJson();
        else printLines(table(model.graph.summary));
      })
  );
}

interface InspectOptions extends ComputeOptions {
  readonly json?: boolean;
  readonly config?: boolean;
}

/** The summary, how the model was compiled, and on request the config of each layer. */
function document(model: OpenModel, withConfig: boolean): object {
  const { summary } = model.graph;
  const layers = withConfig
    ? summary.layers.map((row) => ({ ...row, config: layerConfig(model, row.path).config }))
    : summary.layers;
  return { ...summary, compile: trainingConfig(model).config, layers };
}

const failWithoutJson = (): never =>
  fail('bad-input', 'The configs of the layers are printed as JSON only.', { remedy: 'Add --json.' });

const MAX_SHAPES = 2;
/** Longer cells overflow only in their own row, so that one hostile name does not widen the whole table. */
const MAX_WIDTH = 100;
/** Right-aligned columns. */
const NUMBERS: readonly number[] = [2, 3, 4];

const shapeText = (shape: MaybeShape): string => kerasShape(shape, '?');

/** A model may have dozens of outputs: the table names the first, --json lists all. */
function shapesText(shapes: readonly MaybeShape[]): string {
  const first = shapes.slice(0, MAX_SHAPES).map(shapeText).join(', ');
  const rest = shapes.length - MAX_SHAPES;
  return rest > 0 ? `${first}, and ${rest} more` : first;
}

/** A table like Keras's `summary(expand_nested=True)`. */
function table(summary: ModelSummary): string[] {
  const titles = ['Layer (type)', 'Output Shape', 'Param #', 'Multiply-adds', 'Memory', 'Connected to'];
  const header = summary.weightsOnly ? ['Layer or array (type)', 'Shape', 'Param #'] : titles;
  const counts = outputCounts(summary.layers);
  const depths = new Map<string, number>();
  const depthOf = ({ path, parent }: LayerRow): number => {
    const depth = parent === null ? 0 : (depths.get(parent) ?? 0) + 1;
    depths.set(path, depth);
    return depth;
  };
  const rows = summary.layers.map((row) =>
    [
      `${'  '.repeat(depthOf(row))}${visible(`${rowLabel(row)} (${row.className})`)}`,
      shapesText(row.outputShapes),
      parameterText(row.params, row.paramsAreLowerBound),
      fullCount(row.multiplyAdds),
      byteText(row.activationBytes),
      joinNames(inputLabels(row, counts).map(visible)),
    ].slice(0, header.length),
  );
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => Math.min(row[i]?.length ?? 0, MAX_WIDTH))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (NUMBERS.includes(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((a, b) => a + b + 2, -2));
  const { total, isLowerBound } = summary.params;
  return [
    visible(
      `Model: "${summary.name}" (${summary.className}, ${summary.format}${summary.kerasVersion ? `, Keras ${summary.kerasVersion}` : ''})`,
    ),
    rule,
    line(header),
    rule,
    ...rows.map(line),
    rule,
    `Total params: ${parameterText(total, isLowerBound)}`,
    ...(summary.weightsOnly ? summary.notices.map(visible) : computedLines(summary)),
  ];
}

function computedLines(summary: ModelSummary): string[] {
  const { trainable, nonTrainable, undetermined, isLowerBound } = summary.params;
  return [
    `Trainable params: ${parameterText(trainable, isLowerBound)}`,
    `Non-trainable params: ${parameterText(nonTrainable, isLowerBound)}`,
    ...(undetermined === undefined
      ? []
      : [`Params that may or may not be trainable: ${fullCount(undetermined)}`]),
    `Multiply-adds for one example: ${fullCount(summary.multiplyAdds)}`,
    `Activation memory for one example: ${byteText(summary.activationBytes)}`,
    ...foreignLines(summary),
    ...summary.notices.map(visible),
    ...notices(summary.layers),
  ];
}

function foreignLines({ foreignCode }: ModelSummary): string[] {
  if (foreignCode.length === 0) return [];
  const count = foreignCode.length === 1 ? '1 part' : `${foreignCode.length} parts`;
  return [
    `Foreign code: ${count} of the file would run in Keras or TensorFlow; Layerglass never runs any.`,
    ...foreignCode.map(({ path, what }) => visible(`  ${path}: ${what}`)),
  ];
}

const notices = (rows: readonly LayerRow[]): string[] =>
  rows.flatMap((row) => (row.notice === undefined ? [] : [visible(`${row.path}: ${row.notice}`)]));
