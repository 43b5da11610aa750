import type * as vscode from 'vscode';

/**
 * What stands for the module `vscode` in unit tests (see `vitest.config.mts`): the parts that the code under test uses,
 * typed like the real ones. What the code does to the editor is written down in `seen`.
 */
export const seen = {
  /** Every notification: its severity, its text and its buttons. */
  notifications: [] as { level: 'error' | 'warning' | 'info'; text: string; buttons: readonly string[] }[],
  commands: [] as { command: string; args: readonly unknown[] }[],
  /** Paths that were looked for on disk. */
  looked: [] as string[],
  /** Watchers of files that were made and not disposed of. */
  watchers: 0,
};

/** Which button of the next notifications is pressed. */
export const press: { button: string | undefined } = { button: undefined };

export function forget(): void {
  seen.notifications.length = 0;
  seen.commands.length = 0;
  seen.looked.length = 0;
  there = undefined;
  press.button = undefined;
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

export class RelativePattern {
  constructor(
    readonly base: unknown,
    readonly pattern: string,
  ) {}
}

export const Uri = {
  file: (path: string) => ({ scheme: 'file', path, fsPath: path, toString: () => `file://${path}` }),
};

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

/** What the person does in the editor. */
export const activeEditor = new EventEmitter<{ readonly document: unknown } | undefined>();
export const saved = new EventEmitter<unknown>();

const notify =
  (level: 'error' | 'warning' | 'info') =>
  async (text: string, ...rest: unknown[]): Promise<string | undefined> => {
    const buttons = rest.filter((one) => typeof one === 'string');
    seen.notifications.push({ level, text, buttons });
    return buttons.find((title) => title === press.button);
  };

export const window = {
  visibleTextEditors: [] as { readonly document: unknown }[],
  onDidChangeActiveTextEditor: activeEditor.event,
  showErrorMessage: notify('error'),
  showWarningMessage: notify('warning'),
  showInformationMessage: notify('info'),
};

export const commands = {
  executeCommand: async (command: string, ...args: unknown[]) => {
    seen.commands.push({ command, args });
  },
};

export const workspace = {
  createFileSystemWatcher: () => {
    seen.watchers += 1;
    const never: vscode.Event<never> = () => new Disposable(() => undefined);
    const watcher = new Disposable(() => {
      seen.watchers -= 1;
    });
    return Object.assign(watcher, { onDidChange: never, onDidCreate: never, onDidDelete: never });
  },
  fs: {
    stat: async ({ fsPath }: { readonly fsPath: string }) => {
      seen.looked.push(fsPath);
      if (there !== undefined && !there.has(fsPath)) throw new Error(`no ${fsPath}`);
      return { size: 1 };
    },
  },
  onDidSaveTextDocument: saved.event,
  onDidChangeConfiguration: new EventEmitter<unknown>().event,
};
