import type * as vscode from 'vscode';

/**
 * What stands for the module `vscode` in unit tests (see `vitest.config.mts`): the parts that the code under test uses,
 * typed like the real ones. What the code does to the editor is written down in `seen`.
 */
export const seen = {
  /** Every notification: its severity, its text and its buttons. */
  notifications: [] as { level: 'error' | 'warning' | 'info'; text: string; buttons: readonly string[] }[],
  /** The texts below the questions of modal dialogs. */
  details: [] as string[],
  /** Settings that were changed, by their name without `layerglass.`. */
  settings: new Map<string, unknown>(),
  commands: [] as { command: string; args: readonly unknown[] }[],
  /** Paths that were looked for on disk. */
  looked: [] as string[],
  /** Pages that were opened, newest last. */
  panels: [] as FakePanel[],
  /** The items of every list that was shown. */
  lists: [] as (readonly vscode.QuickPickItem[])[],
  /** Watchers of files that were made and not disposed of. */
  watchers: 0,
};

/** Which button of the next notifications is pressed, which item is picked, and what is typed; nothing: the user cancels. */
export const press: { button?: string | undefined; item?: string | undefined; text?: string | undefined } =
  {};

export function forget(): void {
  seen.notifications.length = 0;
  seen.details.length = 0;
  seen.settings.clear();
  seen.commands.length = 0;
  seen.looked.length = 0;
  seen.panels.length = 0;
  seen.lists.length = 0;
  files.length = 0;
  onStat = undefined;
  there = undefined;
  virtual.clear();
  for (const key of ['button', 'item', 'text'] as const) press[key] = undefined;
}

/** Answers for the time and the size of a file that is there, where a test cares. */
let onStat: ((path: string) => { readonly mtime: number; readonly size: number }) | undefined;
export function stats(answer: typeof onStat): void {
  onStat = answer;
}

/** The files that a search of the workspace finds. */
const files: string[] = [];
export function inWorkspace(...paths: string[]): void {
  files.push(...paths);
}

/** The files that are there; without a set everything is. */
let there: ReadonlySet<string> | undefined;
export function onDisk(...paths: string[]): void {
  there = new Set(paths);
}

export class Disposable implements vscode.Disposable {
  constructor(private readonly end: () => unknown) {}
  dispose(): void {
    this.end();
  }
}

export class EventEmitter<T> implements vscode.EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => unknown>();

  readonly event: vscode.Event<T> = (listener) => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }

  dispose(): void {
    this.listeners.clear();
  }
}

export class CancellationTokenSource implements vscode.CancellationTokenSource {
  private readonly cancelled = new EventEmitter<unknown>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.cancelled.event };

  cancel(): void {
    this.token.isCancellationRequested = true;
    this.cancelled.fire(undefined);
  }

  dispose(): void {
    this.cancelled.dispose();
  }
}

export class ThemeIcon {
  constructor(readonly id: string) {}
}
export const QuickPickItemKind = { Separator: -1, Default: 0 };

export class RelativePattern {
  constructor(
    readonly base: unknown,
    readonly pattern: string,
  ) {}
}

export class Uri {
  readonly fsPath: string;
  constructor(
    readonly path: string,
    readonly scheme = 'file',
    readonly query = '',
  ) {
    this.fsPath = path;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  static from({ scheme, path, query }: { scheme: string; path: string; query?: string }): Uri {
    return new Uri(path, scheme, query);
  }
  static parse(text: string): Uri {
    const [, scheme, path] = /^([\w+.-]+):\/\/[^/]*(\/.*)$/.exec(text) ?? [];
    if (path === undefined) throw new Error(`[UriError]: ${text}`);
    return new Uri(decodeURIComponent(path), scheme);
  }
  static joinPath(base: { readonly path: string }, ...parts: string[]): Uri {
    return new Uri([base.path, ...parts].join('/'));
  }
  toString(): string {
    return `${this.scheme}://${this.path}${this.query === '' ? '' : `?${this.query}`}`;
  }
}

export class FileSystemError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** What the file systems of other schemes hold, by URI; a failure is thrown, and what is not listed is not found. */
export const virtual = new Map<
  string,
  { readonly size?: number; readonly bytes: () => Promise<Uint8Array> }
>();

function virtualFile(uri: { readonly scheme: string; toString(): string }) {
  const file = virtual.get(uri.toString());
  if (file === undefined) throw new FileSystemError(`${uri} does not exist`, 'FileNotFound');
  return file;
}

export class MarkdownString {
  value = '';
  isTrusted: boolean | { readonly enabledCommands: readonly string[] } = false;
  supportThemeIcons = false;

  /** Escapes as VS Code does. */
  appendText(text: string): this {
    this.value += text
      .replace(/[\\`*_{}[\]()#+\-!~]/g, '\\$&')
      .replace(/([ \t]+)/g, (_, spaces: string) => '&nbsp;'.repeat(spaces.length))
      .replace(/>/gm, '\\>')
      .replace(/\n/g, '\n\n');
    return this;
  }

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
}

/** A webview with the page's end of the line: `call` asks the host as a page does. */
export class FakePanel {
  readonly told: { readonly tell: string; readonly args: readonly unknown[] }[] = [];
  active = true;
  /** How often it was brought to the front. */
  revealed = 0;
  isDisposed = false;
  private readonly calls = new EventEmitter<unknown>();
  private readonly changed = new EventEmitter<undefined>();
  private readonly disposed = new EventEmitter<undefined>();
  private readonly waiting = new Map<number, (reply: unknown) => void>();
  private count = 0;

  readonly webview = {
    options: {},
    html: '',
    cspSource: 'vscode-resource:',
    asWebviewUri: (uri: unknown) => uri,
    onDidReceiveMessage: this.calls.event,
    postMessage: async (message: object) => {
      // VS Code carries JSON.
      const carried = JSON.parse(JSON.stringify(message));
      if ('reply' in carried) this.waiting.get(carried.reply)?.(carried);
      else this.told.push(carried);
      return true;
    },
  };
  readonly onDidChangeViewState = this.changed.event;
  readonly onDidDispose = this.disposed.event;

  constructor(public title: string) {}

  /** What the host answers: the value, or the error of a call that failed. */
  async call(name: string, ...args: unknown[]): Promise<unknown> {
    this.count += 1;
    const id = this.count;
    const replied = new Promise<unknown>((settle) => this.waiting.set(id, settle));
    this.calls.fire({ id, call: name, args });
    const reply = await replied;
    return typeof reply === 'object' && reply !== null && 'value' in reply ? reply.value : reply;
  }

  reveal(): void {
    this.revealed += 1;
  }

  dispose(): void {
    this.isDisposed = true;
    this.disposed.fire(undefined);
  }
}

export const ViewColumn = { Active: -1, Beside: -2 };
export const ConfigurationTarget = { Global: 1, Workspace: 2 };
export const ProgressLocation = { Window: 10, Notification: 15 };

/** What the user does in the editor. */
export const activeEditor = new EventEmitter<{ readonly document: unknown } | undefined>();
export const saved = new EventEmitter<unknown>();
export const edited = new EventEmitter<{
  readonly document: unknown;
  readonly contentChanges: readonly { readonly text: string }[];
}>();

const notify =
  (level: 'error' | 'warning' | 'info') =>
  async (text: string, ...rest: unknown[]): Promise<string | undefined> => {
    const buttons = rest.filter((one) => typeof one === 'string');
    for (const one of rest)
      if (typeof one === 'object' && one !== null && 'detail' in one) seen.details.push(String(one.detail));
    seen.notifications.push({ level, text, buttons });
    return buttons.find((title) => title === press.button);
  };

export const window = {
  createWebviewPanel: (_: string, title: string) => {
    const panel = new FakePanel(title);
    seen.panels.push(panel);
    return panel;
  },
  showQuickPick: async (
    items: Thenable<readonly vscode.QuickPickItem[]>,
    { canPickMany = false }: vscode.QuickPickOptions = {},
  ) => {
    const all = await items;
    seen.lists.push(all);
    return canPickMany ? all.filter(({ picked }) => picked) : all.find(({ label }) => label === press.item);
  },
  showInputBox: async () => press.text,
  /** The folder at which the dialog opens is chosen. */
  showOpenDialog: async ({ defaultUri }: { readonly defaultUri: unknown }) => [defaultUri],
  showSaveDialog: async ({ defaultUri }: { readonly defaultUri: unknown }) => defaultUri,
  tabGroups: { activeTabGroup: { activeTab: undefined } },
  registerWebviewPanelSerializer: () => new Disposable(() => undefined),
  withProgress: <T>(_: unknown, work: (progress: unknown, token: unknown) => Thenable<T>) =>
    work({ report: () => undefined }, new CancellationTokenSource().token),
  activeNotebookEditor: undefined,
  visibleTextEditors: [] as { readonly document: unknown }[],
  onDidChangeActiveTextEditor: activeEditor.event,
  registerFileDecorationProvider: () => new Disposable(() => undefined),
  showErrorMessage: notify('error'),
  showWarningMessage: notify('warning'),
  showInformationMessage: notify('info'),
};

/** What was registered, by the command's id. */
export const registered = new Map<string, (...args: unknown[]) => unknown>();

export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 };

export class TabInputText {}
export class TabInputCustom {}
export const extensions = {
  getExtension: () => undefined,
  onDidChange: new EventEmitter<void>().event,
};

export const commands = {
  registerCommand: (command: string, run: (...args: unknown[]) => unknown) => {
    registered.set(command, run);
    return new Disposable(() => registered.delete(command));
  },
  executeCommand: async (command: string, ...args: unknown[]) => {
    seen.commands.push({ command, args });
  },
};

/** Where the extension host runs; `undefined` beside the window. */
export const env: { remoteName: string | undefined; language: string } = {
  remoteName: undefined,
  language: 'en',
};
/** As in English: nothing is translated. */
export const l10n = { bundle: undefined, uri: undefined };

export const workspace = {
  workspaceFolders: undefined as readonly { readonly uri: Uri }[] | undefined,
  notebookDocuments: [] as { readonly uri: Uri }[],
  /** The workspace is the folder `/work`. */
  getWorkspaceFolder: ({ path }: { readonly path: string }) =>
    path.startsWith('/work/') ? { name: 'work' } : undefined,
  asRelativePath: (path: string) => path,
  findFiles: async () => files.map((path) => Uri.file(path)),
  getConfiguration: () => ({
    get: () => undefined,
    inspect: () => undefined,
    update: async (name: string, value: unknown) => void seen.settings.set(name, value),
  }),
  createFileSystemWatcher: () => {
    seen.watchers += 1;
    const never: vscode.Event<never> = () => new Disposable(() => undefined);
    const watcher = new Disposable(() => {
      seen.watchers -= 1;
    });
    return Object.assign(watcher, { onDidChange: never, onDidCreate: never, onDidDelete: never });
  },
  fs: {
    stat: async (uri: { readonly fsPath: string; readonly scheme: string }) => {
      const { fsPath } = uri;
      if (uri.scheme !== 'file') return { size: virtualFile(uri).size ?? 1 };
      seen.looked.push(fsPath);
      if (there !== undefined && !there.has(fsPath)) throw new Error(`no ${fsPath}`);
      return onStat?.(fsPath) ?? { mtime: 0, size: 1 };
    },
    readDirectory: async ({ fsPath }: { readonly fsPath: string }) =>
      files
        .filter((path) => path.slice(0, path.lastIndexOf('/')) === fsPath)
        .map((path) => [path.slice(fsPath.length + 1), FileType.File] as const),
    readFile: async (uri: { readonly scheme: string }) => virtualFile(uri).bytes(),
  },
  onDidSaveTextDocument: saved.event,
  onDidChangeTextDocument: edited.event,
  onDidChangeConfiguration: new EventEmitter<unknown>().event,
};
