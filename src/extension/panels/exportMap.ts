import { basename, dirname, extname, join } from 'node:path';
import { commands, type QuickPickItem, Uri } from 'vscode';
import { ok, type Result } from '../../shared/errors';
import type { InputSource } from '../../shared/inputs';
import * as protocol from '../../shared/protocol';
import type { ExplainChoice } from '../../shared/view';
import type { App } from '../app';
import { choosePlace, confirm, notify, pickMany, withProgress } from '../door';
import { fileExists } from '../models/models';

const FORMATS: readonly { format: protocol.ExportFormat; label: string; description: string }[] = [
  { format: 'map.png', label: 'Heat map', description: 'PNG' },
  { format: 'overlay.png', label: 'Overlay on the input', description: 'PNG' },
  { format: 'side-by-side.png', label: 'Side by side', description: 'PNG: input, map, overlay' },
  { format: 'svg', label: 'Overlay with legend', description: 'SVG' },
  { format: 'npy', label: 'Raw map', description: 'NumPy .npy: unnormalised, at layer resolution' },
];

/**
 * Asks for formats (unless some are given) and a place, and writes the explanation's files there.
 *
 * @returns the paths written, `null` when the user cancelled
 */
export async function exportMap(
  app: App,
  choice: ExplainChoice,
  given: readonly protocol.ExportFormat[],
): Promise<Result<readonly string[]> | null> {
  const formats = given.length > 0 ? given : await pickFormats();
  if (formats === undefined || formats.length === 0) return null;
  const place = await choosePlace({
    title: 'Export Heat Map',
    saveLabel: 'Export',
    defaultUri: Uri.file(defaultBase(choice)),
  });
  if (place === undefined) return null;
  const folder = dirname(place.fsPath);
  const base = stripFormat(basename(place.fsPath));
  if (!(await mayOverwrite(formats.map((format) => join(folder, `${base}.${format}`))))) return null;

  const lease = await app.models.acquire(choice.modelPath);
  if (!lease.ok) return lease;
  try {
    const model = await lease.value.model();
    if (!model.ok) return model;
    const settings = await app.settings.of(model.value);
    const exported = await withProgress('notification', 'Exporting the heat map', (report, token) => {
      const { inputs, preprocessing, method, layer, target, colourMap, opacity } = choice;
      const labels = settings.labels?.length ? { labels: settings.labels } : {};
      return app.client.ask(
        protocol.exportHeatMap,
        {
          modelId: model.value.modelId,
          ...{ inputs, preprocessing, method, layer, target, colourMap, opacity },
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
  const chosen = await pickMany(items, { title: 'Export Heat Map', placeHolder: 'Which files to write' });
  return chosen?.map((item) => item.format);
}

/** Beside the input and named after it; beside the model when the input is random. */
function defaultBase(choice: ExplainChoice): string {
  const input: InputSource | undefined = choice.inputs[0];
  if (input?.kind !== 'file') {
    const name = `random-${input?.seed ?? 0}-${choice.method}`;
    return join(dirname(choice.modelPath), name);
  }
  const name = basename(input.path, extname(input.path));
  return join(dirname(input.path), `${name}-${choice.method}`);
}

/** The name without the ending of one of the formats: the dialog invites to type one. */
function stripFormat(name: string): string {
  const endings = [...FORMATS.map(({ format }) => `.${format}`), '.png'];
  const ending = endings.find((end) => name.toLowerCase().endsWith(end) && name.length > end.length);
  return ending === undefined ? name : name.slice(0, -ending.length);
}

/** Asks before files are overwritten: the dialog cannot know the names that several formats make. */
async function mayOverwrite(files: readonly string[]): Promise<boolean> {
  const there: string[] = [];
  for (const file of files) if (await fileExists(file)) there.push(basename(file));
  if (there.length === 0) return true;
  const what = there.length === 1 ? `${there[0]} exists` : `${there.length} of these files exist`;
  return confirm(`${what} already. Replace?`, there, 'Replace');
}

async function announce(files: readonly string[]): Promise<void> {
  const first = files[0];
  if (first === undefined) return;
  const reveal = 'Reveal';
  const names = files.map((file) => basename(file)).join(', ');
  const answer = await notify('info', `Exported ${names}.`, reveal);
  if (answer === reveal) await commands.executeCommand('revealInExplorer', Uri.file(first));
}
