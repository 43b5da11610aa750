import * as l10n from '@vscode/l10n';
import { type LogOutputChannel, type Memento, Uri, workspace } from 'vscode';
import { unedited } from '../../shared/edits/inputEdit';
import type { Result } from '../../shared/errors';
import type { InputSource, ModelSettings } from '../../shared/inputs';
import { type FoundLabels, labelsFor } from '../../shared/labels/foundLabels';
import * as protocol from '../../shared/protocol';
import { sidecarPath, sidecarVersion } from '../../shared/sidecar';
import type { Client } from '../server/client';
import { parseInputSources, parseSettings } from './savedState';

const RECENT_INPUTS = 8;

/**
 * The user's settings for each model. The sidecar file beside the model, which a team may share, has the defaults; choices
 * in this workspace override it until they are saved into it.
 */
export class Settings {
  /** Sidecar files that were read after the model was opened. */
  private readonly newer = new WeakMap<protocol.OpenedModel, protocol.Sidecar>();

  constructor(
    private readonly storage: Memento,
    private readonly client: Pick<Client, 'ask'>,
    private readonly log: Pick<LogOutputChannel, 'warn'>,
    /** The file whose settings a model takes, e.g. the one that a path is an old revision of. */
    private readonly originOf: (path: string) => string,
  ) {}

  /** The effective settings of an open model. A sidecar that cannot be read is logged and ignored. */
  async of(model: protocol.OpenedModel): Promise<ModelSettings> {
    const sidecar = await this.sidecar(model);
    if (!sidecar.ok) this.log.warn(sidecar.error.message);
    const shared = sidecar.ok ? (sidecar.value ?? {}) : {};
    return { ...shared, ...this.stored(model.path) };
  }

  /**
   * The names of the classes of one output: the user's, those of the sidecar, or those found beside or inside the model.
   * An empty list that the user chose is one, too.
   */
  async labels(model: protocol.OpenedModel, output = 0): Promise<FoundLabels> {
    const { labels } = await this.of(model);
    const { foundLabels: found, summary } = model;
    if (labels !== undefined)
      return { labels, from: labels.length === 0 ? null : l10n.t('your settings'), ignored: [] };
    const names = labelsFor(found, summary.outputs[output]?.shape);
    return { labels: names, from: names.length === 0 ? null : found.from, ignored: found.ignored };
  }

  /** Stores a choice for a model in this workspace. Edits of an input belong to the page that they were made on. */
  async remember(path: string, choice: ModelSettings): Promise<void> {
    const lastInputs = choice.lastInputs?.map(unedited);
    const kept = { ...choice, ...(lastInputs && { lastInputs }) };
    await this.storage.update(this.key(path), { ...this.stored(path), ...kept });
    for (const source of lastInputs ?? []) await this.rememberInput(source);
  }

  /** Stores the inputs of a model that were stepped to: they are the last ones, and not worth a place among the recent ones. */
  async rememberStep(path: string, lastInputs: readonly InputSource[]): Promise<void> {
    const stepped = lastInputs.map(unedited);
    await this.storage.update(this.key(path), { ...this.stored(path), lastInputs: stepped });
  }

  /** Drops the names of the classes that were chosen in this workspace. */
  async forgetLabels(path: string): Promise<void> {
    const { labels: _, ...rest } = this.stored(path);
    await this.storage.update(this.key(path), rest);
  }

  /** Inputs used recently in this workspace with any model, newest first. */
  recentInputs(): readonly InputSource[] {
    return parseInputSources(this.storage.get(RECENT_KEY));
  }

  /**
   * Writes the effective settings into the sidecar file and removes them from this workspace. The last input stays here,
   * too, because an input outside the model's folder is not written. @returns the sidecar's path
   */
  async saveBeside(model: protocol.OpenedModel): Promise<Result<{ readonly path: string }>> {
    const settings = await this.of(model);
    const written = await this.client.ask(protocol.writeSidecar, { modelId: model.modelId, settings });
    if (written.ok) {
      const { lastInputs } = this.stored(model.path);
      await this.storage.update(this.key(model.path), lastInputs && { lastInputs });
    }
    return written;
  }

  /** The current sidecar. It came with the model; only another version is requested. */
  private async sidecar(model: protocol.OpenedModel): Promise<protocol.Sidecar['settings']> {
    const known = this.newer.get(model) ?? model.sidecar;
    const version = await versionOf(sidecarPath(model.settingsFile));
    if (version === known.version) return known.settings;
    const settings = await this.client.ask(protocol.readSidecar, { modelId: model.modelId });
    // A failure may be the server's and not the file's, so it is not cached.
    if (settings.ok) this.newer.set(model, { version, settings });
    return settings;
  }

  private stored(path: string): ModelSettings {
    return parseSettings(this.storage.get(this.key(path)));
  }

  private key(path: string): string {
    return `layerglass.model:${this.originOf(path)}`;
  }

  private async rememberInput(source: InputSource): Promise<void> {
    const text = JSON.stringify(source);
    const others = this.recentInputs().filter((other) => JSON.stringify(other) !== text);
    await this.storage.update(RECENT_KEY, [source, ...others].slice(0, RECENT_INPUTS));
  }
}

async function versionOf(path: string): Promise<string | null> {
  try {
    return sidecarVersion(await workspace.fs.stat(Uri.file(path)));
  } catch {
    return null;
  }
}

const RECENT_KEY = 'layerglass.recentInputs';
