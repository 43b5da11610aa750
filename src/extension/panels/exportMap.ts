import { basename, dirname, extname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type QuickPickItem, Uri } from 'vscode';
import { isEdited } from '../../shared/edits/inputEdit';
import { ok, type Result } from '../../shared/errors';
import type { InputSource } from '../../shared/inputs';
import * as protocol from '../../shared/protocol';
import type { ExplainChoice } from '../../shared/view';
import type { App } from '../app';
import { fileExists } from '../models/models';
import { chooseSaveTarget, confirm, notify, pickMany, withProgress } from '../ui';

const FORMATS: readonly { format: protocol.ExportFormat; label: string; description: string }[] = [
  { format: 'map.png', label: l10n.t('Heat map'), description: l10n.t('PNG') },
  { format: 'overlay.png', label: l10n.t('Overlay on the input'), description: l10n.t('PNG') },
  {
    format: 'side-by-side.png',
    label: l10n.t('Side by side'),
    description: l10n.t('PNG: input, map, overlay'),
  },
  { format: 'svg', label: l10n.t('Overlay with legend'), description: l10n.t('SVG') },
  {
    format: 'npy',
    label: l10n.t('Raw map'),
    description: l10n.t('NumPy .npy: signed, with channels, unnormalised'),
  },
];

/** What a request takes over from the choice of a page. */
export const explainedParts = ({ method, layer, fusedLayers, options, display }: ExplainChoice) => ({
  method,
  layer,
  ...(fusedLayers && { fusedLayers }),
  ...(options && { options }),
  ...(display && { display }),
});

/**
 * Asks for formats (unless some are given) and a path, and writes the explanation's files there.
 *
 * @returns the paths of the files, `null` when the user cancelled
 */
export async function exportMap(
  app: App,
  choice: ExplainChoice,
  given: readonly protocol.ExportFormat[],
): Promise<Result<readonly string[]> | null> {
  const formats = given.length > 0 ? given : await pickFormats();
  if (formats === undefined || formats.length === 0) return null;
  const place = await chooseSaveTarget({
    title: l10n.t('Export Heat Map'),
    saveLabel: l10n.t('Export'),
    defaultUri: Uri.file(defaultBase(app, choice)),
  });
  if (place === undefined) return null;
  const folder = dirname(place.fsPath);
  const base = stripFormat(basename(place.fsPath));
  const files = formats.flatMap((format) => [
    join(folder, `${base}.${format}`),
    ...choice.inputs.map((_, i) => join(folder, `${base}.${i}.${format}`)),
  ]);
  if (!(await confirmOverwrite(files))) return null;

  const lease = await app.models.acquire(choice.modelPath);
  if (!lease.ok) return lease;
  try {
    const model = await lease.value.model();
    if (!model.ok) return model;
    const { labels: names } = await app.settings.labels(model.value, choice.target.output);
    const exported = await withProgress('notification', l10n.t('Exporting heat map'), (report, token) => {
      const { inputs, preprocessing, target, colourMap, opacity } = choice;
      const labels = names.length > 0 ? { labels: names } : {};
      return app.client.ask(
        protocol.exportHeatMap,
        {
          modelId: model.value.modelId,
          ...explainedParts(choice),
          ...{ inputs, preprocessing, target, colourMap, opacity },
          ...labels,
          ...{ folder, base, formats },
        },
        { token, progress: (step) => step !== null && report(step.message) },
      );
    });
    if (!exported.ok) return exported;
    void announce(exported.value.files);
    return ok(exported.value.files);
  } finally {
    lease.value.dispose();
  }
}

async function pickFormats(): Promise<readonly protocol.ExportFormat[] | undefined> {
  const items: (QuickPickItem & { format: protocol.ExportFormat })[] = FORMATS.map((one) => ({
    ...one,
    picked: true,
  }));
  const chosen = await pickMany(items, {
    title: l10n.t('Export Heat Map'),
    placeHolder: l10n.t('Select the files to write'),
  });
  return chosen?.map((item) => item.format);
}

/** Beside the input and named after it, or beside the model when the input is not a file of the user's. */
export function defaultBase({ dropped }: Pick<App, 'dropped'>, choice: ExplainChoice): string {
  const input: InputSource | undefined = choice.inputs[0];
  const ending = `${choice.inputs.some(isEdited) ? 'edited-' : ''}${choice.method}`;
  if (input?.kind !== 'file') {
    const name = input?.kind === 'text' ? 'text' : `random-${input?.seed ?? 0}`;
    return join(dirname(choice.modelPath), `${name}-${ending}`);
  }
  const name = basename(input.path, extname(input.path));
  return join(dirname(dropped.isKept(input.path) ? choice.modelPath : input.path), `${name}-${ending}`);
}

/** The name without the extension of a format, which users may type in the dialog. */
function stripFormat(name: string): string {
  const endings = [...FORMATS.map(({ format }) => `.${format}`), '.png'];
  const ending = endings.find((end) => name.toLowerCase().endsWith(end) && name.length > end.length);
  return ending === undefined ? name : name.slice(0, -ending.length);
}

/** Asks before files are overwritten: the save dialog does not know the names of the files. */
async function confirmOverwrite(files: readonly string[]): Promise<boolean> {
  const existing: string[] = [];
  for (const file of files) if (await fileExists(file)) existing.push(basename(file));
  if (existing.length === 0) return true;
  const question =
    existing.length === 1
      ? l10n.t('{0} already exists. Do you want to replace it?', existing[0] ?? '')
      : l10n.t('{0} of the files already exist. Do you want to replace them?', existing.length);
  return confirm(question, existing, l10n.t('Replace'));
}

async function announce(files: readonly string[]): Promise<void> {
  const first = files[0];
  if (first === undefined) return;
  const reveal = l10n.t('Reveal in Explorer');
  const names = files.map((file) => basename(file)).join(', ');
  const pressed = await notify('info', l10n.t('Exported {0}.', names), reveal);
  if (pressed === reveal) await commands.executeCommand('revealInExplorer', Uri.file(first));
}
