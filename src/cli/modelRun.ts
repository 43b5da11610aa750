import type { Command } from 'commander';
import { labelsOf } from '../server/labels/labels';
import { NO_CONTROL } from '../server/run/control';
import { takesPreprocessing } from '../server/session/modelInputs';
import { type OpenModel, settingsFile } from '../server/session/openModels';
import type { Run, RunOptions } from '../server/session/runs';
import type { Session } from '../server/session/session';
import { readSidecar } from '../server/session/sidecar';
import type { InputSource, ModelSettings, Preprocessing } from '../shared/inputs';
import { labelsFor } from '../shared/labels/foundLabels';
import type { Resize } from '../shared/sources/resizing';
import {
  backendOption,
  costlyOption,
  customLayersOption,
  jsonOption,
  preprocessOption,
  resizeOption,
  threadsOption,
  weightsOption,
} from './options';
import { type ComputeOptions, openModel } from './session';

/** What every command that runs a model on inputs accepts; `addRunOptions` adds all but the inputs. */
export interface ModelRunOptions extends ComputeOptions {
  readonly input: readonly InputSource[];
  readonly preprocess?: Preprocessing;
  readonly resize?: Resize;
  readonly costly?: boolean;
  /** Which output's class names are wanted; default 0. */
  readonly output?: number;
  readonly json?: boolean;
  /** There are other models to come: this one is not kept open a little longer. */
  readonly closesAtOnce?: boolean;
}

export const addRunOptions = (command: Command): Command =>
  command
    .addOption(preprocessOption())
    .addOption(resizeOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(customLayersOption())
    .addOption(weightsOption())
    .addOption(costlyOption())
    .addOption(jsonOption());

/** What a run was made with. */
export interface ModelRun {
  readonly opened: OpenModel;
  readonly preprocessing: Preprocessing;
  /** Class names of the output. */
  readonly labels: readonly string[];
  /** Sentences about what was found or guessed. */
  readonly notices: readonly string[];
}

/**
 * Opens a model, runs it on the inputs and closes it again.
 * @throws Failure
 */
export async function runModel<T>(
  session: Session,
  model: string,
  options: ModelRunOptions,
  work: (run: Run, made: ModelRun) => Promise<T>,
  more: RunOptions = {},
): Promise<T> {
  const opened = await openModel(session, model, options);
  try {
    return await runOpened(session, opened, options, work, more);
  } finally {
    session.close(opened.id, options.closesAtOnce);
  }
}

async function runOpened<T>(
  session: Session,
  opened: OpenModel,
  options: ModelRunOptions,
  work: (run: Run, made: ModelRun) => Promise<T>,
  more: RunOptions,
): Promise<T> {
  const { input, preprocess, costly, output = 0 } = options;
  const settings = readSidecar(settingsFile(opened));
  const preprocessing = preprocessingOf(opened, options, settings);
  const found = await labelsOf(opened);
  const labels = labelsFor(found, opened.graph.summary.outputs[output]?.shape);
  const isGuess = (preprocess ?? settings?.preprocessing) === undefined;
  const notices = [...(isGuess ? guessNotices(opened, input) : []), ...found.ignored];
  const made = { opened, preprocessing, labels: settings?.labels ?? labels, notices };
  return session.run(opened.id, input, preprocessing, NO_CONTROL, (run) => work(run, made), {
    preprocessArrays: preprocess !== undefined,
    insist: costly ?? false,
    ...more,
  });
}

/** That of the command line, else that of the settings beside the model, else the model's default; the way to resize on its own. */
export function preprocessingOf(
  opened: OpenModel,
  { preprocess, resize }: Pick<ModelRunOptions, 'preprocess' | 'resize'>,
  settings: ModelSettings | null,
): Preprocessing {
  const stored = settings?.preprocessing;
  const how = resize ?? stored?.resize;
  return { ...(preprocess ?? stored ?? opened.defaultPreprocessing), ...(how && { resize: how }) };
}

/** That the preprocessing is a guess, where one of the inputs is an image that it is applied to. */
function guessNotices(
  { graph, defaultPreprocessing: { name }, preprocessingReason }: OpenModel,
  sources: readonly InputSource[],
): string[] {
  const isImage = (i: number): boolean => graph.summary.inputs[i]?.shape?.length === 4;
  return sources.some((source, i) => takesPreprocessing(source) && isImage(i))
    ? [`Preprocessing ${name} is a guess: ${preprocessingReason}. Choose another one with --preprocess.`]
    : [];
}
