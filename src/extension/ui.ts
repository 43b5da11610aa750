import {
  type CancellationToken,
  type InputBoxOptions,
  MarkdownString,
  type OpenDialogOptions,
  type Progress,
  ProgressLocation,
  type QuickPickItem,
  type QuickPickOptions,
  type SaveDialogOptions,
  type Uri,
  window,
} from 'vscode';
import { plain } from '../shared/text';

/**
 * Wrappers for VS Code's notifications, dialogs and pickers. VS Code renders links, commands and icons in text, and names in
 * text come from untrusted files, so every text is sanitised here (`plain`). `test/unit/extension/ui.test.ts` checks that no
 * other module calls these functions of VS Code.
 */

type Level = 'error' | 'warning' | 'info';

/** Shows a notification. @returns the button that was pressed */
export async function notify(
  level: Level,
  text: string,
  ...buttons: readonly string[]
): Promise<string | undefined> {
  const show = {
    error: window.showErrorMessage,
    warning: window.showWarningMessage,
    info: window.showInformationMessage,
  }[level];
  const titles = buttons.map(plain);
  const pressed = await show(plain(text), ...titles);
  return pressed === undefined ? undefined : buttons[titles.indexOf(pressed)];
}

/** Asks for confirmation in a modal dialog. @returns whether the user pressed `yes` */
export async function confirm(question: string, details: readonly string[], yes: string): Promise<boolean> {
  const detail = details.map(plain).join('\n');
  return (await window.showWarningMessage(plain(question), { modal: true, detail }, yes)) === yes;
}

/** Lets the user choose one item. Icons are set with `iconPath`, since labels are untrusted text. */
export async function pick<Item extends QuickPickItem>(
  items: readonly Item[] | Promise<readonly Item[]>,
  options: QuickPickOptions & { readonly canPickMany?: false },
): Promise<Item | undefined> {
  const { shown, originals } = cleaned(items);
  const chosen = await window.showQuickPick(shown, { ...options, ...titles(options) });
  return chosen && originals.get(chosen);
}

/** Lets the user choose any number of items. */
export async function pickMany<Item extends QuickPickItem>(
  items: readonly Item[],
  options: QuickPickOptions,
): Promise<Item[] | undefined> {
  const { shown, originals } = cleaned(items);
  const chosen = await window.showQuickPick(shown, {
    ...options,
    ...titles(options),
    canPickMany: true,
  });
  return chosen?.flatMap((item) => originals.get(item) ?? []);
}

/** Lets the user type text. The initial value is not sanitised. */
export function typed(options: InputBoxOptions): Thenable<string | undefined> {
  return window.showInputBox({
    ...options,
    title: plain(options.title ?? ''),
    prompt: plain(options.prompt ?? ''),
  });
}

export function chooseFile(options: OpenDialogOptions): Thenable<Uri[] | undefined> {
  return window.showOpenDialog({ ...options, title: plain(options.title ?? '') });
}

export async function chooseFolder(options: OpenDialogOptions): Promise<Uri | undefined> {
  const chosen = await chooseFile({ ...options, canSelectFiles: false, canSelectFolders: true });
  return chosen?.[0];
}

export function chooseSaveTarget(options: SaveDialogOptions): Thenable<Uri | undefined> {
  return window.showSaveDialog({ ...options, title: plain(options.title ?? '') });
}

/** Shows progress in the window's status bar, or in a notification with Cancel. */
export function withProgress<T>(
  where: 'window' | 'notification',
  title: string,
  work: (report: (message: string) => void, token: CancellationToken) => Thenable<T>,
): Thenable<T> {
  const options =
    where === 'window'
      ? { location: ProgressLocation.Window, title: plain(title) }
      : { location: ProgressLocation.Notification, title: plain(title), cancellable: true };
  return window.withProgress(options, (progress: Progress<{ message?: string }>, token) =>
    work((message) => progress.report({ message: plain(message) }), token),
  );
}

/** Builds Markdown from trusted markup (`markup`) and untrusted text (`text`), which is shown literally. */
export class Markdown {
  readonly value: MarkdownString;

  /** @param commands that links in `markup` may call */
  constructor(commands: readonly string[] = []) {
    this.value = new MarkdownString('', true);
    if (commands.length > 0) this.value.isTrusted = { enabledCommands: commands };
  }

  text(text: string): this {
    // `appendText` writes every space as a non-breaking one, so that lines would break inside words.
    plain(text)
      .split(/(?<=\S) (?=\S)/)
      .forEach((word, i) => {
        if (i > 0) this.value.appendMarkdown(' ');
        this.value.appendText(word);
      });
    return this;
  }

  markup(markdown: string): this {
    this.value.appendMarkdown(markdown);
    return this;
  }
}

function titles({ title, placeHolder }: QuickPickOptions): QuickPickOptions {
  return {
    ...(title === undefined ? {} : { title: plain(title) }),
    ...(placeHolder === undefined ? {} : { placeHolder: plain(placeHolder) }),
  };
}

function cleaned<Item extends QuickPickItem>(items: readonly Item[] | Promise<readonly Item[]>) {
  const originals = new Map<QuickPickItem, Item>();
  const shown = Promise.resolve(items).then((all) =>
    all.map((item): QuickPickItem => {
      const clean = {
        ...item,
        label: plain(item.label),
        ...(item.description === undefined ? {} : { description: plain(item.description) }),
        ...(item.detail === undefined ? {} : { detail: plain(item.detail) }),
      };
      originals.set(clean, item);
      return clean;
    }),
  );
  return { shown, originals };
}
