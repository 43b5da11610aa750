import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import * as protocol from '../../shared/protocol';
import type { App } from '../app';
import { fileExists } from '../models/models';
import type { Run } from '../settings/runs';
import { pickInputs } from './inputPicker';

/** @throws Failure `weights-only` for a file that does not describe its layers: no input can be chosen for it. */
export function refuseWeightsOnly({ path, summary: { weightsOnly } }: OpenedModel): void {
  if (weightsOnly) fail('weights-only', weightsOnly.why, { remedy: weightsOnly.remedy, subject: path });
}

/**
 * The input and preprocessing for a run: those used last, or those the user picks now. Asks again when the number of
 * inputs has changed or a file no longer exists.
 *
 * @returns `undefined` when the user cancelled
 * @throws Failure `weights-only`
 */
export async function chooseRun(app: App, model: OpenedModel): Promise<Run | undefined> {
  refuseWeightsOnly(model);
  const settings = await app.settings.of(model);
  const preprocessing = settings.preprocessing ?? model.defaultPreprocessing;
  const last = settings.lastInputs;
  if (last === undefined || last.length !== model.summary.inputs.length) {
    return picked(app, model, preprocessing);
  }
  const missing = await firstMissing(last);
  if (missing === undefined) return { inputs: last, preprocessing };
  return picked(
    app,
    model,
    preprocessing,
    l10n.t('{0} no longer exists. Select another input.', basename(missing)),
  );
}

/**
 * The input and preprocessing used last, without asking the user: `inputs` are empty where none was chosen, the number of
 * inputs has changed or a file no longer exists.
 */
export async function lastRun(app: App, model: OpenedModel): Promise<Run> {
  const settings = await app.settings.of(model);
  const preprocessing = settings.preprocessing ?? model.defaultPreprocessing;
  const last = settings.lastInputs ?? [];
  const isUsable = last.length === model.summary.inputs.length && (await firstMissing(last)) === undefined;
  return { inputs: isUsable ? last : [], preprocessing };
}

async function picked(
  app: App,
  model: OpenedModel,
  preprocessing: Run['preprocessing'],
  why?: string,
): Promise<Run | undefined> {
  void app.client.tell(protocol.willExplain, { path: model.path });
  const inputs = await pickInputs(app, model, why === undefined ? {} : { why });
  if (inputs === undefined) return undefined;
  await app.settings.remember(model.path, { lastInputs: inputs });
  return { inputs, preprocessing };
}

async function firstMissing(sources: readonly InputSource[]): Promise<string | undefined> {
  for (const source of sources) {
    if (source.kind === 'file' && !(await fileExists(source.path))) return source.path;
  }
  return undefined;
}
