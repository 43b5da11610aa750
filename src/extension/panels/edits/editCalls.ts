import { basename, dirname, extname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Uri } from 'vscode';
import { unedited, withEdits } from '../../../shared/edits/inputEdit';
import type { SaveFormat } from '../../../shared/edits/saveFormats';
import type { Result } from '../../../shared/errors';
import { ok } from '../../../shared/errors';
import type { InputSource } from '../../../shared/inputs';
import * as protocol from '../../../shared/protocol';
import type { ExplainChoice, ExplainContext, ExplainHost } from '../../../shared/view';
import type { App } from '../../app';
import type { Lifetime } from '../../lifetime';
import type { ModelLease } from '../../models/modelLease';
import { LatestRequest } from '../../server/latestRequest';
import { chooseSaveTarget } from '../../ui';

export interface EditedPage {
  readonly choice: ExplainChoice;
  /** The page explains other inputs. */
  use(inputs: readonly InputSource[]): void;
  context(): Promise<Result<ExplainContext>>;
}

/** The calls of an explain page about edits of its input. They are kept with the page alone: the settings keep inputs without them. */
export function editCalls(
  app: App,
  model: ModelLease,
  lifetime: Lifetime,
  page: () => EditedPage,
): Pick<ExplainHost, 'editable' | 'editInput' | 'saveInput'> {
  const request = lifetime.own(new LatestRequest(app.client));
  return {
    async editable(input) {
      const opened = await model.get();
      if (!opened.ok) return opened;
      const { inputs, preprocessing, target } = page().choice;
      const { labels } = await app.settings.labels(opened.value, target.output);
      return request.ask(protocol.editableInput, {
        ...{ modelId: opened.value.modelId, inputs: inputs.map(unedited), preprocessing, input, target },
        ...(labels.length > 0 && { labels }),
      });
    },
    editInput(input, edits) {
      const { choice, use, context } = page();
      use(choice.inputs.map((source, i) => (i === input ? withEdits(source, edits) : source)));
      return context();
    },
    async saveInput(input, formats) {
      const { inputs, preprocessing, modelPath } = page().choice;
      const source = inputs[input];
      const opened = await model.get();
      if (!opened.ok) return opened;
      const place = source && (await chooseTarget(app, source, modelPath, formats));
      if (place === undefined) return ok(null);
      const saved = await app.client.ask(protocol.saveInput, {
        ...{ modelId: opened.value.modelId, inputs, preprocessing, input, ...place },
      });
      return saved.ok ? ok(basename(saved.value.path)) : saved;
    },
  };
}

const TYPES: Readonly<Record<SaveFormat, string>> = {
  png: l10n.t('PNG image'),
  npy: l10n.t('NumPy array'),
  csv: l10n.t('CSV table'),
  txt: l10n.t('Text'),
  fasta: l10n.t('FASTA sequence'),
};

/** Beside the file of the input, or beside the model when the input is not a file of the user's. The dialog asks before it replaces a file. */
async function chooseTarget(
  app: App,
  source: InputSource,
  modelPath: string,
  formats: readonly SaveFormat[],
): Promise<{ readonly path: string; readonly format: SaveFormat } | undefined> {
  const [first] = formats;
  if (first === undefined) return undefined;
  const isOwn = source.kind === 'file' && !app.dropped.isKept(source.path);
  const name = source.kind === 'file' ? basename(source.path, extname(source.path)) : source.kind;
  const target = await chooseSaveTarget({
    title: l10n.t('Save the Edited Input'),
    defaultUri: Uri.file(join(dirname(isOwn ? source.path : modelPath), `${name}-edited.${first}`)),
    filters: Object.fromEntries(formats.map((format) => [TYPES[format], [format]])),
  });
  if (target === undefined) return undefined;
  const typed = extname(target.fsPath).slice(1).toLowerCase();
  const format = formats.find((one) => one === typed);
  return format === undefined
    ? { path: `${target.fsPath}.${first}`, format: first }
    : { path: target.fsPath, format };
}
