import type { Command } from 'commander';
import { NO_CONTROL } from '../server/run/control';
import { type OpenModel, settingsFile } from '../server/session/openModels';
import type { Run, RunOptions } from '../server/session/runs';
import type { Session } from '../server/session/session';
import { readSidecar } from '../server/session/sidecar';
import type { InputSource, Preprocessing } from '../shared/inputs';
import {
  backendOption,
  costlyOption,
  customLayersOption,
  jsonOption,
  preprocessOption,
  threadsOption,
  weightsOption,
} from './options';
import { type ComputeOptions, openModel } from './session';

/** What every command that runs a model on inputs accepts; `addRunOptions` adds all but the inputs. */
export interface ModelRunOptions extends ComputeOptions {
  readonly input: readonly InputSource[];
  readonly preprocess?: Preprocessing;
  readonly costly?: boolean;
  readonly json?: boolean;
}

export const addRunOptions = (command: Command): Command =>
  command
    .addOption(preprocessOption())
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
  /** Class names in the settings beside the model. */
  readonly labels: readonly string[];
}

/**
 * Opens a model, runs it on the inputs and closes it again. Preprocessing is that of the command line, else that of the
 * settings beside the model, else the model's default.
 * @throws Failure
 */
export async function runModel(
  session: Session,
  model: string,
  options: ModelRunOptions,
  work: (run: Run, made: ModelRun) => Promise<void>,
  more: RunOptions = {},
): Promise<void> {
  const { input, preprocess, costly } = options;
  const opened = await openModel(session, model, options);
  const settings = readSidecar(settingsFile(opened));
  const preprocessing = preprocess ?? settings?.preprocessing ?? opened.defaultPreprocessing;
  const made = { opened, preprocessing, labels: settings?.labels ?? [] };
  await session.run(opened.id, input, preprocessing, NO_CONTROL, (run) => work(run, made), {
    preprocessArrays: preprocess !== undefined,
    insist: costly ?? false,
    ...more,
  });
  session.close(opened.id);
}
