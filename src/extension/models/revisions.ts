import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import {
  type Disposable,
  EventEmitter,
  type FileDecoration,
  type FileDecorationProvider,
  FileSystemError,
  type LogOutputChannel,
  Uri,
  window,
  workspace,
} from 'vscode';
import { byteText } from '../../shared/amounts';
import { fail, type Result, toResult } from '../../shared/errors';
import { Lifetime } from '../lifetime';
import type { Models } from './models';
import { copyName, revisionLabel, revisionName } from './revisionName';
import { WindowFolder } from './windowFolder';

/** What is read as a whole passes through the memory of the extension host, which other extensions share. */
export const MAX_REVISION_BYTES = 1e9;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** A model's file as an editor opened it. */
export interface ModelSource extends Disposable {
  /** Absolute path of the file that the server reads. */
  readonly path: string;
  /** How pages and tabs call it. */
  readonly name: string;
  /** A sentence that says what is shown, where it is not the file itself. */
  readonly notice: string | undefined;
  /** Resolves once the file is at `path`. A failed attempt may be repeated. */
  prepare(): Promise<Result<void>>;
}

/**
 * Models that are not files on disk, above all the old revisions that Source Control shows (`git:` URIs). The server reads
 * files only, so each is copied into a private folder of this window, and stays there while an editor or a page shows it.
 */
export class Revisions implements FileDecorationProvider, Disposable {
  private readonly folder: WindowFolder;
  private readonly copies = new Map<string, RevisionCopy>();
  private readonly subscriptions: Disposable[];
  private readonly opened = new EventEmitter<Uri>();

  readonly onDidChangeFileDecorations = this.opened.event;

  constructor(
    storage: Uri,
    private readonly models: Pick<Models, 'close' | 'isHeld' | 'onReleased'>,
    log: Pick<LogOutputChannel, 'debug'>,
  ) {
    this.folder = new WindowFolder(join(storage.fsPath, 'revisions'), log);
    this.subscriptions = [
      this.folder,
      this.opened,
      models.onReleased((path) => this.removeUnused(path)),
      window.registerFileDecorationProvider(this),
    ];
  }

  /** The model of an editor's URI; `dispose` it with the editor. */
  open(uri: Uri): ModelSource {
    if (uri.scheme === 'file') {
      const path = uri.fsPath;
      const nothing = async () => ({ ok: true, value: undefined }) as const;
      return { path, name: fileName(uri), notice: undefined, prepare: nothing, dispose: () => undefined };
    }
    const path = join(this.folder.newFolder(), copyName(uri));
    const copy = new RevisionCopy(uri, path, () => {
      this.models.close(path);
      this.removeUnused(path);
    });
    this.copies.set(path, copy);
    this.opened.fire(uri);
    return copy;
  }

  /**
   * The path of the file that a URI means: its own, or the copy that an open editor shows.
   * @throws Failure for what is not on a file system and not open in an editor
   */
  async pathOf(uri: Uri): Promise<string> {
    if (uri.scheme === 'file') return uri.fsPath;
    const copy = this.copyOf(uri);
    if (copy === undefined) {
      return fail(
        'file-unreadable',
        l10n.t('{0} is on "{1}", not on a file system.', fileName(uri), uri.scheme),
        {
          remedy: l10n.t('Open it in the editor first, or copy it into a folder and open it from there.'),
          subject: uri.toString(),
        },
      );
    }
    const prepared = await copy.prepare();
    return prepared.ok ? copy.path : fail(prepared.error.kind, prepared.error.message, prepared.error);
  }

  /** Marks the tab of a revision: VS Code names it like the file, whatever title its editor asks for. */
  provideFileDecoration(uri: Uri): FileDecoration | undefined {
    const copy = this.copyOf(uri);
    return copy && { badge: 'R', tooltip: copy.notice };
  }

  /** The file that a copy is a revision of: what is remembered for that one holds for its revisions. */
  originOf(path: string): string {
    const uri = this.copies.get(path)?.uri;
    if (uri === undefined) return path;
    return uri.scheme === 'git' ? Uri.file(uri.path).fsPath : uri.toString();
  }

  /** How a model is told from others: its path, of a copy the name of its revision. */
  labelOf(path: string): string {
    return this.copies.get(path)?.name ?? path;
  }

  /** Whether a path is, or was in an earlier session, that of a copy. */
  isCopy(path: string): boolean {
    return this.folder.contains(path);
  }

  /** Whether the copy has been deleted. */
  isGone(path: string): boolean {
    return this.isCopy(path) && !this.copies.has(path);
  }

  /** Deletes what extension hosts left behind that were killed. */
  async removeLeftovers(): Promise<void> {
    await this.folder.removeLeftovers();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private copyOf(uri: Uri): RevisionCopy | undefined {
    if (uri.scheme === 'file') return undefined;
    return [...this.copies.values()].find((one) => !one.closed && one.uri.toString() === uri.toString());
  }

  private removeUnused(path: string): void {
    const copy = this.copies.get(path);
    if (copy === undefined || !copy.closed || this.models.isHeld(path)) return;
    this.copies.delete(path);
    void this.folder.remove(dirname(path));
  }
}

class RevisionCopy implements ModelSource {
  readonly name: string;
  readonly notice: string;
  private readonly lifetime = new Lifetime();
  private prepared: Promise<Result<void>> | undefined;

  constructor(
    readonly uri: Uri,
    readonly path: string,
    onClosed: () => void,
  ) {
    this.name = revisionName(uri);
    this.notice = l10n.t('Revision: {0}. The file in the workspace may differ.', revisionLabel(uri));
    this.lifetime.own({ dispose: onClosed });
  }

  get closed(): boolean {
    return this.lifetime.ended;
  }

  async prepare(): Promise<Result<void>> {
    this.prepared ??= toResult(() => this.copy());
    const result = await this.prepared;
    if (!result.ok) this.prepared = undefined;
    return result;
  }

  dispose(): void {
    this.lifetime.dispose();
  }

  private async copy(): Promise<void> {
    const bytes = await this.read();
    this.failIfClosed();
    if (startsWith(bytes, LFS_POINTER)) {
      fail(
        'file-unreadable',
        l10n.t('{0} is a Git LFS pointer, and the model it points to is not in Git.', this.name),
        {
          remedy: l10n.t('Check the revision out with Git LFS and open the file.'),
          subject: this.uri.toString(),
        },
      );
    }
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await writeFile(this.path, bytes, { mode: 0o600 });
    } catch (thrown) {
      fail(
        'write-failed',
        l10n.t('No copy of {0} could be written to {1}: {2}', this.name, dirname(this.path), String(thrown)),
        {
          remedy: l10n.t('Make room on the disk, or check the revision out and open the file.'),
          subject: this.path,
        },
      );
    }
    if (!this.closed) return;
    await rm(dirname(this.path), { recursive: true, force: true });
    this.failIfClosed();
  }

  private async read(): Promise<Uint8Array> {
    try {
      const { size } = await workspace.fs.stat(this.uri);
      if (size > MAX_REVISION_BYTES) this.failTooLarge(size);
      this.failIfClosed();
      const bytes = await workspace.fs.readFile(this.uri);
      // Not every provider knows the size before.
      if (bytes.length > MAX_REVISION_BYTES) this.failTooLarge(bytes.length);
      return bytes;
    } catch (thrown) {
      if (!(thrown instanceof FileSystemError)) throw thrown;
      if (thrown.code === 'FileNotFound') {
        return fail(
          'file-not-found',
          l10n.t('{0} was not found: this revision may not have the file.', this.name),
          {
            remedy: l10n.t('Choose another revision.'),
            subject: this.uri.toString(),
          },
        );
      }
      return fail('file-unreadable', l10n.t('{0} cannot be read: {1}', this.name, thrown.message), {
        remedy: l10n.t('Check the revision out, or copy the file into a folder, and open it from there.'),
        subject: this.uri.toString(),
      });
    }
  }

  private failTooLarge(size: number): never {
    const most = byteText(MAX_REVISION_BYTES);
    fail(
      'too-large',
      l10n.t('{0} has {1}; a revision is opened up to {2}.', this.name, byteText(size), most),
      {
        remedy: l10n.t('Check the revision out and open the file: it is then read in parts.'),
        subject: this.uri.toString(),
      },
    );
  }

  private failIfClosed(): void {
    if (this.closed) fail('cancelled', l10n.t('The editor of {0} was closed.', this.name));
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return (
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, text.length)).toString('latin1') ===
    text
  );
}

const fileName = ({ path }: Uri): string => path.slice(path.lastIndexOf('/') + 1);
