import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri } from 'vscode';
import { ok, type Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import type { LayerChoice, LayerHost } from '../../shared/view';
import type { App } from '../app';
import { harmlessName } from '../models/harmlessName';
import type { ModelLease } from '../models/modelLease';
import type { LatestRequest } from '../server/latestRequest';
import { chooseFolder, chooseSaveTarget } from '../ui';

const MAX_NAME = 100;

type WeightHost = Pick<
  LayerHost,
  'weights' | 'weightStatistics' | 'weightFilters' | 'weightValues' | 'exportWeights'
>;

/** The calls of the layer page about weights: answered from the file, without an input and a run. */
export function weightCalls(
  app: Pick<App, 'client'>,
  model: ModelLease,
  choice: () => LayerChoice,
  /** What takes long: of the statistics, only those that were asked for last. */
  long: { readonly statistics: LatestRequest; readonly exports: LatestRequest },
): WeightHost {
  const ask = async <Params extends object, Value>(
    type: protocol.RequestType<Params & { modelId: string; layer: string }, Value>,
    params: Params,
    client: Pick<LatestRequest, 'ask'> = app.client,
  ): Promise<Result<Value>> => {
    const { layer } = choice();
    const opened = await model.get();
    if (!opened.ok) return opened;
    return client.ask(type, { ...params, modelId: opened.value.modelId, layer });
  };
  return {
    weights: () => {
      long.statistics.cancel();
      return ask(protocol.layerWeights, {});
    },
    weightStatistics: (weight) => ask(protocol.weightStatistics, { weight }, long.statistics),
    weightFilters: (weight, order, scale, from, count) =>
      ask(protocol.weightFilters, { weight, order, scale, from, count }),
    weightValues: (weight, from, count) => ask(protocol.weightValues, { weight, from, count }),
    exportWeights: async (weight) => {
      const path = await targetOf(choice(), weight);
      if (path === undefined) return ok(null);
      return ask(protocol.exportWeights, { path, ...(weight !== null && { weight }) }, long.exports);
    },
  };
}

/** The file or the folder to write to, which the user selects; VS Code asks before a file is replaced. */
async function targetOf(
  { modelPath, layer }: LayerChoice,
  weight: number | null,
): Promise<string | undefined> {
  const folder = dirname(modelPath);
  if (weight === null) {
    const chosen = await chooseFolder({
      title: l10n.t('Folder for the Weights of {0}', layer),
      openLabel: l10n.t('Export Here'),
      defaultUri: Uri.file(folder),
    });
    return chosen && join(chosen.fsPath, `${harmless(basename(modelPath))}.${harmless(layer)}.weights`);
  }
  const chosen = await chooseSaveTarget({
    title: l10n.t('Export Weight'),
    saveLabel: l10n.t('Export'),
    filters: { [l10n.t('NumPy array')]: ['npy'] },
    defaultUri: Uri.file(join(folder, `${harmless(layer)}.${weight}.npy`)),
  });
  return chosen?.fsPath;
}

const harmless = (text: string): string => harmlessName(text.replaceAll('/', '.'), MAX_NAME);
