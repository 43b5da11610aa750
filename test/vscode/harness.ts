import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { setUpBrowser } from '../../scripts/setup.mjs';
import { startWorkbench, type Workbench } from '../../scripts/workbench.mjs';
import { serverProcesses } from './serverProcesses';

export const projectDir = resolve(import.meta.dirname, '../..');

export const THEMES = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
} as const;
export type ThemeKind = keyof typeof THEMES;

/** Class of the workbench's root element. */
const THEME_CLASSES = {
  light: 'vs',
  dark: 'vs-dark',
  'high-contrast': 'hc-black',
  'high-contrast-light': 'hc-light',
} as const satisfies Record<ThemeKind, string>;

const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const START_LIMIT_MS = 90_000;
const ROWS_TRIES = 9;
const ROWS_WAIT_MS = 10_000;
const STEP_LIMIT_MS = 30_000;
const HOVER_TRIES = 6;
const HOVER_WAIT_MS = 4_000;
const EFFECT_TRIES = 6;
/** Until what a click or a key opens is there. */
const EFFECT_WAIT_MS = 5_000;

export interface VsCodeOptions {
  readonly theme?: ThemeKind;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host, and so of the analysis server. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder whose copy is opened; `samples/` by default. */
  readonly folder?: string;
  /** More files and folders, by their path in the folder; VS Code may not notice files that are added while it starts. */
  readonly extraFiles?: Readonly<Record<string, string>>;
  /** Folder of the extension; the project by default. */
  readonly extensionDir?: string;
  /** Folders of other extensions to install. */
  readonly otherExtensions?: readonly string[];
  /** The display language, as VS Code names it; English by default. Only extensions are translated: no language pack is installed. */
  readonly language?: string;
  /** The log of Layerglass has everything. */
  readonly logsDebug?: boolean;
  /** A module whose `run` is called in the extension host. */
  readonly testsPath?: string;
}

/**
 * A real VS Code (its server, in Chromium) with the extension loaded, on a copy of the samples and with its own user data
 * folder. Tests use it through what a user sees: rows, menus, quick picks and pages.
 */
export class VsCode {
  /** Errors that pages wrote to the browser's console, content security reports among them. */
  readonly consoleErrors: string[] = [];
  private static browser: Browser | undefined;
  private readonly folderSettings: Record<string, unknown> = {};

  private constructor(
    readonly page: Page,
    /** The opened folder, a copy that a test may change. */
    readonly folder: string,
    private readonly home: string,
    private readonly context: BrowserContext,
    private readonly workbench: Workbench,
    private readonly options: VsCodeOptions,
  ) {}

  /** Starts VS Code and returns when the explorer is visible. Takes a few seconds; end it with `close`. */
  static async open(options: VsCodeOptions = {}): Promise<VsCode> {
    const home = await mkdtemp(join(tmpdir(), 'layerglass-vscode-'));
    const folder = join(home, 'samples');
    await cp(options.folder ?? join(projectDir, 'samples'), folder, { recursive: true });
    for (const [place, path] of Object.entries(options.extraFiles ?? {}))
      await cp(path, join(folder, place), { recursive: true });
    for (const extension of options.otherExtensions ?? [])
      await cp(extension, join(home, 'data', 'extensions', basename(extension)), { recursive: true });
    const workbench = await startWorkbench({
      dataDir: join(home, 'data'),
      settings: settingsFor(options),
      env: options.env ?? {},
      extensionDir: options.extensionDir ?? projectDir,
      ...(options.logsDebug && { logLevel: 'layerglass.layerglass:debug' }),
    });
    const browser = await VsCode.startBrowser().catch((thrown: unknown) => {
      workbench.stop();
      throw thrown;
    });
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_LIMIT_MS);
    // What the file of a language pack sets, before VS Code's own texts are loaded.
    await page.addInitScript((language) => {
      if (language !== null) Reflect.set(globalThis, '_VSCODE_NLS_LANGUAGE', language);
    }, options.language ?? null);
    const vscode = new VsCode(page, folder, home, context, workbench, options);
    page.on('console', (message) => {
      if (message.type() === 'error') vscode.consoleErrors.push(message.text());
    });
    try {
      await vscode.reload();
    } catch (thrown) {
      await vscode.screenshot('start-failed');
      await vscode.close();
      throw thrown;
    }
    return vscode;
  }

  /** The browser of all windows of this process, which share nothing else. */
  private static async startBrowser(): Promise<Browser> {
    if (!VsCode.browser?.isConnected())
      VsCode.browser = await chromium.launch({ executablePath: setUpBrowser(), args: BROWSER_ARGS });
    return VsCode.browser;
  }

  /** Ends the browser; else it ends with the process, which it keeps alive. */
  static async endBrowser(): Promise<void> {
    await VsCode.browser?.close();
  }

  /** (Re)loads the window, as "Developer: Reload Window" does, and waits for the files in the explorer. */
  async reload(): Promise<void> {
    await this.page.goto(this.workbench.url(this.folder, this.options.testsPath));
    const tab = this.page.getByRole('tab', { name: /^Explorer/ });
    await tab.waitFor({ timeout: START_LIMIT_MS });
    const rows = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    for (let tries = 1; ; tries++) {
      try {
        return await rows.waitFor({ timeout: ROWS_WAIT_MS });
      } catch (thrown) {
        if (tries === ROWS_TRIES) throw thrown;
        // The window restored another view, or it is slow: a click on the selected tab would hide the explorer.
        if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
        // Its tooltip would cover the rows beside it.
        await this.page.mouse.move(700, 450);
      }
    }
  }

  /** Row of a file or folder; folders on the way are expanded. `path` is relative to the opened folder, with slashes. */
  async explorerRow(path: string): Promise<Locator> {
    const [root = '', ...inside] = path.split('/');
    let row = this.rowNamed(root, 1);
    await row.waitFor();
    for (const [depth, name] of inside.entries())
      row = await this.expanded(row, this.rowNamed(name, depth + 2));
    return row;
  }

  /** Expands a folder until `row` is there: a click has no effect, or one elsewhere, while the list is still moving. */
  private async expanded(folder: Locator, row: Locator): Promise<Locator> {
    await this.retried(async () => {
      if ((await folder.getAttribute('aria-expanded')) !== 'true') await folder.click();
      await row.waitFor({ timeout: EFFECT_WAIT_MS });
    });
    return row;
  }

  private rowNamed(name: string, level: number): Locator {
    // Decorations (", Untracked") may follow the name.
    const label = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(,|$|\\s•)`);
    return this.page
      .locator(`.explorer-folders-view .monaco-list-row[aria-level="${level}"]`)
      .filter({ has: this.page.locator('.label-name', { hasText: label }) })
      .first();
  }

  /** Opens a file as a double click in the explorer does. */
  async openFile(path: string): Promise<void> {
    await (await this.explorerRow(path)).dblclick();
  }

  /** Right-clicks and chooses an item of the context menu; again where the list still moved and the click met another row. */
  async contextMenu(at: Locator, item: string | RegExp): Promise<void> {
    const entry = this.page.getByRole('menuitem', { name: item }).first();
    await this.retried(async () => {
      await at.click({ button: 'right' });
      await entry.waitFor({ timeout: EFFECT_WAIT_MS });
    });
    // The menu ignores a mouse button that is released too soon after it opened.
    await entry.hover();
    await entry.click({ delay: 150 });
  }

  /** Names of the items of the context menu, which is closed afterwards. */
  async contextMenuItems(at: Locator): Promise<string[]> {
    // The first item is the frame of the menu, which appears before its entries.
    const items = this.page.getByRole('menuitem').filter({ hasText: /\S/ });
    await at.click({ button: 'right' });
    await items.first().waitFor();
    const names = await items.allInnerTexts();
    await this.page.keyboard.press('Escape');
    await items.first().waitFor({ state: 'detached' });
    return names.map((name) => name.split('\n')[0]?.trim() ?? '').filter((name) => name !== '');
  }

  /**
   * Runs a command by its title, as a user finds it in the palette. The palette is reopened if it closes because
   * an editor takes the focus, as it does when a tab has just been opened or closed.
   */
  async command(title: string): Promise<void> {
    const row = this.quickRows().filter({ hasText: title }).first();
    await this.retried(async () => {
      await this.page.keyboard.press('F1');
      await this.quickInput().fill(`>${title}`, { timeout: EFFECT_WAIT_MS });
      await row.waitFor({ timeout: EFFECT_WAIT_MS });
    });
    await this.page.keyboard.press('Enter');
  }

  /** Does again what had no effect, because the workbench was still moving; Escape closes what may have opened instead. */
  private async retried(act: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (thrown) {
        if (tries === EFFECT_TRIES) {
          if (thrown instanceof Error) thrown.message += ` See ${await this.screenshot('no-effect')}.`;
          throw thrown;
        }
        await this.page.keyboard.press('Escape');
      }
    }
  }

  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-box input');
  }

  quickRows(): Locator {
    return this.page.locator('.quick-input-widget:visible .monaco-list-row');
  }

  /** Chooses a row of the open quick pick. */
  async pick(row: string | RegExp): Promise<void> {
    await this.quickRows().filter({ hasText: row }).first().click();
  }

  /** Types into the open quick pick or input box and presses Enter. */
  async enter(text: string): Promise<void> {
    await this.quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Content of the visible page of an extension; `nth` selects one of several. */
  webview(nth = 0): FrameLocator {
    return this.page
      .locator('iframe.webview.ready')
      .filter({ visible: true })
      .nth(nth)
      .contentFrame()
      .frameLocator('#active-frame');
  }

  /** Moves the pointer over text in the active editor and returns the text of the hover. */
  async hover(text: string, line?: string): Promise<string> {
    // The cells of a notebook lie over the group of their editor, not in it.
    const lines = this.page
      .locator('.editor-group-container.active .view-line, .notebookOverlay .view-line')
      .filter({ visible: true });
    const where = line === undefined ? lines : lines.filter({ hasText: line });
    // A token's span may include quotes; its middle is still on the text.
    const token = where.locator('span span').filter({ hasText: text }).first();
    return this.hoverText(token, '.monaco-hover:visible .hover-row');
  }

  /** Moves the pointer over a row of a tree and returns the text of its tooltip. */
  tooltip(row: Locator): Promise<string> {
    return this.hoverText(row, '.monaco-hover:visible, .workbench-hover:visible');
  }

  /** VS Code asks for another hover only when the pointer moves, be it that the server starts or that the tree is drawn again. */
  private async hoverText(over: Locator, selector: string): Promise<string> {
    await over.waitFor();
    const shown = this.page.locator(selector);
    for (let tries = 0; tries < HOVER_TRIES; tries++) {
      await this.page.mouse.move(5, 5);
      await over.hover();
      for (const deadline = Date.now() + HOVER_WAIT_MS; Date.now() < deadline; ) {
        const hover = (await shown.allInnerTexts()).join('\n').trim();
        if (hover !== '' && hover !== 'Loading...') return hover;
        await this.page.waitForTimeout(100);
      }
    }
    throw new Error(`No hover appeared. See ${await this.screenshot('no-hover')}.`);
  }

  /** Rows of the view with this title, e.g. "Layers", if its container is open. */
  viewRows(title: string): Locator {
    return this.page
      .locator('.pane', { has: this.page.locator(`.pane-header[aria-label^="${title}"]`) })
      .locator('.monaco-list-row');
  }

  notifications(): Locator {
    return this.page.locator('.notification-list-item:visible');
  }

  /** Switches the colour theme while the workbench runs. */
  async setTheme(theme: ThemeKind): Promise<void> {
    await this.changeSettings({ 'workbench.colorTheme': THEMES[theme] });
    await this.page.locator(`.monaco-workbench.${THEME_CLASSES[theme]}`).first().waitFor();
  }

  /** Changes settings of the opened folder: VS Code in the browser does not notice changes of the user's settings file. */
  async changeSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
    Object.assign(this.folderSettings, settings);
    await mkdir(join(this.folder, '.vscode'), { recursive: true });
    await writeFile(
      join(this.folder, '.vscode', 'settings.json'),
      JSON.stringify(this.folderSettings, null, 2),
    );
  }

  /** Writes `test-results/<name>.png` and returns its path. */
  async screenshot(name: string): Promise<string> {
    const folder = join(projectDir, 'test-results');
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** Text of all logs whose path contains the word; by default, Layerglass's own. */
  async log(word = 'Layerglass'): Promise<string> {
    const logs = join(this.home, 'data', 'data', 'logs');
    const files = await readdir(logs, { recursive: true }).catch(() => []);
    const wanted = files.filter((file) => file.endsWith('.log') && file.includes(word));
    const texts = await Promise.all(wanted.map((file) => readFile(join(logs, file), 'utf8')));
    return texts.join('\n');
  }

  /** Names of the copies of old revisions of models, or of models of notebooks. */
  async copies(of: 'revisions' | 'notebooks'): Promise<string[]> {
    const entries = await readdir(this.home, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.parentPath.split(/[\\/]/).includes(of))
      .map(({ name }) => name);
  }

  /** Process ids of the analysis servers that run under this VS Code. */
  analysisServers(): number[] {
    // On a new machine one more process measures a backend at a time.
    return serverProcesses(this.workbench.pid, (args) => !/--(compute|measure)/.test(args));
  }

  /** Process ids of the servers' compute processes. */
  computeProcesses(): number[] {
    return serverProcesses(this.workbench.pid, (args) => args.includes('--compute'));
  }

  /** Ends the server, closes the window and removes the temporary folders. */
  async close(): Promise<void> {
    await this.context.close();
    this.workbench.stop();
    await this.workbench.ended;
    await rm(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function settingsFor({ theme = 'dark', settings = {} }: VsCodeOptions): Record<string, unknown> {
  return {
    'workbench.colorTheme': THEMES[theme],
    'window.autoDetectColorScheme': false,
    'window.autoDetectHighContrast': false,
    'explorer.compactFolders': false,
    'editor.hover.delay': 100,
    ...settings,
  };
}
