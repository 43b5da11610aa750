import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { commands, type Disposable, EventEmitter, Uri, workspace } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { Lifetime } from '../lifetime';
import type { Client } from '../server/client';
import { WatchedFiles } from './watchedFiles';

/** A counted reference to an open model: the server keeps the model until the last lease is disposed of. */
export interface Lease extends Disposable {
  readonly path: string;
  /** The model in the running server; reopened first if the server was restarted. */
  model(): Promise<Result<protocol.OpenedModel>>;
}

interface Entry {
  readonly path: string;
  /** For weights that fit several models beside them: the one that the user chose. */
  architecture: string | undefined;
  leases: number;
  /** Result of the current server process; `undefined` until that process is asked to open the model. */
  opened: Promise<Result<protocol.OpenedModel>> | undefined;
  /** The last reload. Reloads run one after another, so that the last one reads the newest file. */
  reloaded: Promise<unknown>;
  readonly files: WatchedFiles;
}

export interface ModelEvent {
  readonly path: string;
  readonly what: 'reopened' | 'changed-on-disk' | 'deleted';
}

/**
 * The models that are open in this window, by path, with counted references to the server's copies. The active model is the
 * one that the Layers view shows and hovers refer to.
 */
export class Models implements Disposable {
  private readonly entries = new Map<string, Entry>();
  /** Leases of the window itself: a model stays open until the user closes it. */
  private readonly kept = new Map<string, Lease>();
  /** Which model the user chose for a file of weights. */
  private readonly architectures = new Map<string, string>();
  private activePath: string | undefined;
  private readonly lifetime = new Lifetime();
  private readonly activeChanged = this.lifetime.own(new EventEmitter<string | undefined>());
  private readonly modelEvents = this.lifetime.own(new EventEmitter<ModelEvent>());
  private readonly released = this.lifetime.own(new EventEmitter<string>());

  readonly onActiveChanged = this.activeChanged.event;
  /** Fires when an open model was reopened, or when its file changed or was deleted. */
  readonly onModelEvent = this.modelEvents.event;
  /** Fires with the path of a model without leases; the server may have closed its file. */
  readonly onReleased = this.released.event;

  constructor(private readonly client: Pick<Client, 'ask' | 'tell' | 'onStateChanged' | 'onRestarted'>) {
    this.lifetime.own(
      client.onStateChanged((state) => {
        // Model ids of a dead process are invalid in the next one.
        if (state.kind === 'down') for (const entry of this.entries.values()) entry.opened = undefined;
      }),
    );
    this.lifetime.own(client.onRestarted(() => this.afterRestart()));
  }

  get active(): string | undefined {
    return this.activePath;
  }

  /** Paths of the models that are open in this window, most recent last. */
  get open(): readonly string[] {
    return [...this.kept.keys()];
  }

  /** Whether there is a lease on the model at `path`. */
  isHeld(path: string): boolean {
    return this.entries.has(path);
  }

  /** Acquires a lease on the model at `path`, an absolute file path. Opens the model if needed. */
  async acquire(path: string): Promise<Result<Lease>> {
    const entry = this.entries.get(path) ?? this.add(path);
    entry.leases += 1;
    const lease = this.lease(entry);
    const opened = await this.openedBy(entry);
    if (opened.ok) return ok(lease);
    lease.dispose();
    return opened;
  }

  /** Makes a model the active one, for the Layers view, hovers and the palette, and keeps it open. */
  async activate(path: string): Promise<Result<Lease>> {
    let lease = this.kept.get(path);
    if (lease === undefined) {
      const acquired = await this.acquire(path);
      if (!acquired.ok) return acquired;
      lease = acquired.value;
      const raced = this.kept.get(path);
      if (raced === undefined) this.kept.set(path, lease);
      else lease.dispose();
    }
    if (this.activePath !== path) this.setActive(path);
    return ok(lease);
  }

  /** Releases the window's own lease; pages that show the model keep theirs. */
  close(path: string): void {
    this.kept.get(path)?.dispose();
    this.kept.delete(path);
    if (this.activePath === path) this.setActive([...this.kept.keys()].at(-1));
  }

  /**
   * Has the server read the file again. If that fails, e.g. because the file is only partly written, the model stays as
   * it was.
   */
  async reload(path: string): Promise<Result<protocol.OpenedModel>> {
    const entry = this.entries.get(path);
    if (entry === undefined) return { ok: false, error: notOpen(path) };
    const reload = entry.reloaded.then(() => this.reopen(entry));
    entry.reloaded = reload;
    return reload;
  }

  /** Shows a file of weights as the model at `architecture`, now and whenever it is opened in this window. */
  async useArchitecture(path: string, architecture: string): Promise<Result<protocol.OpenedModel>> {
    const before = this.architectures.get(path);
    this.setArchitecture(path, architecture);
    const reopened = await this.reload(path);
    if (!reopened.ok) this.setArchitecture(path, before);
    return reopened;
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private setArchitecture(path: string, architecture: string | undefined): void {
    if (architecture === undefined) this.architectures.delete(path);
    else this.architectures.set(path, architecture);
    const entry = this.entries.get(path);
    if (entry !== undefined) entry.architecture = architecture;
  }

  private async reopen(entry: Entry): Promise<Result<protocol.OpenedModel>> {
    const { path } = entry;
    const opening = this.client.ask(protocol.openModel, openParams(entry));
    const after = await opening;
    if (!after.ok) return after;
    if (this.entries.get(path) !== entry) {
      // Closed meanwhile: no lease is left to release this reference.
      await this.client.ask(protocol.closeModel, { modelId: after.value.modelId });
      return { ok: false, error: notOpen(path) };
    }
    const before = entry.opened;
    entry.opened = opening;
    entry.files.watch(after.value.companionFiles);
    const old = await before;
    if (old?.ok === true) await this.client.ask(protocol.closeModel, { modelId: old.value.modelId });
    this.modelEvents.fire({ path, what: 'reopened' });
    return after;
  }

  private add(path: string): Entry {
    const files = this.lifetime.own(this.watched(path));
    const entry: Entry = {
      ...{ path, architecture: this.architectures.get(path), leases: 0 },
      ...{ opened: undefined, reloaded: Promise.resolve(), files },
    };
    this.entries.set(path, entry);
    return entry;
  }

  private lease(entry: Entry): Lease {
    let held = true;
    return {
      path: entry.path,
      model: () => this.openedBy(entry),
      dispose: () => {
        if (!held) return;
        held = false;
        entry.leases -= 1;
        if (entry.leases === 0) void this.drop(entry);
      },
    };
  }

  private async drop(entry: Entry): Promise<void> {
    this.lifetime.release(entry.files);
    this.entries.delete(entry.path);
    const opened = await entry.opened;
    if (opened?.ok === true) await this.client.ask(protocol.closeModel, { modelId: opened.value.modelId });
    this.released.fire(entry.path);
  }

  private openedBy(entry: Entry): Promise<Result<protocol.OpenedModel>> {
    if (entry.opened === undefined) {
      const opening = this.client.ask(protocol.openModel, openParams(entry));
      entry.opened = opening;
      // A failure is not cached: the file may be repaired or the server restarted before the next request.
      void opening.then((result) => {
        if (entry.opened !== opening) return;
        if (result.ok && this.entries.get(entry.path) === entry)
          entry.files.watch(result.value.companionFiles);
        if (!result.ok) entry.opened = undefined;
      });
    }
    return entry.opened;
  }

  private setActive(path: string | undefined): void {
    this.activePath = path;
    void commands.executeCommand('setContext', 'layerglass.modelOpen', path !== undefined);
    void this.client.tell(protocol.activeModelChanged, { path: path ?? null });
    this.activeChanged.fire(path);
  }

  private async afterRestart(): Promise<void> {
    await this.client.tell(protocol.activeModelChanged, { path: this.activePath ?? null });
    await Promise.all(
      [...this.entries.values()].map(async (entry) => {
        await this.openedBy(entry);
        this.modelEvents.fire({ path: entry.path, what: 'reopened' });
      }),
    );
  }

  private watched(path: string): WatchedFiles {
    return new WatchedFiles(path, async () => {
      const exists = await fileExists(path);
      this.modelEvents.fire({ path, what: exists ? 'changed-on-disk' : 'deleted' });
    });
  }
}

const openParams = ({ path, architecture }: Entry): protocol.OpenModelParams => ({
  path,
  ...(architecture !== undefined && { architecture }),
});

export async function fileExists(path: string): Promise<boolean> {
  try {
    await workspace.fs.stat(Uri.file(path));
    return true;
  } catch {
    // A file that cannot be inspected cannot be read either.
    return false;
  }
}

function notOpen(path: string): LayerglassError {
  return {
    kind: 'closed',
    message: l10n.t('{0} is no longer open.', basename(path)),
    remedy: l10n.t('Open it again with "Layerglass: Open Model".'),
    subject: path,
  };
}
