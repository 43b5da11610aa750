import { basename, resolve } from 'node:path';
import { Option } from 'commander';
import { type BatchInputs, batchInputs } from '../../server/batch/batchInputs';
import type { BatchRun } from '../../server/batch/batchRun';
import { methodOptions } from '../../server/batch/methodOptions';
import { batchDigest } from '../../server/batch/modelDigest';
import { labelsOf } from '../../server/labels/labels';
import type { Control } from '../../server/run/control';
import { settingsFile } from '../../server/session/openModels';
import type { Session } from '../../server/session/session';
import { readSettings, readSidecar } from '../../server/session/sidecar';
import type { BatchHeader, Shard } from '../../shared/batch/batchRow';
import { fail } from '../../shared/errors';
import { labelsFor } from '../../shared/labels/foundLabels';
import type { MethodId, OptionValues } from '../../shared/methods';
import { type ModelRunOptions, preprocessingOf } from '../modelRun';
import { openModel } from '../session';

/** What `batch` and `check` share. */
export interface BatchOptions extends Omit<ModelRunOptions, 'input'> {
  readonly input: string;
  /** A table of true classes. */
  readonly labels?: string;
  readonly option?: OptionValues;
  readonly trust?: boolean;
  /** A file of settings in place of that beside the model. */
  readonly settings?: string;
}

export const batchInputOption = (): Option =>
  new Option(
    '--input <path>',
    'a folder of inputs, whose folders may be named as the classes, an .npz file with the samples along the first axis, or a table',
  ).makeOptionMandatory();

export const trueLabelsOption = (): Option =>
  new Option(
    '--labels <file.csv>',
    'the true classes, by name or index: a table with the columns name and label; default: names of folders, an array y, a column of the table',
  );

export const settingsOption = (): Option =>
  new Option(
    '--settings <file.json>',
    'preprocessing and class names, as the settings beside a model have them, in place of those',
  );

/** A model that is open, its inputs, and what its rows are computed with. */
export interface BatchSetup {
  readonly run: BatchRun;
  readonly listed: BatchInputs;
  /** Class names of the output. */
  readonly labels: readonly string[];
}

/** Opens the model and lists its inputs. The caller closes the model. @throws Failure */
export async function setUpBatch(
  session: Session,
  model: string,
  options: BatchOptions,
  {
    out,
    methodsOf,
  }: {
    /** As `BatchRun.out`. */
    readonly out: string | null;
    readonly methodsOf: (opened: BatchRun['opened']) => readonly MethodId[];
  },
  control: Control,
): Promise<BatchSetup> {
  const opened = await openModel(session, model, options);
  const { output = 0, preprocess, costly = false, trust = false } = options;
  const methods = methodsOf(opened);
  if (trust && methods.length === 0)
    fail('bad-input', '--trust examines maps, and --method none makes none.', { remedy: 'Give a method.' });
  const chosen = methodOptions(methods, options.option ?? {});
  const settings =
    options.settings === undefined ? readSidecar(settingsFile(opened)) : readSettings(options.settings);
  const found = await labelsOf(opened);
  const labels = settings?.labels ?? labelsFor(found, opened.graph.summary.outputs[output]?.shape);
  const truths = options.labels === undefined ? null : resolve(options.labels);
  const listed = await batchInputs(
    opened,
    { input: resolve(options.input), out, labels, output, truths },
    control,
  );
  const preprocessing = preprocessingOf(opened, options, settings);
  const isGuess = (preprocess ?? settings?.preprocessing) === undefined;
  const guess =
    isGuess && preprocessing.name !== 'none'
      ? [
          `Preprocessing ${preprocessing.name} is a guess: ${opened.preprocessingReason}. Choose another one with --preprocess.`,
        ]
      : [];
  return {
    run: {
      opened,
      out,
      methods,
      options: chosen,
      trust,
      preprocessing,
      preprocessArrays: preprocess !== undefined,
      output,
      labels,
      insist: costly,
    },
    listed: { ...listed, notices: [...guess, ...found.ignored, ...listed.notices] },
    labels,
  };
}

/** The first line of the journal of a batch. Reads the whole model. @throws Failure of reading it */
export function headerOf(
  { run, listed, labels }: BatchSetup,
  input: string,
  part: Shard | null,
): BatchHeader {
  const { opened, methods, options, trust, preprocessing, preprocessArrays, output } = run;
  return {
    layerglass: 'batch',
    version: 1,
    digest: batchDigest(opened, [methods, options, trust, preprocessing, preprocessArrays, output, labels]),
    input: resolve(input),
    shard: part,
    model: basename(opened.path),
    inputName: basename(resolve(input)),
    methods: [...methods],
    labels: [...labels],
    notices: [...listed.notices],
  };
}
