import { basename } from 'node:path';
import { commands, type Disposable, EventEmitter, Uri, workspace } from 'vscode';
import { type LayerglassError, ok, type Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { Lifetime } from '../lifetime';
import type { Client } from '../server/client';
import { WatchedFiles } from './watchedFiles';

/** Somebody's hold on an open model: while one is left, the server keeps the model. */
export interface Lease extends Disposable {
  readonly path: string;
  /** The model as the running server knows it; opened again first when the server was restarted. */
  model(): Promise<Result<protocol.OpenedModel>>;
}

interface Entry {
  readonly path: string;
  leases: number;
  /** The answer of the server process that runs now; `undefined` when that one has not been asked yet. */
  opened: Promise<Result<protocol.OpenedModel>> | undefined;
  /** The last of the reloads, which come one after the other: each is to read what is there after the one before. */
  reloaded: Promise<unknown>;
  readonly files: WatchedFiles;
}

export interface ModelNews {
  readonly path: string;
  readonly what: 'reopened' | 'changed-on-disk' | 'deleted';
}

/**
 * The models that are open in this window, by path, with counted references to the server's copy, and the
 * active one, which the Layers view shows and hovers refer to.
 */
export class Models implements Disposable {
  private readonly entries = new Map<string, Entry>();
  /** Holds of the window itself: a model stays in "Open Model" until it is closed there. */
  private readonly kept = new Map<string, Lease>();
  private activePath: string | undefined;
  private readonly lifetime = new Lifetime();
  private readonly activeChanged = this.lifetime.own(new EventEmitter<string | undefined>());
  private readonly news = this.lifetime.own(new EventEmitter<ModelNews>());

  readonly onActiveChanged = this.activeChanged.event;
  /** What happened to an open model from outside. */
  readonly onNews = this.news.event;

  constructor(private readonly client: Pick<Client, 'ask' | 'tell' | 'onStateChanged' | 'onRestarted'>) {
    this.lifetime.own(
      client.onStateChanged((state) => {
        // Ids that a dead process gave out mean nothing to the next one.
        if (state.kind === 'down') for (const entry of this.entries.values()) entry.opened = undefined;
      }),
    );
    this.lifetime.own(client.onRestarted(() => this.afterRestart()));
  }

  get active(): string | undefined {
    return this.activePath;
  }

  /** Paths of the models that were opened in this window and not closed, newest last. */
  get open(): readonly string[] {
    return [...this.kept.keys()];
  }

  /** Takes a hold on the model at `path`, an absolute file path. Opens it when nobody has. */
  async acquire(path: string): Promise<Result<Lease>> {
    const entry = this.entries.get(path) ?? this.add(path);
    entry.leases += 1;
    const lease = this.lease(entry);
    const opened = await this.openedBy(entry);
    if (opened.ok) return ok(lease);
    lease.dispose();
    return opened;
  }

  /** Makes a model the active one and keeps it open. The Layers view, hovers and the palette refer to it. */
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

  /** Lets go of the window's own hold; pages that show the model keep theirs. */
  close(path: string): void {
    this.kept.get(path)?.dispose();
    this.kept.delete(path);
    if (this.activePath === path) this.setActive([...this.kept.keys()].at(-1));
  }

  /**
   * Asks the server to read the file anew, because it changed or on request. When that fails, e.g. because the
   * file is half written, the model stays as it was.
   */
  async reload(path: string): Promise<Result<protocol.OpenedModel>> {
    const entry = this.entries.get(path);
    if (entry === undefined) return { ok: false, error: notOpen(path) };
    const mine = entry.reloaded.then(() => this.readAnew(entry));
    entry.reloaded = mine;
    return mine;
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private async readAnew(entry: Entry): Promise<Result<protocol.OpenedModel>> {
    const { path } = entry;
    const asked = this.client.ask(protocol.openModel, { path });
    const after = await asked;
    if (!after.ok) return after;
    if (this.entries.get(path) !== entry) {
      // Closed meanwhile: nobody is left to give this reference back.
      await this.client.ask(protocol.closeModel, { modelId: after.value.modelId });
      return { ok: false, error: notOpen(path) };
    }
    const before = entry.opened;
    entry.opened = asked;
    entry.files.watch(after.value.companionFiles);
    const old = await before;
    if (old?.ok === true) await this.client.ask(protocol.closeModel, { modelId: old.value.modelId });
    this.news.fire({ path, what: 'reopened' });
    return after;
  }

  private add(path: string): Entry {
    const files = this.lifetime.own(this.watched(path));
    const entry: Entry = { path, leases: 0, opened: undefined, reloaded: Promise.resolve(), files };
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
  }

  private openedBy(entry: Entry): Promise<Result<protocol.OpenedModel>> {
    if (entry.opened === undefined) {
      const asked = this.client.ask(protocol.openModel, { path: entry.path });
      entry.opened = asked;
      // A failure is not kept: the file may be mended and the server may be back by the next question.
      void asked.then((result) => {
        if (entry.opened !== asked) return;
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
        this.news.fire({ path: entry.path, what: 'reopened' });
      }),
    );
  }

  private watched(path: string): WatchedFiles {
    return new WatchedFiles(path, async () => {
      const exists = await fileExists(path);
      this.news.fire({ path, what: exists ? 'changed-on-disk' : 'deleted' });
    });
  }
}

export async function fileExists(path: string): Promise<boolean> {
  try {
    await workspace.fs.stat(Uri.file(path));
    return true;
  } catch {
    // Whatever keeps it from being looked at keeps it from being read.
    return false;
  }
}

function notOpen(path: string): LayerglassError {
  return {
    kind: 'closed',
    message: `${basename(path)} is not open any more.`,
    remedy: 'Open it again with "Layerglass: Open Model".',
    subject: path,
  };
}
