import { Command, InvalidArgumentError, Option } from 'commander';
import { compareModels } from '../../server/answers/compare/compareModels';
import { labelsOf } from '../../server/labels/labels';
import { NO_CONTROL } from '../../server/run/control';
import { settingsFile } from '../../server/session/openModels';
import type { Session } from '../../server/session/session';
import { readSidecar } from '../../server/session/sidecar';
import { DEFAULT_TOLERANCE } from '../../shared/compare/comparison';
import { labelsFor } from '../../shared/labels/foundLabels';
import { type ModelRunOptions, preprocessingOf } from '../modelRun';
import {
  backendOption,
  costlyOption,
  customLayersOption,
  inputOption,
  jsonOption,
  preprocessOption,
  resizeOption,
  textOption,
  threadsOption,
} from '../options';
import { printJson, printLines } from '../output';
import type { OpenSession } from '../session';
import { diffLines } from './diffText';

interface DiffOptions extends ModelRunOptions {
  readonly tolerance: number;
  readonly all?: boolean;
}

/** Exit codes as those of the program diff: 0 equal, 1 different, 2 a failure. */
const DIFFERENT = 1;
const FAILED = 2;

const MODEL = 'a .keras, .h5, .hdf5, model.json or saved_model.pb file, or the folder of a SavedModel';

export const diffCommand = (openSession: OpenSession): Command =>
  new Command('diff')
    .description(
      'Compare two models layer by layer: arguments, weights, and with --input their values, up to the first layer where they part. Exit code 0: equal, 1: different, 2: failed.',
    )
    .argument('<a>', `model A: ${MODEL}`)
    .argument('<b>', 'model B')
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(
      new Option(
        '--tolerance <share>',
        'values that differ by no more than this share of the largest one in their layer agree',
      )
        .argParser(tolerance)
        .default(DEFAULT_TOLERANCE),
    )
    .option('--all', 'list the layers that are the same, too')
    .addOption(preprocessOption())
    .addOption(resizeOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(customLayersOption())
    .addOption(costlyOption())
    .addOption(jsonOption())
    .action(async (a: string, b: string, options: DiffOptions) => {
      try {
        await diff(openSession(options), { a, b }, options);
      } catch (thrown) {
        process.exitCode = FAILED;
        throw thrown;
      }
    });

function tolerance(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('Allowed values: 0 to 1.');
  return number;
}

async function diff(
  session: Session,
  paths: { readonly a: string; readonly b: string },
  options: DiffOptions,
): Promise<void> {
  const a = await session.open(paths.a);
  const b = await session.open(paths.b);
  const { input, preprocess, costly = false, all = false } = options;
  const settings = readSidecar(settingsFile(a));
  const labels = settings?.labels ?? labelsFor(await labelsOf(a), a.graph.summary.outputs[0]?.shape);
  const request = {
    inputs: input,
    preprocessing: preprocessingOf(a, options, settings),
    preprocessArrays: preprocess !== undefined,
    tolerance: options.tolerance,
    insist: costly,
    labels,
  };
  const comparison = await compareModels(session, { a, b }, request, NO_CONTROL);
  if (options.json) printJson(comparison);
  else printLines(diffLines(comparison, paths, all));
  if (!comparison.isEqual) process.exitCode = DIFFERENT;
}
