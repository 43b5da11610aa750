import { basename } from 'node:path';
import { Command } from 'commander';
import { languageOfFile } from '../../server/code/languages';
import { type InferredRow, inferRows } from '../../server/code/rows';
import { MAX_JSON_BYTES } from '../../server/io/limits';
import { readFile } from '../../server/io/openFile';
import { kerasShape } from '../../shared/kerasShape';
import { visible } from '../../shared/text';
import { printJson, printLines } from '../output';

/** `infer FILE`: what a Python, JavaScript or TypeScript file builds, without running it. */
export const inferCommand = (): Command =>
  new Command('infer')
    .description(
      'List the layers that a Python file builds with Keras, or a JavaScript or TypeScript file with TensorFlow.js: line, name, class, output shape and parameters, and where the shapes do not fit. Runs none of it.',
    )
    .argument('<file>', 'a Python, JavaScript or TypeScript file')
    .option('--json', 'print JSON')
    .action((path: string, { json }: { json?: boolean }) => {
      const rows = inferRows(readFile(path, MAX_JSON_BYTES).toString('utf8'), languageOfFile(path));
      if (json) printJson(rows);
      else if (rows.length === 0) process.stderr.write(nothingFound(path));
      else printLines(rows.map((row) => visible(lineText(row))));
    });

/** A file without a known ending is read as Python, so what it is may be the reason. */
const nothingFound = (path: string): string =>
  visible(`Note: ${basename(path)} builds no layers that are known without running it.`) +
  '\n  Give a Python, JavaScript or TypeScript file that builds a model.\n';

function lineText({ line, name, className, outputShape, params, problem }: InferredRow): string {
  const parts = [
    `${line}`.padStart(4),
    ...(className === '' ? [] : [`${name ?? '?'} (${className})`]),
    ...(outputShape === null ? [] : [shapesText(outputShape)]),
    ...(params === null ? [] : [`${params.toLocaleString('en-US')} params`]),
    ...(problem === undefined ? [] : [`problem: ${problem}`]),
  ];
  return parts.join('  ');
}

const shapesText = (shape: NonNullable<InferredRow['outputShape']>): string =>
  isSingle(shape) ? kerasShape(shape, '?') : shape.map((each) => kerasShape(each, '?')).join(', ');

const isSingle = (shape: NonNullable<InferredRow['outputShape']>): shape is readonly (number | null)[] =>
  !shape.some(Array.isArray);
